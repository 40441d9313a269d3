import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Webhook as Verifier } from 'standardwebhooks';
import { ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';

describe('webhooks over the API', { timeout: 60_000 }, () => {
  let server: ApiUnderTest;
  let consumer: ConsumerUnderTest;
  before(async () => {
    server = await ApiUnderTest.start({ ROWHOOK_MAX_WEBHOOKS: '30' });
    consumer = await ConsumerUnderTest.start();
  });
  after(async () => {
    await server.stop();
    await consumer.stop();
  });

  const create = async (body: object = {}) => {
    const answer = await server.call('POST', '/v1/webhooks', {
      body: { name: 'orders', url: consumer.url, eventTypes: ['no.event'], ...body },
    });
    assert.equal(answer.status, 201, answer.text);
    return answer.body;
  };

  it('are created with what the preset says, active, and with a secret that is told once', async () => {
    const answer = await server.call('POST', '/v1/webhooks', { body: { name: 'orders', url: consumer.url } });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.location, `/v1/webhooks/${answer.body.id}`);
    const { secret, ...created } = answer.body;
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.equal(created.preset, 'plain');
    assert.equal(created.enabled, true);
    assert.equal(created.version, 1);
    assert.equal(created.status.state, 'active');
    assert.deepEqual(created.usage, {
      waiting: 0,
      oldestWaitingAt: null,
      nextAttemptAt: null,
      lastSuccessAt: null,
      lastFailureAt: null,
      lastError: null,
      lastHttpStatus: null,
    });
    assert.deepEqual((await server.call('GET', `/v1/webhooks/${created.id}`)).body, created);
    const secrets = (await server.call('GET', `/v1/webhooks/${created.id}/secret`)).body;
    assert.deepEqual(secrets, { secret, publicKey: null, previousSecretUntil: null, previous: [] });
    await server.call('DELETE', `/v1/webhooks/${created.id}`);
  });

  it('have exactly the fields of the design', async () => {
    const { secret: _, ...created } = await create();
    const fields =
      'name memo url emails enabled preset eventTypes base table tags readyColumn filterColumns filter format template ' +
      'signature headers tls success timeoutMs connectTimeoutMs retry disable batch order concurrency ratePerSecond id ' +
      'status usage clientCertificate publicKey previousSecretUntil createdAt updatedAt version differsFromPreset';
    assert.deepEqual(Object.keys(created).sort(), fields.split(' ').sort());
  });

  it('tell every mistake of a new webhook at once', async () => {
    const { status, body } = await server.call('POST', '/v1/webhooks', {
      body: { url: 'http://10.0.0.1/', base: 'nope', concurrency: 5, colour: 1 },
    });
    assert.equal(status, 400);
    assert.deepEqual(
      body.errors.map(({ pointer }: { pointer: string }) => pointer),
      ['/colour', '/name', '/url', '/base', '/concurrency'],
    );
  });

  it('sign with the secret that was given', async () => {
    const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
    const { id } = await create({ secret, eventTypes: ['signed.event'] });
    const before = consumer.received.length;
    await server.call('POST', '/v1/events', { body: { type: 'signed.event', data: { ok: true } } });
    await consumer.receives(before + 1);
    const request = consumer.received.at(-1);
    assert.ok(request);
    const payload = new Verifier(secret).verify(request.body, request.headers as Record<string, string>);
    assert.deepEqual((payload as { data: object }).data, { ok: true });
    await server.call('DELETE', `/v1/webhooks/${id}`);
  });

  it('change field by field, and keep hidden headers', async () => {
    const { id } = await create({ headers: { Authorization: 'Bearer 1' }, memo: 'note' });
    const path = `/v1/webhooks/${id}`;
    const shown = (await server.call('GET', path)).body;
    assert.deepEqual(shown.headers, { authorization: '***' });
    const { status, body } = await server.call('PATCH', path, {
      body: { name: 'renamed', headers: { ...shown.headers, 'x-team': 'blue' } },
    });
    assert.equal(status, 200);
    assert.equal(body.version, 2);
    assert.deepEqual(body.headers, { authorization: '***', 'x-team': 'blue' });
    assert.deepEqual([body.name, body.memo], ['renamed', 'note']);
    assert.equal(
      (await server.store.webhooks.all(0, 100)).find((w) => w.id === id)?.settings.headers.authorization,
      'Bearer 1',
    );
  });

  it('refuse a change that is wrong, as a whole', async () => {
    const { id } = await create();
    const path = `/v1/webhooks/${id}`;
    const { status, body } = await server.call('PATCH', path, {
      body: { name: 'x', order: 'sideways', status: {} },
    });
    assert.equal(status, 400);
    assert.equal(body.errors.length, 2);
    assert.equal((await server.call('GET', path)).body.name, 'orders');
  });

  it('take two changes at the same time one after the other', async () => {
    const { id } = await create();
    const path = `/v1/webhooks/${id}`;
    const patches = [{ memo: 'one' }, { name: 'two' }, { timeoutMs: 333 }, { tags: ['a:b'] }];
    await Promise.all(patches.map((body) => server.call('PATCH', path, { body })));
    const { body } = await server.call('GET', path);
    assert.deepEqual(
      [body.memo, body.name, body.timeoutMs, body.tags, body.version],
      ['one', 'two', 333, ['a:b'], 5],
    );
  });

  it('are paused and started by a person', async () => {
    const { id } = await create();
    const path = `/v1/webhooks/${id}`;
    const paused = (await server.call('POST', `${path}/disable`, { body: { reason: 'maintenance' } })).body;
    assert.deepEqual(
      [paused.enabled, paused.status.state, paused.status.reason],
      [false, 'paused', 'maintenance'],
    );
    const started = (await server.call('POST', `${path}/enable`)).body;
    assert.deepEqual([started.enabled, started.status.state, started.status.reason], [true, 'active', null]);
    assert.equal(
      (await server.call('PATCH', path, { body: { enabled: false } })).body.status.state,
      'paused',
    );
    const saved = (await server.call('PATCH', path, { body: { memo: 'still paused' } })).body;
    assert.deepEqual([saved.enabled, saved.memo], [false, 'still paused']);
    assert.equal((await server.call('PATCH', path, { body: { enabled: true } })).body.status.state, 'active');
    assert.equal((await create({ enabled: false })).status.state, 'paused');
  });

  it('send what was held when they go on, or skip it', async () => {
    const held = async (from: 'continue' | 'skip'): Promise<string[]> => {
      const type = `held.${from}`;
      const { id } = await create({ eventTypes: [type] });
      const path = `/v1/webhooks/${id}`;
      await server.call('POST', `${path}/disable`);
      await server.call('POST', '/v1/events', { body: { type, data: { held: true } } });
      const before = consumer.received.length;
      assert.equal((await server.call('POST', `${path}/enable`, { body: { from } })).status, 200);
      await server.call('POST', '/v1/events', { body: { type, data: { held: false } } });
      await consumer.receives(before + (from === 'continue' ? 2 : 1));
      await server.call('DELETE', path);
      return consumer.received.slice(before).map(({ body }) => JSON.stringify(JSON.parse(body).data));
    };
    assert.deepEqual(await held('continue'), ['{"held":true}', '{"held":false}']);
    assert.deepEqual(await held('skip'), ['{"held":false}']);
  });

  it('refuse to be started from anywhere else', async () => {
    const { id } = await create();
    const { body } = await server.call('POST', `/v1/webhooks/${id}/enable`, { body: { from: 'start' } });
    assert.deepEqual(body.errors, [
      { pointer: '/from', detail: 'must be one of continue, skip, not "start"' },
    ]);
  });

  it('are gone once deleted', async () => {
    const { id } = await create();
    const path = `/v1/webhooks/${id}`;
    const { status, text } = await server.call('DELETE', path);
    assert.deepEqual([status, text], [204, '']);
    for (const [method, url] of [
      ['GET', path],
      ['PATCH', path],
      ['DELETE', path],
      ['POST', `${path}/enable`],
      ['GET', `${path}/secret`],
    ] as const) {
      assert.equal(
        (await server.call(method, url, { body: method === 'PATCH' ? {} : undefined })).status,
        404,
        url,
      );
    }
  });

  it('are listed in the order of their creation, page by page, while others come and go', async () => {
    const { body: workspace } = await server.call('POST', '/v1/workspaces', { body: { name: 'pages' } });
    const headers = { 'rowhook-workspace': workspace.id };
    const call = (method: string, url: string, body?: object) => server.call(method, url, { headers, body });
    const made: string[] = [];
    for (let index = 0; index < 5; index++) {
      const { body } = await call('POST', '/v1/webhooks', { name: `w${index}`, url: consumer.url });
      made.push(body.id);
    }
    const first = (await call('GET', '/v1/webhooks?limit=2')).body;
    assert.deepEqual(
      first.data.map(({ name }: { name: string }) => name),
      ['w0', 'w1'],
    );
    await call('DELETE', `/v1/webhooks/${made[1]}`);
    await call('DELETE', `/v1/webhooks/${made[2]}`);
    await call('POST', '/v1/webhooks', { name: 'w5', url: consumer.url });
    const second = (await call('GET', `/v1/webhooks?limit=2&cursor=${first.nextCursor}`)).body;
    assert.deepEqual(
      second.data.map(({ name }: { name: string }) => name),
      ['w3', 'w4'],
    );
    const third = (await call('GET', `/v1/webhooks?limit=2&cursor=${second.nextCursor}`)).body;
    assert.deepEqual(
      third.data.map(({ name }: { name: string }) => name),
      ['w5'],
    );
    assert.equal(third.nextCursor, null);
  });

  it('are not seen from another workspace', async () => {
    const { id } = await create();
    const { body: other } = await server.call('POST', '/v1/workspaces', { body: { name: 'other' } });
    const headers = { 'rowhook-workspace': other.id };
    const path = `/v1/webhooks/${id}`;
    for (const [method, url] of [
      ['GET', path],
      ['PATCH', path],
      ['DELETE', path],
      ['GET', `${path}/secret`],
      ['POST', `${path}/secret/rotate`],
      ['DELETE', `${path}/secret/previous`],
      ['POST', `${path}/enable`],
      ['POST', `${path}/disable`],
    ] as const) {
      const body = method === 'PATCH' ? { name: 'mine' } : undefined;
      assert.equal((await server.call(method, url, { headers, body })).status, 404, `${method} ${url}`);
    }
    assert.deepEqual((await server.call('GET', '/v1/webhooks', { headers })).body.data, []);
  });

  it('may name tables and columns of a base, and show their ids', async () => {
    const { number } = await server.defaultWorkspace();
    const base = await server.bases.createBase(number, 'CRM');
    const table = await server.bases.createTable(number, base.id, {
      name: 'People',
      columns: [
        { name: 'Name', type: 'text' },
        { name: 'Ready', type: 'checkbox' },
      ],
    });
    const [name, ready] = table.columns;
    const made = await create({
      base: base.id,
      table: 'People',
      readyColumn: 'Ready',
      filterColumns: ['Name'],
    });
    assert.deepEqual([made.table, made.readyColumn, made.filterColumns], [table.id, ready?.key, [name?.key]]);
    await server.call('DELETE', `/v1/webhooks/${made.id}`);
  });

  it('are as many as the setting allows', async () => {
    const { body: workspace } = await server.call('POST', '/v1/workspaces', { body: { name: 'full' } });
    const headers = { 'rowhook-workspace': workspace.id };
    const body = { name: 'n', url: consumer.url };
    for (let index = 0; index < 30; index++) {
      assert.equal((await server.call('POST', '/v1/webhooks', { headers, body })).status, 201);
    }
    const answer = await server.call('POST', '/v1/webhooks', { headers, body });
    assert.equal(answer.status, 409);
    assert.match(answer.body.detail, /ROWHOOK_MAX_WEBHOOKS/);
  });
});
