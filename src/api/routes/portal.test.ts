import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { accessExtension, portalExtension } from '../openapi.ts';
import { operationsOf } from '../reference.ts';
import { ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';

describe('a portal link', () => {
  let server: ApiUnderTest;
  let consumer: ConsumerUnderTest;
  const headers = { 'rowhook-workspace': 'acme' };
  before(async () => {
    server = await ApiUnderTest.start({ ROWHOOK_PUBLIC_URL: 'https://hooks.example.com' });
    consumer = await ConsumerUnderTest.start();
    await server.store.workspaces.create('acme');
    for (const name of ['invoice.paid', 'invoice.sent', 'internal.audit']) {
      const body = { description: name, example: { name } };
      await server.call('PUT', `/v1/event-types/${name}`, { body, headers });
    }
  });
  after(async () => {
    await server.stop();
    await consumer.stop();
  });

  const newLink = async (body: object) => {
    const made = await server.call('POST', '/v1/portal-links', { body: { name: 'Jane', ...body }, headers });
    assert.equal(made.status, 201, made.text);
    return made.body;
  };
  const open = (link: { url: string }) =>
    server.call('POST', '/v1/portal/open', { body: { link: link.url.split('#link=')[1] }, token: null });
  const portalToken = async (body: object = {}): Promise<string> =>
    (await open(await newLink(body))).body.token;

  it('opens the portal of one workspace, which looks as the workspace wants', async () => {
    const logo = `data:image/png;base64,${Buffer.from('a picture').toString('base64')}`;
    const branding = { displayName: 'Acme Inc.', color: '#0a7cff', logo };
    const changed = await server.call('PATCH', '/v1/workspace', { body: { branding }, headers });
    assert.deepEqual(changed.body.branding, branding);
    const link = await newLink({ eventTypes: ['invoice.*'], expiresInMinutes: 5 });
    assert.match(link.url, /^https:\/\/hooks\.example\.com\/portal#link=rowhook_link_\w{40}$/);
    const opened = await open(link);
    assert.equal(opened.status, 200);
    const { token, ...shown } = opened.body;
    assert.match(token, /^rowhook_portal_\w{40}$/);
    assert.deepEqual(
      [shown.name, shown.workspace, shown.branding, shown.eventTypes, shown.expiresAt],
      ['Jane', 'Acme Inc.', branding, ['invoice.*'], link.expiresAt],
    );
    assert.deepEqual((await server.call('GET', '/v1/portal', { token })).body, shown);
    const { body } = await server.call('GET', '/v1/portal-links', { headers });
    assert.equal(body.data[0].id, link.id);
    assert.ok(body.data[0].lastOpenedAt);
    assert.equal(JSON.stringify(body).includes(link.url.split('#link=')[1]), false);
  });

  it('is refused what it may not be made of', async () => {
    for (const [body, pointer] of [
      [{ name: ' ' }, '/name'],
      [{ name: 'x', eventTypes: [] }, '/eventTypes'],
      [{ name: 'x', eventTypes: ['*'] }, '/eventTypes/0'],
      [{ name: 'x', expiresInMinutes: 0 }, '/expiresInMinutes'],
      [{ name: 'x', expiresInMinutes: 100_000 }, '/expiresInMinutes'],
    ] as const) {
      const { status, body: problem } = await server.call('POST', '/v1/portal-links', { body, headers });
      assert.deepEqual([status, problem.errors[0].pointer], [400, pointer]);
    }
    for (const branding of [
      { color: 'red' },
      { color: '#0a7cff;}' },
      { logo: 'https://example.com/a.png' },
      { logo: 'data:image/svg+xml;base64,PHN2Zz4=' },
      { logo: 'data:image/png;base64,"><script>' },
    ]) {
      const { status } = await server.call('PATCH', '/v1/workspace', { body: { branding }, headers });
      assert.equal(status, 400, JSON.stringify(branding));
    }
  });

  it('lets a customer manage, try and follow their webhooks', async () => {
    const token = await portalToken();
    const made = await server.call('POST', '/v1/webhooks', {
      token,
      body: { name: 'mine', url: consumer.url, eventTypes: ['invoice.*'] },
    });
    assert.equal(made.status, 201, made.text);
    const path = `/v1/webhooks/${made.body.id}`;
    assert.equal((await server.call('GET', `${path}/secret`, { token })).body.secret, made.body.secret);
    const sent = await server.call('POST', `${path}/simulate`, {
      token,
      body: { eventType: 'invoice.paid' },
    });
    assert.equal(sent.status, 202, sent.text);
    await consumer.receives(1);
    const delivery = await server.deliveryOf(made.body.id, 1, { token });
    const attempts = await server.call('GET', `/v1/deliveries/${delivery.id}/attempts`, { token });
    assert.match(attempts.text, /invoice\.paid/);
    assert.equal((await server.call('POST', `/v1/deliveries/${delivery.id}/retry`, { token })).status, 202);
    const body = { since: '2026-01-01T00:00:00Z' };
    const replay = await server.call('POST', `${path}/replay`, { token, body });
    assert.equal(replay.status, 202);
    assert.equal((await server.call('GET', `/v1/replays/${replay.body.id}`, { token })).status, 200);
    assert.equal((await server.call('PATCH', path, { token, body: { memo: 'x' } })).status, 200);
    assert.equal((await server.call('DELETE', path, { token })).status, 204);
    const audit = await server.call('GET', `/v1/audit?target=${made.body.id}`, { headers });
    assert.deepEqual([audit.body.data[0].author.kind, audit.body.data[0].author.name], ['portal', 'Jane']);
  });

  it('gives no hold of the inside of a webhook', async () => {
    const token = await portalToken();
    const body = { name: 'n', url: consumer.url, base: 'x', preset: 'grist', retry: 'short' };
    const { status, body: problem } = await server.call('POST', '/v1/webhooks', { token, body });
    assert.equal(status, 400);
    assert.deepEqual(
      problem.errors.map(({ pointer, detail }: { pointer: string; detail: string }) => [pointer, detail]),
      ['/base', '/preset', '/retry'].map((pointer) => [pointer, 'is not offered in the portal']),
    );
  });

  it('with event types on offer shows no webhooks of others, and takes no others', async () => {
    const create = async (name: string, eventTypes: string[]) => {
      const body = { name, url: consumer.url, eventTypes, enabled: false };
      return (await server.call('POST', '/v1/webhooks', { body, headers })).body.id as string;
    };
    const offered = await create('offered', ['invoice.paid', 'invoice.*']);
    const hidden = [
      await create('inside', ['internal.audit']),
      await create('mixed', ['invoice.paid', 'internal.audit']),
      await create('all', ['*']),
      await create('rows', ['row.inserted']),
    ];
    const token = await portalToken({ eventTypes: ['invoice.*'] });
    const listed = await server.call('GET', '/v1/webhooks', { token });
    assert.deepEqual(
      listed.body.data.map(({ id }: { id: string }) => id),
      [offered],
    );
    for (const id of hidden) {
      for (const [method, path] of [
        ['GET', ''],
        ['PATCH', ''],
        ['DELETE', ''],
        ['GET', '/secret'],
        ['POST', '/enable'],
        ['DELETE', '/queue'],
        ['GET', '/health'],
      ] as const) {
        const body = method === 'PATCH' ? { memo: 'x' } : undefined;
        const { status } = await server.call(method, `/v1/webhooks/${id}${path}`, { token, body });
        assert.equal(status, 404, `${method} ${path}`);
      }
      assert.equal((await server.call('GET', `/v1/deliveries?webhook=${id}`, { token })).status, 400);
    }
    assert.equal((await server.call('GET', '/v1/deliveries', { token })).status, 400);
    assert.equal((await server.call('GET', '/v1/replays', { token })).status, 400);
    assert.equal((await server.call('GET', `/v1/deliveries?webhook=${offered}`, { token })).status, 200);
    for (const eventTypes of [
      ['internal.audit'],
      ['*'],
      ['invoice.paid', 'internal.*'],
      ['group:billing'],
      undefined,
    ]) {
      const body = { name: 'n', url: consumer.url, ...(eventTypes ? { eventTypes } : {}) };
      const { status } = await server.call('POST', '/v1/webhooks', { token, body });
      assert.equal(status, 400, JSON.stringify(eventTypes));
    }
    const widened = { eventTypes: ['*'] };
    assert.equal(
      (await server.call('PATCH', `/v1/webhooks/${offered}`, { token, body: widened })).status,
      400,
    );
    const types = await server.call('GET', '/v1/event-types?limit=1000', { token });
    assert.deepEqual(
      types.body.data.map(({ name }: { name: string }) => name),
      ['invoice.paid', 'invoice.sent'],
    );
    assert.equal((await server.call('GET', '/v1/event-types/internal.audit', { token })).status, 404);
    await server.call('PATCH', `/v1/webhooks/${offered}`, { token, body: { enabled: true } });
    const foreign = { eventType: 'internal.audit' };
    const simulated = await server.call('POST', `/v1/webhooks/${offered}/simulate`, { token, body: foreign });
    assert.equal(simulated.status, 400);
  });

  it('opens the routes of the portal, and no other', async () => {
    const token = await portalToken();
    const document = (await server.call('GET', '/openapi.json')).body;
    let others = 0;
    for (const { method, path, operation } of operationsOf(document)) {
      if (operation[accessExtension] === 'public') continue;
      const { status } = await server.call(method, path.replace(/\{[^}]+\}/g, 'none'), { token });
      if (operation[portalExtension]) {
        assert.ok(![401, 403].includes(status), `${method} ${path}: ${status}`);
      } else {
        others += 1;
        assert.equal(status, 403, `${method} ${path}`);
      }
    }
    assert.ok(others > 30);
  });

  it('is no key to the console', async () => {
    const token = await portalToken();
    const cookie = { cookie: `rowhook-session-80=${token}`, 'rowhook-csrf': '1' };
    assert.equal((await server.call('GET', '/v1/portal', { token: null, headers: cookie })).status, 401);
    assert.equal((await server.call('GET', '/v1/me', { token })).status, 403);
    assert.equal((await server.call('POST', '/v1/sign-in', { body: { token }, token: null })).status, 401);
  });

  it('ends when it is deleted, with the sessions that it opened', async () => {
    const link = await newLink({});
    const { token } = (await open(link)).body;
    assert.equal((await server.call('GET', '/v1/portal', { token })).status, 200);
    assert.equal(
      (await server.call('DELETE', `/v1/portal-links/${link.id}`)).status,
      404,
      'of another workspace',
    );
    assert.equal((await server.call('DELETE', `/v1/portal-links/${link.id}`, { headers })).status, 204);
    assert.equal((await server.call('GET', '/v1/portal', { token })).status, 401);
    assert.equal((await open(link)).status, 410);
  });
});

describe('a workspace', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start();
  });
  after(() => server.stop());

  it('is renamed, and found under its new name at once', async () => {
    const { body } = await server.call('POST', '/v1/workspaces', { body: { name: 'old' } });
    await server.call('GET', '/v1/bases', { headers: { 'rowhook-workspace': 'old' } });
    const renamed = await server.call('PATCH', '/v1/workspaces/old', { body: { name: 'new' } });
    assert.deepEqual([renamed.status, renamed.body.id, renamed.body.name], [200, body.id, 'new']);
    const in_ = async (place: string) =>
      (await server.call('GET', '/v1/bases', { headers: { 'rowhook-workspace': place } })).status;
    assert.deepEqual([await in_('new'), await in_(body.id), await in_('old')], [200, 200, 404]);
    const taken = await server.call('PATCH', '/v1/workspaces/new', { body: { name: 'default' } });
    assert.equal(taken.status, 409);
    const fixed = await server.call('PATCH', '/v1/workspaces/default', { body: { name: 'x' } });
    assert.equal(fixed.status, 409);
  });

  it('may have as many webhooks as it was given', async () => {
    await server.call('POST', '/v1/workspaces', { body: { name: 'small' } });
    await server.call('PATCH', '/v1/workspaces/small', { body: { limits: { webhooks: 1 } } });
    const headers = { 'rowhook-workspace': 'small' };
    const body = { name: 'n', url: 'https://example.com/', enabled: false };
    assert.equal((await server.call('POST', '/v1/webhooks', { body, headers })).status, 201);
    const refused = await server.call('POST', '/v1/webhooks', { body, headers });
    assert.deepEqual([refused.status, refused.body.detail], [409, 'This workspace may have 1 webhooks.']);
  });

  it('is deleted with everything in it, once its name was given twice', async () => {
    const { body: workspace } = await server.call('POST', '/v1/workspaces', { body: { name: 'doomed' } });
    const headers = { 'rowhook-workspace': 'doomed' };
    const { body: token } = await server.call('POST', '/v1/tokens', { body: { name: 't' }, headers });
    await server.call('POST', '/v1/bases', { body: { name: 'b' }, headers });
    const hook = { name: 'n', url: 'https://example.com/', enabled: false };
    await server.call('POST', '/v1/webhooks', { body: hook, headers });
    const link = await server.call('POST', '/v1/portal-links', { body: { name: 'Jane' }, headers });
    const body = { link: link.body.url.split('#link=')[1] };
    const portal = (await server.call('POST', '/v1/portal/open', { body })).body.token;
    assert.equal((await server.call('DELETE', '/v1/workspaces/doomed?confirm=default')).status, 400);
    assert.equal((await server.call('DELETE', '/v1/workspaces/doomed')).status, 400);
    assert.equal((await server.call('DELETE', '/v1/workspaces/default?confirm=default')).status, 409);
    assert.equal((await server.call('GET', '/v1/bases', { token: token.token })).status, 200);
    assert.equal((await server.call('DELETE', '/v1/workspaces/doomed?confirm=doomed')).status, 204);
    for (const dead of [token.token, portal]) {
      assert.equal((await server.call('GET', '/v1/webhooks', { token: dead })).status, 401);
    }
    assert.equal((await server.call('GET', '/v1/bases', { headers })).status, 404);
    assert.equal((await server.call('GET', `/v1/workspaces/${workspace.id}`)).status, 404);
    const again = await server.call('POST', '/v1/workspaces', { body: { name: 'doomed' } });
    assert.equal(again.status, 201, 'the name is free again');
    assert.deepEqual((await server.call('GET', '/v1/webhooks', { headers })).body.data, []);
    const { body: log } = await server.call('GET', `/v1/audit?scope=all&target=${workspace.id}`);
    assert.equal(log.data[0].action, 'workspace.deleted');
  });
});
