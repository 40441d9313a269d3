import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Webhook as Verifier } from 'standardwebhooks';
import { ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';

describe('deliveries over the API', { timeout: 60_000 }, () => {
  let server: ApiUnderTest;
  let consumer: ConsumerUnderTest;
  before(async () => {
    server = await ApiUnderTest.start();
    consumer = await ConsumerUnderTest.start();
  });
  after(async () => {
    await server.stop();
    await consumer.stop();
  });

  const create = async (body: object) => {
    const answer = await server.call('POST', '/v1/webhooks', {
      body: { name: 'n', url: consumer.url, ...body },
    });
    assert.equal(answer.status, 201, answer.text);
    return answer.body;
  };
  const post = async (type: string, data: object = {}): Promise<string> =>
    (await server.call('POST', '/v1/events', { body: { type, data } })).body.id;

  it('show what was sent and what came back', async () => {
    const { id, secret } = await create({
      eventTypes: ['shown.event'],
      headers: { Authorization: 'Bearer 1', 'X-Team': 'blue' },
    });
    const event = await post('shown.event', { text: 'Ünï' });
    const delivery = await server.deliveryOf(id);
    assert.equal(delivery.event, event);
    assert.equal(delivery.events, 1);
    assert.equal(delivery.eventType, 'shown.event');
    assert.deepEqual([delivery.state, delivery.attempts, delivery.lastHttpStatus], ['succeeded', 1, 200]);
    assert.deepEqual((await server.call('GET', `/v1/deliveries/${delivery.id}`)).body, delivery);

    const { data, nextCursor } = (await server.call('GET', `/v1/deliveries/${delivery.id}/attempts`)).body;
    assert.equal(nextCursor, null);
    assert.equal(data.length, 1);
    const [{ request, response, ...attempt }] = data;
    const received = consumer.received.find(({ headers }) => headers['webhook-id'] === delivery.id);
    assert.ok(received);
    assert.equal(request.method, 'POST');
    assert.equal(request.url, consumer.url);
    assert.equal(request.body, received.body);
    for (const [name, value] of Object.entries(request.headers)) {
      assert.equal(name === 'authorization' ? 'Bearer 1' : value, received.headers[name], name);
    }
    assert.equal(request.headers.authorization, '***');
    assert.equal(request.headers['x-team'], 'blue');
    new Verifier(secret).verify(request.body, request.headers);
    assert.equal(response.status, 200);
    assert.equal(response.headers['x-consumer'], 'tests');
    assert.equal(response.body, 'thank you');
    assert.deepEqual(
      [attempt.number, attempt.outcome, attempt.errorCode, attempt.replay],
      [1, 'succeeded', null, null],
    );
    assert.ok(attempt.timing.totalMs > 0);
    await server.call('DELETE', `/v1/webhooks/${id}`);
  });

  it('show the settings of then, not those of now', async () => {
    const { id } = await create({ eventTypes: ['versioned.event'], headers: { 'X-Version': 'one' } });
    await post('versioned.event');
    const delivery = await server.deliveryOf(id);
    const body = { headers: { 'X-Version': 'two' }, url: `${consumer.url}/moved`, eventTypes: ['other'] };
    await server.call('PATCH', `/v1/webhooks/${id}`, { body });
    const [attempt] = (await server.call('GET', `/v1/deliveries/${delivery.id}/attempts`)).body.data;
    assert.deepEqual([attempt.webhookVersion, attempt.request.url], [1, consumer.url]);
    assert.equal(attempt.request.headers['x-version'], 'one');
  });

  it('show why an attempt failed, and when the next one comes', async () => {
    consumer.status = 503;
    const { id } = await create({ eventTypes: ['failing.event'], retry: { delaysMs: [3_600_000] } });
    await post('failing.event');
    const delivery = await server.deliveryOf(id);
    consumer.status = 200;
    assert.deepEqual([delivery.state, delivery.lastHttpStatus, delivery.finishedAt], ['retrying', 503, null]);
    assert.ok(Date.parse(delivery.nextAttemptAt) > Date.now());
    const [attempt] = (await server.call('GET', `/v1/deliveries/${delivery.id}/attempts`)).body.data;
    assert.deepEqual([attempt.outcome, attempt.response.status], ['failed', 503]);
    assert.match(attempt.errorMessage, /503/);
    const { usage } = (await server.call('GET', `/v1/webhooks/${id}`)).body;
    assert.deepEqual([usage.waiting, usage.lastHttpStatus], [1, 503]);
    assert.equal(usage.nextAttemptAt, delivery.nextAttemptAt);
    assert.ok(usage.oldestWaitingAt !== null && usage.lastFailureAt !== null);
  });

  it('are filtered, and listed the newest first, page by page', async () => {
    const { id } = await create({ eventTypes: ['many.*'] });
    for (const type of ['many.a', 'many.b', 'many.a']) await post(type);
    await server.deliveryOf(id, 3);
    const list = async (query: string) =>
      (await server.call('GET', `/v1/deliveries?webhook=${id}${query}`)).body;
    const types = ({ data }: { data: { eventType: string }[] }) => data.map(({ eventType }) => eventType);
    assert.deepEqual(types(await list('')), ['many.a', 'many.b', 'many.a']);
    assert.deepEqual(types(await list('&eventType=many.b')), ['many.b']);
    assert.deepEqual(types(await list('&state=succeeded&httpStatus=200')).length, 3);
    assert.deepEqual(types(await list('&state=exhausted')), []);
    assert.deepEqual(types(await list('&httpStatus=500')), []);
    assert.deepEqual(types(await list('&until=2020-01-01T00:00:00Z')), []);
    const first = await list('&limit=2');
    assert.equal(first.data.length, 2);
    const second = await list(`&limit=2&cursor=${first.nextCursor}`);
    assert.deepEqual([second.data.length, second.nextCursor], [1, null]);
    assert.notEqual(second.data[0].id, first.data[1].id);
  });

  it('stay in the log when their webhook is deleted', async () => {
    const { id } = await create({ eventTypes: ['orphan.event'] });
    await post('orphan.event');
    const delivery = await server.deliveryOf(id);
    await server.call('DELETE', `/v1/webhooks/${id}`);
    const { status, body } = await server.call('GET', `/v1/deliveries/${delivery.id}`);
    assert.deepEqual([status, body.webhook], [200, null]);
    const attempts = await server.call('GET', `/v1/deliveries/${delivery.id}/attempts`);
    assert.deepEqual([attempts.status, attempts.body.data[0].request], [200, null]);
  });

  it('are not seen from another workspace', async () => {
    const { id } = await create({ eventTypes: ['secret.event'] });
    await post('secret.event');
    const delivery = await server.deliveryOf(id);
    const { body: other } = await server.call('POST', '/v1/workspaces', { body: { name: 'other' } });
    const headers = { 'rowhook-workspace': other.id };
    assert.deepEqual((await server.call('GET', '/v1/deliveries', { headers })).body.data, []);
    for (const path of ['', '/attempts']) {
      assert.equal(
        (await server.call('GET', `/v1/deliveries/${delivery.id}${path}`, { headers })).status,
        404,
      );
    }
    assert.equal((await server.call('GET', `/v1/deliveries?webhook=${id}`, { headers })).status, 400);
  });
});
