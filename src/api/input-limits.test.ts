import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { filterLimits } from '../matching/filter-limits.ts';
import { importLimits, limits } from '../sources/bases/limits.ts';
import { eventLimits } from '../sources/events/limits.ts';
import { webhookLimits } from '../webhooks/limits.ts';
import { type Answer, ApiUnderTest, type CallOptions, operatorToken } from './testing/api-under-test.ts';
import { insert, newTable } from './testing/tables.ts';

/** Each limit and each trick: the request that goes too far, and what it is answered. */
interface Case {
  readonly what: string;
  readonly call: (table: string) => readonly [method: string, path: string, options: CallOptions];
  readonly status: number;
  readonly detail: RegExp;
}

const posted = (data: unknown): CallOptions => ({ body: { type: 'a.b', data } });
const raw = (body: string, contentType = 'application/json'): CallOptions => ({
  body,
  headers: { 'content-type': contentType },
});
const webhook = (settings: object): CallOptions => ({
  body: { name: 'w', url: 'http://127.0.0.1:1/', eventTypes: ['a.*'], ...settings },
});
const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
};
const columns = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `c${index}`, type: 'text' }));

const cases: readonly Case[] = [
  // Size
  {
    what: 'the body of a request: ROWHOOK_MAX_BODY_BYTES',
    call: () => ['POST', '/v1/events', posted({ text: 'x'.repeat(3 * 1024 ** 2) })],
    status: 413,
    detail: /2097152 bytes.*ROWHOOK_MAX_BODY_BYTES|ROWHOOK_MAX_BODY_BYTES/,
  },
  {
    what: 'the data of an event: ROWHOOK_MAX_EVENT_DATA_BYTES',
    call: () => ['POST', '/v1/events', posted({ text: 'x'.repeat(300 * 1024) })],
    status: 400,
    detail: /at most 262144 bytes as JSON \(setting ROWHOOK_MAX_EVENT_DATA_BYTES\)/,
  },
  {
    what: 'the events of a batch: ROWHOOK_MAX_BATCH_EVENTS',
    call: () => [
      'POST',
      '/v1/events/batch',
      { body: { events: Array.from({ length: 1_001 }, () => ({ type: 'a.b', data: {} })) } },
    ],
    status: 413,
    detail: /at most 1000 events \(setting ROWHOOK_MAX_BATCH_EVENTS\), not 1001/,
  },
  {
    what: 'the length of a parameter in the address',
    call: () => ['GET', `/v1/webhooks/${'x'.repeat(500)}`, {}],
    status: 414,
    detail: /max param length/,
  },
  {
    what: 'the URL of a webhook: webhookLimits.urlCharacters',
    call: () => [
      'POST',
      '/v1/webhooks',
      webhook({ url: `http://127.0.0.1:1/${'x'.repeat(webhookLimits.urlCharacters)}` }),
    ],
    status: 400,
    detail: /at most 2048/,
  },
  {
    what: 'the columns of a table: limits.columnsPerTable',
    call: (table) => [
      'POST',
      table.replace(/\/[^/]+$/, ''),
      { body: { name: 'wide', columns: columns(limits.columnsPerTable + 1) } },
    ],
    status: 400,
    detail: /at most 500/,
  },
  {
    what: 'the rows of one call: limits.rowsPerCall',
    call: (table) => [
      'POST',
      `${table}/rows`,
      { body: { rows: Array.from({ length: limits.rowsPerCall + 1 }, () => ({ cells: {} })) } },
    ],
    status: 400,
    detail: /10000/,
  },
  {
    what: 'the text of a cell: limits.textBytes',
    call: (table) => [
      'POST',
      `${table}/rows`,
      { body: { rows: [{ cells: { Name: 'x'.repeat(limits.textBytes + 1) } }] } },
    ],
    status: 400,
    detail: /at most 100000 bytes as UTF-8/,
  },
  {
    what: 'the items of a cell: limits.itemsPerCell',
    call: (table) => [
      'POST',
      `${table}/rows`,
      {
        body: {
          rows: [
            { cells: { Who: Array.from({ length: limits.itemsPerCell + 1 }, (_, index) => `u${index}`) } },
          ],
        },
      },
    ],
    status: 400,
    detail: /1000/,
  },
  {
    what: 'a record of an imported file: importLimits.recordBytes',
    call: (table) => [
      'POST',
      `${table}/import`,
      raw(`Name\n"${'x'.repeat(importLimits.recordBytes * 1.1)}`, 'text/csv'),
    ],
    status: 400,
    detail: /more than 4000000 bytes; is a quote not closed/,
  },
  {
    what: 'the tags of an event: eventLimits.tags',
    call: () => [
      'POST',
      '/v1/events',
      { body: { type: 'a.b', data: {}, tags: Array.from({ length: 11 }, (_, i) => `k:${i}`) } },
    ],
    status: 400,
    detail: new RegExp(`at most ${eventLimits.tags} items`),
  },
  {
    what: 'the headers of a webhook: webhookLimits.headers',
    call: () => [
      'POST',
      '/v1/webhooks',
      webhook({
        headers: Object.fromEntries(
          Array.from({ length: webhookLimits.headers + 1 }, (_, i) => [`x-${i}`, '1']),
        ),
      }),
    ],
    status: 400,
    detail: /at most 50 headers/,
  },
  // Expressions and templates
  {
    what: 'the length of an expression: filterLimits.sourceCharacters',
    call: () => [
      'POST',
      '/v1/webhooks',
      webhook({ filter: `data.a == "${'x'.repeat(filterLimits.sourceCharacters)}"` }),
    ],
    status: 400,
    detail: /2000/,
  },
  {
    what: 'the nesting of an expression: filterLimits.nestingDepth',
    call: () => ['POST', '/v1/webhooks', webhook({ filter: `${'('.repeat(100)}true${')'.repeat(100)}` })],
    status: 400,
    detail: /maxDepth \(32\)/,
  },
  // JSON
  {
    what: 'the depth of data: eventLimits.dataDepth',
    call: () => ['POST', '/v1/events', posted({ deep: nested(eventLimits.dataDepth) })],
    status: 400,
    detail: /must not be nested deeper than 64 levels/,
  },
  {
    what: 'the depth of data, far beyond what a stack holds',
    call: () => [
      'POST',
      '/v1/events',
      raw(`{"type":"a.b","data":{"deep":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`),
    ],
    status: 400,
    detail: /must not be nested deeper than 64 levels/,
  },
  {
    what: 'a number beyond a double',
    call: () => ['POST', '/v1/events', raw('{"type":"a.b","data":{"amount":1e400}}')],
    status: 400,
    detail: /\/data\/amount must be a number that fits a double/,
  },
  {
    what: 'a number beyond a double in a cell',
    call: (table) => ['POST', `${table}/rows`, raw('{"rows":[{"cells":{"Count":-1e400}}]}')],
    status: 400,
    detail: /must be a number; got -Infinity/,
  },
  {
    what: 'a number beyond a double in the address',
    call: () => ['GET', '/v1/events?limit=1e400', {}],
    status: 400,
    detail: /limit must be a number that fits a double/,
  },
  {
    what: 'prototype pollution: __proto__ in a body',
    call: () => ['POST', '/v1/events', raw('{"type":"a.b","data":{"a":{"__proto__":{"polluted":1}}}}')],
    status: 400,
    detail: /may not have members named "__proto__"/,
  },
  {
    what: 'prototype pollution: __proto__, written with an escape',
    call: () => ['POST', '/v1/events', raw('{"type":"a.b","data":{"\\u005f\\u005fproto__":{"polluted":1}}}')],
    status: 400,
    detail: /may not have members named "__proto__"/,
  },
  {
    what: 'prototype pollution: constructor.prototype in a body',
    call: () => [
      'POST',
      '/v1/events',
      raw('{"type":"a.b","data":{"constructor":{"prototype":{"polluted":1}}}}'),
    ],
    status: 400,
    detail: /"constructor" with "prototype"/,
  },
  {
    what: 'prototype pollution: a line of JSON with __proto__',
    call: (table) => ['POST', `${table}/import`, raw('{"__proto__":"x"}\n', 'application/x-ndjson')],
    status: 400,
    detail: /there is no such column/,
  },
  // Characters
  {
    what: 'half of a surrogate pair in a cell',
    call: (table) => ['POST', `${table}/rows`, raw('{"rows":[{"cells":{"Name":"a\\ud800"}}]}')],
    status: 400,
    detail: /half of a surrogate pair/,
  },
  {
    what: 'half of a surrogate pair in a name',
    call: () => ['POST', '/v1/bases', raw('{"name":"a\\udfff"}')],
    status: 400,
    detail: /half of a surrogate pair/,
  },
  {
    what: 'NUL in a cell',
    call: (table) => ['POST', `${table}/rows`, raw('{"rows":[{"cells":{"Name":"a\\u0000b"}}]}')],
    status: 400,
    detail: /must not contain the character NUL/,
  },
  {
    what: 'NUL in a name',
    call: () => ['POST', '/v1/bases', raw('{"name":"a\\u0000b"}')],
    status: 400,
    detail: /control characters/,
  },
  {
    what: 'bytes that are not UTF-8 in a file',
    call: (table) => [
      'POST',
      `${table}/import`,
      { body: '', headers: { 'content-type': 'text/csv; charset=utf-16' } },
    ],
    status: 415,
    detail: /UTF-8|charset|content/i,
  },
  // Injection
  ...['\r\nX-Injected: 1', 'a\nb', 'a\rb', 'a\0b', ' a', 'ą'].map(
    (value): Case => ({
      what: `header injection: a header of a webhook with the value ${JSON.stringify(value)}`,
      call: () => ['POST', '/v1/webhooks', webhook({ headers: { 'x-team': value } })],
      status: 400,
      detail: /\/headers\/x-team must be printable ISO-8859-1 characters, without line breaks/,
    }),
  ),
  ...['x\r\ny', 'x y', 'x:', '', 'host', 'content-length', 'transfer-encoding', 'webhook-id'].map(
    (name): Case => ({
      what: `header injection: a header of a webhook with the name ${JSON.stringify(name)}`,
      call: () => ['POST', '/v1/webhooks', webhook({ headers: { [name]: '1' } })],
      status: 400,
      detail: /\/headers\/.*(must have a name of letters|is set by Rowhook itself)/s,
    }),
  ),
  {
    what: 'header injection: a content type of a template',
    call: () => [
      'POST',
      '/v1/webhooks',
      webhook({ format: 'template', template: { contentType: 'text/plain\r\nX: 1', source: 'x' } }),
    ],
    status: 400,
    detail: /contentType/,
  },
  {
    what: 'CRLF in the URL of a webhook',
    call: () => ['POST', '/v1/webhooks', webhook({ url: 'http://127.0.0.1:1/\r\nX-Injected: 1' })],
    status: 400,
    detail: /must not contain spaces, invisible characters/,
  },
  {
    what: 'SQL in a filter of rows',
    call: (table) => ['GET', `${table}/rows?filter=${encodeURIComponent(`Name" OR 1=1 --=x`)}`, {}],
    status: 400,
    detail: /there is no column/,
  },
  {
    what: 'SQL in what rows are sorted by',
    call: (table) => ['GET', `${table}/rows?sort=${encodeURIComponent('Name; DROP TABLE rows')}`, {}],
    status: 400,
    detail: /there is no column/,
  },
  // Compression
  {
    what: 'a zip bomb: a compressed body',
    call: () => ['POST', '/v1/events', { ...posted({}), headers: { 'content-encoding': 'gzip' } }],
    status: 415,
    detail: /must not be compressed/,
  },
  {
    what: 'a zip bomb: a compressed file',
    call: (table) => [
      'POST',
      `${table}/import`,
      { body: 'Name\n', headers: { 'content-type': 'text/csv', 'content-encoding': 'br' } },
    ],
    status: 415,
    detail: /must not be compressed/,
  },
];

describe('a limit of what comes from outside', () => {
  let server: ApiUnderTest;
  let table: string;
  before(async () => {
    server = await ApiUnderTest.start({ ROWHOOK_MAX_BODY_BYTES: '2m' });
    table = await newTable(server);
  });
  after(() => server.stop());

  for (const { what, call, status, detail } of cases) {
    it(`holds: ${what}`, async () => {
      const answer = await server.call(...call(table));
      assert.equal(answer.status, status, answer.text.slice(0, 1_000));
      const told = [
        answer.body.detail,
        ...(answer.body.errors ?? []).map((e: Told) => `${e.pointer} ${e.detail}`),
      ];
      assert.match(told.join('\n'), detail);
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    });
  }

  it('holds for bytes that were compressed without saying so', async () => {
    const answer = await server.api.inject({
      method: 'POST',
      url: '/v1/events',
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' },
      payload: gzipSync(Buffer.alloc(10_000_000)),
    });
    assert.equal(answer.statusCode, 400);
    assert.match(answer.payload, /not valid JSON/);
  });
});

describe('what looks like code', () => {
  let server: ApiUnderTest;
  let table: string;
  before(async () => {
    server = await ApiUnderTest.start();
    table = await newTable(server);
  });
  after(() => server.stop());

  it('is kept as the text that it is: SQL, HTML, templates, formulas', async () => {
    const texts = [
      `'; DROP TABLE rows; --`,
      `" OR ""="`,
      '<script>alert(1)</script>',
      '{{ secret }}',
      "=cmd|' /C calc'!A0",
      '$(rm -rf /)',
      '\u202egnp.exe',
    ];
    await insert(server, table, ...texts.map((Name) => ({ Name })));
    const { body } = await server.call('GET', `${table}/rows`);
    assert.deepEqual(
      body.data.map(({ cells }: { cells: { Name: string } }) => cells.Name),
      texts,
    );
    for (const text of texts) {
      const found = await server.call('GET', `${table}/rows?filter=${encodeURIComponent(`Name=${text}`)}`);
      assert.equal(found.body.data.length, 1, `${text}: ${found.text}`);
    }
  });

  it('in a file with a column named __proto__ is a name like any other, and no prototype', async () => {
    const file = { body: '__proto__,constructor\nx,y\n', headers: { 'content-type': 'text/csv' } };
    const columns = [{ name: 'Name', type: 'text' }];
    const path = table.replace(/\/[^/]+$/, '');
    const made = await server.call('POST', path, { body: { name: 'odd names', columns } });
    await server.call('POST', `${path}/${made.body.id}/import?createColumns=true`, file);
    const { text } = await server.call('GET', `${path}/${made.body.id}/rows`);
    assert.match(text, /"cells":\{"Name":null,"__proto__":"x","constructor":"y"\}/);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  it('does not become a formula in a spreadsheet, names of columns included', async () => {
    const begin = ['=', '+', '-', '@', '\t', '\r'];
    await server.call('POST', `${table}/columns`, { body: { name: '=1+1', type: 'text' } });
    await insert(server, table, ...begin.map((first) => ({ Name: `${first}1+1`, Notes: `'${first}x` })));
    const { text, headers } = (await server.call('GET', `${table}/export`)) as Answer;
    const values = text.split(/[,\r\n]/).map((value) => value.replace(/^"/, ''));
    const formulas = values.filter((value) => /^[=+@\t-]/.test(value) && Number.isNaN(Number(value)));
    assert.deepEqual(formulas, []);
    assert.match(String(headers['content-disposition']), /^attachment; /);
    assert.equal(headers['x-content-type-options'], 'nosniff');
  });

  it('in the name of a table does not reach the headers of an export', async () => {
    const name = `a"; filename=evil.exe; x="`;
    const path = table.replace(/\/[^/]+$/, '');
    const made = await server.call('POST', path, { body: { name, columns: [{ name: 'c', type: 'text' }] } });
    const { headers } = await server.call('GET', `${path}/${made.body.id}/export`);
    assert.equal(
      headers['content-disposition'],
      `attachment; filename*=UTF-8''${encodeURIComponent(`${name}.csv`)}`,
    );
  });

  it('in a template or an expression comes to an end, and reaches nothing but the event', async () => {
    const hostile = [
      { filter: 'data.list.all(a, data.list.all(b, data.list.all(c, a + b + c >= 0)))' },
      { filter: 'data.constructor.constructor("return process")() == null' },
      {
        format: 'template',
        template: { contentType: 'text/plain', source: '{% for i in (1..999999999) %}{{ i }}{% endfor %}' },
      },
      {
        format: 'template',
        template: {
          contentType: 'text/plain',
          source: '{{ data.constructor.constructor }}{{ data.__proto__ }}',
        },
      },
      { format: 'template', template: { contentType: 'text/plain', source: '{% include "/etc/passwd" %}' } },
    ];
    const data = { list: Array.from({ length: 1_000 }, (_, index) => index) };
    for (const settings of hostile) {
      const answer = await server.call('POST', '/v1/webhooks/preview', {
        body: { webhook: webhook(settings).body, data },
      });
      assert.ok(
        answer.status === 200 || answer.status === 400,
        `${JSON.stringify(settings)}: ${answer.text}`,
      );
      assert.doesNotMatch(answer.text, /native code|root:x|function Object/);
    }
  });
});

interface Told {
  readonly pointer: string;
  readonly detail: string;
}
