import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { ProblemDocument } from '../../src/api/schemas.ts';
import { type Answer, ApiClient, type TablePlace } from '../support/api-client.ts';
import { suiteScope } from '../support/scope.ts';
import { operatorToken, ServerProcess } from '../support/server-process.ts';

/** A slip that a newcomer makes, and what of the answer tells how to put it right. */
interface Mistake {
  readonly name: string;
  /** Default: that of the operator; null: none. */
  readonly token?: string | null;
  readonly request: readonly [method: string, path: string, body?: unknown];
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly detail: RegExp;
  /** The members that are named as wrong. */
  readonly pointers?: readonly string[];
}

const webhook = { name: 'Orders', url: 'https://consumer.example/hook' };
const mistakes: readonly Mistake[] = [
  {
    name: 'no token',
    token: null,
    request: ['GET', '/v1/bases'],
    status: 401,
    detail: /Send the header "Authorization: Bearer <token>"/,
  },
  {
    name: 'a wrong token',
    token: 'rowhook_not-this-one',
    request: ['GET', '/v1/bases'],
    status: 401,
    detail: /token is not known/,
  },
  {
    name: 'the token as it is, without the word Bearer',
    token: null,
    headers: { authorization: operatorToken },
    request: ['GET', '/v1/bases'],
    status: 401,
    detail: /must have the form "Bearer <token>"/,
  },
  {
    name: 'a workspace that is not there',
    headers: { 'rowhook-workspace': 'sales' },
    request: ['GET', '/v1/bases'],
    status: 404,
    detail: /no workspace "sales"; the header Rowhook-Workspace takes an id or a name/,
  },
  {
    name: 'a path that is not there',
    request: ['GET', '/v1/hooks'],
    status: 404,
    detail: /no route \/v1\/hooks; \/openapi\.json lists all/,
  },
  {
    name: 'a method that the path does not know',
    request: ['PUT', '/v1/bases', { name: 'Shop' }],
    status: 405,
    detail: /does not know PUT, only .*POST/,
  },
  {
    name: 'JSON that breaks off',
    request: ['POST', '/v1/bases', '{"name": "Shop"'],
    status: 400,
    detail: /not valid JSON: .*line 1 column 16/,
  },
  {
    name: 'JSON in single quotes, as a shell makes it',
    request: ['POST', '/v1/bases', "{'name': 'Shop'}"],
    status: 400,
    detail: /not valid JSON: .*line 1 column 2/,
  },
  {
    name: 'JSON sent as a form, as curl does by itself',
    request: ['POST', '/v1/bases', '{"name": "Shop"}'],
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    detail: /application\/x-www-form-urlencoded.*send application\/json/,
  },
  {
    name: 'no body',
    request: ['POST', '/v1/bases'],
    status: 400,
    detail: /body must be an object/,
  },
  {
    name: 'a webhook with a field that is not there',
    request: ['POST', '/v1/webhooks', { ...webhook, event_types: ['row.*'] }],
    status: 400,
    detail: /did you mean "eventTypes"/,
    pointers: ['/event_types'],
  },
  {
    name: 'a webhook without a URL',
    request: ['POST', '/v1/webhooks', { name: 'Orders' }],
    status: 400,
    detail: /url is missing/,
    pointers: ['/url'],
  },
  {
    name: 'a webhook whose URL has no scheme',
    request: ['POST', '/v1/webhooks', { ...webhook, url: 'consumer.example/hook' }],
    status: 400,
    detail: /must begin with https:\/\/ or http:\/\//,
    pointers: ['/url'],
  },
  {
    name: 'a webhook to a private address',
    request: ['POST', '/v1/webhooks', { ...webhook, url: 'http://192.168.1.10/hook' }],
    status: 400,
    detail: /not a public address.*ROWHOOK_ALLOWED_NETWORKS/,
    pointers: ['/url'],
  },
  {
    name: 'a webhook to this machine',
    request: ['POST', '/v1/webhooks', { ...webhook, url: 'http://localhost:3000/hook' }],
    status: 400,
    detail: /not a public address.*ROWHOOK_ALLOWED_NETWORKS/,
    pointers: ['/url'],
  },
  {
    name: 'several slips in one webhook: all are told at once',
    request: [
      'POST',
      '/v1/webhooks',
      { name: '', url: 'ftp://consumer.example', timeoutMs: '5s', order: 'random', eventTypes: 'row.*' },
    ],
    status: 400,
    detail: /4 more/,
    pointers: ['/eventTypes', '/name', '/order', '/timeoutMs', '/url'],
  },
  {
    name: 'a webhook for a base that is not there',
    request: ['POST', '/v1/webhooks', { ...webhook, base: 'shop' }],
    status: 400,
    detail: /must be the id of a base; there is none with the id "shop"/,
    pointers: ['/base'],
  },
  {
    name: 'a base that is not there',
    request: ['GET', '/v1/bases/shop/tables'],
    status: 404,
    detail: /no base with the id "shop"/,
  },
  {
    name: 'a table that is not there',
    request: ['POST', '/v1/bases/BASE/tables/Invoices/rows', { rows: [{ cells: {} }] }],
    status: 404,
    detail: /"Base of Orders" has no table with the id or name "Invoices"/,
  },
  {
    name: 'a column that is not there',
    request: [
      'POST',
      'TABLE/rows',
      { rows: [{ cells: { Customer: 'Ann' } }, { cells: { Custommer: 'Bob' } }] },
    ],
    status: 400,
    detail: /no such column; allowed: "Customer", "Amount"/,
    pointers: ['/rows/1/cells/Custommer'],
  },
  {
    name: 'cells that do not fit their columns',
    request: ['POST', 'TABLE/rows', { rows: [{ cells: { Customer: 5, Amount: 'twelve' } }] }],
    status: 400,
    detail: /2 faults; .*must be text; got 5/,
    pointers: ['/rows/0/cells/Amount', '/rows/0/cells/Customer'],
  },
  {
    name: 'cells without the word cells around them',
    request: ['POST', 'TABLE/rows', { rows: [{ Customer: 'Ann' }] }],
    status: 400,
    detail: /rows\/0\/cells is missing/,
  },
  {
    name: 'a row that is not there',
    request: ['PATCH', 'TABLE/rows', { rows: [{ id: 'row1', cells: { Customer: 'Ann' } }] }],
    status: 404,
    detail: /no row with the id "row1"/,
  },
  {
    name: 'a table with a column type that is not there',
    request: ['POST', '/v1/bases/BASE/tables', { name: 'More', columns: [{ name: 'Sum', type: 'integer' }] }],
    status: 400,
    detail: /must be one of text, .*number/,
    pointers: ['/columns/0/type'],
  },
  {
    name: 'a table whose name is taken',
    request: [
      'POST',
      '/v1/bases/BASE/tables',
      { name: 'Orders', columns: [{ name: 'Sum', type: 'number' }] },
    ],
    status: 409,
    detail: /has a table of that name already/,
  },
  {
    name: 'an import that is sent as JSON',
    request: ['POST', 'TABLE/import', { rows: [] }],
    status: 415,
    detail: /send the file as text\/csv/,
  },
  {
    name: 'an import with a column that the table lacks',
    request: ['POST', 'TABLE/import', 'Customer,City\nAnn,Bonn\n'],
    headers: { 'content-type': 'text/csv' },
    status: 400,
    detail: /"City".*it has "Customer", "Amount".*createColumns=true/,
  },
  {
    name: 'an import with a bad value: its line is named',
    request: ['POST', 'TABLE/import', 'Customer,Amount\nAnn,1\nBob,two\n'],
    headers: { 'content-type': 'text/csv' },
    status: 400,
    detail: /line 3, column "Amount": must be a number; got "two"/,
  },
  {
    name: 'an event without a type',
    request: ['POST', '/v1/events', { data: {} }],
    status: 400,
    detail: /type is missing/,
    pointers: ['/type'],
  },
  {
    name: 'an event of a type that is ours',
    request: ['POST', '/v1/events', { type: 'row.inserted', data: {} }],
    status: 400,
    detail: /must not begin with row\./,
    pointers: ['/type'],
  },
];

describe('a typical slip is answered with what to do', { timeout: 60_000 }, () => {
  const scope = suiteScope();
  let server: ServerProcess;
  let place: TablePlace;
  before(async () => {
    // As a newcomer has it: no network is allowed.
    server = await ServerProcess.start(scope, { ROWHOOK_ALLOWED_NETWORKS: '' });
    place = await server.api.createTable('Orders', [
      { name: 'Customer', type: 'text' },
      { name: 'Amount', type: 'number' },
    ]);
  });

  for (const { name, token, request, headers, status, detail, pointers } of mistakes) {
    it(name, async () => {
      const [method, path, body] = request;
      const client = new ApiClient(server.url, token === undefined ? operatorToken : token);
      const target = path.replace('TABLE', place.path).replace('BASE', place.base.id);
      const answer: Answer<ProblemDocument> = await client.call(method, target, body, headers);
      const problem = answer.body;
      assert.equal(answer.status, status, JSON.stringify(problem));
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
      assert.match(problem.detail, detail);
      assert.equal(problem.status, status);
      assert.match(problem.type, /^\/problems\/[a-z-]+$/);
      assert.ok(problem.title !== '');
      if (pointers) assert.deepEqual(problem.errors?.map(({ pointer }) => pointer).sort(), pointers);
      for (const error of problem.errors ?? []) assert.ok(error.detail !== '');
      if (status === 401) assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
    });
  }

  it('and changes nothing', async () => {
    assert.deepEqual(await server.api.all('/v1/webhooks'), []);
    const rows = await server.api.rows(place.path);
    // The one of the import before its bad line, which the answer says stays.
    assert.deepEqual(
      rows.map(({ cells }) => cells),
      [{ Customer: 'Ann', Amount: 1 }],
    );
    assert.equal((await server.api.all('/v1/bases')).length, 1);
  });
});
