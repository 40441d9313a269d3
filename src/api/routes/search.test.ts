import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';
import { insert, newTable } from '../testing/tables.ts';

describe('searching by an id that a consumer quotes', () => {
  let server: ApiUnderTest;
  let consumer: ConsumerUnderTest;
  let webhook: string;
  before(async () => {
    server = await ApiUnderTest.start();
    consumer = await ConsumerUnderTest.start();
    const body = { name: 'crm', url: consumer.url, eventTypes: ['*'] };
    webhook = (await server.call('POST', '/v1/webhooks', { body })).body.id;
  });
  after(async () => {
    await server.stop();
    await consumer.stop();
  });

  const search = async (id: string, headers: Record<string, string> = {}): Promise<string[]> => {
    const { status, body } = await server.call('GET', `/v1/search?id=${encodeURIComponent(id)}`, { headers });
    assert.equal(status, 200);
    for (const { href } of body.data) {
      if (Object.keys(headers).length === 0) assert.equal((await server.call('GET', href)).status, 200, href);
    }
    return body.data.map((link: { kind: string; id: string }) => `${link.kind} ${link.id}`);
  };

  it('finds deliveries and events by each other, and both by the key of the call', async () => {
    const { body } = await server.call('POST', '/v1/events', {
      body: { type: 'invoice.paid', data: {} },
      headers: { 'idempotency-key': 'order 7'.replace(' ', '-') },
    });
    await server.deliveryOf(webhook, 1);
    const webhookId = String(consumer.received[0]?.headers['webhook-id']);
    const both = [`delivery ${webhookId}`, `event ${body.id}`];
    assert.deepEqual((await search(webhookId)).sort(), both);
    assert.deepEqual((await search(body.id)).sort(), both);
    assert.deepEqual((await search('order-7')).sort(), both);
    assert.deepEqual((await search(`  ${webhookId} `)).sort(), both);
  });

  it('finds a row and its events', async () => {
    const table = await newTable(server);
    const { body } = await insert(server, table, { Name: 'Ada' });
    const [{ id }] = body.rows;
    await server.call('PATCH', `${table}/rows`, { body: { rows: [{ id, cells: { Name: 'Bob' } }] } });
    const found = await search(id);
    assert.equal(found[0], `row ${id}`);
    assert.deepEqual(
      found.slice(1).map((link) => link.split(' ')[0]),
      ['event', 'event'],
    );
    const list = await server.call('GET', `/v1/events?row=${id}`);
    assert.deepEqual(
      list.body.data.map(({ type }: { type: string }) => type),
      ['row.updated', 'row.inserted'],
    );
  });

  it('finds webhooks, replays and scheduled events', async () => {
    assert.deepEqual(await search(webhook), [`webhook ${webhook}`]);
    const deliverAt = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await server.call('POST', '/v1/events', { body: { type: 'a', data: {}, deliverAt } });
    assert.deepEqual(await search(body.id), [`scheduledEvent ${body.id}`]);
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const replay = await server.call('POST', `/v1/webhooks/${webhook}/replay`, { body: { since } });
    assert.equal(replay.status, 202, replay.text);
    assert.deepEqual(await search(replay.body.id), [`replay ${replay.body.id}`]);
  });

  it('finds nothing of another workspace, and nothing by what is no id', async () => {
    const { body: other } = await server.call('POST', '/v1/workspaces', { body: { name: 'other' } });
    const headers = { 'rowhook-workspace': other.id };
    const list = await server.call('GET', '/v1/events?limit=1');
    for (const id of [
      list.body.data[0].id,
      webhook,
      'order-7',
      consumer.received[0]?.headers['webhook-id'],
    ]) {
      assert.deepEqual(await search(String(id), headers), []);
    }
    for (const id of ['evt_', 'msg_0', '%', "'; --", 'x'.repeat(22), '../..'])
      assert.deepEqual(await search(id), []);
    assert.equal((await server.call('GET', '/v1/search')).status, 400);
  });

  it('lists deliveries by the tags of their events', async () => {
    for (const company of [1, 2]) {
      const body = { type: 'tagged.event', data: {}, tags: [`company:${company}`] };
      await server.call('POST', '/v1/events', { body });
    }
    const total = consumer.received.length;
    const list = async (tag: string): Promise<number> =>
      (await server.call('GET', `/v1/deliveries?tag=${tag}&eventType=tagged.event`)).body.data.length;
    for (let tries = 0; (await list('company:2')) === 0 && tries < 500; tries++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual([await list('company:2'), await list('company:3')], [1, 0]);
    assert.ok(total > 0);
  });
});
