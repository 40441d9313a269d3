import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { renderStandard } from '../formats/standard.ts';
import type { RowEventData } from '../model/event.ts';
import { columnTypes, isAutoColumnType } from '../model/table.ts';
import type { TableAddress } from '../sources/bases/address.ts';
import type { ColumnInput } from '../sources/bases/columns.ts';
import { showRow } from '../sources/bases/row-values.ts';
import { ApiUnderTest } from './testing/api-under-test.ts';

const options = [{ name: 'Open' }, { name: 'Done' }];
const columns: readonly ColumnInput[] = columnTypes
  .filter((type) => type !== 'link')
  .map((type) => ({ name: `The ${type}`, type, ...(type.endsWith('select') ? { data: { options } } : {}) }));

const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  text: fc.string(),
  'long-text': fc.string({ unit: 'grapheme' }),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  checkbox: fc.boolean(),
  date: fc.constantFrom('2024-02-29', '1999-12-31'),
  'single-select': fc.constantFrom('Open', 'Done'),
  'multiple-select': fc.uniqueArray(fc.constantFrom('Open', 'Done')),
  email: fc.constantFrom('a@b.c', 'd@e.f'),
  url: fc.webUrl(),
  collaborator: fc.uniqueArray(fc.constantFrom('ada', 'bob')),
  file: fc.array(fc.record({ name: fc.constantFrom('a', 'b'), url: fc.webUrl() }), { maxLength: 2 }),
  image: fc.uniqueArray(fc.webUrl(), { maxLength: 2 }),
  duration: fc.integer({ min: 0, max: 90_000 }),
  rating: fc.nat({ max: 10 }),
  geolocation: fc.constantFrom({ lat: 1.5, lng: -2 }, { country_region: 'France' }),
};
const cells = fc.record(
  Object.fromEntries(
    columnTypes
      .filter((type) => type !== 'link' && !isAutoColumnType(type))
      .map((type) => [`The ${type}`, fc.oneof(fc.constant(null), values[type] ?? fc.constant(null))]),
  ),
  { requiredKeys: [] },
);
const step = fc.record({
  kind: fc.constantFrom('insert', 'update', 'delete', 'duplicate', 'undo', 'redo'),
  row: fc.nat(),
  cells: fc.array(cells, { minLength: 1, maxLength: 3 }),
});

let api: ApiUnderTest;
before(async () => {
  api = await ApiUnderTest.start();
});
after(() => api.stop());

async function newTable(): Promise<TableAddress> {
  const { number: workspaceNumber } = await api.defaultWorkspace();
  const base = await api.bases.createBase(workspaceNumber, 'Base');
  const table = await api.bases.createTable(workspaceNumber, base.id, { name: 'Things', columns });
  return { workspaceNumber, base: base.id, table: table.id };
}

async function play(
  address: TableAddress,
  taken: typeof step extends fc.Arbitrary<infer Step> ? Step : never,
) {
  const { rows, undo } = api.bases;
  const actor = { user: taken.row % 2 === 0 ? 'ada' : null, app: 'test' };
  const present = (await rows.list(address, { limit: 1_000, cursor: null })).rows;
  const id = present[taken.row % present.length]?.id;
  const sets = await undo.list(address);
  const undoable = sets.some(({ undoes, undoneBy }) => undoes === null && undoneBy === null);
  const [last] = sets;
  if (taken.kind === 'undo' && undoable) {
    // What a redo made may stand in the way of the change before it.
    await undo.undo(address, null, actor).catch(() => undefined);
  } else if (taken.kind === 'redo' && last) {
    await undo.undo(address, last.id, actor);
  } else if (taken.kind === 'insert' || id === undefined) {
    await rows.insert(
      address,
      taken.cells.map((one) => ({ cells: one })),
      actor,
    );
  } else if (taken.kind === 'delete') {
    await rows.delete(address, [id], actor);
  } else if (taken.kind === 'duplicate') {
    await rows.duplicate(address, id, actor);
  } else {
    await rows.update(address, [{ id, cells: taken.cells[0] ?? {} }], actor);
  }
}

/** What was delivered to a webhook that gets everything in the standard format, one request an event. */
async function deliveredAfter(seq: number, workspaceNumber: number): Promise<readonly RowEventData[]> {
  const events = await api.store.journal.read(workspaceNumber, seq, 10_000, 100_000_000);
  return events.map((event) => JSON.parse(String(renderStandard([event], false).body)).data as RowEventData);
}

async function rowsOf(address: TableAddress): Promise<unknown> {
  const { table, rows } = await api.bases.rows.list(address, { limit: 1_000, cursor: null });
  return JSON.parse(JSON.stringify(rows.map((row) => [row.number, showRow(table, row, 'name').cells])));
}

const byNumber = (rows: ReadonlyMap<number, unknown>): unknown =>
  [...rows].sort(([one], [other]) => one - other);

describe('the events of a random history with undos', () => {
  it('make the same table again when they are replayed, by whole rows or by changed cells', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const address = await newTable();
        const start = api.store.journal.headSeq();
        for (const taken of steps) await play(address, taken);
        const byRecord = new Map<number, unknown>();
        const byChanges = new Map<number, Record<string, unknown>>();
        for (const { row, record, previous, changes } of await deliveredAfter(
          start,
          address.workspaceNumber,
        )) {
          assert.deepEqual(byRecord.get(row.number) ?? null, previous, 'previous is the row as it was known');
          if (record === null) {
            byRecord.delete(row.number);
            byChanges.delete(row.number);
            continue;
          }
          byRecord.set(row.number, record);
          const known =
            byChanges.get(row.number) ?? Object.fromEntries(columns.map((one) => [one.name, null]));
          for (const { name, value } of changes) known[name] = value;
          byChanges.set(row.number, known);
        }
        const truth = await rowsOf(address);
        assert.deepEqual(byNumber(byRecord), truth);
        assert.deepEqual(byNumber(byChanges), truth);
      }),
      { numRuns: 60 },
    );
  });
});
