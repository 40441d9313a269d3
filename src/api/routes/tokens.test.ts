import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newTokenId } from '../../model/ids.ts';
import { ApiUnderTest } from '../testing/api-under-test.ts';
import { hashApiToken, newApiToken } from '../token.ts';

describe('workspaces and tokens over the API', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start();
  });
  after(() => server.stop());

  const names = (body: { data: { name: string }[] }): string[] => body.data.map(({ name }) => name);

  it('let an operator make workspaces, one for each name', async () => {
    const made = await server.call('POST', '/v1/workspaces', { body: { name: ' Acme GmbH ' } });
    assert.equal(made.status, 201);
    assert.match(made.body.id, /^ws_/);
    assert.equal(made.body.name, 'Acme GmbH');
    const again = await server.call('POST', '/v1/workspaces', { body: { name: 'Acme GmbH' } });
    assert.deepEqual([again.status, again.body.type], [409, '/problems/conflict']);
    const first = await server.call('GET', '/v1/workspaces?limit=1');
    assert.deepEqual(names(first.body), ['default']);
    const second = await server.call('GET', `/v1/workspaces?limit=1&cursor=${first.body.nextCursor}`);
    assert.deepEqual([names(second.body), second.body.nextCursor], [['Acme GmbH'], null]);
  });

  for (const [name, detail] of [
    ['', 'must not be empty'],
    ['  ', 'must not be empty'],
    ['a\nb', 'must not have control characters'],
    ['ws_1234', 'must not begin with ws_ as ids do'],
    ['x'.repeat(101), 'must have at most 100 characters'],
  ] as const) {
    it(`refuse the name ${JSON.stringify(name.slice(0, 10))} for a workspace`, async () => {
      const { status, body } = await server.call('POST', '/v1/workspaces', { body: { name } });
      assert.deepEqual([status, body.errors], [400, [{ pointer: '/name', detail }]]);
    });
  }

  it('show a token once, and keep only its hash', async () => {
    const { status, body } = await server.call('POST', '/v1/tokens', { body: { name: 'CI' } });
    assert.equal(status, 201);
    const { token, ...shown } = body;
    assert.match(token, /^rowhook_[A-Za-z0-9]{40}$/);
    assert.equal(shown.scope, 'workspace');
    const listed = await server.call('GET', '/v1/tokens');
    assert.deepEqual(listed.body.data, [shown]);
    assert.doesNotMatch(listed.text, new RegExp(`${token}|${hashApiToken(token)}`));
    assert.equal((await server.call('GET', '/v1/tokens', { token })).status, 200);
  });

  it('let an operator make tokens of operators, which act everywhere', async () => {
    const { body } = await server.call('POST', '/v1/tokens', { body: { name: 'second', scope: 'operator' } });
    const headers = { 'rowhook-workspace': 'Acme GmbH' };
    assert.equal((await server.call('GET', '/v1/webhooks', { token: body.token, headers })).status, 200);
    assert.deepEqual(names((await server.call('GET', '/v1/tokens?scope=operator')).body), ['second']);
    assert.equal((await server.call('DELETE', `/v1/tokens/${body.id}`)).status, 204);
    assert.equal((await server.call('GET', '/v1/webhooks', { token: body.token })).status, 401);
  });

  it('give a token the role that is asked for, and refuse what the role may not', async () => {
    const { body } = await server.call('POST', '/v1/tokens', { body: { name: 'reader', role: 'viewer' } });
    assert.equal(body.role, 'viewer');
    const { token } = body;
    assert.equal((await server.call('GET', '/v1/bases', { token })).status, 200);
    const refused = await server.call('POST', '/v1/bases', { token, body: { name: 'x' } });
    assert.deepEqual(
      [refused.status, refused.body.detail],
      [403, 'This is for the role editor and above; this token has the role viewer.'],
    );
    const { body: editor } = await server.call('POST', '/v1/tokens', { body: { name: 'e', role: 'editor' } });
    const made = await server.call('POST', '/v1/bases', { token: editor.token, body: { name: 'x' } });
    assert.equal(made.status, 201);
    assert.equal((await server.call('GET', '/v1/tokens', { token: editor.token })).status, 403);
  });

  it('refuse a role that does not go with the scope', async () => {
    for (const body of [
      { name: 'x', role: 'operator' },
      { name: 'x', scope: 'operator', role: 'viewer' },
      { name: 'x', role: 'owner' },
    ]) {
      const { status, body: problem } = await server.call('POST', '/v1/tokens', { body });
      assert.deepEqual([status, problem.errors?.[0]?.pointer], [400, '/role'], JSON.stringify(body));
    }
  });

  it('end a token when its time is up', async () => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const { body } = await server.call('POST', '/v1/tokens', { body: { name: 'short', expiresAt } });
    assert.equal(body.expiresAt, expiresAt);
    assert.equal((await server.call('GET', '/v1/bases', { token: body.token })).status, 200);
    const token = newApiToken();
    await server.store.workspaces.addToken(
      {
        id: newTokenId(),
        name: 'past',
        scope: { kind: 'operator' },
        expiresAtMs: Date.parse('2026-01-31T00:00:00Z'),
      },
      hashApiToken(token),
    );
    for (const round of ['first', 'cached']) {
      const { status, body: problem } = await server.call('GET', '/v1/bases', { token });
      assert.deepEqual(
        [status, problem.detail],
        [401, 'This bearer token expired on 2026-01-31T00:00:00.000Z.'],
        round,
      );
    }
    for (const wrong of ['2001-01-01T00:00:00Z', 'tomorrow']) {
      const refused = await server.call('POST', '/v1/tokens', { body: { name: 'x', expiresAt: wrong } });
      assert.deepEqual([refused.status, refused.body.errors[0].pointer], [400, '/expiresAt'], wrong);
    }
  });

  it('tell when a token was last used, without a write for each use', async () => {
    const { body } = await server.call('POST', '/v1/tokens', { body: { name: 'busy' } });
    assert.equal(body.lastUsedAt, null);
    const before = server.store.counts().transactions;
    const startMs = Date.now();
    for (let count = 0; count < 20; count++) await server.call('GET', '/v1/bases', { token: body.token });
    assert.equal(server.store.counts().transactions, before);
    await server.identity.stop();
    assert.equal(server.store.counts().transactions, before + 1);
    const listed = await server.call('GET', '/v1/tokens?limit=1000');
    const busy = listed.body.data.find(({ name }: { name: string }) => name === 'busy');
    assert.ok(Date.parse(busy.lastUsedAt) >= startMs, busy.lastUsedAt);
  });

  it('keep the tokens of a workspace to itself', async () => {
    const headers = { 'rowhook-workspace': 'Acme GmbH' };
    const { body: mine } = await server.call('POST', '/v1/tokens', { body: { name: 'mine' }, headers });
    const { body: theirs } = await server.call('POST', '/v1/tokens', { body: { name: 'theirs' } });
    assert.deepEqual(names((await server.call('GET', '/v1/tokens', { token: mine.token })).body), ['mine']);
    assert.equal((await server.call('DELETE', `/v1/tokens/${theirs.id}`, { token: mine.token })).status, 404);
    const { body: operators } = await server.call('POST', '/v1/tokens', {
      body: { name: 'op', scope: 'operator' },
    });
    assert.equal(
      (await server.call('DELETE', `/v1/tokens/${operators.id}`, { token: mine.token })).status,
      404,
    );
    assert.equal((await server.call('DELETE', `/v1/tokens/${mine.id}`, { token: mine.token })).status, 204);
  });
});
