import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../model/clock.ts';
import type { ColumnKey } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import { type Column, type ColumnType, columnTypes, isAutoColumnType } from '../../model/table.ts';
import type { Store } from '../../store/port.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import type { TableAddress } from './address.ts';
import { readCell } from './cells.ts';
import type { ColumnInput } from './columns.ts';
import { convertedCell } from './conversion.ts';
import { allRows } from './row-query.ts';
import { showRow } from './row-values.ts';
import { BaseService } from './service.ts';

const directory = mkdtempSync(join(tmpdir(), 'rowhook-conversion-'));
const actor = { user: 'ada', app: 'test' };
const options = [
  { id: '111', name: 'Open' },
  { id: '222', name: '5' },
];
let store: Store;
let bases: BaseService;
let workspaceNumber: number;

function open(): void {
  store = openSqliteStore({ directory, clock: systemClock, secretKey: 'a key for tests' });
  bases = new BaseService(store, systemClock);
}

before(async () => {
  open();
  workspaceNumber = (await store.workspaces.create('ours')).number;
});

after(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

async function newTable(...columns: readonly ColumnInput[]): Promise<TableAddress> {
  const base = await bases.createBase(workspaceNumber, 'A base');
  const table = await bases.createTable(workspaceNumber, base.id, { name: 'Things', columns });
  return { workspaceNumber, base: base.id, table: table.id };
}

async function insert(address: TableAddress, ...values: readonly unknown[]): Promise<readonly string[]> {
  const inputs = values.map((value) => ({ cells: { Cell: value } }));
  return (await bases.rows.insert(address, inputs, actor)).rows.map(({ id }) => id);
}

async function cellsOf(address: TableAddress): Promise<readonly unknown[]> {
  const { table, rows } = await bases.rows.list(address, { limit: 1_000, cursor: null });
  return rows.map((row) => showRow(table, row, 'name').cells.Cell);
}

async function refused(action: Promise<unknown>, code: Problem['code'], message: RegExp): Promise<void> {
  await assert.rejects(action, (error) => {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

const text = (name = 'Cell'): ColumnInput => ({ name, type: 'text', key: 'cell' });

describe('a converted cell', () => {
  const column = (type: ColumnType): Column => ({
    key: 'cell' as ColumnKey,
    name: 'Cell',
    type,
    data: type.endsWith('select') ? { options } : {},
  });
  const converted = (from: ColumnType, to: ColumnType, input: unknown): unknown => {
    const reading = readCell(column(from), input);
    assert.ok(reading.ok, reading.ok ? '' : reading.fault);
    return convertedCell(column(from), column(to), reading.value ?? undefined);
  };

  it('is what it says, as the other type has it', () => {
    const cases: ReadonlyArray<[ColumnType, unknown, ColumnType, unknown]> = [
      ['text', ' 12.5 ', 'number', 12.5],
      ['number', 12.5, 'text', '12.5'],
      ['text', 'yes', 'checkbox', true],
      ['checkbox', false, 'text', 'false'],
      ['text', '2026-01-31', 'date', '2026-01-31'],
      ['text', 'Open', 'single-select', '111'],
      ['number', 5, 'single-select', '222'],
      ['single-select', 'Open', 'text', 'Open'],
      ['single-select', 'Open', 'multiple-select', ['111']],
      ['multiple-select', ['Open', '5'], 'text', 'Open, 5'],
      ['multiple-select', ['Open'], 'single-select', '111'],
      ['text', 'ada, bob', 'collaborator', ['ada', 'bob']],
      ['number', 90, 'duration', 90],
      ['duration', 5_400, 'text', '1:30'],
      ['text', '1:30', 'duration', 5_400],
      ['number', 7, 'rating', 7],
      ['text', '47.37, 8.54', 'geolocation', { lat: 47.37, lng: 8.54 }],
      ['url', 'https://a.b/c', 'image', ['https://a.b/c']],
    ];
    for (const [from, input, to, result] of cases) {
      assert.deepEqual(converted(from, to, input), result, `${from} to ${to}`);
    }
  });

  it('is empty when the other type has nothing like it', () => {
    const cases: ReadonlyArray<[ColumnType, unknown, ColumnType]> = [
      ['text', 'about 5', 'number'],
      ['number', 7.5, 'rating'],
      ['multiple-select', ['Open', '5'], 'single-select'],
      ['text', 'Closed', 'single-select'],
      ['text', 'ada', 'email'],
      ['checkbox', true, 'number'],
    ];
    for (const [from, input, to] of cases) assert.equal(converted(from, to, input), undefined);
  });

  it('is one that could have been written, for every pair of types', () => {
    const inputs = fc.oneof(
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.webUrl(),
      fc.emailAddress(),
      fc.nat({ max: 12 }),
    );
    const types = columnTypes.filter((type) => !isAutoColumnType(type));
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.constantFrom(...types), inputs, (from, to, input) => {
        const reading = readCell(column(from), input);
        if (!reading.ok || reading.value === null) return;
        const result = convertedCell(column(from), column(to), reading.value);
        if (result === undefined) return;
        assert.deepEqual(readCell(column(to), result), { ok: true, value: result });
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('the conversion of a column', () => {
  it('tells beforehand what would be kept, changed and lost, and changes nothing', async () => {
    const address = await newTable(text());
    await insert(address, '5', '007', 'five', null, '1.50');
    assert.deepEqual(await bases.previewConversion(address, 'Cell', { type: 'number' }), {
      convertible: 3,
      changed: 2,
      lost: 1,
      examples: [
        { row: 2, before: '007', after: 7 },
        { row: 3, before: 'five', after: null },
        { row: 5, before: '1.50', after: 1.5 },
      ],
    });
    assert.deepEqual(await cellsOf(address), ['5', '007', 'five', null, '1.50']);
  });

  it('changes every cell and the type, without an event', async () => {
    const address = await newTable(text());
    const [first] = await insert(address, ...Array.from({ length: 450 }, (_, n) => String(n)), 'x');
    const head = store.journal.headSeq();
    const { column, preview } = await bases.convertColumn(address, 'Cell', { type: 'number' });
    assert.deepEqual([column.type, column.key, column.becomes], ['number', 'cell', undefined]);
    assert.deepEqual([preview.convertible, preview.lost], [450, 1]);
    assert.deepEqual(await cellsOf(address), [...Array.from({ length: 450 }, (_, n) => n), null]);
    assert.equal(store.journal.headSeq(), head);
    await bases.rows.update(address, [{ id: first ?? '', cells: { Cell: 5 } }], actor);
    assert.deepEqual((await cellsOf(address)).slice(0, 2), [5, 1]);
    const back = await bases.convertColumn(address, 'cell', { type: 'text' });
    assert.equal(back.column.type, 'text');
    assert.deepEqual((await cellsOf(address)).slice(0, 2), ['5', '1']);
  });

  it('takes in what is written while it goes on', async () => {
    const address = await newTable(text());
    const ids = await insert(address, ...Array.from({ length: 1_000 }, (_, n) => String(n)));
    const converted = bases.convertColumn(address, 'Cell', { type: 'number' });
    let done = false;
    converted.then(
      () => {
        done = true;
      },
      () => undefined,
    );
    const expected = new Map(ids.map((id, n) => [id, n]));
    for (let n = 0; !done && n < 900; n += 1) {
      const id = ids[(n * 37) % ids.length] ?? '';
      const isNumber = (await bases.getTable(address)).columns[0]?.type === 'number';
      const cells = { Cell: isNumber ? 1_000 + n : String(1_000 + n) };
      const updated = await bases.rows.update(address, [{ id, cells }], actor).catch((error) => {
        // The type may change between asking and writing.
        assert.ok(error instanceof Problem);
        return null;
      });
      if (updated) expected.set(id, 1_000 + n);
    }
    await converted;
    assert.deepEqual(await cellsOf(address), [...expected.values()]);
  });

  it('makes the options of a select from the cells, when none are given', async () => {
    const address = await newTable(text());
    await insert(address, 'Open', 'Done', null, 'Open');
    const { column, preview } = await bases.convertColumn(address, 'Cell', { type: 'single-select' });
    assert.deepEqual(
      column.data.options?.map(({ name }) => name),
      ['Open', 'Done'],
    );
    assert.deepEqual([preview.convertible, preview.changed, preview.lost], [3, 0, 0]);
    assert.deepEqual(await cellsOf(address), ['Open', 'Done', null, 'Open']);
  });

  it('is not to or from a column that Rowhook fills in', async () => {
    const address = await newTable(text(), { name: 'At', type: 'created' });
    await refused(
      bases.convertColumn(address, 'Cell', { type: 'auto-number' }),
      'invalid-input',
      /^\/type: Rowhook fills in a column of the type auto-number/,
    );
    await refused(bases.previewConversion(address, 'At', { type: 'text' }), 'invalid-input', /type created/);
  });

  it('happens once at a time', async () => {
    const address = await newTable(text());
    await insert(address, ...Array.from({ length: 300 }, (_, n) => String(n)));
    const outcomes = await Promise.allSettled([
      bases.convertColumn(address, 'Cell', { type: 'number' }),
      bases.convertColumn(address, 'Cell', { type: 'rating' }),
    ]);
    const statuses = outcomes.map(({ status }) => status).sort();
    assert.deepEqual(statuses, ['fulfilled', 'rejected']);
    const [column] = (await bases.getTable(address)).columns;
    assert.equal(column?.becomes, undefined);
    assert.equal(new Set((await cellsOf(address)).map((cell) => typeof cell)).size, 1);
  });

  it('keeps an index, filters and undo working', async () => {
    const address = await newTable({ ...text(), data: { indexed: true } });
    await insert(address, '10', '9', 'x');
    await bases.convertColumn(address, 'Cell', { type: 'number', data: { indexed: true } });
    await store.rows.followColumns(await bases.getTable(address));
    const page = { limit: 10, cursor: null };
    const query = { ...allRows, filters: ['Cell>=9'], sort: 'Cell' };
    const { rows } = await bases.rows.list(address, page, query);
    assert.deepEqual(
      rows.map(({ number }) => number),
      [2, 1],
    );
    await refused(bases.undo.undo(address, null, actor), 'conflict', /row \d has changed since/);
    await bases.rows.delete(address, [rows[0]?.id ?? ''], actor);
    await bases.undo.undo(address, null, actor);
    assert.deepEqual(await cellsOf(address), [10, 9, null]);
  });

  it('goes on after the process ended in the middle of it', async () => {
    const address = await newTable(text());
    await insert(address, ...Array.from({ length: 700 }, (_, n) => String(n)));
    const converted = bases.convertColumn(address, 'Cell', { type: 'number' });
    const interrupted = assert.rejects(converted);
    for (let marked = false; !marked; ) {
      const [column] = (await bases.getTable(address)).columns;
      marked = column?.becomes !== undefined;
      if (!marked) await new Promise(setImmediate);
    }
    await store.close();
    await interrupted;
    open();
    for (let type = ''; type !== 'number'; ) {
      type = (await bases.getTable(address)).columns[0]?.type ?? '';
      await new Promise(setImmediate);
    }
    assert.deepEqual(
      await cellsOf(address),
      Array.from({ length: 700 }, (_, n) => n),
    );
  });
});
