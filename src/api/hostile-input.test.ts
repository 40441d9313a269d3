import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type Answer, ApiUnderTest } from './testing/api-under-test.ts';
import { cells, insert, newTable } from './testing/tables.ts';

/** More with `FUZZ_RUNS`; the seed of a run that fails is printed, and `FUZZ_SEED` repeats it. */
const runs = Number(process.env.FUZZ_RUNS ?? 1_500);
const seed = process.env.FUZZ_SEED === undefined ? {} : { seed: Number(process.env.FUZZ_SEED) };

/** Depth that no recursion survives. */
const deep = 30_000;

/** JSON texts of values that programs stumble over. */
const hostileValues: Readonly<Record<string, string>> = {
  'a number beyond a double': '1e400',
  'a negative one': '-1e400',
  'an integer beyond 2^53': '9007199254740993',
  'minus zero': '-0',
  'a tiny number': '5e-324',
  'a long number': '9'.repeat(5_000),
  NUL: '"a\\u0000b"',
  'half of a surrogate pair': '"\\ud800"',
  'the other half': '"\\udfff x"',
  'lists without an end': '['.repeat(deep) + ']'.repeat(deep),
  'objects without an end': '{"a":'.repeat(deep) + '1' + '}'.repeat(deep),
  __proto__: '{"__proto__":{"polluted":true}}',
  'escaped __proto__': '{"\\u005f_proto__":{"polluted":true}}',
  'constructor.prototype': '{"constructor":{"prototype":{"polluted":true}}}',
  'names of Object.prototype': '{"toString":1,"valueOf":2,"hasOwnProperty":3}',
  'the same member twice': '{"a":1,"a":2}',
  'a long text': JSON.stringify('x'.repeat(300_000)),
  'a long list': JSON.stringify(Array.from({ length: 12_000 }, (_, index) => index)),
  'many members': JSON.stringify(Object.fromEntries(Array.from({ length: 12_000 }, (_, i) => [`m${i}`, i]))),
  SQL: JSON.stringify(`'; DROP TABLE webhooks; -- " OR 1=1`),
  'a line break and a header': JSON.stringify('a\r\nX-Injected: 1\r\n\r\n<script>'),
  'a formula': JSON.stringify(`=cmd|' /C calc'!A0`),
  'a path': JSON.stringify('../../../../etc/passwd'),
  'right-to-left': JSON.stringify('\u202egnp.exe'),
  'a template': JSON.stringify('{{ "x" | times: 99 }}{% for i in (1..999999999) %}{{i}}{% endfor %}'),
  'an expression': JSON.stringify('data.a.all(x, data.a.all(y, data.a.all(z, x == y || y == z)))'),
  'a slow regular expression': JSON.stringify('^(a+)+$'),
  'an empty text': '""',
  spaces: '"  "',
  null: 'null',
  true: 'true',
  zero: '0',
  'a negative number': '-1',
  'a fraction': '0.5',
  'an empty list': '[]',
  'a list of nulls': '[null,null]',
  'an empty object': '{}',
};

/** Texts for paths, query parameters and headers. */
const hostileTexts: readonly string[] = [
  '',
  '\0',
  '%',
  '..',
  '../..',
  "' OR 1=1 --",
  'x'.repeat(2_000),
  '__proto__',
  'constructor',
  'toString',
  '\ud83d\udca5',
  '-1',
  '0',
  '1e400',
  'NaN',
  '99999999999999999999',
  'null',
  '[]',
  '{"a":{"b":[1]}}',
  '{"__proto__":1}',
  '['.repeat(2_000),
  'a\r\nX-Injected: 1',
  '2026-02-31T99:00:00Z',
  '+010000-01-01T00:00:00Z',
  Buffer.from('__proto__').toString('base64url'),
  Buffer.from('-1').toString('base64url'),
  Buffer.from('9'.repeat(400)).toString('base64url'),
  Buffer.from('1:2:3').toString('base64url'),
  Buffer.from('{"a":[1,null]}').toString('base64url'),
];

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly hasBody: boolean;
}

let server: ApiUnderTest;
let operations: readonly Operation[];
/** Ids of things that are there, by the parameter of the path and what it is of. */
let ids: Readonly<Record<string, string>>;

before(async () => {
  server = await ApiUnderTest.start();
  const table = await newTable(server);
  const [, , , base = '', , tableId = ''] = table.split('/');
  const row = (await insert(server, table, cells)).body.rows[0].id;
  const webhook = await server.call('POST', '/v1/webhooks', {
    body: { name: 'w', url: 'http://127.0.0.1:1/', enabled: false },
  });
  const event = await server.call('POST', '/v1/events', { body: { type: 'a.b', data: {} } });
  ids = {
    base,
    table: tableId,
    row,
    column: 'name',
    import: 'none',
    '/v1/webhooks': webhook.body.id,
    '/v1/events': event.body.id,
  };
  const document = (await server.call('GET', '/openapi.json', { token: null })).body;
  operations = Object.entries<Record<string, Described>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, described]): Operation[] => {
      // Streams never end; they have tests of their own.
      if (JSON.stringify(described.responses).includes('text/event-stream')) return [];
      const query = (described.parameters ?? []).filter((parameter) => parameter.in === 'query');
      return [
        {
          method: method.toUpperCase(),
          path,
          query: query.map(({ name }) => name),
          hasBody: described.requestBody !== undefined,
        },
      ];
    }),
  );
});
after(() => server.stop());

interface Described {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: unknown;
  readonly responses: unknown;
}

/** Bodies that are right, so that what is put into them reaches the code behind the schema. */
function goodBody({ method, path }: Operation): Record<string, unknown> {
  const webhook = {
    url: 'http://127.0.0.1:1/',
    eventTypes: ['a.*'],
    tags: [],
    headers: {},
    retry: {},
    batch: {},
  };
  if (path.endsWith('/webhooks')) return { name: 'w', ...webhook, enabled: false };
  if (path.endsWith('/preview') || path.endsWith('/test')) {
    return { webhook: { name: 'w', ...webhook }, event: { type: 'a.b', data: {} } };
  }
  if (path.startsWith('/v1/webhooks/') && method === 'PATCH') return { memo: 'm', headers: {} };
  if (path.endsWith('/events')) return { type: 'a.b', data: { list: [1] }, tags: ['k:v'] };
  if (path.endsWith('/batch')) return { events: [{ type: 'a.b', data: { a: 1 }, tags: ['k:v'] }] };
  if (path.endsWith('/rows') && method === 'POST') return { rows: [{ cells: { ...cells } }] };
  if (path.endsWith('/rows') && method === 'PATCH') return { rows: [{ id: ids.row, cells: { ...cells } }] };
  if (path.endsWith('/rows')) return { ids: ['x'] };
  if (path.endsWith('/tables'))
    return { name: 't', columns: [{ name: 'c', type: 'text', key: 'c', data: {} }] };
  if (path.endsWith('/columns'))
    return { name: 'c', type: 'single-select', data: { options: [{ name: 'o' }] } };
  if (path.endsWith('/convert')) return { type: 'text', data: {} };
  if (path.endsWith('/simulate')) return { data: {} };
  if (path.endsWith('/replay') || path.endsWith('/replay/count')) return { since: '2026-01-01T00:00:00Z' };
  return { name: 'n' };
}

/** Puts a hostile value in place of one of the members of a body, or beside them; answers JSON. */
function spoil(body: Record<string, unknown>, place: number, value: string): string {
  const marker = '"\u0001here"';
  const paths: (readonly (string | number)[])[] = [];
  const visit = (node: unknown, path: readonly (string | number)[]): void => {
    if (path.length > 0) paths.push(path);
    if (typeof node !== 'object' || node === null) return;
    for (const [name, member] of Object.entries(node)) visit(member, [...path, name]);
    if (!Array.isArray(node)) paths.push([...path, 'unheardOf']);
  };
  visit(body, []);
  const path = paths[place % paths.length] ?? [];
  const copy = structuredClone(body);
  let holder = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>;
  holder[path.at(-1) ?? 'unheardOf'] = '\u0001here';
  return JSON.stringify(copy).replace(JSON.stringify('\u0001here'), () => value) || marker;
}

/** A path with its parameters filled in; `hostile` takes the place of one of them, if there are any. */
function pathOf({ path, method }: Operation, hostile: string | null): string {
  let left = hostile;
  return path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    // What is there must stay there for the others.
    if (left !== null || method === 'DELETE') {
      const text = left ?? 'none';
      left = null;
      return encodeURIComponent(text.isWellFormed() ? text : 'x') || 'x';
    }
    const owner = path.slice(0, path.indexOf('/{'));
    return name === 'id' ? (ids[owner] ?? 'none') : (ids[name] ?? 'none');
  });
}

function assertOrderly(answer: Answer, what: string): void {
  assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.text.slice(0, 500)}`);
  if (answer.status >= 400) {
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/, what);
    assert.equal(answer.body.requestId, answer.headers['request-id']);
    assert.ok(answer.text.length < 100_000, `${what}: an answer of ${answer.text.length} characters`);
  }
  assert.equal(answer.headers['x-injected'], undefined, what);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined, what);
}

describe('hostile input', () => {
  it('in any field of any route is taken or refused, and breaks nothing', async () => {
    const withBody = operations.filter(({ hasBody }) => hasBody);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...withBody),
        fc.nat(200),
        fc.constantFrom(...Object.keys(hostileValues)),
        async (operation, place, name) => {
          const body = spoil(goodBody(operation), place, hostileValues[name] ?? '');
          const isFile = operation.path.includes('/import');
          const answer = await server.call(operation.method, pathOf(operation, null), {
            body,
            ...(isFile ? { headers: { 'content-type': 'application/x-ndjson' } } : {}),
          });
          assertOrderly(answer, `${operation.method} ${operation.path} with ${name} at ${place}`);
        },
      ),
      { numRuns: runs, ...seed },
    );
  });

  it('for a whole body is refused', async () => {
    for (const operation of operations.filter(({ hasBody }) => hasBody)) {
      for (const [name, value] of Object.entries(hostileValues)) {
        // An empty body is no body, which some routes do without.
        const isFile = operation.path.includes('/import');
        const answer = await server.call(operation.method, pathOf(operation, null), {
          body: value,
          ...(isFile ? { headers: { 'content-type': 'text/csv' } } : {}),
        });
        assertOrderly(answer, `${operation.method} ${operation.path} with ${name}`);
      }
    }
  });

  it('in paths and query parameters is taken or refused, and breaks nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operations),
        fc.constantFrom(...hostileTexts),
        fc.constantFrom(...hostileTexts),
        fc.nat(20),
        fc.boolean(),
        async (operation, inPath, inQuery, which, twice) => {
          const name = operation.query[which % Math.max(1, operation.query.length)];
          const value = encodeURIComponent(inQuery.isWellFormed() ? inQuery : 'x');
          const query = name === undefined ? '' : `?${name}=${value}${twice ? `&${name}=${value}` : ''}`;
          const path = pathOf(operation, which % 3 === 0 ? inPath : null);
          const answer = await server.call(operation.method, path + query, {
            ...(operation.hasBody ? { body: goodBody(operation) } : {}),
          });
          assertOrderly(answer, `${operation.method} ${path.slice(0, 200)}${query.slice(0, 200)}`);
        },
      ),
      { numRuns: runs, ...seed },
    );
  });

  it('in headers is taken or refused, and breaks nothing', async () => {
    const names = [
      'rowhook-workspace',
      'rowhook-user',
      'idempotency-key',
      'accept',
      'content-type',
      'authorization',
      'x-forwarded-for',
      'if-none-match',
      'range',
      'content-encoding',
      'last-event-id',
    ];
    for (const name of names) {
      for (const text of hostileTexts) {
        const value = Buffer.from(text.replaceAll(/[\0\r\n]/g, ''), 'utf8').toString('latin1');
        const answer = await server.call('POST', '/v1/events', {
          body: { type: 'a.b', data: {} },
          headers: { [name]: value },
        });
        assertOrderly(answer, `${name}: ${JSON.stringify(text.slice(0, 100))}`);
      }
    }
  });

  it('of all this has left everything readable', async () => {
    for (const path of [
      '/v1/bases',
      '/v1/webhooks',
      '/v1/events',
      '/v1/deliveries',
      '/v1/tokens',
      '/v1/workspaces',
      '/v1/replays',
    ]) {
      let cursor = '';
      do {
        const page: Answer = await server.call('GET', `${path}?limit=100${cursor}`);
        assert.equal(page.status, 200, page.text.slice(0, 500));
        cursor = page.body.nextCursor === null ? '' : `&cursor=${encodeURIComponent(page.body.nextCursor)}`;
      } while (cursor !== '');
    }
    const errors = server.logged.filter((line) => /"level":[56]0/.test(line));
    assert.deepEqual(errors.slice(0, 3), []);
  });
});
