import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../model/clock.ts';
import { type ColumnType, columnTypes, isAutoColumnType } from '../../model/table.ts';
import type { Store } from '../../store/port.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import type { TableAddress } from './address.ts';
import type { ColumnInput } from './columns.ts';
import { type ExportOptions, exportRows } from './export.ts';
import { defaultImportOptions, type ImportOptions } from './import-service.ts';
import { showRow } from './row-values.ts';
import { BaseService } from './service.ts';

const directory = mkdtempSync(join(tmpdir(), 'rowhook-export-'));
const actor = { user: 'ada', app: 'test' };
const csv: ExportOptions = { format: 'csv', cellsBy: 'name', raw: false, filters: [] };
let store: Store;
let bases: BaseService;
let workspaceNumber: number;

before(async () => {
  store = openSqliteStore({ directory, clock: systemClock, secretKey: 'a key for tests' });
  workspaceNumber = (await store.workspaces.create('ours')).number;
  bases = new BaseService(store, systemClock);
});

after(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

async function newTable(columns: readonly ColumnInput[]): Promise<TableAddress> {
  const base = await bases.createBase(workspaceNumber, 'A base');
  const others = await bases.createTable(workspaceNumber, base.id, {
    name: 'Linked',
    columns: [{ name: 'Name', type: 'text' }],
  });
  const table = await bases.createTable(workspaceNumber, base.id, {
    name: 'Things',
    columns: columns.map((one) => (one.type === 'link' ? { ...one, data: { table: others.id } } : one)),
  });
  return { workspaceNumber, base: base.id, table: table.id };
}

async function insert(address: TableAddress, ...rows: Record<string, unknown>[]): Promise<void> {
  const inputs = rows.map((cells) => ({ cells }));
  await bases.rows.insert(address, inputs, actor);
}

async function exported(address: TableAddress, options: Partial<ExportOptions> = {}): Promise<string> {
  let text = '';
  for await (const piece of exportRows(bases.rows, address, { ...csv, ...options })) text += piece;
  return text;
}

async function imported(
  address: TableAddress,
  text: string,
  options: Partial<ImportOptions> = {},
): Promise<void> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  const all = { ...defaultImportOptions, ...options };
  const { state, error } = await bases.imports.run(address, bytes(), all, actor);
  assert.equal(state, 'done', JSON.stringify(error));
}

/** The cells of every row that are written, without what Rowhook fills in. */
async function writtenCells(address: TableAddress): Promise<Record<string, unknown>[]> {
  const { table, rows } = await bases.rows.list(address, { limit: 1_000, cursor: null });
  const written = table.columns.filter(({ type }) => !isAutoColumnType(type));
  return rows.map((row) => {
    const { cells } = showRow(table, row, 'name');
    return Object.fromEntries(written.map(({ name }) => [name, cells[name]]));
  });
}

const options = [{ name: 'Open' }, { name: 'Done, paid' }, { name: '[x]' }, { name: '=5' }];
const everyType: readonly ColumnInput[] = [
  { name: '=Name', type: 'text', key: 'name' },
  ...columnTypes.map(
    (type): ColumnInput => ({ name: type, type, ...(type.endsWith('select') ? { data: { options } } : {}) }),
  ),
  { name: 'moment', type: 'date', data: { time: true } },
];

const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.constantFrom(
    '=1+1',
    "'=1+1",
    "''-x",
    '-5',
    '+5.5',
    '-x',
    '@a',
    '\tx',
    '\r',
    ' ',
    '"',
    'a\r\nb,c',
    "'",
    '007',
  ),
);
const name = fc.constantFrom('ada', 'bob', 'Lovelace, Ada', '[', '["x"]', '-x');
const inputs: Partial<Readonly<Record<ColumnType | '=Name' | 'moment', fc.Arbitrary<unknown>>>> = {
  '=Name': text,
  text,
  'long-text': text,
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  checkbox: fc.boolean(),
  date: fc.constantFrom('2024-02-29', '1999-12-31'),
  moment: fc.constantFrom('2024-02-29T10:00:00.001Z'),
  'single-select': fc.constantFrom('Open', 'Done, paid', '=5'),
  'multiple-select': fc.uniqueArray(fc.constantFrom(...options.map((option) => option.name))),
  email: fc.constantFrom('a@b.c', '=d@e.f'),
  url: fc.webUrl(),
  collaborator: fc.uniqueArray(name),
  file: fc.array(fc.record({ name, url: fc.webUrl(), size: fc.nat() }), { maxLength: 2 }),
  image: fc.uniqueArray(fc.constantFrom('https://a.b/c', 'https://a.b/c,d'), { maxLength: 2 }),
  link: fc.uniqueArray(fc.constantFrom('A'.repeat(22), `-${'B'.repeat(21)}`)),
  duration: fc.integer({ min: -90_000, max: 90_000 }),
  rating: fc.nat({ max: 10 }),
  geolocation: fc.oneof(
    fc.record({ lat: fc.double({ min: -90, max: 90, noNaN: true }), lng: fc.constantFrom(-8.5, 1e-7) }),
    fc.constantFrom({ country_region: 'France' }, { country_region: '47, 8' }, { country_region: '{x' }),
  ),
};
const cells = fc.record(
  Object.fromEntries(Object.entries(inputs).map(([of, values]) => [of, fc.oneof(fc.constant(null), values)])),
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, unknown>>;

describe('an export', () => {
  const variants = {
    CSV: { out: {}, back: {} },
    'raw CSV': { out: { raw: true }, back: { raw: true } },
    'CSV by key': { out: { cellsBy: 'key' }, back: {} },
    'JSON lines': { out: { format: 'jsonl' }, back: { format: 'jsonLines' } },
  } as const;
  for (const [kind, { out, back }] of Object.entries(variants)) {
    it(`as ${kind} comes back as the same rows`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(cells, { minLength: 1, maxLength: 5 }), async (rows) => {
          const address = await newTable(everyType);
          await insert(address, ...rows);
          const copy = await newTable(
            out === variants['CSV by key'].out
              ? (await bases.getTable(address)).columns.map(({ key, name: title, type, data }) => ({
                  key,
                  name: title,
                  type,
                  data: data.options ? { options: data.options } : data.time ? { time: true } : {},
                }))
              : everyType,
          );
          await imported(copy, await exported(address, out), back);
          assert.deepEqual(await writtenCells(copy), await writtenCells(address));
        }),
        { numRuns: 40 },
      );
    });
  }

  it('keeps an empty row of a single column', async () => {
    const one: readonly ColumnInput[] = [{ name: 'Name', type: 'text' }];
    const address = await newTable(one);
    await insert(address, {}, { Name: 'a' }, {});
    const copy = await newTable(one);
    assert.equal(await exported(address), 'Name\r\n""\r\na\r\n""\r\n');
    await imported(copy, await exported(address));
    assert.deepEqual(await writtenCells(copy), [{ Name: null }, { Name: 'a' }, { Name: null }]);
  });

  it('puts an apostrophe before what a spreadsheet would take for a formula, but not before numbers', async () => {
    const address = await newTable([
      { name: '@Name', type: 'text' },
      { name: 'Price', type: 'number' },
    ]);
    const names = ['=HYPERLINK("x")', '+1', '-2+3', '@x', '\tx', "'=x", 'x=1', "it's"];
    await insert(address, ...names.map((value) => ({ '@Name': value, Price: -5 })));
    const guarded = await exported(address);
    assert.deepEqual(guarded.split('\r\n'), [
      "'@Name,Price",
      '"\'=HYPERLINK(""x"")",-5',
      '+1,-5',
      "'-2+3,-5",
      "'@x,-5",
      "'\tx,-5",
      "''=x,-5",
      'x=1,-5',
      "it's,-5",
      '',
    ]);
    assert.equal((await exported(address, { raw: true })).split('\r\n')[3], '-2+3,-5');
  });

  it('has only the rows that the filters leave', async () => {
    const address = await newTable([{ name: 'Price', type: 'number', key: 'cost' }]);
    await insert(address, { Price: 1 }, { Price: 2 }, { Price: 3 });
    const lines = await exported(address, { format: 'jsonl', cellsBy: 'key', filters: ['Price>=2'] });
    assert.equal(lines, '{"cost":2}\n{"cost":3}\n');
  });

  it('reads rows only as they are taken from it', async () => {
    const address = await newTable([{ name: 'Price', type: 'number' }]);
    await insert(address, ...Array.from({ length: 500 }, (_, Price) => ({ Price })));
    let asked = 0;
    const counting = {
      list: (...args: Parameters<typeof bases.rows.list>) => {
        asked += 1;
        return bases.rows.list(...args);
      },
    };
    const pieces = exportRows(counting, address, csv);
    await pieces.next();
    assert.equal(asked, 1);
    await pieces.next();
    assert.equal(asked, 2);
    await pieces.return(undefined);
    assert.equal(asked, 2);
  });
});

describe('an import of JSON lines', () => {
  const people: readonly ColumnInput[] = [
    { name: 'Name', type: 'text' },
    { name: 'Age', type: 'number', key: 'age' },
  ];
  const jsonLines = { format: 'jsonLines' } as const;

  it('takes cells by name or key, and empty lines', async () => {
    const address = await newTable(people);
    await imported(address, '\ufeff{"Name":"Ann","age":5}\r\n\n{"Age":null}\n{}', jsonLines);
    assert.deepEqual(await writtenCells(address), [
      { Name: 'Ann', Age: 5 },
      { Name: null, Age: null },
      { Name: null, Age: null },
    ]);
  });

  it('stops at the first bad line, or goes on without the bad ones', async () => {
    const text = '{"Name":"a"}\n{"Name":5}\n[1]\n{"Name"\n{"Nam":"x"}\n{"Age":1,"age":2}\n{"Name":"b"}\n';
    async function* bytes(): AsyncGenerator<Uint8Array> {
      // Cut anywhere, also within a line.
      for (let start = 0; start < text.length; start += 7) yield Buffer.from(text.slice(start, start + 7));
    }
    const stopping = await newTable(people);
    const all = { ...defaultImportOptions, ...jsonLines };
    const stopped = await bases.imports.run(stopping, bytes(), all, actor);
    assert.deepEqual([stopped.state, stopped.rowsImported], ['failed', 1]);
    assert.deepEqual(stopped.error, {
      code: 'invalid-input',
      line: 2,
      column: 'Name',
      detail: 'must be text; got 5',
    });
    const skipping = await newTable(people);
    const skipped = await bases.imports.run(skipping, bytes(), { ...all, onError: 'skip' }, actor);
    assert.deepEqual([skipped.state, skipped.rowsImported, skipped.rowsSkipped], ['done', 2, 5]);
    assert.deepEqual(
      skipped.skipped.map(({ line, column, detail }) => [line, column, detail]),
      [
        [2, 'Name', 'must be text; got 5'],
        [3, null, 'must be an object with cells by column; got a list'],
        [4, null, 'must be JSON; got "{\\"Name\\""'],
        [5, 'Nam', 'there is no such column; allowed: "Name", "Age"'],
        [6, 'age', 'the column is there twice, by its key and by its name'],
      ],
    );
  });

  it('adds the columns that the first lines have and the table lacks', async () => {
    const address = await newTable(people.slice(0, 1));
    const lines = ['{"Name":"a","Born":"1990-01-31","Tall":1.8}', '{"Code":"007","Member":true}'];
    await imported(address, lines.join('\n'), { ...jsonLines, createColumns: true });
    const { columns } = await bases.getTable(address);
    assert.deepEqual(
      columns.map((column) => [column.name, column.type]),
      [
        ['Name', 'text'],
        ['Born', 'date'],
        ['Tall', 'number'],
        ['Code', 'text'],
        ['Member', 'checkbox'],
      ],
    );
  });
});

describe('an import that is not to fire', () => {
  it('brings the rows without an event', async () => {
    const address = await newTable([{ name: 'Name', type: 'text' }]);
    const before = store.journal.headSeq();
    await imported(address, 'Name\na\nb\n', { fire: false });
    assert.equal((await writtenCells(address)).length, 2);
    assert.equal(store.journal.headSeq(), before);
    await imported(address, 'Name\nc\n');
    assert.equal(store.journal.headSeq(), before + 1);
  });
});
