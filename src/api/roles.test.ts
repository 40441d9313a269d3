import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { includesRole, roles, workspaceRoles } from '../model/role.ts';
import { accessExtension } from './openapi.ts';
import { isStream, type OpenApiDocument, operationsOf } from './reference.ts';
import { ApiUnderTest, operatorToken } from './testing/api-under-test.ts';

describe('every route of the OpenAPI document', () => {
  let server: ApiUnderTest;
  let document: OpenApiDocument;
  const tokens = new Map<string, string>([['operator', operatorToken]]);
  before(async () => {
    server = await ApiUnderTest.start();
    document = (await server.call('GET', '/openapi.json', { token: null })).body;
    const { number } = await server.defaultWorkspace();
    for (const role of workspaceRoles) tokens.set(role, await server.workspaceToken(number, role, role));
  });
  after(() => server.stop());

  for (const role of roles) {
    it(`lets the role ${role} in where it says so, and nowhere else`, async () => {
      const token = tokens.get(role) ?? '';
      for (const { method, path, operation } of operationsOf(document)) {
        const access = operation[accessExtension];
        if (isStream(operation)) continue;
        assert.ok(access, `${method} ${path}`);
        const url = path.replace(/\{[^}]+\}/g, 'none');
        const { status } = await server.call(method, url, { token });
        const mayCall = access === 'public' || access === 'signed-in' || includesRole(role, access);
        // A token has no account; that has another reason than its role.
        if (access === 'signed-in') continue;
        assert.equal(status === 403, !mayCall, `${method} ${path} for ${access}: ${status}`);
        if (access !== 'public') assert.notEqual(status, 401, `${method} ${path}`);
      }
    });
  }
});
