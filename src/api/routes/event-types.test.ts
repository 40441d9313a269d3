import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';

const invoice = {
  description: 'A customer paid.',
  groups: ['billing', 'money'],
  schema: {
    type: 'object',
    properties: { number: { type: 'string', pattern: '^[A-Z]-\\d+$' }, total: { type: 'number' } },
    required: ['number'],
    additionalProperties: false,
  },
  example: { number: 'A-17', total: 12.5 },
};

describe('event types over the API', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start({ ROWHOOK_MAX_EVENT_TYPES: '40' });
  });
  after(() => server.stop());

  const put = async (name: string, body: object) => {
    const answer = await server.call('PUT', `/v1/event-types/${name}`, { body });
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  const errorsOf = (body: { errors?: { pointer: string; detail: string }[] }): string[] =>
    (body.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
  const names = async (query: string): Promise<string[]> => {
    const { body } = await server.call('GET', `/v1/event-types?${query}`);
    return body.data.map(({ name }: { name: string }) => name);
  };
  const post = (type: string, data: object = {}) =>
    server.call('POST', '/v1/events', { body: { type, data } });

  it('are created, shown, replaced and archived', async () => {
    const { status, body, headers } = await server.call('POST', '/v1/event-types', {
      body: { name: 'invoice.paid', ...invoice },
    });
    assert.equal(status, 201);
    assert.equal(headers.location, '/v1/event-types/invoice.paid');
    const { createdAt, updatedAt, ...shown } = body;
    assert.ok(Date.parse(createdAt) > 0 && createdAt === updatedAt);
    assert.deepEqual(shown, {
      name: 'invoice.paid',
      version: 1,
      ...invoice,
      enforcement: null,
      deprecated: false,
      deprecationNote: '',
      archived: false,
      builtIn: false,
    });
    assert.deepEqual((await server.call('GET', '/v1/event-types/invoice.paid')).body, body);

    const again = await server.call('POST', '/v1/event-types', { body: { name: 'invoice.paid' } });
    assert.equal(again.status, 409);
    assert.match(again.body.detail, /There is an event type named "invoice\.paid" already/);

    const replaced = await put('invoice.paid', { ...invoice, schema: { type: 'object' }, deprecated: true });
    assert.deepEqual([replaced.version, replaced.deprecated], [2, true]);
    const versions = await server.call('GET', '/v1/event-types/invoice.paid/versions');
    assert.deepEqual(
      versions.body.data.map(({ version, schema }: Record<string, unknown>) => [version, schema]),
      [
        [2, { type: 'object' }],
        [1, invoice.schema],
      ],
    );

    assert.equal((await server.call('DELETE', '/v1/event-types/invoice.paid')).status, 204);
    assert.equal((await server.call('GET', '/v1/event-types/invoice.paid')).body.archived, true);
    assert.deepEqual(await names('builtIn=false'), []);
    assert.deepEqual(await names('archived=only'), ['invoice.paid']);
    assert.equal((await put('invoice.paid', invoice)).version, 3);
    assert.deepEqual(await names('builtIn=false'), ['invoice.paid']);

    assert.equal((await server.call('DELETE', '/v1/event-types/invoice.paid?expunge=true')).status, 204);
    assert.equal((await server.call('GET', '/v1/event-types/invoice.paid')).status, 404);
    assert.equal((await server.call('GET', '/v1/event-types/invoice.paid/versions')).status, 404);
  });

  it('are listed with those of Rowhook, by name, group, page by page', async () => {
    await put('order.sent', { groups: ['shop'] });
    await put('zoo.opened', {});
    await put('apple.eaten', { groups: ['food', 'shop'] });
    assert.deepEqual(await names('limit=1000'), [
      'apple.eaten',
      'delivery.exhausted',
      'order.sent',
      'row.deleted',
      'row.inserted',
      'row.updated',
      'webhook.backlog',
      'webhook.certificateExpiring',
      'webhook.disabled',
      'webhook.recovered',
      'zoo.opened',
    ]);
    assert.deepEqual(await names('group=shop'), ['apple.eaten', 'order.sent']);
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await server.call('GET', `/v1/event-types?limit=3${cursor}`);
      seen.push(...body.data.map(({ name }: { name: string }) => name));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    assert.deepEqual(seen, await names('limit=1000'));
  });

  it('of Rowhook can be read, not changed', async () => {
    const { body } = await server.call('GET', '/v1/event-types/row.updated');
    assert.deepEqual([body.builtIn, body.createdAt, body.schema.type], [true, null, 'object']);
    assert.equal((await server.call('GET', '/v1/event-types/row.updated/versions')).body.data.length, 1);
    assert.equal((await server.call('DELETE', '/v1/event-types/row.updated')).status, 409);
    const replaced = await server.call('PUT', '/v1/event-types/row.updated', { body: {} });
    assert.deepEqual(errorsOf(replaced.body), [
      '/name must not begin with row., webhook., delivery. as Rowhook sends those itself',
    ]);
  });

  it('tell every fault and where it is', async () => {
    const { status, body } = await server.call('POST', '/v1/event-types', {
      body: {
        name: 'a b',
        groups: ['x y', 'z', 'z'],
        schema: { properties: { n: { type: 'number' } }, requried: ['n'] },
        example: { n: 'text' },
      },
    });
    assert.equal(status, 400);
    assert.deepEqual(errorsOf(body), [
      '/name must be words of letters, digits, _ and - joined by dots, such as invoice.paid',
      '/groups/0 must be of letters, digits, _ and -, such as billing; dots may stand between them',
      '/groups/2 must not be there twice',
      '/schema/requried is no keyword of JSON Schema (did you mean "required"?); keywords of your own begin with x-',
    ]);
    const example = await server.call('PUT', '/v1/event-types/a.b', {
      body: { schema: invoice.schema, example: { number: 17, more: 1 } },
    });
    assert.deepEqual(errorsOf(example.body).sort(), [
      '/example/more is not part of the schema, as the schema has it',
      '/example/number must be string, as the schema has it',
    ]);
    const unknown = await server.call('PUT', '/v1/event-types/a.b', { body: { shcema: {} } });
    assert.match(unknown.body.detail, /did you mean "schema"/);
  });

  it('belong to their workspace', async () => {
    const { body: other } = await server.call('POST', '/v1/workspaces', { body: { name: 'others' } });
    const headers = { 'rowhook-workspace': other.id };
    await put('private.type', {});
    assert.equal((await server.call('GET', '/v1/event-types/private.type', { headers })).status, 404);
    const { body } = await server.call('GET', '/v1/event-types?builtIn=false', { headers });
    assert.deepEqual(body.data, []);
  });

  it('are bounded in number', async () => {
    const { body: full } = await server.call('POST', '/v1/workspaces', { body: { name: 'full' } });
    const headers = { 'rowhook-workspace': full.id };
    const eventTypes = Array.from({ length: 40 }, (_, index) => ({ name: `many.${index}` }));
    const imported = await server.call('POST', '/v1/event-types/import', { body: { eventTypes }, headers });
    assert.equal(imported.status, 200, imported.text);
    const { status, body } = await server.call('PUT', '/v1/event-types/one.more', { body: {}, headers });
    assert.equal(status, 409);
    assert.match(
      body.detail,
      /may have 40 event types, archived ones included \(setting ROWHOOK_MAX_EVENT_TYPES\)/,
    );
  });

  describe('hold posted events against their schema', () => {
    const policy = (enforcement: string, unknownTypes = 'off') =>
      server.call('PUT', '/v1/publishing-policy', { body: { enforcement, unknownTypes } });
    before(() => put('bill.paid', invoice));
    after(() => policy('off'));

    it('not at all, if nobody asks for it', async () => {
      assert.deepEqual((await server.call('GET', '/v1/publishing-policy')).body, {
        enforcement: 'off',
        unknownTypes: 'off',
      });
      const { status, body } = await post('bill.paid', { number: 17 });
      assert.deepEqual([status, Object.keys(body)], [202, ['id']]);
    });

    it('and warn in the answer', async () => {
      await policy('warn');
      assert.deepEqual(Object.keys((await post('bill.paid', { number: 'A-1' })).body), ['id']);
      const { status, body } = await post('bill.paid', { number: 17 });
      assert.equal(status, 202);
      assert.deepEqual(body.warnings, [{ pointer: '/data/number', detail: 'must be string' }]);
      const events = [
        { type: 'bill.paid', data: { number: 'A-1' } },
        { type: 'bill.paid', data: {} },
      ];
      const batch = await server.call('POST', '/v1/events/batch', { body: { events } });
      assert.equal(batch.body.ids.length, 2);
      assert.deepEqual(batch.body.warnings, [{ pointer: '/events/1/data/number', detail: 'is missing' }]);
    });

    it('and refuse them, all of a batch', async () => {
      await policy('refuse');
      const { status, body } = await post('bill.paid', { number: 'A-1', total: 'much' });
      assert.equal(status, 400);
      assert.deepEqual(errorsOf(body), ['/data/total must be number']);
      const events = [
        { type: 'bill.paid', data: { number: 'A-9999' } },
        { type: 'bill.paid', data: { nmuber: 'A-1' } },
      ];
      const batch = await server.call('POST', '/v1/events/batch', { body: { events } });
      assert.equal(batch.status, 400);
      assert.deepEqual(errorsOf(batch.body).sort(), [
        '/events/1/data/nmuber is not part of the schema',
        '/events/1/data/number is missing',
      ]);
      const list = await server.call('GET', '/v1/events?type=bill.paid&limit=1');
      assert.notEqual(list.body.data[0].data.number, 'A-9999');
    });

    it('as the type itself says, whatever the workspace says', async () => {
      await policy('refuse');
      await put('lenient.type', { ...invoice, enforcement: 'off' });
      assert.equal((await post('lenient.type', {})).status, 202);
      await policy('off');
      await put('strict.type', { ...invoice, enforcement: 'refuse' });
      assert.equal((await post('strict.type', {})).status, 400);
      await put('strict.type', { ...invoice, schema: null, enforcement: 'refuse' });
      assert.equal((await post('strict.type', {})).status, 202);
    });

    it('and say that a type is deprecated', async () => {
      await put('old.type', { deprecated: true, enforcement: 'refuse' });
      const { status, body } = await post('old.type');
      assert.equal(status, 202);
      assert.deepEqual(body.warnings, [{ pointer: '/type', detail: 'is deprecated' }]);
    });

    it('and say that a type is not in the catalogue', async () => {
      await policy('off', 'warn');
      assert.deepEqual((await post('bill.piad')).body.warnings, [
        { pointer: '/type', detail: 'is not in the catalogue of event types (did you mean "bill.paid"?)' },
      ]);
      await policy('off', 'refuse');
      await put('gone.type', { archived: true });
      assert.deepEqual(errorsOf((await post('something.else')).body), [
        '/type is not in the catalogue of event types',
      ]);
      assert.deepEqual(errorsOf((await post('gone.type')).body), [
        '/type is archived in the catalogue of event types',
      ]);
      await policy('off');
      assert.equal((await post('gone.type')).status, 202);
    });
  });

  describe('are used by webhooks', () => {
    let consumer: ConsumerUnderTest;
    before(async () => {
      consumer = await ConsumerUnderTest.start();
    });
    after(() => consumer.stop());
    const webhook = async (settings: object): Promise<string> => {
      const body = { name: 'consumer', url: consumer.url, ...settings };
      const created = await server.call('POST', '/v1/webhooks', { body });
      assert.equal(created.status, 201, created.text);
      return created.body.id;
    };
    const receivedTypes = (): string[] => consumer.received.map(({ body }) => JSON.parse(body).type);

    it('that ask for a group of the catalogue', async () => {
      await put('cash.taken', { groups: ['till'] });
      await put('drawer.opened', { groups: ['till', 'hardware'] });
      await put('cash.counted', {});
      await webhook({ eventTypes: ['group:till'] });
      for (const type of ['cash.counted', 'cash.taken', 'drawer.opened']) await post(type);
      await consumer.receives(2);
      assert.deepEqual(receivedTypes(), ['cash.taken', 'drawer.opened']);
      const refused = await server.call('POST', '/v1/webhooks', {
        body: { name: 'a', url: consumer.url, eventTypes: ['group:'] },
      });
      assert.match(refused.body.errors[0].detail, /must have the form group:name/);
    });

    it('for the examples they are tried out with', async () => {
      await put('sample.made', { ...invoice, groups: ['samples'] });
      const url = consumer.url;
      for (const eventTypes of [['sample.made'], ['sample.*'], ['group:samples'], ['other.*', 'sample.*']]) {
        const { status, body } = await server.call('POST', '/v1/webhooks/test', {
          body: { webhook: { name: 'a', url, eventTypes } },
        });
        assert.equal(status, 200);
        const sent = JSON.parse(body.request.body);
        assert.deepEqual([sent.type, sent.data], ['sample.made', invoice.example]);
      }
      const { body } = await server.call('POST', '/v1/webhooks/test', {
        body: { webhook: { name: 'a', url, eventTypes: ['webhook.backlog'] } },
      });
      assert.equal(JSON.parse(body.request.body).data.bound, 10_000);
      const none = await server.call('POST', '/v1/webhooks/test', {
        body: { webhook: { name: 'a', url, eventTypes: ['nobody.knows'] } },
      });
      assert.match(none.body.detail, /the catalogue has no example of "nobody\.knows"/);
    });

    it('for what is simulated', async () => {
      await put('simulated.type', invoice);
      const id = await webhook({ eventTypes: ['simulated.*'] });
      const before = consumer.received.length;
      assert.equal((await server.call('POST', `/v1/webhooks/${id}/simulate`, { body: {} })).status, 202);
      await consumer.receives(before + 1);
      assert.deepEqual(JSON.parse(consumer.received.at(-1)?.body ?? '').data, invoice.example);
    });
  });

  it('data is held against a schema without posting anything', async () => {
    await put('invoice.checked', { ...invoice, enforcement: 'off' });
    const check = async (name: string, data: object) =>
      (await server.call('POST', `/v1/event-types/${name}/check`, { body: { data } })).body;
    assert.deepEqual(await check('invoice.checked', { number: 'A-1' }), {
      hasSchema: true,
      fits: true,
      errors: [],
    });
    const bad = await check('invoice.checked', { number: 'a', more: 1 });
    assert.deepEqual([bad.hasSchema, bad.fits], [true, false]);
    assert.deepEqual(
      errorsOf(bad)
        .map((error) => error.split(' ')[0])
        .sort(),
      ['/data/more', '/data/number'],
    );
    await put('invoice.free', { ...invoice, schema: null });
    assert.deepEqual(await check('invoice.free', { any: 1 }), { hasSchema: false, fits: true, errors: [] });
    assert.equal(
      (await server.call('POST', '/v1/event-types/no.such/check', { body: { data: {} } })).status,
      404,
    );
    assert.equal((await server.call('GET', '/v1/events?type=invoice.checked')).body.data.length, 0);
  });
});
