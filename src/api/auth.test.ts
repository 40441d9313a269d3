import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Workspace } from '../model/workspace.ts';
import { ApiUnderTest, operatorToken } from './testing/api-under-test.ts';

describe('the caller of the API', () => {
  let server: ApiUnderTest;
  let acme: Workspace;
  before(async () => {
    server = await ApiUnderTest.start();
    acme = await server.store.workspaces.create('Acmé');
  });
  after(() => server.stop());

  const webhooksIn = async (token: string, headers: Record<string, string> = {}) => {
    const { status, body } = await server.call('GET', '/v1/webhooks', { token, headers });
    return status === 200 ? body.data.map((webhook: { name: string }) => webhook.name) : body.type;
  };
  const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

  it('as operator acts in the workspace default, or in the one it names by id or name', async () => {
    const body = { name: 'of acme', url: 'https://example.com/' };
    const headers = { 'rowhook-workspace': acme.id };
    assert.equal((await server.call('POST', '/v1/webhooks', { body, headers })).status, 201);
    assert.deepEqual(await webhooksIn(operatorToken), []);
    assert.deepEqual(await webhooksIn(operatorToken, { 'rowhook-workspace': 'default' }), []);
    assert.deepEqual(await webhooksIn(operatorToken, { 'rowhook-workspace': acme.id }), ['of acme']);
    assert.deepEqual(await webhooksIn(operatorToken, { 'rowhook-workspace': utf8('Acmé') }), ['of acme']);
  });

  it('is told of a workspace that does not exist', async () => {
    const headers = { 'rowhook-workspace': 'nowhere' };
    const { status, body } = await server.call('GET', '/v1/webhooks', { headers });
    assert.equal(status, 404);
    assert.equal(
      body.detail,
      'There is no workspace "nowhere"; the header Rowhook-Workspace takes an id or a name.',
    );
  });

  it('finds a workspace that was created after the first request', async () => {
    await webhooksIn(operatorToken);
    const { name } = await server.store.workspaces.create('later');
    assert.deepEqual(await webhooksIn(operatorToken, { 'rowhook-workspace': name }), []);
  });

  it('with a token of a workspace acts there and nowhere else', async () => {
    const token = await server.workspaceToken(acme.number);
    assert.deepEqual(await webhooksIn(token), ['of acme']);
    assert.deepEqual(await webhooksIn(token, { 'rowhook-workspace': acme.id }), ['of acme']);
    assert.equal(await webhooksIn(token, { 'rowhook-workspace': 'default' }), '/problems/forbidden');
    assert.equal(await webhooksIn(token, { 'rowhook-workspace': 'nowhere' }), '/problems/forbidden');
    // From the cache, too.
    assert.equal(await webhooksIn(token, { 'rowhook-workspace': 'default' }), '/problems/forbidden');
  });

  it('with a token of a workspace may not do what only operators may', async () => {
    const token = await server.workspaceToken(acme.number);
    const calls: [string, string, object?][] = [
      ['GET', '/v1/workspaces'],
      ['POST', '/v1/workspaces', { name: 'mine' }],
      ['GET', '/v1/tokens?scope=operator'],
      ['POST', '/v1/tokens', { name: 'mine', scope: 'operator' }],
    ];
    for (const [method, url, body] of calls) {
      assert.equal((await server.call(method, url, { token, body })).status, 403, `${method} ${url}`);
    }
  });

  const bad: [string, string | null][] = [
    ['no header', null],
    ['another scheme', 'Basic b3BlcmF0b3I6'],
    ['no token', 'Bearer'],
    ['no token after a space', 'Bearer '],
    ['an unknown token', 'Bearer rowhook_unknown'],
    ['a prefix of the token', `Bearer ${operatorToken.slice(0, -1)}`],
    ['more than the token', `Bearer ${operatorToken}x`],
    ['a word after the token', `Bearer ${operatorToken} x`],
    ['the hash of a token', `Bearer ${'0'.repeat(64)}`],
  ];
  for (const [what, authorization] of bad) {
    it(`is not let in with ${what}`, async () => {
      const headers = authorization === null ? {} : { authorization };
      const { status, body } = await server.call('GET', '/v1/webhooks', { token: null, headers });
      assert.equal(status, 401);
      assert.equal(body.type, '/problems/unauthenticated');
    });
  }

  it('may write "bearer" as it likes', async () => {
    const headers = { authorization: `bearer ${operatorToken}` };
    assert.equal((await server.call('GET', '/v1/webhooks', { token: null, headers })).status, 200);
  });

  it('is not let in with a token that was deleted, even if it was used a moment ago', async () => {
    const created = await server.call('POST', '/v1/tokens', { body: { name: 'short-lived' } });
    const { token, id } = created.body;
    assert.deepEqual(await webhooksIn(token), []);
    assert.equal((await server.call('DELETE', `/v1/tokens/${id}`)).status, 204);
    assert.equal(await webhooksIn(token), '/problems/unauthenticated');
  });

  it('is not asked for a token where none is needed', async () => {
    for (const url of ['/healthz', '/readyz', '/openapi.json']) {
      assert.equal((await server.call('GET', url, { token: null })).status, 200, url);
    }
  });

  it('is turned away before its body is read', async () => {
    const { status } = await server.call('POST', '/v1/events', { token: null, body: '{' });
    assert.equal(status, 401);
  });

  it('may name the person on whose behalf it acts', async () => {
    const made = await server.call('POST', '/v1/webhooks', {
      body: { name: 'n', url: 'https://example.com/' },
    });
    const path = `/v1/webhooks/${made.body.id}/disable`;
    const named = await server.call('POST', path, { headers: { 'rowhook-user': utf8('Zoë') } });
    assert.equal(named.body.status.reason, 'Paused by Zoë.');
    assert.equal((await server.call('POST', path)).body.status.reason, 'Paused by operator.');
    const long = await server.call('POST', path, { headers: { 'rowhook-user': 'x'.repeat(201) } });
    assert.deepEqual(long.body.errors, [
      { pointer: 'Rowhook-User', detail: 'must have at most 200 characters' },
    ]);
  });

  it('is told not to keep, frame or guess what is answered', async () => {
    const { headers } = await server.call('GET', '/v1/webhooks');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.match(String(headers['content-security-policy']), /default-src 'none'/);
    assert.equal(headers['access-control-allow-origin'], undefined);
  });
});
