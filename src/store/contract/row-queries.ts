import assert from 'node:assert/strict';
import { describe } from 'node:test';
import fc from 'fast-check';
import type { ColumnKey } from '../../model/ids.ts';
import type { Cells, CellValue, Column, Row, Table } from '../../model/table.ts';
import type { RowCondition, RowField, RowQuery, Store } from '../port.ts';
import { everyPage, newRow, newTable, problem, rowEvent } from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const column = (key: string, type: Column['type'], data: Column['data'] = {}): Column => ({
  key: key as ColumnKey,
  name: `The ${key}`,
  type,
  data,
});
const plainColumns = [
  column('text', 'text'),
  column('number', 'number'),
  column('done', 'checkbox'),
  column('day', 'date'),
  column('at', 'date', { time: true }),
  column('state', 'single-select', { options: [{ id: 'o1', name: 'One' }] }),
  column('tags', 'multiple-select', { options: [{ id: 't1', name: 'One' }] }),
];
const indexedColumns = plainColumns.map((one) =>
  one.type === 'multiple-select' ? one : { ...one, data: { ...one.data, indexed: true } },
);

const cell = (key: string, shape: 'plain' | 'day' | 'moment' = 'plain'): RowField => ({
  kind: 'cell',
  key: key as ColumnKey,
  shape,
});
const fields = {
  text: cell('text'),
  number: cell('number'),
  done: cell('done'),
  day: cell('day', 'day'),
  at: cell('at', 'moment'),
  state: cell('state'),
};

/** Beyond the 200 characters that rows are sorted by, and of more than one UTF-16 unit each. */
const long = '😀'.repeat(199);
const texts = fc.constantFrom('', 'a', 'A', 'b', 'Ä', 'z', '10', '9', `${long}a1`, `${long}a2`, `${long}b`);
const numbers = fc.constantFrom(-1.5, 0, 1, 9, 10, 1e300, 9_007_199_254_740_991);
const days = fc.constantFrom('2026-01-31', '2026-02-01', '0001-01-01', '2026-01-31T10:00:00.000Z');
const moments = fc.constantFrom('2026-01-31T00:00:00.000Z', '2026-01-31', '2026-01-31T10:00:00.000Z');
const states = fc.constantFrom('o1', 'o2', 'gone');
const cellsOfRow = fc.record(
  {
    text: texts,
    number: numbers,
    done: fc.boolean(),
    day: days,
    at: moments,
    state: states,
    tags: fc.uniqueArray(fc.constantFrom('t1', 't2', 'gone'), { minLength: 1 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Cells>;

const operators = fc.constantFrom('=', '<', '<=', '>', '>=') as fc.Arbitrary<'=' | '<' | '<=' | '>' | '>='>;
const compare = (field: RowField, values: fc.Arbitrary<string | number | boolean>) =>
  fc.record({
    kind: fc.constant('compare' as const),
    field: fc.constant(field),
    operator: operators,
    value: values,
  });
const positive: fc.Arbitrary<RowCondition> = fc.oneof(
  compare(fields.text, texts),
  compare(fields.number, numbers),
  compare(fields.done, fc.boolean()),
  compare(fields.day, fc.constantFrom('2026-01-31', '2026-02-01')),
  compare(fields.at, fc.constantFrom('2026-01-31T00:00:00.000Z', '2026-01-31T10:00:00.000Z')),
  compare(fields.state, states),
  compare({ kind: 'fact', fact: 'number' }, fc.nat({ max: 20 })),
  compare({ kind: 'fact', fact: 'createdBy' }, fc.constantFrom('ada', 'Bob')),
  fc.record({
    kind: fc.constant('contains' as const),
    field: fc.constant(fields.text),
    text: fc.constantFrom('a', 'A', 'ä', '0'),
  }),
  fc.record({
    kind: fc.constant('has' as const),
    key: fc.constant('tags' as ColumnKey),
    item: fc.constantFrom('t1', 't2'),
  }),
  fc.record({
    kind: fc.constant('empty' as const),
    field: fc.constantFrom(fields.text, fields.state, cell('tags'), {
      kind: 'fact',
      fact: 'createdBy',
    } as const),
    known: fc.constantFrom(null, ['o1', 't1']),
  }),
);
const condition: fc.Arbitrary<RowCondition> = fc.oneof(
  { weight: 3, arbitrary: positive },
  { weight: 1, arbitrary: positive.map((one): RowCondition => ({ kind: 'not', condition: one })) },
);
const query: fc.Arbitrary<RowQuery> = fc.record({
  conditions: fc.array(condition, { maxLength: 2 }),
  sort: fc.option(
    fc.record({
      field: fc.constantFrom<RowField>(
        ...Object.values(fields),
        { kind: 'fact', fact: 'number' },
        { kind: 'fact', fact: 'createdBy' },
      ),
      descending: fc.boolean(),
      order: fc.constant(null),
    }),
  ),
});

/** What the port says of queries, in plain words. */
class Model {
  readonly rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.rows = rows;
  }

  answer({ conditions, sort }: RowQuery): readonly Row[] {
    const found = this.rows.filter((row) => conditions.every((one) => this.#holds(row, one)));
    return found.sort((one, other) => {
      const order = sort ? compareValues(sortValue(one, sort.field), sortValue(other, sort.field)) : 0;
      return (order === 0 ? one.number - other.number : order) * (sort?.descending ? -1 : 1);
    });
  }

  #holds(row: Row, condition: RowCondition): boolean {
    switch (condition.kind) {
      case 'not':
        return !this.#holds(row, condition.condition);
      case 'has':
        return (row.cells[condition.key] as readonly string[] | undefined)?.includes(condition.item) ?? false;
      case 'contains':
        return withoutCase(String(fieldValue(row, condition.field) ?? '')).includes(
          withoutCase(condition.text),
        );
      case 'empty': {
        const value = fieldValue(row, condition.field);
        if (value === null || condition.known === null || condition.field.kind === 'fact')
          return value === null;
        return ![value].flat().some((item) => condition.known?.includes(item as string));
      }
      case 'compare': {
        const value = fieldValue(row, condition.field);
        if (value === null) return false;
        if (condition.operator === '=') return value === condition.value;
        const order = compareValues(value, condition.value);
        return { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[condition.operator];
      }
    }
  }
}

function fieldValue(row: Row, field: RowField): CellValue | null {
  if (field.kind === 'fact') return row[field.fact];
  const value = row.cells[field.key] ?? null;
  if (typeof value !== 'string' || field.shape === 'plain') return value;
  if (field.shape === 'day') return value.slice(0, 10);
  return value.length === 10 ? `${value}T00:00:00.000Z` : value;
}

function sortValue(row: Row, field: RowField): CellValue | null {
  const value = fieldValue(row, field);
  return typeof value === 'string' ? [...value].slice(0, 200).join('') : value;
}

function compareValues(one: CellValue | null, other: CellValue | null): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  if (typeof one === 'string' && typeof other === 'string') {
    return Buffer.compare(Buffer.from(withoutCase(one)), Buffer.from(withoutCase(other)));
  }
  return Number(one) - Number(other);
}

const withoutCase = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function insert(store: Store, table: Table, rows: readonly Cells[]): Promise<readonly Row[]> {
  return store.rows.change(table, [], (_, nextNumber) => {
    const inserts = rows.map((cells, place) => {
      const createdBy = [null, 'ada', 'Bob'][place % 3] ?? null;
      return newRow(nextNumber + place, '', { cells, createdBy });
    });
    const events = inserts.map((row) => rowEvent(table, 'row.inserted', row.id));
    return { inserts, updates: [], deletes: [], events, result: inserts };
  });
}

function everyRow(store: Store, table: Table): Promise<readonly Row[]> {
  return everyPage((page) => store.rows.list(table, page), 1_000);
}

const numbersOf = (rows: readonly Row[]): readonly number[] => rows.map(({ number }) => number);

async function agrees(store: Store, table: Table, asked: RowQuery, limit: number): Promise<void> {
  const answered = await everyPage((page) => store.rows.query(table, asked, page), limit);
  const expected = new Model(await everyRow(store, table)).answer(asked);
  assert.deepEqual(numbersOf(answered), numbersOf(expected));
}

export function rowQueriesContract(createPlace: CreatePlace): void {
  describe('a query of rows', () => {
    for (const [kind, columns] of Object.entries({ without: plainColumns, with: indexedColumns })) {
      storeTest(
        createPlace,
        `finds the rows that fulfil every condition, in order, in pages of any size, ${kind} indexes`,
        async ({ store }) => {
          const table = await newTable(store, 'Things', columns);
          await store.rows.followColumns(table);
          const rows = fc.sample(cellsOfRow, { numRuns: 60, seed: 1 });
          await insert(store, table, rows);
          await fc.assert(
            fc.asyncProperty(query, fc.integer({ min: 1, max: 70 }), async (asked, limit) => {
              await agrees(store, table, asked, limit);
            }),
            { numRuns: 400 },
          );
        },
      );
    }

    storeTest(createPlace, 'finds few among many, with and without an index', async ({ store }) => {
      const rows = fc.sample(cellsOfRow, { numRuns: 1_400, seed: 2 });
      for (const columns of [plainColumns, indexedColumns]) {
        const table = await newTable(store, 'Things', columns);
        await store.rows.followColumns(table);
        await insert(store, table, rows);
        await fc.assert(
          fc.asyncProperty(query, fc.integer({ min: 100, max: 900 }), async (asked, limit) => {
            await agrees(store, table, asked, limit);
          }),
          { numRuns: 30 },
        );
      }
    });

    storeTest(createPlace, 'answers the same from indexes however rows changed', async ({ store }) => {
      const table = await newTable(store, 'Things', indexedColumns);
      await store.rows.followColumns(table);
      const step = fc.record({
        inserted: fc.array(cellsOfRow, { maxLength: 3 }),
        updated: fc.nat(),
        deleted: fc.nat(),
        cells: cellsOfRow,
      });
      const steps = fc.array(fc.tuple(step, query), { minLength: 1, maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(steps, async (taken) => {
          for (const [{ inserted, updated, deleted, cells }, asked] of taken) {
            await insert(store, table, inserted);
            const rows = await everyRow(store, table);
            const update = rows[updated % rows.length];
            const remove = rows[deleted % rows.length];
            const named = [update, remove].flatMap((row) => (row ? [row.id] : []));
            await store.rows.change(table, named, () => ({
              inserts: [],
              updates: update && update !== remove ? [{ ...update, cells }] : [],
              deletes: remove && rows.length > 10 ? [remove.id] : [],
              events: [],
              result: undefined,
            }));
            await agrees(store, table, asked, 7);
          }
        }),
        { numRuns: 60 },
      );
    });

    storeTest(createPlace, 'sorts by an order of values that is given', async ({ store }) => {
      const table = await newTable(store, 'Things', plainColumns);
      const cells = ['o2', 'o1', 'gone', 'o2'].map((state) => ({ ['state' as ColumnKey]: state }));
      await insert(store, table, [{}, ...cells]);
      const sort = { field: fields.state, descending: false, order: ['o2', 'o1'] };
      const upwards = await everyPage((page) => store.rows.query(table, { conditions: [], sort }, page), 2);
      assert.deepEqual(numbersOf(upwards), [2, 5, 3, 1, 4]);
      const down = { conditions: [], sort: { ...sort, descending: true } };
      const downwards = await everyPage((page) => store.rows.query(table, down, page), 2);
      assert.deepEqual(numbersOf(downwards), [4, 1, 3, 5, 2]);
    });

    storeTest(
      createPlace,
      'goes on after the last row of a page, though it was changed or deleted',
      async ({ store }) => {
        const table = await newTable(store, 'Things', indexedColumns);
        await store.rows.followColumns(table);
        const rows = await insert(
          store,
          table,
          [1, 2, 3, 4].map((number) => ({ ['number' as ColumnKey]: number })),
        );
        const asked = { conditions: [], sort: { field: fields.number, descending: false, order: null } };
        const first = await store.rows.query(table, asked, { limit: 2, cursor: null });
        await store.rows.change(
          table,
          rows.map(({ id }) => id),
          () => ({
            inserts: [],
            updates: [],
            deletes: first.items.slice(1).map(({ id }) => id),
            events: [],
            result: undefined,
          }),
        );
        const next = await store.rows.query(table, asked, { limit: 2, cursor: first.nextCursor });
        assert.deepEqual(numbersOf(next.items), [3, 4]);
      },
    );

    storeTest(createPlace, 'refuses a cursor of a list that is sorted otherwise', async ({ store }) => {
      const table = await newTable(store, 'Things', plainColumns);
      const sorted = { conditions: [], sort: { field: fields.text, descending: false, order: null } };
      const unsorted = { conditions: [], sort: null };
      for (const [asked, cursor] of [
        [sorted, '5'],
        [sorted, '5:'],
        [sorted, '5:{}'],
        [sorted, 'x:"a"'],
        [unsorted, '5:"a"'],
      ] as const) {
        const page = { limit: 1, cursor };
        await assert.rejects(store.rows.query(table, asked, page), problem('invalid-input'), cursor);
      }
    });
  });

  describe('an index of cells', () => {
    storeTest(
      createPlace,
      'takes in the rows that are there, and those that come meanwhile',
      async (bench) => {
        const { store } = bench;
        const table = await newTable(store, 'Things', plainColumns);
        const rows = Array.from({ length: 2_500 }, (_, place) => ({ ['number' as ColumnKey]: place % 7 }));
        await insert(store, table, rows);
        const saved = await store.bases.saveTable({ ...table, columns: indexedColumns });
        const built = store.rows.followColumns(saved);
        await insert(store, saved, rows.slice(0, 10));
        await built;
        const asked: RowQuery = {
          conditions: [{ kind: 'compare', field: fields.number, operator: '=', value: 3 }],
          sort: null,
        };
        const found = await store.rows.query(saved, asked, { limit: 1_000, cursor: null });
        assert.equal(found.items.length, 358);
        const reopened = await bench.reopen();
        const again = await reopened.rows.query(saved, asked, { limit: 1_000, cursor: null });
        assert.deepEqual(numbersOf(again.items), numbersOf(found.items));
      },
    );

    storeTest(createPlace, 'is finished after the store was closed while it was made', async (bench) => {
      const { store } = bench;
      const table = await newTable(store, 'Things', indexedColumns);
      await insert(
        store,
        table,
        Array.from({ length: 3_000 }, (_, place) => ({ ['number' as ColumnKey]: place })),
      );
      const built = store.rows.followColumns(table);
      await bench.close();
      await built;
      const reopened = await bench.open();
      await reopened.rows.followColumns(table);
      const sort = { field: fields.number, descending: true, order: null };
      const top = await reopened.rows.query(table, { conditions: [], sort }, { limit: 3, cursor: null });
      assert.deepEqual(numbersOf(top.items), [3_000, 2_999, 2_998]);
    });

    storeTest(
      createPlace,
      'is made anew when a date gets a time, and goes with its column',
      async ({ store }) => {
        const table = await newTable(store, 'Things', indexedColumns);
        await store.rows.followColumns(table);
        await insert(store, table, [{ ['day' as ColumnKey]: '2026-01-31' }]);
        const timed = indexedColumns.map((one) =>
          one.key === 'day' ? { ...one, data: { indexed: true, time: true } } : one,
        );
        const saved = await store.bases.saveTable({ ...table, columns: timed });
        await store.rows.followColumns(saved);
        const field = cell('day', 'moment');
        const asked: RowQuery = {
          conditions: [{ kind: 'compare', field, operator: '=', value: '2026-01-31T00:00:00.000Z' }],
          sort: null,
        };
        assert.equal((await store.rows.query(saved, asked, { limit: 1, cursor: null })).items.length, 1);
        const bare = await store.bases.saveTable({ ...saved, columns: plainColumns });
        await store.rows.followColumns(bare);
        await insert(store, bare, [{ ['day' as ColumnKey]: '2026-01-31T00:00:00.000Z' }]);
        assert.equal((await store.rows.query(bare, asked, { limit: 9, cursor: null })).items.length, 2);
        await store.bases.deleteTable(bare);
        assert.equal(await store.rows.count(bare), 0);
      },
    );
  });
}
