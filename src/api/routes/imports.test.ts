import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ApiUnderTest, operatorToken } from '../testing/api-under-test.ts';

const airports = fileURLToPath(
  new URL('../../../node_modules/vega-datasets/data/airports.csv', import.meta.url),
);
let api: ApiUnderTest;
let origin: string;

before(async () => {
  api = await ApiUnderTest.start();
  await api.api.listen({ host: '127.0.0.1', port: 0 });
  origin = `http://127.0.0.1:${(api.api.server.address() as AddressInfo).port}`;
});

after(() => api.stop());

async function newTable(
  columns = [
    { name: 'Name', type: 'text' },
    { name: 'Age', type: 'number' },
  ],
): Promise<string> {
  const base = await api.call('POST', '/v1/bases', { body: { name: 'People' } });
  const table = await api.call('POST', `/v1/bases/${base.body.id}/tables`, {
    body: { name: 'Persons', columns },
  });
  assert.equal(table.status, 201, table.text);
  return `/v1/bases/${base.body.id}/tables/${table.body.id}`;
}

function importText(table: string, text: string, query = '', contentType = 'text/csv') {
  return api.call('POST', `${table}/import${query}`, {
    body: text,
    headers: { 'content-type': contentType },
  });
}

/** An upload that the test feeds by hand. */
function openUpload(path: string): { upload: ClientRequest; answer: Promise<IncomingMessage> } {
  const headers = { authorization: `Bearer ${operatorToken}`, 'content-type': 'text/csv' };
  const upload = httpRequest(`${origin}${path}`, { method: 'POST', headers });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    upload.on('response', resolve);
    upload.on('error', reject);
  });
  answer.catch(() => undefined);
  return { upload, answer };
}

/** What a socket receives, waited for by what it contains. */
function textOf(socket: Socket): { upTo: (pattern: RegExp) => Promise<string> } {
  let text = '';
  const upTo = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(text)) text += String((await once(socket, 'data'))[0]);
    return text;
  };
  return { upTo };
}

async function jsonOf(answer: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of answer) text += chunk;
  return JSON.parse(text) as Record<string, unknown>;
}

/** Asks for the progress of an import until it is as wanted. */
async function progressOnce(
  path: string,
  isSo: (progress: Record<string, unknown>) => boolean,
  asked = api,
): Promise<Record<string, unknown>> {
  for (;;) {
    const { status, body } = await asked.call('GET', path);
    if (status === 200 && isSo(body)) return body;
    // Injected calls alone would leave no turn to the sockets.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('POST import', () => {
  it('takes a streamed file and answers how it went', async () => {
    const table = await newTable();
    const answer = await fetch(`${origin}${table}/import?createColumns=true&importId=airports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'text/csv; charset=utf-8' },
      body: Readable.toWeb(createReadStream(airports)) as unknown as ReadableStream,
      duplex: 'half',
    } as RequestInit);
    const progress = (await answer.json()) as Record<string, unknown>;
    assert.equal(answer.status, 200);
    assert.deepEqual(
      [
        progress.id,
        progress.state,
        progress.rowsImported,
        progress.bytesRead,
        progress.bytesTotal,
        progress.error,
      ],
      ['airports', 'done', 3_376, 210_365, null, null],
    );
    assert.deepEqual((await api.call('GET', `${table}/imports/airports`)).body, progress);
    assert.deepEqual((await api.call('GET', `${table}/imports`)).body, {
      data: [progress],
      nextCursor: null,
    });
    const { body } = await api.call('GET', `${table}/rows?limit=1`);
    assert.equal(body.data[0].cells.iata, '00M');
  });

  it('has no limit of size but that of a record', async () => {
    const { maxBodyBytes } = api.config;
    const table = await newTable();
    const line = `${'x'.repeat(50_000)},1\n`;
    const text = `Name,Age\n${line.repeat(Math.ceil(maxBodyBytes / line.length) + 1)}`;
    const answer = await importText(table, text);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.bytesTotal, text.length);
    assert.ok(answer.body.bytesRead > maxBodyBytes);
  });

  it('answers a failed import as a problem with the line, after the rows before it', async () => {
    const table = await newTable();
    const { status, body } = await importText(table, 'Name,Age\nAda,36\nBob,old\n', '?importId=bad');
    assert.equal(status, 400);
    assert.deepEqual(body.errors, [
      { pointer: 'line 3, column "Age"', detail: 'must be a number; got "old"' },
    ]);
    assert.match(
      body.detail,
      /^line 3, column "Age": must be a number; got "old"\. 1 row was imported before that \(import bad\)/,
    );
    const progress = (await api.call('GET', `${table}/imports/bad`)).body;
    assert.equal(progress.state, 'failed');
    assert.deepEqual(progress.error, {
      code: 'invalid-input',
      line: 3,
      column: 'Age',
      detail: 'must be a number; got "old"',
    });
    assert.equal((await api.call('GET', `${table}/rows`)).body.data.length, 1);
  });

  it('takes the options of the file from the query', async () => {
    const table = await newTable();
    const skipped = await importText(table, 'Name;Age\nAda;x\nBob;1\n', '?delimiter=%3B&onError=skip');
    assert.deepEqual([skipped.status, skipped.body.rowsImported, skipped.body.rowsSkipped], [200, 1, 1]);
    assert.deepEqual(skipped.body.skipped, [{ line: 2, column: 'Age', detail: 'must be a number; got "x"' }]);
    assert.equal((await importText(table, 'Name\tAge\nAda\t1\n', '?delimiter=tab')).body.rowsImported, 1);
    const text = await importText(table, 'Zip\n12345\n', '?createColumns=true&columnTypes=text');
    assert.equal(text.body.state, 'done');
    assert.equal((await api.call('GET', table)).body.columns.at(-1).type, 'text');
  });

  it('refuses options it does not know, saying what is allowed', async () => {
    const table = await newTable();
    const bad: Readonly<Record<string, RegExp>> = {
      '?delimiter=ab': /delimiter: must be one character, neither a quote nor a line break, or the word tab/,
      '?delimiter=%22': /delimiter: must be one character/,
      '?onError=ignore': /onError must be one of stop, skip/,
      '?onErr=skip': /onErr is not a known parameter \(did you mean "onError"\?\)/,
      '?importId=a%20b': /importId: must be 1 to 64 letters, digits, - or _/,
    };
    for (const [query, detail] of Object.entries(bad)) {
      const { status, body } = await importText(table, 'Name\nAda\n', query);
      assert.equal(status, 400);
      assert.match(body.detail, detail);
    }
  });

  it('takes text/csv in UTF-8 only', async () => {
    const table = await newTable();
    for (const type of [
      'application/json',
      'text/plain',
      'multipart/form-data; boundary=x',
      'text/csv; charset=latin1',
    ]) {
      const { status, body } = await importText(table, 'Name\nAda\n', '', type);
      assert.equal(status, 415, type);
      assert.match(body.detail, /as text\/csv|as UTF-8/);
    }
  });

  it('is refused for a table that is not there, and for strangers', async () => {
    const table = await newTable();
    assert.equal((await importText(`${table}x`, 'Name\n')).status, 404);
    const stranger = await api.workspaceToken((await api.store.workspaces.create('strangers')).number);
    const headers = { 'content-type': 'text/csv' };
    const { status } = await api.call('POST', `${table}/import`, {
      body: 'Name\n',
      headers,
      token: stranger,
    });
    assert.equal(status, 404);
  });

  it('reads no further than its rows are committed, however fast the file comes', async () => {
    const table = await newTable();
    const { upload, answer } = openUpload(`${table}/import?importId=flood`);
    const total = 20_000_000;
    const chunk = 'Ada,36\n'.repeat(10_000);
    upload.write('Name,Age\n');
    let sent = 0;
    const send = (): void => {
      while (sent < total) {
        sent += chunk.length;
        if (!upload.write(chunk)) {
          upload.once('drain', send);
          return;
        }
      }
      upload.end();
    };
    send();
    const { rowsImported, bytesRead } = await progressOnce(
      `${table}/imports/flood`,
      (progress) => Number(progress.rowsImported) > 20_000,
    );
    const rowsRead = Number(bytesRead) / 'Ada,36\n'.length;
    assert.ok(
      rowsRead - Number(rowsImported) < (2 * 65_536) / 7 + 500,
      'at most two pieces of the file are in memory',
    );
    await api.call('DELETE', `${table}/imports/flood`);
    assert.equal((await answer).statusCode, 200);
    assert.equal((await jsonOf(await answer)).state, 'cancelled');
    upload.destroy();
  });
});

describe('an import under way', () => {
  it('shows its progress, and ends when it is cancelled though its file goes on', async () => {
    const table = await newTable();
    const { upload, answer } = openUpload(`${table}/import?importId=long`);
    upload.write(`Name,Age\n${'Ada,36\n'.repeat(600)}`);
    const progress = await progressOnce(`${table}/imports/long`, ({ rowsImported }) => rowsImported === 500);
    assert.deepEqual([progress.state, progress.finishedAt], ['running', null]);
    const cancelled = await api.call('DELETE', `${table}/imports/long`);
    assert.deepEqual(
      [cancelled.status, cancelled.body.state, cancelled.body.rowsImported],
      [200, 'cancelled', 500],
    );
    const answered = await answer;
    assert.equal(answered.statusCode, 200);
    assert.deepEqual(await jsonOf(answered), cancelled.body);
    upload.end('Bob,1\n');
  });

  it('answers before the end of a file whose start is bad, and lets the client send the rest', async () => {
    const table = await newTable();
    const start = 'Name,Height\nAda,36\n';
    const rest = 'Ada,36\n'.repeat(1_000_000);
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    const received = textOf(socket);
    const authorization = `Authorization: Bearer ${operatorToken}`;
    socket.write(
      `POST ${table}/import HTTP/1.1\r\nHost: x\r\n${authorization}\r\nContent-Type: text/csv\r\n`,
    );
    socket.write(`Content-Length: ${start.length + rest.length}\r\n\r\n${start}`);
    const problem = await received.upTo(/"requestId":"\w+"\}/);
    assert.match(problem, /^HTTP\/1\.1 400 .*line 1, column \\"Height\\": the table has no such column/s);
    socket.write(rest);
    socket.write(`GET ${table} HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`);
    await received.upTo(/HTTP\/1\.1 200 OK/);
    socket.destroy();
  });

  it('fails when the client goes away; its rows stay', async () => {
    const table = await newTable();
    const { upload } = openUpload(`${table}/import?importId=gone`);
    upload.on('error', () => undefined);
    upload.write(`Name,Age\n${'Ada,36\n'.repeat(600)}`);
    await progressOnce(`${table}/imports/gone`, ({ rowsImported }) => rowsImported === 500);
    upload.destroy();
    const { rowsImported, error } = await progressOnce(
      `${table}/imports/gone`,
      ({ state }) => state === 'failed',
    );
    assert.equal(rowsImported, 500);
    assert.match((error as { detail: string }).detail, /the upload broke off/);
  });

  it('is cancelled when the server stops, which does not wait for its file', async () => {
    const own = await ApiUnderTest.start();
    await own.api.listen({ host: '127.0.0.1', port: 0 });
    const { port } = own.api.server.address() as AddressInfo;
    const base = await own.call('POST', '/v1/bases', { body: { name: 'People' } });
    const columns = [{ name: 'Name', type: 'text' }];
    const table = await own.call('POST', `/v1/bases/${base.body.id}/tables`, {
      body: { name: 'T', columns },
    });
    const path = `/v1/bases/${base.body.id}/tables/${table.body.id}`;
    const headers = { authorization: `Bearer ${operatorToken}`, 'content-type': 'text/csv' };
    const upload = httpRequest({
      port,
      host: '127.0.0.1',
      path: `${path}/import?importId=i`,
      method: 'POST',
      headers,
    });
    const answer = new Promise<IncomingMessage>((resolve) => upload.on('response', resolve));
    upload.on('error', () => undefined);
    upload.write('Name\nAda\n');
    await progressOnce(`${path}/imports/i`, ({ state }) => state === 'running', own);
    const stopped = own.stop();
    assert.equal((await jsonOf(await answer)).state, 'cancelled');
    await stopped;
    upload.destroy();
  });
});

describe('GET /v1/bases/:base/tables/:table/export', () => {
  it('streams a table as CSV or JSON lines, which the import takes back', async () => {
    const table = await newTable();
    const rows = Array.from({ length: 450 }, (_, Age) => ({ cells: { Name: `=${Age}`, Age } }));
    await api.call('POST', `${table}/rows`, { body: { rows } });
    for (const [format, type] of [
      ['csv', 'text/csv; charset=utf-8'],
      ['jsonl', 'application/x-ndjson'],
    ] as const) {
      const file = await fetch(`${origin}${table}/export?format=${format}`, {
        headers: { authorization: `Bearer ${operatorToken}` },
      });
      assert.equal(file.headers.get('content-type'), type);
      const name = `attachment; filename*=UTF-8''Persons.${format}`;
      assert.equal(file.headers.get('content-disposition'), name);
      const copy = await newTable();
      const { status, body } = await importText(copy, await file.text(), '', type);
      assert.deepEqual([status, body.rowsImported], [200, 450]);
      const { data } = (await api.call('GET', `${copy}/rows?limit=1000`)).body;
      assert.deepEqual(
        data.map((row: { cells: object }) => ({ cells: row.cells })),
        rows,
      );
    }
  });

  it('answers with a problem what is wrong with the request', async () => {
    const table = await newTable();
    const bad = await api.call('GET', `${table}/export?filter=Nothing%3D5`);
    assert.deepEqual([bad.status, bad.body.errors[0].pointer], [400, 'filter/0']);
    assert.equal((await api.call('GET', `${table}/export?format=xml`)).status, 400);
    assert.equal((await api.call('GET', `${table}x/export`)).status, 404);
  });
});

describe('an import with fire=false', () => {
  it('makes no events', async () => {
    const table = await newTable();
    const before = api.store.journal.headSeq();
    assert.equal((await importText(table, 'Name\na\n', '?fire=false')).body.rowsImported, 1);
    assert.equal(api.store.journal.headSeq(), before);
    await importText(table, 'Name\na\n');
    assert.equal(api.store.journal.headSeq(), before + 1);
  });
});

describe('previewing an import', () => {
  const preview = (table: string, text: string, query = '', contentType = 'text/csv') =>
    importText(table, text, `/preview${query}`, contentType);

  it('says where the columns of a file go, and of which types new ones would be', async () => {
    const table = await newTable();
    const { status, body } = await preview(
      table,
      'Name,Age,Born,Vip\nAda,36,1815-12-10,true\nAlan,,1912-06-23,false\n',
    );
    assert.equal(status, 200);
    assert.equal(body.rows, 2);
    assert.deepEqual(
      body.columns.map(({ name, key, type, examples }: Record<string, unknown>) => [
        name,
        key !== null,
        type,
        examples,
      ]),
      [
        ['Name', true, 'text', ['Ada', 'Alan']],
        ['Age', true, 'number', ['36']],
        ['Born', false, 'date', ['1815-12-10', '1912-06-23']],
        ['Vip', false, 'checkbox', ['true', 'false']],
      ],
    );
    assert.equal((await api.call('GET', table)).body.columns.length, 2, 'nothing was changed');
  });

  it('takes JSON lines, too', async () => {
    const lines = '{"Name":"Ada","Tags":["a"],"Score":1.5}\n{"Name":"Alan","Score":2}\n';
    const { body } = await preview(await newTable(), lines, '', 'application/x-ndjson');
    assert.deepEqual(
      body.columns.map(({ name, type }: Record<string, unknown>) => [name, type]),
      [
        ['Name', 'text'],
        ['Tags', 'text'],
        ['Score', 'number'],
      ],
    );
  });

  it('passes over a last row that the end of a beginning cuts off', async () => {
    const cut = 'Name,Age,Note\nAda,36,"one, two"\nAlan,4';
    const { body } = await preview(await newTable(), cut, '?partial=true');
    assert.deepEqual([body.rows, body.columns[1].examples], [1, ['36']]);
    const inQuotes = await preview(await newTable(), 'Name,Age\nAda,36\n"Al', '?partial=true');
    assert.deepEqual([inQuotes.status, inQuotes.body.rows], [200, 1]);
  });

  it('says what is wrong with a file that cannot be read', async () => {
    const { status, body } = await preview(await newTable(), 'Name,\nAda,1\n');
    assert.equal(status, 400);
    assert.match(body.detail, /no name/);
  });
});
