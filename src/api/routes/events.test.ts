import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest } from '../testing/api-under-test.ts';

describe('events over the API', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start({ ROWHOOK_MAX_BATCH_EVENTS: '5', ROWHOOK_MAX_EVENT_DATA_BYTES: '1k' });
  });
  after(() => server.stop());

  const post = async (body: object): Promise<string> => {
    const answer = await server.call('POST', '/v1/events', { body });
    assert.equal(answer.status, 202, answer.text);
    return answer.body.id;
  };
  const typesIn = (body: { data: { type: string }[] }): string[] => body.data.map(({ type }) => type);

  it('are answered with their id and found under it', async () => {
    const data = { text: 'Ünï \u{1F600} \u2028', list: [1, null, { deep: true }], 'a/b': -0.5 };
    const id = await post({
      type: 'order.paid',
      data,
      tags: ['company:1'],
      occurredAt: '2026-01-01T00:00:00+01:00',
    });
    const { body } = await server.call('GET', `/v1/events/${id}`);
    const { acceptedAt, ...event } = body;
    assert.ok(Date.parse(acceptedAt) > 0);
    assert.deepEqual(event, {
      id,
      type: 'order.paid',
      occurredAt: '2025-12-31T23:00:00.000Z',
      tags: ['company:1'],
      row: null,
      simulatedFor: null,
      data,
      webhooks: [],
    });
  });

  it('posted together are taken in order', async () => {
    const events = [1, 2, 3].map((number) => ({ type: 'batch.event', data: { number } }));
    const { status, body } = await server.call('POST', '/v1/events/batch', { body: { events } });
    assert.equal(status, 202);
    const list = await server.call('GET', '/v1/events?type=batch.event');
    assert.deepEqual(
      list.body.data.map(({ id }: { id: string }) => id),
      body.ids.toReversed(),
    );
  });

  it('posted together are refused together', async () => {
    const events = [
      { type: 'half.batch', data: {} },
      { type: 'row.inserted', data: {} },
    ];
    const { status, body } = await server.call('POST', '/v1/events/batch', { body: { events } });
    assert.equal(status, 400);
    assert.equal(body.errors[0].pointer, '/events/1/type');
    assert.deepEqual((await server.call('GET', '/v1/events?type=half.batch')).body.data, []);
  });

  it('posted in too large a batch are refused', async () => {
    const events = Array.from({ length: 6 }, () => ({ type: 'a', data: {} }));
    const { status, body } = await server.call('POST', '/v1/events/batch', { body: { events } });
    assert.equal(status, 413);
    assert.match(body.detail, /at most 5 events \(setting ROWHOOK_MAX_BATCH_EVENTS\), not 6/);
  });

  it('with too much data are refused', async () => {
    const { status, body } = await server.call('POST', '/v1/events', {
      body: { type: 'a', data: { text: 'x'.repeat(1_100) } },
    });
    assert.equal(status, 400);
    assert.equal(body.errors[0].pointer, '/data');
  });

  it('nested deeper than any stack are refused, not crashed on', async () => {
    const deep = `{"type":"a","data":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    const { status, body } = await server.call('POST', '/v1/events', { body: deep });
    assert.equal(status, 400);
    assert.match(body.detail, /must not be nested deeper than 64 levels/);
  });

  it('are listed by type, tag and time, the newest first, page by page', async () => {
    for (const number of [1, 2, 3, 4, 5]) {
      await post({
        type: `listed.${number % 2 ? 'odd' : 'even'}`,
        data: { number },
        tags: [`number:${number}`],
      });
    }
    const odd = await server.call('GET', '/v1/events?type=listed.odd&limit=2');
    assert.deepEqual(
      odd.body.data.map(({ data }: { data: { number: number } }) => data.number),
      [5, 3],
    );
    const rest = await server.call('GET', `/v1/events?type=listed.odd&limit=2&cursor=${odd.body.nextCursor}`);
    assert.deepEqual(
      rest.body.data.map(({ data }: { data: { number: number } }) => data.number),
      [1],
    );
    assert.equal(rest.body.nextCursor, null);
    assert.deepEqual(typesIn((await server.call('GET', '/v1/events?tag=number:4')).body), ['listed.even']);
    assert.deepEqual((await server.call('GET', '/v1/events?until=2020-01-01T00:00:00Z')).body.data, []);
    assert.ok((await server.call('GET', '/v1/events?since=2020-01-01T00:00:00Z')).body.data.length >= 5);
  });

  it('are not seen from another workspace', async () => {
    const id = await post({ type: 'private.event', data: {} });
    const { body: other } = await server.call('POST', '/v1/workspaces', { body: { name: 'other' } });
    const headers = { 'rowhook-workspace': other.id };
    assert.equal((await server.call('GET', `/v1/events/${id}`, { headers })).status, 404);
    assert.deepEqual((await server.call('GET', '/v1/events', { headers })).body.data, []);
  });

  it('say of every webhook whether it fires, and why not', async () => {
    const make = async (name: string, settings: object): Promise<string> => {
      const body = { name, url: 'https://example.com/', enabled: false, ...settings };
      return (await server.call('POST', '/v1/webhooks', { body })).body.id;
    };
    const other = await make('other type', { eventTypes: ['invoice.*'] });
    const tagged = await make('other tag', { eventTypes: ['why.not'], tags: ['company:2'] });
    const paused = await make('paused', { eventTypes: ['why.not'] });
    const id = await post({ type: 'why.not', data: {}, tags: ['company:1'] });
    const late = await make('too late', { eventTypes: ['why.not'] });

    const { body } = await server.call('GET', `/v1/events/${id}`);
    const verdicts = body.webhooks.map(({ id, name, fires, reason }: Record<string, unknown>) => [
      id,
      name,
      fires,
      reason,
    ]);
    assert.deepEqual(verdicts, [
      [other, 'other type', false, 'other-event-type'],
      [tagged, 'other tag', false, 'no-tag-in-common'],
      [paused, 'paused', false, 'stopped'],
      [late, 'too late', false, 'before-start'],
    ]);
    assert.ok(body.webhooks.every(({ text }: { text: string }) => text.endsWith('.')));

    const one = await server.call('GET', `/v1/events/${id}?webhook=${tagged}`);
    assert.deepEqual(
      one.body.webhooks.map(({ id }: { id: string }) => id),
      [tagged],
    );
    const none = await server.call('GET', `/v1/events/${id}?webhook=wh_none`);
    assert.deepEqual(none.body.errors, [
      { pointer: 'webhook', detail: 'there is no webhook "wh_none" in this workspace' },
    ]);
  });

  it('with an id that was never given out are not found', async () => {
    const id = await post({ type: 'a', data: {} });
    const forged = `${id.slice(0, -9)}0${id.slice(-8)}`;
    for (const wrong of [forged, `${id}0`, id.slice(0, -1), 'evt_', id.toUpperCase()]) {
      assert.equal((await server.call('GET', `/v1/events/${wrong}`)).status, 404, wrong);
    }
  });
});
