import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest } from '../testing/api-under-test.ts';

describe('an Idempotency-Key', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start();
  });
  after(() => server.stop());

  const post = (key: string, body: object, url = '/v1/events', more: Record<string, string> = {}) =>
    server.call('POST', url, { body, headers: { 'idempotency-key': key, ...more } });
  const countOf = async (type: string): Promise<number> =>
    (await server.call('GET', `/v1/events?type=${type}&limit=1000`)).body.data.length;

  it('makes one event of 1,000 calls at once with 100 keys for each key', async () => {
    const calls = Array.from({ length: 1_000 }, (_, index) => {
      const number = index % 100;
      return post(`key-${number}`, { type: 'once.only', data: { number } });
    });
    const answers = await Promise.all(calls);
    assert.ok(answers.every(({ status }) => status === 202));
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 100);
    for (const [index, { body }] of answers.entries()) assert.equal(body.id, answers[index % 100]?.body.id);
    assert.equal(await countOf('once.only'), 100);
  });

  it('gives a repeat the same answer, of a batch, too', async () => {
    const events = [1, 2, 3].map((number) => ({ type: 'batch.once', data: { number } }));
    const first = await post('batch', { events }, '/v1/events/batch');
    const again = await post('batch', { events }, '/v1/events/batch');
    assert.equal(again.status, 202);
    assert.deepEqual(again.body, first.body);
    assert.equal(await countOf('batch.once'), 3);
  });

  it('is a conflict for another body, and another route', async () => {
    const body = { type: 'one.body', data: { a: 1 } };
    assert.equal((await post('k', body)).status, 202);
    const other = await post('k', { ...body, data: { a: 2 } });
    assert.equal(other.status, 409);
    assert.deepEqual(other.body.errors[0].pointer, 'Idempotency-Key');
    assert.equal((await post('k', { events: [body] }, '/v1/events/batch')).status, 409);
    assert.equal(await countOf('one.body'), 1);
  });

  it('belongs to its workspace', async () => {
    const { body: other } = await server.call('POST', '/v1/workspaces', { body: { name: 'other' } });
    const body = { type: 'two.workspaces', data: {} };
    const first = await post('shared', body);
    const second = await post('shared', body, '/v1/events', { 'rowhook-workspace': other.id });
    assert.equal(second.status, 202);
    assert.notEqual(second.body.id, first.body.id);
  });

  it('keeps nothing of a call that was refused', async () => {
    assert.equal((await post('retry', { type: '', data: {} })).status, 400);
    assert.equal((await post('retry', { type: 'now.right', data: {} })).status, 202);
  });

  it('must be printable and short', async () => {
    for (const key of ['', ' ', 'x'.repeat(256), 'ä']) {
      const { status } = await post(key, { type: 'a', data: {} });
      assert.equal(status, 400, JSON.stringify(key));
    }
    assert.equal((await post('x'.repeat(255), { type: 'a', data: {} })).status, 202);
  });
});

describe('events with deliverAt', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start({ ROWHOOK_MAX_DELAY_DAYS: '5' });
  });
  after(() => server.stop());

  const inMs = (delayMs: number): string => new Date(Date.now() + delayMs).toISOString();
  const post = async (body: object): Promise<string> => {
    const answer = await server.call('POST', '/v1/events', { body });
    assert.equal(answer.status, 202, answer.text);
    return answer.body.id;
  };
  const hour = 3_600_000;

  it('are seen, and can be cancelled', async () => {
    const deliverAt = inMs(hour);
    const id = await post({ type: 'trial.ended', data: { a: 1 }, tags: ['company:1'], deliverAt });
    const { body } = await server.call('GET', `/v1/scheduled-events/${id}`);
    const { createdAt, ...shown } = body;
    assert.ok(Date.parse(createdAt) > 0);
    assert.deepEqual(shown, {
      id,
      state: 'scheduled',
      deliverAt,
      type: 'trial.ended',
      data: { a: 1 },
      tags: ['company:1'],
      occurredAt: null,
      finishedAt: null,
      event: null,
      cancelledBy: null,
    });
    assert.equal((await server.call('DELETE', `/v1/scheduled-events/${id}`)).status, 204);
    assert.equal((await server.call('DELETE', `/v1/scheduled-events/${id}`)).status, 204);
    const { body: cancelled } = await server.call('GET', `/v1/scheduled-events/${id}`);
    assert.deepEqual([cancelled.state, cancelled.cancelledBy], ['cancelled', 'operator']);
    const list = await server.call('GET', '/v1/scheduled-events?state=cancelled');
    assert.deepEqual(
      list.body.data.map((event: { id: string }) => event.id),
      [id],
    );
    assert.deepEqual((await server.call('GET', '/v1/events?type=trial.ended')).body.data, []);
  });

  it('come into the journal when they are due', async () => {
    const id = await post({ type: 'soon.due', data: {}, deliverAt: inMs(300) });
    assert.deepEqual((await server.call('GET', '/v1/events?type=soon.due')).body.data, []);
    let scheduled = (await server.call('GET', `/v1/scheduled-events/${id}`)).body;
    while (scheduled.state === 'scheduled') {
      await new Promise((resolve) => setTimeout(resolve, 20));
      scheduled = (await server.call('GET', `/v1/scheduled-events/${id}`)).body;
    }
    assert.equal(scheduled.state, 'published');
    const { body: event } = await server.call('GET', `/v1/events/${scheduled.event}`);
    assert.ok(Date.parse(event.acceptedAt) >= Date.parse(scheduled.deliverAt));
    assert.equal((await server.call('DELETE', `/v1/scheduled-events/${id}`)).status, 409);
  });

  it('are refused beyond the horizon', async () => {
    const { status, body } = await server.call('POST', '/v1/events', {
      body: { type: 'a', data: {}, deliverAt: inMs(6 * 24 * hour) },
    });
    assert.equal(status, 400);
    assert.equal(body.errors[0].pointer, '/deliverAt');
    assert.match(body.detail, /not be more than 5 days ahead \(setting ROWHOOK_MAX_DELAY_DAYS\)/);
  });
});

describe('more events than the disk takes', () => {
  it('are answered with 429 and when to come again', async () => {
    const server = await ApiUnderTest.start({ ROWHOOK_MAX_WAITING_EVENT_BYTES: '1m' });
    const body = { type: 'too.many', data: { text: 'x'.repeat(200_000) } };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => server.call('POST', '/v1/events', { body })),
    );
    const taken = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(taken.length > 0 && refused.length > 0);
    assert.equal(taken.length + refused.length, 20);
    for (const { headers, body } of refused) {
      assert.equal(headers['retry-after'], '1');
      assert.equal(body.type, '/problems/too-many-requests');
    }
    const { body: list } = await server.call('GET', '/v1/events?type=too.many');
    assert.equal(list.data.length, taken.length);
    assert.equal((await server.call('POST', '/v1/events', { body })).status, 202);
    await server.stop();
  });
});
