import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';

describe('sending the past again over the API', { timeout: 60_000 }, () => {
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

  const create = async (body: object): Promise<string> => {
    const answer = await server.call('POST', '/v1/webhooks', {
      body: { name: 'n', url: consumer.url, ...body },
    });
    assert.equal(answer.status, 201, answer.text);
    return answer.body.id;
  };
  const post = (type: string) => server.call('POST', '/v1/events', { body: { type, data: {} } });

  it('replays what a new webhook missed, and shows how far it has come', async () => {
    await post('missed.event');
    const webhook = await create({ eventTypes: ['missed.event'] });
    const before = consumer.received.length;
    const started = await server.call('POST', `/v1/webhooks/${webhook}/replay`, {
      body: { since: '2020-01-01T00:00:00Z', scope: 'missed' },
    });
    assert.equal(started.status, 202, started.text);
    await consumer.receives(before + 1);
    assert.equal(consumer.received.at(-1)?.headers['rowhook-replay'], 'replay');
    await server.deliveryOf(webhook);
    let shown = started.body;
    while (shown.state === 'running') {
      shown = (await server.call('GET', `/v1/replays/${started.body.id}`)).body;
    }
    assert.deepEqual([shown.state, shown.succeeded, shown.progress], ['done', 1, 1]);
    const { body } = await server.call('GET', `/v1/replays?webhook=${webhook}`);
    assert.deepEqual(
      body.data.map(({ id }: { id: string }) => id),
      [started.body.id],
    );
  });

  it('counts what a replay would send before it is started, and sends nothing', async () => {
    const webhook = await create({ eventTypes: ['counted.event'] });
    await post('counted.event');
    await post('other.event');
    await server.deliveryOf(webhook);
    const received = consumer.received.length;
    const count = async (scope: string, since = '2020-01-01T00:00:00Z') =>
      (await server.call('POST', `/v1/webhooks/${webhook}/replay/count`, { body: { since, scope } })).body;
    assert.deepEqual(await count('all'), { deliveries: 1, events: 1, counted: 1 });
    assert.deepEqual(await count('missed'), { deliveries: 0, events: 0, counted: 1 });
    assert.equal((await count('all', '2999-01-01T00:00:00Z')).errors[0].pointer, '/since');
    assert.equal(consumer.received.length, received);
    assert.equal((await server.call('GET', `/v1/replays?webhook=${webhook}`)).body.data.length, 0);
  });

  it('recovers what is exhausted', async () => {
    const webhook = await create({ eventTypes: ['failing.event'], retry: 'none' });
    consumer.status = 500;
    await post('failing.event');
    assert.equal((await server.deliveryOf(webhook)).state, 'exhausted');
    consumer.status = 200;
    const before = consumer.received.length;
    const started = await server.call('POST', `/v1/webhooks/${webhook}/recover`, {
      body: { since: '2020-01-01T00:00:00Z' },
    });
    assert.equal(started.status, 202, started.text);
    await consumer.receives(before + 1);
    assert.equal(consumer.received.at(-1)?.headers['rowhook-replay'], 'recover');
  });

  it('resends one delivery', async () => {
    const webhook = await create({ eventTypes: ['again.event'] });
    await post('again.event');
    const { id } = await server.deliveryOf(webhook);
    const count = consumer.received.length;
    assert.equal((await server.call('POST', `/v1/deliveries/${id}/retry`)).status, 202);
    await consumer.receives(count + 1);
    assert.equal(consumer.received.at(-1)?.headers['webhook-id'], id);
    assert.equal(consumer.received.at(-1)?.headers['rowhook-replay'], 'resend');
  });

  it('refuses a period that is none, a webhook that is paused, and a second end', async () => {
    const webhook = await create({ eventTypes: ['x.y'] });
    const future = await server.call('POST', `/v1/webhooks/${webhook}/replay`, {
      body: { since: '2999-01-01T00:00:00Z' },
    });
    assert.deepEqual([future.status, future.body.errors[0].pointer], [400, '/since']);
    const { body } = await server.call('POST', `/v1/webhooks/${webhook}/replay`, {
      body: { since: '2020-01-01T00:00:00Z' },
    });
    for (let tries = 0; tries < 1_000; tries += 1) {
      if ((await server.call('GET', `/v1/replays/${body.id}`)).body.state === 'done') break;
    }
    assert.equal((await server.call('POST', `/v1/replays/${body.id}/cancel`)).status, 409);
    await server.call('POST', `/v1/webhooks/${webhook}/disable`);
    const paused = await server.call('POST', `/v1/webhooks/${webhook}/replay`, {
      body: { since: '2020-01-01T00:00:00Z' },
    });
    assert.equal(paused.status, 409);
    assert.match(paused.body.detail, /enable it/);
    assert.equal((await server.call('GET', '/v1/replays/rpl_none')).status, 404);
  });
});
