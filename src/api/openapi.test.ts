import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { roles } from '../model/role.ts';
import { accessExtension } from './openapi.ts';
import { type OpenApiDocument, operationsOf } from './reference.ts';
import { ApiUnderTest } from './testing/api-under-test.ts';

/** Whoever adds to these lets strangers in. */
const publicPaths = [
  '/healthz',
  '/readyz',
  '/openapi.json',
  '/v1/sign-in',
  '/v1/sign-in/openid',
  '/v1/sign-in/openid/callback',
  '/v1/password-links/read',
  '/v1/password-links/use',
  '/v1/portal/open',
];

describe('the OpenAPI document', () => {
  let server: ApiUnderTest;
  let document: OpenApiDocument;
  before(async () => {
    server = await ApiUnderTest.start();
    document = (await server.call('GET', '/openapi.json', { token: null })).body;
  });
  after(() => server.stop());

  it('is OpenAPI 3.1', () => {
    assert.match(document.openapi, /^3\.1\./);
    assert.equal(document.info.title, 'Rowhook');
  });

  it('documents every route: a summary, a tag, an id, who may call, and how errors look', () => {
    const operations = operationsOf(document);
    assert.ok(operations.length >= 20, `only ${operations.length}`);
    const ids = new Set<string>();
    const tags = new Set(document.tags.map(({ name }) => name));
    for (const { method, path, operation } of operations) {
      const route = `${method} ${path}`;
      assert.ok(operation.summary, `${route} has no summary`);
      assert.ok(!operation.summary.endsWith('.'), `${route}: a summary is a title, not a sentence`);
      assert.equal(operation.tags?.length, 1, `${route} has not one tag`);
      assert.ok(tags.has(operation.tags[0] ?? ''), `${route} has an unknown tag`);
      assert.match(operation.operationId ?? '', /^[a-z][A-Za-z]+$/, `${route} has no id`);
      assert.ok(!ids.has(operation.operationId ?? ''), `${route} has the id of another route`);
      ids.add(operation.operationId ?? '');
      const access = operation[accessExtension];
      assert.ok(access, `${route} does not declare who may call it (config: { access })`);
      assert.ok([...roles, 'signed-in', 'public'].includes(access), `${route} is for "${access}"`);
      const isPublic = publicPaths.includes(path);
      assert.equal(access === 'public', isPublic, route);
      assert.deepEqual(operation.security, isPublic ? [] : [{ bearer: [] }, { session: [] }], route);
      const errors = operation.responses.default?.content?.['application/problem+json'];
      assert.deepEqual(errors?.schema, { $ref: '#/components/schemas/Problem' }, route);
      const answers = Object.keys(operation.responses).filter((status) => /^(2\d\d|302)$/.test(status));
      assert.equal(answers.length, 1, `${route} does not say what it answers`);
      for (const { name, description } of operation.parameters ?? []) {
        assert.ok(description, `${route}: the parameter ${name} has no description`);
      }
    }
  });

  it('lists every route that exists, and no other', async () => {
    for (const { method, path } of operationsOf(document)) {
      const url = path.replace(/\{[^}]+\}/g, 'none');
      const { status } = await server.call(method, url, { token: null });
      assert.notEqual(status, 404, `${method} ${path} does not exist`);
      assert.notEqual(status, 405, `${method} ${path} does not exist`);
    }
  });

  it('refers to nothing that it does not have, and has schemas that are schemas', () => {
    const references = new Set(JSON.stringify(document).match(/"#\/components\/schemas\/[^"]+"/g));
    assert.ok(references.size >= 5);
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    for (const reference of references) {
      const name = reference.slice('"#/components/schemas/'.length, -1);
      const schema = document.components.schemas[name];
      assert.ok(schema, `${name} is missing`);
      assert.ok(ajv.validateSchema(schema), `${name}: ${ajv.errorsText()}`);
    }
  });

  it('shows no route to a stranger that needs a token', async () => {
    for (const { method, path, operation } of operationsOf(document)) {
      if (operation.security?.length === 0) continue;
      const url = path.replace(/\{[^}]+\}/g, 'none');
      assert.equal((await server.call(method, url, { token: null })).status, 401, `${method} ${path}`);
    }
  });

  it('shows no route of another workspace: its ids are answered like unknown ones', async () => {
    const token = await server.workspaceToken((await server.store.workspaces.create('stranger')).number);
    const { number } = await server.defaultWorkspace();
    const base = await server.bases.createBase(number, 'private');
    const table = await server.bases.createTable(number, base.id, {
      name: 'private',
      columns: [{ name: 'Name', type: 'text' }],
    });
    const body = { name: 'private', url: 'https://example.com/', enabled: false };
    const webhook = (await server.call('POST', '/v1/webhooks', { body })).body;
    const event = (await server.call('POST', '/v1/events', { body: { type: 'private', data: {} } })).body;
    const ids: Record<string, string> = {
      base: base.id,
      table: table.id,
      webhooks: webhook.id,
      events: event.id,
    };
    for (const { method, path, operation } of operationsOf(document)) {
      if (!path.startsWith('/v1/') || !path.includes('{')) continue;
      const resource = path.split('/')[2] ?? '';
      const url = path.replace(/\{([^}]+)\}/g, (_, name: string) => ids[name] ?? ids[resource] ?? 'none');
      const { status } = await server.call(method, url, { token, ...bodyFor(method, path) });
      assert.ok([400, 403, 404, 415].includes(status), `${method} ${path}: ${status}`);
      const wanted = operation[accessExtension] === 'operator' ? 403 : 404;
      if (method === 'GET') assert.equal(status, wanted, `${method} ${path}`);
    }
  });
});

/** A body that fits where one is needed: strangers must not get further than to the id. */
function bodyFor(method: string, path: string): { body?: unknown } {
  if (method === 'GET' || method === 'DELETE') return {};
  return { body: path.startsWith('/v1/webhooks') ? {} : { name: 'mine' } };
}
