import assert from 'node:assert/strict';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { systemClock } from '../../model/clock.ts';
import type { JournalEvent, RowEventData } from '../../model/event.ts';
import { Problem } from '../../model/problem.ts';
import type { Store } from '../../store/port.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import type { TableAddress } from './address.ts';
import type { ColumnInput } from './columns.ts';
import type { ImportProgress } from './import-run.ts';
import { defaultImportOptions, type ImportOptions } from './import-service.ts';
import { showRow } from './row-values.ts';
import { BaseService } from './service.ts';

const directory = mkdtempSync(join(tmpdir(), 'rowhook-import-'));
const airports = fileURLToPath(
  new URL('../../../node_modules/vega-datasets/data/airports.csv', import.meta.url),
);
const actor = { user: 'ada', app: 'test' };
const people: readonly ColumnInput[] = [
  { name: 'Name', type: 'text' },
  { name: 'Age', type: 'number', key: 'age' },
];
let store: Store;
let bases: BaseService;
let workspaceNumber: number;
let events: JournalEvent[] = [];

before(async () => {
  store = openSqliteStore({ directory, clock: systemClock, secretKey: 'a key for tests' });
  store.journal.onAppended((appended) => events.push(...appended));
  workspaceNumber = (await store.workspaces.create('ours')).number;
  bases = new BaseService(store, systemClock);
});

after(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

async function newTable(columns: readonly ColumnInput[] = people): Promise<TableAddress> {
  const base = await bases.createBase(workspaceNumber, 'A base');
  const table = await bases.createTable(workspaceNumber, base.id, { name: 'Things', columns });
  events = [];
  return { workspaceNumber, base: base.id, table: table.id };
}

async function* bytesOf(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

function importText(
  address: TableAddress,
  text: string,
  options: Partial<ImportOptions> = {},
): Promise<ImportProgress> {
  return bases.imports.run(address, bytesOf(text), { ...defaultImportOptions, ...options }, actor);
}

async function shownCells(address: TableAddress): Promise<Record<string, unknown>[]> {
  const shown: Record<string, unknown>[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await bases.rows.list(address, { limit: 1_000, cursor });
    shown.push(...page.rows.map((row) => ({ ...showRow(page.table, row, 'name').cells })));
    if (page.nextCursor === null) return shown;
    cursor = page.nextCursor;
  }
}

function dataOf(event: JournalEvent): RowEventData {
  return JSON.parse(event.dataJson) as RowEventData;
}

describe('an import', () => {
  it('passes over columns that Rowhook fills in, as an exported file has them', async () => {
    const address = await newTable([...people, { name: 'Creator', type: 'created-by' }]);
    const { state, rowsImported } = await importText(address, 'Creator,Name\nbob,Ann\n');
    assert.deepEqual([state, rowsImported], ['done', 1]);
    assert.deepEqual(await shownCells(address), [{ Name: 'Ann', Age: null, Creator: 'ada' }]);
  });

  it('brings every airport in order, each with its event, in change sets of 500', async () => {
    const address = await newTable([{ name: 'iata', type: 'text' }]);
    const options = { ...defaultImportOptions, createColumns: true };
    const progress = await bases.imports.run(address, createReadStream(airports), options, actor);
    assert.equal(progress.error, null);
    assert.deepEqual([progress.state, progress.rowsImported, progress.rowsSkipped], ['done', 3_376, 0]);
    assert.equal(progress.bytesRead, readFileSync(airports).length);

    const { columns } = await bases.getTable(address);
    assert.deepEqual(
      columns.map(({ name, type }) => `${name} ${type}`),
      [
        'iata text',
        'name text',
        'city text',
        'state text',
        'country text',
        'latitude number',
        'longitude number',
      ],
    );
    const expected = (parse(readFileSync(airports), { columns: true }) as Record<string, string>[]).map(
      (row) => ({
        ...row,
        latitude: Number(row.latitude),
        longitude: Number(row.longitude),
      }),
    );
    assert.deepEqual(await shownCells(address), expected);
    assert.deepEqual(
      events.map((event) => dataOf(event).record),
      expected,
    );
    assert.deepEqual(
      events.map((event) => dataOf(event).row.number),
      expected.map((_, position) => position + 1),
    );
    assert.equal(new Set(events.map(({ subject }) => subject?.changeSetId)).size, Math.ceil(3_376 / 500));
    assert.deepEqual(events[0] && dataOf(events[0]).actor, actor);
  });

  it('finds columns by key or by name, in any order, and leaves others empty', async () => {
    const address = await newTable([...people, { name: 'Paid', type: 'checkbox' }]);
    await importText(address, 'age, Name \n36,Ada\n');
    assert.deepEqual(await shownCells(address), [{ Name: 'Ada', Age: 36, Paid: null }]);
  });

  it('refuses a header that does not fit the table, and says how', async () => {
    const address = await newTable();
    const headers: Readonly<Record<string, [string, RegExp]>> = {
      'Name,Height': [
        'Height',
        /no such column; it has "Name", "Age". With createColumns=true it would be added/,
      ],
      'Name,,Age': ['', /the column 2 has no name/],
      'Age,age': ['age', /the column is there twice, the other time as "Age"/],
    };
    for (const [header, [column, detail]] of Object.entries(headers)) {
      const { state, rowsImported, error } = await importText(address, `${header}\n1,2,3\n`);
      assert.deepEqual([state, rowsImported, error?.line, error?.column], ['failed', 0, 1, column]);
      assert.match(error?.detail ?? '', detail);
    }
    for (const empty of ['', '\n\n']) {
      const { error } = await importText(address, empty);
      assert.match(error?.detail ?? '', /it is empty; its first line must name the columns/);
    }
  });

  it('stops at the first bad row, keeping all rows before it', async () => {
    const rows = Array.from({ length: 700 }, (_, n) => `"row\n${n}",${n === 650 ? 'old' : n}`);
    const address = await newTable();
    const { state, rowsImported, error } = await importText(address, `Name,Age\n${rows.join('\n')}\n`);
    assert.deepEqual([state, rowsImported], ['failed', 650]);
    const detail = 'must be a number; got "old"';
    assert.deepEqual(error, { code: 'invalid-input', line: 2 + 650 * 2, column: 'Age', detail });
    assert.equal((await shownCells(address)).length, 650);
    assert.equal(events.length, 650);
  });

  it('stops at a line that is no CSV, keeping all rows before it', async () => {
    const address = await newTable();
    const { rowsImported, error } = await importText(address, 'Name,Age\nAda,36\nBob "B",1\n');
    assert.deepEqual([rowsImported, error?.line], [1, 3]);
    assert.match(error?.detail ?? '', /a quote inside of a value/);
    const earlier = await importText(address, 'Name,Age\nAda,old\nBob "B",1\n');
    assert.deepEqual([earlier.rowsImported, earlier.error?.line], [0, 2], 'the first fault is told');
  });

  it('goes on without bad rows when told to, counting all and listing the first 100', async () => {
    const rows = Array.from({ length: 1_200 }, (_, n) =>
      n % 2 ? `row ${n},x` : n % 4 ? 'short' : `row ${n},${n}`,
    );
    const address = await newTable();
    const progress = await importText(address, `Name,Age\n${rows.join('\n')}`, { onError: 'skip' });
    assert.deepEqual([progress.state, progress.rowsImported, progress.rowsSkipped], ['done', 300, 900]);
    assert.equal(progress.skipped.length, 100);
    assert.deepEqual(progress.skipped.slice(0, 2), [
      { line: 3, column: 'Age', detail: 'must be a number; got "x"' },
      { line: 4, column: null, detail: 'the row has 1 values, but the header has 2' },
    ]);
  });

  it('adds missing columns as text when told to', async () => {
    const address = await newTable();
    await importText(address, 'Name,Zip\nAda,12345\n', { createColumns: true, columnTypes: 'text' });
    assert.deepEqual(await shownCells(address), [{ Name: 'Ada', Age: null, Zip: '12345' }]);
  });

  it('adds missing columns also when there are no rows', async () => {
    const address = await newTable();
    const { state } = await importText(address, 'Name,Due\n', { createColumns: true });
    assert.deepEqual([state, (await bases.getTable(address)).columns.at(-1)?.type], ['done', 'text']);
  });

  it('tells how far it is while it runs, under the id that the caller chose', async () => {
    const address = await newTable();
    const reached = Promise.withResolvers<ImportProgress>();
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`Name,Age\n${'Ada,36\n'.repeat(1_100)}`);
      reached.resolve(await bases.imports.find(address, 'mine'));
      yield Buffer.from('Bob,1\n');
    }
    const options = { ...defaultImportOptions, id: 'mine', bytesTotal: 7_715 };
    const ended = await bases.imports.run(address, source(), options, actor);
    const { state, rowsImported, bytesRead, bytesTotal, finishedAtMs } = await reached.promise;
    assert.deepEqual(
      [state, rowsImported, bytesRead, bytesTotal, finishedAtMs],
      ['running', 1_000, 7_709, 7_715, null],
    );
    assert.deepEqual([ended.state, ended.rowsImported, ended.bytesRead], ['done', 1_101, 7_715]);
    assert.deepEqual(await bases.imports.list(address), [ended]);
    await assert.rejects(
      importText(address, 'Name\n', { id: 'mine' }),
      /There is an import with the id "mine" already/,
    );
    await assert.rejects(importText(address, 'Name\n', { id: 'a/b' }), /importId: must be 1 to 64 letters/);
    const other = await newTable();
    await assert.rejects(bases.imports.find(other, 'mine'), /no import with the id "mine" into the table/);
  });

  it('can be cancelled while it waits for bytes; its rows so far stay', async () => {
    const address = await newTable();
    const waiting = Promise.withResolvers<void>();
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`Name,Age\n${'Ada,36\n'.repeat(600)}`);
      waiting.resolve();
      await new Promise(() => undefined);
    }
    const running = bases.imports.run(address, source(), { ...defaultImportOptions, id: 'long' }, actor);
    await waiting.promise;
    const cancelled = await bases.imports.cancel(address, 'long');
    assert.deepEqual([cancelled.state, cancelled.rowsImported], ['cancelled', 500]);
    assert.deepEqual(await running, cancelled);
    assert.deepEqual(
      await bases.imports.cancel(address, 'long'),
      cancelled,
      'to cancel again changes nothing',
    );
    assert.equal((await shownCells(address)).length, 500);
  });

  it('is cancelled when the process stops', async () => {
    const address = await newTable();
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('Name,Age\n');
      stopped = bases.imports.stop();
      await new Promise(() => undefined);
    }
    let stopped: Promise<void> | undefined;
    const { state } = await bases.imports.run(address, source(), defaultImportOptions, actor);
    await stopped;
    assert.equal(state, 'cancelled');
  });

  it('fails when its bytes break off', async () => {
    const address = await newTable();
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`Name,Age\n${'Ada,36\n'.repeat(600)}`);
      throw new Error('aborted');
    }
    const { state, rowsImported, error } = await bases.imports.run(
      address,
      source(),
      defaultImportOptions,
      actor,
    );
    assert.deepEqual([state, rowsImported, error?.detail], ['failed', 500, 'the upload broke off (aborted)']);
  });

  it('fails when its table or column is deleted while it runs, and when the table is not there', async () => {
    const deletions: ReadonlyArray<[(address: TableAddress) => Promise<void>, RegExp]> = [
      [(address) => bases.deleteColumn(address, 'Age'), /the column was deleted while the import ran/],
      [(address) => bases.deleteTable(address), /has no table with the id or name/],
      [(address) => bases.deleteBase(workspaceNumber, address.base), /no base with the id/],
    ];
    for (const [remove, detail] of deletions) {
      const address = await newTable();
      async function* source(): AsyncGenerator<Uint8Array> {
        yield Buffer.from(`Name,Age\n${'Ada,36\n'.repeat(600)}`);
        await remove(address);
        yield Buffer.from('Bob,1\n');
      }
      const { state, rowsImported, error } = await bases.imports.run(
        address,
        source(),
        defaultImportOptions,
        actor,
      );
      assert.deepEqual([state, rowsImported], ['failed', 500]);
      assert.match(error?.detail ?? '', detail);
    }
    const address = await newTable();
    await assert.rejects(importText({ ...address, table: 'nope' }, 'Name\n'), Problem);
  });

  it('goes on when its table or column is renamed while it runs', async () => {
    const address = await newTable();
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`Name,Age\n${'Ada,36\n'.repeat(600)}`);
      await bases.renameTable(address, 'Persons');
      await bases.changeColumn(address, 'Age', { name: 'Years' });
      yield Buffer.from('Bob,1\n');
    }
    const options = { ...defaultImportOptions };
    const { state } = await bases.imports.run({ ...address, table: 'Things' }, source(), options, actor);
    assert.equal(state, 'done');
    assert.deepEqual((await shownCells(address)).at(-1), { Name: 'Bob', Years: 1 });
  });

  it('is one of at most 10 that run in a workspace', async () => {
    const address = await newTable();
    const options = (n: number) => ({ ...defaultImportOptions, id: `many-${n}` });
    async function* endless(): AsyncGenerator<Uint8Array> {
      await new Promise(() => undefined);
    }
    const running = Array.from({ length: 10 }, (_, n) =>
      bases.imports.run(address, endless(), options(n), actor),
    );
    await assert.rejects(
      bases.imports.run(address, endless(), options(10), actor),
      /At most 10 imports run at the same time/,
    );
    await bases.imports.stop();
    await Promise.all(running);
  });

  it('commits long rows before there are 500 of them', async () => {
    const address = await newTable([{ name: 'Text', type: 'long-text' }]);
    const line = `${'x'.repeat(400_000)}\n`;
    await importText(address, `Text\n${line.repeat(7)}`);
    const sizes = Map.groupBy(events, ({ subject }) => subject?.changeSetId).values();
    assert.deepEqual(
      [...sizes].map(({ length }) => length),
      [3, 3, 1],
    );
  });
});
