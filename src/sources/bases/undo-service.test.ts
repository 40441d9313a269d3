import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../model/clock.ts';
import type { JournalEvent, RowEventData } from '../../model/event.ts';
import { Problem } from '../../model/problem.ts';
import type { Row } from '../../model/table.ts';
import type { Store } from '../../store/port.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import type { TableAddress } from './address.ts';
import type { ColumnInput } from './columns.ts';
import { showRow } from './row-values.ts';
import { BaseService } from './service.ts';

const directory = mkdtempSync(join(tmpdir(), 'rowhook-undo-'));
const ada = { user: 'ada', app: 'test' };
const bob = { user: 'bob', app: 'test' };
const columns: readonly ColumnInput[] = [
  { name: 'Name', type: 'text' },
  { name: 'Price', type: 'number' },
  {
    name: 'State',
    type: 'single-select',
    key: 'stat',
    data: { options: [{ name: 'Open' }, { name: 'Done' }] },
  },
  { name: 'Tags', type: 'multiple-select', data: { options: [{ name: 'a' }, { name: 'b' }] } },
  { name: 'No', type: 'auto-number' },
  { name: 'Creator', type: 'created-by' },
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

async function newTable(): Promise<TableAddress> {
  const base = await bases.createBase(workspaceNumber, 'A base');
  const table = await bases.createTable(workspaceNumber, base.id, { name: 'Things', columns });
  events = [];
  return { workspaceNumber, base: base.id, table: table.id };
}

type Cells = Readonly<Record<string, unknown>>;

async function insert(address: TableAddress, ...rows: Cells[]): Promise<readonly Row[]> {
  const inputs = rows.map((cells) => ({ cells }));
  return (await bases.rows.insert(address, inputs, ada)).rows;
}

const update = (address: TableAddress, ...rows: { id: string; cells: Cells }[]) =>
  bases.rows.update(address, rows, ada);

/** Rows as the API shows them, without when and by whom they were changed last. */
async function shown(address: TableAddress): Promise<unknown[]> {
  const { table, rows } = await bases.rows.list(address, { limit: 1_000, cursor: null });
  return rows.map((row) => {
    const { id, number, cells, createdAtMs } = showRow(table, row, 'name');
    return { id, number, createdAtMs, ...cells };
  });
}

async function refused(action: Promise<unknown>, code: Problem['code'], message: RegExp): Promise<void> {
  await assert.rejects(action, (error) => {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

const dataOf = (event: JournalEvent | undefined): RowEventData =>
  JSON.parse(event?.dataJson ?? '') as RowEventData;

describe('undo', () => {
  it('takes back an insert, an update and a delete, one call after the other', async () => {
    const address = await newTable();
    const empty = await shown(address);
    const rows = await insert(
      address,
      { Name: 'a', State: 'Open', Tags: ['b', 'a'] },
      { Name: 'b', Price: 1 },
    );
    const inserted = await shown(address);
    const [first, second] = rows;
    assert.ok(first && second);
    await update(address, { id: first.id, cells: { State: 'Done', Tags: [], Price: 5 } });
    const updated = await shown(address);
    await bases.rows.delete(address, [second.id, first.id], ada);
    for (const former of [updated, inserted, empty]) {
      await bases.undo.undo(address, null, bob);
      assert.deepEqual(await shown(address), former);
    }
    await refused(bases.undo.undo(address, null, bob), 'conflict', /nothing to undo/);
  });

  it('is a change set of its own, whose events tell of it in the reverse order', async () => {
    const address = await newTable();
    const [first, second] = await insert(address, { Name: 'a' }, { Name: 'b' });
    await bases.rows.delete(address, [first?.id ?? '', second?.id ?? ''], ada);
    events = [];
    const { changeSet, undoes, rows } = await bases.undo.undo(address, null, bob);
    assert.equal(rows, 2);
    assert.deepEqual(
      events.map((event) => [event.type, event.subject?.changeSetId, dataOf(event).row.number]),
      [
        ['row.inserted', changeSet, 2],
        ['row.inserted', changeSet, 1],
      ],
    );
    const { actor, record, previous } = dataOf(events[1]);
    assert.deepEqual([actor, previous], [bob, null]);
    const restored = { Name: 'a', Price: null, State: null, Tags: null, No: '1', Creator: 'ada' };
    assert.deepEqual(record, restored);
    const sets = await bases.undo.list(address);
    assert.deepEqual(
      sets.map((set) => [set.id, set.undoes]),
      [
        [changeSet, undoes],
        [undoes, null],
        [sets[2]?.id, null],
      ],
    );
  });

  it('can be undone itself: what it took back is there again, and can be undone again', async () => {
    const address = await newTable();
    await insert(address, { Name: 'a' });
    const [row] = await insert(address, { Name: 'b', State: 'Open' });
    const before = await shown(address);
    const undone = await bases.undo.undo(address, null, ada);
    const redone = await bases.undo.undo(address, undone.changeSet, ada);
    assert.deepEqual(await shown(address), before);
    assert.equal(redone.undoes, undone.changeSet);
    await refused(bases.undo.undo(address, undone.changeSet, ada), 'conflict', /is undone already, by chg_/);
    const again = await bases.undo.undo(address, null, ada);
    assert.equal(again.undoes, undone.undoes);
    assert.equal((await shown(address)).length, 1);
    assert.ok(row);
    assert.equal(await store.rows.find(await bases.getTable(address), row.id), null);
  });

  it('takes back a change set that is named, if its rows have not changed since', async () => {
    const address = await newTable();
    const [row] = await insert(address, { Name: 'a' });
    assert.ok(row);
    const renamed = await bases.rows.update(address, [{ id: row.id, cells: { Name: 'b' } }], ada);
    assert.equal(renamed.rows.length, 1);
    const [update1, insert1] = await bases.undo.list(address);
    await insert(address, { Name: 'other' });
    await refused(
      bases.undo.undo(address, insert1?.id ?? '', ada),
      'conflict',
      /cannot be undone: row 1 has changed since\.$/,
    );
    await bases.undo.undo(address, update1?.id ?? '', ada);
    await bases.undo.undo(address, insert1?.id ?? '', ada);
    assert.deepEqual(
      (await shown(address)).map((shownRow) => (shownRow as { Name: string }).Name),
      ['other'],
    );
    await refused(bases.undo.undo(address, 'chg_x', ada), 'not-found', /"chg_x" is not among the last 20/);
  });

  it('changes nothing when one of many rows has changed or gone since', async () => {
    const address = await newTable();
    const rows = await insert(address, { Name: 'a' }, { Name: 'b' }, { Name: 'c' });
    const [{ id: inserted } = { id: '' }] = await bases.undo.list(address);
    await bases.rows.delete(address, [rows[1]?.id ?? ''], ada);
    await update(address, { id: rows[2]?.id ?? '', cells: { Name: 'C' } });
    const before = await shown(address);
    events = [];
    await refused(
      bases.undo.undo(address, inserted, ada),
      'conflict',
      /row 3 has changed since, nor can 1 more\.$/,
    );
    assert.deepEqual([await shown(address), events], [before, []]);
  });

  it('goes by columns, not by their names, and leaves alone those that are gone', async () => {
    const address = await newTable();
    const [row] = await insert(address, { Name: 'a', Price: 1, State: 'Open' });
    await update(address, { id: row?.id ?? '', cells: { Price: 2, State: 'Done' } });
    await bases.changeColumn(address, 'Name', { name: 'Title' });
    await bases.changeColumn(address, 'State', { name: 'Name' });
    await bases.deleteColumn(address, 'Price');
    await bases.undo.undo(address, null, ada);
    const [undone] = (await shown(address)) as [Cells];
    assert.deepEqual([undone.Title, undone.Name], ['a', 'Open']);
  });

  it('does not lose what was filled into a column that came since', async () => {
    const address = await newTable();
    const [row] = await insert(address, { Name: 'a' });
    const [{ id: inserted } = { id: '' }] = await bases.undo.list(address);
    await bases.addColumn(address, { name: 'New', type: 'text' });
    await update(address, { id: row?.id ?? '', cells: { New: 'x' } });
    await refused(bases.undo.undo(address, inserted, ada), 'conflict', /row 1 has changed since/);
  });

  it('takes back 10,000 rows at once', async () => {
    const address = await newTable();
    await insert(address, ...Array.from({ length: 10_000 }, (_, Price) => ({ Price })));
    const before = await shown(address);
    const { rows: all } = await bases.rows.list(address, { limit: 10_000, cursor: null });
    await bases.rows.delete(
      address,
      all.map(({ id }) => id),
      ada,
    );
    assert.equal((await bases.undo.undo(address, null, ada)).rows, 10_000);
    assert.deepEqual(await shown(address), before);
  });

  it('says so when the events are no longer kept', async () => {
    const address = await newTable();
    await insert(address, { Name: 'a' }, { Name: 'b' });
    const nothing = { ...store, journal: { ...store.journal, read: async () => [] } } as unknown as Store;
    const forgetful = new BaseService(
      Object.assign(nothing, { bases: store.bases, rows: store.rows }),
      systemClock,
    );
    await refused(forgetful.undo.undo(address, null, ada), 'gone', /are no longer kept/);
  });

  it('brings back, step by step, every state of a random history', async () => {
    const cells = fc.record(
      {
        Name: fc.constantFrom('a', 'b', null),
        Price: fc.constantFrom(0, 1, null),
        State: fc.constantFrom('Open', 'Done', null),
        Tags: fc.uniqueArray(fc.constantFrom('a', 'b')),
      },
      { requiredKeys: [] },
    );
    const step = fc.record({
      kind: fc.constantFrom('insert', 'update', 'delete', 'duplicate'),
      row: fc.nat(),
      cells: fc.array(cells, { minLength: 1, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const address = await newTable();
        const states = [await shown(address)];
        for (const { kind, row, cells: given } of steps) {
          const count = (await bases.undo.list(address)).length;
          const { rows } = await bases.rows.list(address, { limit: 100, cursor: null });
          const id = rows[row % rows.length]?.id;
          if (kind === 'insert' || id === undefined) await insert(address, ...given);
          else if (kind === 'update') await update(address, { id, cells: given[0] ?? {} });
          else if (kind === 'delete') await bases.rows.delete(address, [id], ada);
          else await bases.rows.duplicate(address, id, ada);
          const isChange = (await bases.undo.list(address)).length > count;
          if (isChange) states.push(await shown(address));
        }
        const undone: string[] = [];
        for (const state of states.slice(0, -1).reverse()) {
          undone.push((await bases.undo.undo(address, null, bob)).changeSet);
          assert.deepEqual(await shown(address), state);
        }
        for (const state of states.slice(1)) {
          await bases.undo.undo(address, undone.pop() ?? '', bob);
          assert.deepEqual(await shown(address), state);
        }
      }),
      { numRuns: 40 },
    );
  });
});
