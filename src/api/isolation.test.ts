import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { accessExtension, portalExtension } from './openapi.ts';
import { isStream, type OpenApiDocument, operationsOf } from './reference.ts';
import { type Answer, ApiUnderTest, type CallOptions } from './testing/api-under-test.ts';
import { arbitraryOf, type Components, type JsonSchema } from './testing/arbitrary-of-schema.ts';
import { BrowserUnderTest } from './testing/browser.ts';
import { FurnishedWorkspace } from './testing/furnished-workspace.ts';

/** Stands in everything that the other tenant has. */
const marker = 'zebrafish';

/** Bodies that get as far as to what the path names; of the other routes the schema says enough. */
const bodies: Readonly<Record<string, unknown>> = {
  'PATCH /v1/webhooks/{id}': { memo: 'mine' },
  'POST /v1/webhooks/{id}/simulate': {},
  'POST /v1/webhooks/{id}/recover': { since: '2020-01-01T00:00:00Z' },
  'POST /v1/webhooks/{id}/replay': { since: '2020-01-01T00:00:00Z' },
  'POST /v1/webhooks/{id}/replay/count': { since: '2020-01-01T00:00:00Z' },
};

/** Names that each tenant has for itself: the route acts on the caller's own, of the same name. */
const ownNames = new Set(['PUT /v1/event-types/{name}']);

type Call = (method: string, url: string, options: CallOptions) => Promise<Answer>;

describe('a tenant', () => {
  let server: ApiUnderTest;
  let document: OpenApiDocument;
  let other: FurnishedWorkspace;
  const callers = new Map<string, Call>();
  const own = { 'rowhook-workspace': 'own' };
  before(async () => {
    server = await ApiUnderTest.start();
    document = (await server.call('GET', '/openapi.json')).body;
    await server.call('POST', '/v1/workspaces', { body: { name: 'own' } });
    other = await FurnishedWorkspace.furnish(server, 'other', marker);

    const { body: token } = await server.call('POST', '/v1/tokens', { body: { name: 't' }, headers: own });
    callers.set('token', (method, url, options) =>
      server.call(method, url, { ...options, token: token.token }),
    );
    const link = (await server.call('POST', '/v1/portal-links', { body: { name: 'l' }, headers: own })).body
      .url;
    const opened = await server.call('POST', '/v1/portal/open', { body: { link: link.split('#link=')[1] } });
    callers.set('portal', (method, url, options) =>
      server.call(method, url, { ...options, token: opened.body.token }),
    );
    const person = {
      email: 'admin@own.example',
      name: 'Admin',
      password: 'correct horse',
      memberships: [{ workspace: 'own', role: 'admin' }],
    };
    await server.call('POST', '/v1/people', { body: person });
    const browser = new BrowserUnderTest(server);
    await browser.signIn(person.email, person.password);
    callers.set('person', (method, url, options) => browser.call(method, url, options));
  });
  after(() => server.stop());

  const operations = () =>
    operationsOf(document).filter(({ operation }) => operation[accessExtension] !== 'public');

  /** Bodies of a route; one of them gets past the checks of its schema. */
  const bodiesFor = (method: string, path: string): readonly CallOptions[] => {
    const key = `${method} ${path}`;
    if (key in bodies) return [{ body: bodies[key] }];
    const { requestBody } = operations().find((one) => `${one.method} ${one.path}` === key)?.operation ?? {};
    const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
    if (type === undefined) return [{}];
    if (type !== 'application/json') return [{ body: 'Name\nx\n', headers: { 'content-type': type } }];
    const arbitrary = arbitraryOf(
      (media?.schema ?? {}) as JsonSchema,
      document.components.schemas as Components,
    );
    return fc.sample(arbitrary, { numRuns: 30, seed: 7 }).map((body) => ({ body }));
  };

  /** The answer to the first body that is not found wrong before anything is looked up. */
  const attempt = async (
    call: Call,
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const answers: Answer[] = [];
    for (const options of bodiesFor(method, path)) {
      const answer = await call(method, other.url(path), {
        ...options,
        headers: { ...options.headers, ...headers },
      });
      if (answer.status !== 400) return answer;
      answers.push(answer);
    }
    assert.fail(`${method} ${path}: add a body that fits to this test; ${answers[0]?.text}`);
  };

  /** Everything that the other tenant sees of what it has. */
  const snapshot = async (): Promise<string[]> => {
    const shown: string[] = [];
    for (const { method, path, operation } of operations()) {
      if (
        method !== 'GET' ||
        !path.startsWith('/v1/') ||
        isStream(operation) ||
        /audit|activity|me|sessions/.test(path.split('/')[2] ?? '')
      )
        continue;
      const { status, text } = await server.call('GET', other.url(path), {
        headers: { 'rowhook-workspace': other.name },
      });
      shown.push(
        `${path} ${status} ${text.replace(/"requestId":"\w+"/, '').replace(/"last\w+At":[^,}]+/g, '')}`,
      );
    }
    return shown;
  };

  for (const kind of ['token', 'portal', 'person']) {
    it(`with a ${kind} gets nothing of another tenant on any route, and changes nothing there`, async () => {
      const call = callers.get(kind);
      assert.ok(call);
      const before = await snapshot();
      let tried = 0;
      for (const { method, path } of operations()) {
        const route = `${method} ${path}`;
        if (!path.includes('{') || ownNames.has(route)) continue;
        const { status, text } = await attempt(call, method, path);
        assert.ok([403, 404].includes(status), `${route}: ${status} ${text}`);
        // What the caller sent may come back.
        if (!other.url(path).includes(marker))
          assert.equal(text.includes(marker), false, `${route}: ${text}`);
        tried += 1;
      }
      assert.ok(tried > 50, `only ${tried} routes`);
      assert.deepEqual(await snapshot(), before);
    });

    it(`with a ${kind} sees nothing of another tenant in any list`, async () => {
      const call = callers.get(kind);
      assert.ok(call);
      for (const { method, path, operation } of operations()) {
        if (method !== 'GET' || path.includes('{') || isStream(operation)) continue;
        const { status, text } = await call('GET', path, {});
        assert.equal(text.includes(marker), false, `${path} ${status}`);
        const mayCall = kind !== 'portal' || operation[portalExtension] === true;
        if (!mayCall) assert.equal(status, 403, path);
      }
    });

    it(`with a ${kind} does not get there by naming another tenant`, async () => {
      const call = callers.get(kind);
      assert.ok(call);
      for (const { method, path, operation } of operations()) {
        if (operation[accessExtension] === 'signed-in') continue;
        const naming = { 'rowhook-workspace': other.name };
        // A portal acts in its own workspace whatever the header says.
        if (kind === 'portal' && (!path.includes('{') || ownNames.has(`${method} ${path}`))) {
          if (method !== 'GET') continue;
          assert.equal((await call(method, path, { headers: naming })).text.includes(marker), false, path);
          continue;
        }
        const { status, text } = await attempt(call, method, path, naming);
        assert.ok([403, 404].includes(status), `${method} ${path}: ${status} ${text}`);
      }
    });
  }

  it('may give its own things the names that another tenant has', async () => {
    const call = callers.get('token');
    assert.ok(call);
    const before = await snapshot();
    for (const route of ownNames) {
      const [method = '', path = ''] = route.split(' ');
      const { status } = await attempt(call, method, path);
      assert.ok(status < 300, `${route}: ${status}`);
    }
    assert.deepEqual(await snapshot(), before);
  });
});
