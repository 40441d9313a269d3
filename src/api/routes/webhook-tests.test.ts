import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';

describe('trying webhooks out over the API', { timeout: 60_000 }, () => {
  let server: ApiUnderTest;
  let consumer: ConsumerUnderTest;
  let base: string;
  before(async () => {
    server = await ApiUnderTest.start();
    consumer = await ConsumerUnderTest.start();
    base = (await server.call('POST', '/v1/bases', { body: { name: 'Shop' } })).body.id;
    await server.call('POST', `/v1/bases/${base}/tables`, {
      body: {
        name: 'Orders',
        columns: [
          { name: 'Title', type: 'text' },
          { name: 'Paid', type: 'checkbox' },
        ],
      },
    });
  });
  after(async () => {
    await server.stop();
    await consumer.stop();
  });

  it('sends one example before anything is saved, and shows the whole exchange', async () => {
    const { body, status } = await server.call('POST', '/v1/webhooks/test', {
      body: { webhook: { name: 'n', url: consumer.url, eventTypes: ['row.updated'], base, table: 'Orders' } },
    });
    assert.equal(status, 200);
    assert.equal(body.succeeded, true);
    assert.equal(body.response.status, 200);
    const sent = JSON.parse(body.request.body);
    assert.deepEqual(
      [sent.type, sent.data.record.Paid, sent.data.previous.Title],
      ['row.updated', true, null],
    );
    assert.equal(consumer.received.at(-1)?.body, body.request.body);
    assert.equal(consumer.received.at(-1)?.headers['rowhook-simulated'], 'true');
    assert.deepEqual((await server.call('GET', '/v1/webhooks')).body.data, []);
    assert.deepEqual((await server.call('GET', '/v1/deliveries')).body.data, []);
  });

  it('shows a failure as the log would', async () => {
    consumer.status = 503;
    const { body } = await server.call('POST', '/v1/webhooks/test', {
      body: { webhook: { name: 'n', url: consumer.url, eventTypes: ['a.b'] }, data: { n: 1 } },
    });
    consumer.status = 200;
    assert.deepEqual([body.succeeded, body.errorCode, body.response.status], [false, 'HTTP_STATUS', 503]);
  });

  it('simulates an event for one webhook only, marked in the log', async () => {
    const [one, other] = await Promise.all(
      ['one', 'other'].map(async (name) => {
        const webhook = { name, url: consumer.url, eventTypes: ['invoice.paid'] };
        return (await server.call('POST', '/v1/webhooks', { body: webhook })).body.id as string;
      }),
    );
    const answer = await server.call('POST', `/v1/webhooks/${one}/simulate`, {
      body: { eventType: 'invoice.paid', data: { amount: 3 } },
    });
    assert.equal(answer.status, 202, answer.text);
    const delivery = await server.deliveryOf(one as string);
    assert.deepEqual([delivery.event, delivery.simulated], [answer.body.event, true]);
    assert.deepEqual((await server.call('GET', `/v1/deliveries?webhook=${other}`)).body.data, []);
  });

  it('says what is missing when there is no example', async () => {
    const { body, status } = await server.call('POST', '/v1/webhooks/test', {
      body: { webhook: { name: 'n', url: consumer.url, eventTypes: ['invoice.paid'] } },
    });
    assert.deepEqual([status, body.errors[0].pointer], [400, '/data']);
  });

  it('previews for how many past events it would have fired, and what it would send', async () => {
    const rows = [1, 2, 3].map((n) => ({ cells: { Title: `order ${n}`, Paid: n > 1 } }));
    await server.call('POST', `/v1/bases/${base}/tables/Orders/rows`, { body: { rows } });
    const webhook = { name: 'n', url: consumer.url, eventTypes: ['row.*'], base, table: 'Orders' };
    const preview = (more: object) =>
      server.call('POST', '/v1/webhooks/preview', { body: { webhook: { ...webhook, ...more }, last: 3 } });
    const filtered = await preview({ filter: 'record.Paid == true' });
    assert.equal(filtered.status, 200, filtered.text);
    assert.deepEqual([filtered.body.looked, filtered.body.fired, filtered.body.failed], [3, 2, 0]);
    assert.equal(JSON.parse(filtered.body.body).data.record.Title, 'order 3');
    const template = { contentType: 'text/plain', source: '{{ record.Title }}!' };
    assert.equal((await preview({ format: 'template', template })).body.body, 'order 3!');
    const bad = await preview({ filter: 'record.Nope == 1' });
    assert.deepEqual([bad.status, bad.body.errors[0].pointer], [400, '/webhook/filter']);
  });

  it('names the bad fields of a webhook that cannot be saved', async () => {
    const { body, status } = await server.call('POST', '/v1/webhooks/test', {
      body: { webhook: { name: 'n', url: 'http://10.0.0.1/' } },
    });
    assert.equal(status, 400);
    assert.match(JSON.stringify(body.errors), /url/);
  });
});

describe('the queue of a webhook over the API', { timeout: 60_000 }, () => {
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

  it('is counted, and cleared: failed deliveries become discarded, and the log says by whom', async () => {
    consumer.status = 500;
    const webhook = { name: 'n', url: consumer.url, eventTypes: ['a.b'] };
    const { id } = (await server.call('POST', '/v1/webhooks', { body: webhook })).body;
    await server.call('POST', '/v1/events/batch', {
      body: { events: [1, 2, 3].map((n) => ({ type: 'a.b', data: { n } })) },
    });
    await server.deliveryOf(id);
    const { usage } = (await server.call('GET', `/v1/webhooks/${id}`)).body;
    assert.equal(usage.waiting, 3);
    assert.ok(usage.oldestWaitingAt);
    assert.ok(usage.nextAttemptAt);
    const cleared = await server.call('DELETE', `/v1/webhooks/${id}/queue`);
    assert.deepEqual(cleared.body, { discarded: 3 });
    const delivery = await server.deliveryOf(id);
    assert.deepEqual([delivery.state, delivery.discardedBy], ['discarded', 'operator']);
    assert.equal((await server.call('GET', `/v1/webhooks/${id}`)).body.usage.waiting, 0);
  });

  it('keeps the history of its health', async () => {
    const webhook = { name: 'n', url: consumer.url, eventTypes: ['c.d'] };
    const { id } = (await server.call('POST', '/v1/webhooks', { body: webhook })).body;
    await server.call('POST', `/v1/webhooks/${id}/disable`, { body: { reason: 'Maintenance.' } });
    await server.call('POST', `/v1/webhooks/${id}/enable`);
    const { body } = await server.call('GET', `/v1/webhooks/${id}/health`);
    assert.deepEqual(
      body.data.map(({ state, reason }: { state: string; reason: string | null }) => [state, reason]),
      [
        ['active', null],
        ['paused', 'Maintenance.'],
        ['active', null],
      ],
    );
  });
});
