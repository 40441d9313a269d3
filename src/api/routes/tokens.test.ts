import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest } from '../testing/api-under-test.ts';
import { hashApiToken } from '../token.ts';

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
