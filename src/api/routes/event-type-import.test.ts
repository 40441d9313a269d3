import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest } from '../testing/api-under-test.ts';

const document = {
  openapi: '3.1.0',
  info: { title: 'Shop', version: '1' },
  webhooks: {
    'order.paid': {
      post: {
        summary: 'An order was paid.',
        tags: ['orders'],
        requestBody: {
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/Order' }, example: { id: 7 } },
          },
        },
      },
    },
    'order.sent': { post: { summary: 'An order was sent.' } },
  },
  components: {
    schemas: { Order: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } } },
  },
};

describe('importing event types', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start();
  });
  after(() => server.stop());

  const run = (body: object) => server.call('POST', '/v1/event-types/import', { body });
  const outcomes = (body: { data: { name: string; outcome: string; changes: string[] }[] }) =>
    body.data.map(({ name, outcome, changes }) => [name, outcome, changes.join(' ')]);

  it('says what would change, and changes it', async () => {
    const dry = await run({ document, dryRun: true });
    assert.equal(dry.status, 200, dry.text);
    const expected = [
      ['order.paid', 'created', ''],
      ['order.sent', 'created', ''],
    ];
    assert.deepEqual(outcomes(dry.body), expected);
    assert.equal((await server.call('GET', '/v1/event-types/order.paid')).status, 404);
    const real = await run({ document });
    assert.deepEqual([outcomes(real.body), real.body.dryRun], [expected, false]);
    const { body } = await server.call('GET', '/v1/event-types/order.paid');
    assert.deepEqual([body.groups, body.example, body.version], [['orders'], { id: 7 }, 1]);
    assert.deepEqual(outcomes((await run({ document })).body), [
      ['order.paid', 'unchanged', ''],
      ['order.sent', 'unchanged', ''],
    ]);
  });

  it('leaves alone what the source does not say', async () => {
    const { body: before } = await server.call('GET', '/v1/event-types/order.paid');
    const { name: _, version: __, builtIn: ___, createdAt, updatedAt, ...definition } = before;
    assert.ok(createdAt && updatedAt);
    await server.call('PUT', '/v1/event-types/order.paid', {
      body: { ...definition, enforcement: 'refuse', description: 'Mine.' },
    });
    assert.deepEqual(outcomes((await run({ document })).body)[0], ['order.paid', 'updated', 'description']);
    assert.equal((await server.call('GET', '/v1/event-types/order.paid')).body.enforcement, 'refuse');
  });

  it('is all or none, and tells what is refused and where', async () => {
    const bad = {
      ...document,
      webhooks: {
        'new.one': { post: {} },
        'not a name': { post: {} },
        'row.inserted': { post: {} },
        'order.paid': {
          post: {
            requestBody: {
              content: { 'application/json': { schema: { type: 'nothing' }, example: {} } },
            },
          },
        },
      },
    };
    const dry = await run({ document: bad, dryRun: true });
    assert.deepEqual(
      outcomes(dry.body).map(([name, outcome]) => `${name} ${outcome}`),
      ['new.one created', 'not a name refused', 'row.inserted refused', 'order.paid refused'],
    );
    assert.equal(dry.body.data[3].errors[0].pointer, '/document/webhooks/order.paid/schema/type');
    const real = await run({ document: bad });
    assert.equal(real.status, 400);
    assert.match(real.body.detail, /^Nothing was imported: 3 of 4 event types are refused/);
    assert.equal((await server.call('GET', '/v1/event-types/new.one')).status, 404);
  });

  it('takes what the catalogue exports', async () => {
    const { body: exported } = await server.call('GET', '/v1/event-types?archived=include&limit=1000');
    const unchanged = await run({ eventTypes: exported.data });
    assert.equal(unchanged.status, 200, unchanged.text);
    assert.ok(outcomes(unchanged.body).every(([, outcome]) => outcome === 'unchanged'));
    const { body: other } = await server.call('POST', '/v1/workspaces', { body: { name: 'copy' } });
    const headers = { 'rowhook-workspace': other.id };
    const copied = await server.call('POST', '/v1/event-types/import', {
      body: { eventTypes: exported.data },
      headers,
    });
    assert.equal(copied.status, 200, copied.text);
    const { body } = await server.call('GET', '/v1/event-types?archived=include&limit=1000', { headers });
    const plain = (list: { data: Record<string, unknown>[] }) =>
      list.data.map(({ createdAt: _, updatedAt: __, version: ___, ...rest }) => rest);
    assert.deepEqual(plain(body), plain(exported));
  });

  it('archives what is missing, when that is asked for', async () => {
    const sent = { 'order.sent': document.webhooks['order.sent'] };
    const { body } = await run({ document: { ...document, webhooks: sent }, archiveMissing: true });
    assert.deepEqual(outcomes(body), [
      ['order.sent', 'unchanged', ''],
      ['order.paid', 'archived', 'archived'],
    ]);
    assert.equal((await server.call('GET', '/v1/event-types/order.paid')).body.archived, true);
    assert.deepEqual(outcomes((await run({ document })).body)[0], ['order.paid', 'updated', 'archived']);
  });

  it('wants one source', async () => {
    assert.equal((await run({})).status, 400);
    assert.equal((await run({ document, eventTypes: [] })).status, 400);
    assert.equal((await run({ eventTypes: [], bodies: 'data' })).status, 400);
    assert.equal((await run({ document: { openapi: '3.0.0' } })).body.errors[0].pointer, '/document/openapi');
    const twice = await run({ eventTypes: [{ name: 'a' }, { name: 'a' }] });
    assert.equal(twice.body.errors[0].pointer, '/eventTypes/1/name');
  });
});
