import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../model/clock.ts';
import type { JournalEvent, RowEventData } from '../../model/event.ts';
import { Problem } from '../../model/problem.ts';
import type { Store } from '../../store/port.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import type { TableAddress } from './address.ts';
import type { ColumnInput } from './columns.ts';
import { showRow } from './row-values.ts';
import { BaseService, type StructureChange } from './service.ts';

const directory = mkdtempSync(join(tmpdir(), 'rowhook-bases-'));
const actor = { user: null, app: 'test' };
const events: JournalEvent[] = [];
let store: Store;
let bases: BaseService;
let workspaceNumber: number;
let strangerNumber: number;

before(async () => {
  store = openSqliteStore({ directory, clock: systemClock, secretKey: 'a key for tests' });
  store.journal.onAppended((appended) => events.push(...appended));
  workspaceNumber = (await store.workspaces.create('ours')).number;
  strangerNumber = (await store.workspaces.create('theirs')).number;
  bases = new BaseService(store, systemClock);
});

after(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

async function newTable(
  columns: readonly ColumnInput[] = [{ name: 'Name', type: 'text' }],
): Promise<TableAddress> {
  const base = await bases.createBase(workspaceNumber, 'A base');
  const table = await bases.createTable(workspaceNumber, base.id, { name: 'Things', columns });
  return { workspaceNumber, base: base.id, table: table.id };
}

async function refused(action: Promise<unknown>, code: Problem['code'], message: RegExp): Promise<void> {
  await assert.rejects(action, (error) => {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

async function shownCells(address: TableAddress): Promise<unknown[]> {
  const { table, rows } = await bases.rows.list(address, { limit: 100, cursor: null });
  return rows.map((row) => ({ ...showRow(table, row, 'name').cells }));
}

async function changesOf(action: () => Promise<unknown>): Promise<StructureChange['kind'][]> {
  const changes: StructureChange[] = [];
  bases.onStructureChanged((change) => changes.push(change));
  await action();
  return changes.map(({ kind }) => kind);
}

describe('bases', () => {
  it('are made, found, renamed and deleted in their workspace', async () => {
    const base = await bases.createBase(workspaceNumber, 'Shop');
    assert.equal((await bases.getBase(workspaceNumber, base.id)).name, 'Shop');
    assert.equal((await bases.renameBase(workspaceNumber, base.id, 'Store')).name, 'Store');
    assert.deepEqual(
      (await bases.listBases(workspaceNumber)).map(({ name }) => name),
      ['Store'],
    );
    assert.deepEqual(await changesOf(() => bases.deleteBase(workspaceNumber, base.id)), ['baseDeleted']);
    await refused(bases.getBase(workspaceNumber, base.id), 'not-found', /no base with the id/);
    assert.deepEqual(await bases.listBases(workspaceNumber), []);
  });

  it('are not there for other workspaces, even while their owner opens them', async () => {
    const address = await newTable();
    const fresh = new BaseService(store, systemClock);
    const theirs = { ...address, workspaceNumber: strangerNumber };
    const [stranger, owner] = await Promise.allSettled([fresh.getTable(theirs), fresh.getTable(address)]);
    assert.deepEqual([stranger.status, owner.status], ['rejected', 'fulfilled']);
    await refused(bases.rows.insert(theirs, [{ cells: {} }], actor), 'not-found', /no base with the id/);
    await refused(bases.deleteBase(strangerNumber, address.base), 'not-found', /no base with the id/);
  });

  it('need a name', async () => {
    await refused(bases.createBase(workspaceNumber, ' '), 'invalid-input', /\/name: must not be empty/);
  });
});

describe('tables', () => {
  it('are addressed by id or by name', async () => {
    const address = await newTable();
    const table = await bases.getTable({ ...address, table: 'Things' });
    assert.equal(table.id, address.table);
    assert.match(table.id, /^[A-Za-z0-9]{4}$/);
    await refused(
      bases.getTable({ ...address, table: 'Thing' }),
      'not-found',
      /has no table with the id or name "Thing"/,
    );
  });

  it('have distinct names, which are no ids either', async () => {
    const address = await newTable();
    const make = (name: string) =>
      bases.createTable(workspaceNumber, address.base, { name, columns: [{ name: 'A', type: 'text' }] });
    await refused(make('Things'), 'conflict', /\/name: the base has a table of that name already/);
    await refused(make(address.table), 'conflict', /\/name: the base has a table with that id/);
    await make('Other');
    await refused(
      bases.renameTable({ ...address, table: 'Other' }, 'Things'),
      'conflict',
      /that name already/,
    );
    assert.equal((await bases.renameTable(address, 'Things')).name, 'Things');
  });

  it('have at least one column', async () => {
    const { base } = await newTable();
    await refused(
      bases.createTable(workspaceNumber, base, { name: 'T', columns: [] }),
      'invalid-input',
      /\/columns: a table needs/,
    );
  });

  it('are gone with their rows when deleted, and so for changes that were waiting', async () => {
    const address = await newTable();
    await bases.rows.insert(address, [{ cells: { Name: 'a' } }], actor);
    const [deleting, inserting] = await Promise.allSettled([
      bases.deleteTable(address),
      bases.rows.insert(address, [{ cells: { Name: 'b' } }], actor),
    ]);
    assert.deepEqual([deleting.status, inserting.status], ['fulfilled', 'rejected']);
    await refused(bases.rows.list(address, { limit: 1, cursor: null }), 'not-found', /has no table/);
    assert.deepEqual(await bases.listTables(workspaceNumber, address.base), []);
  });
});

describe('columns', () => {
  it('are added, changed, moved and deleted without an event', async () => {
    const address = await newTable();
    await bases.rows.insert(address, [{ cells: { Name: 'a' } }], actor);
    const eventsBefore = events.length;
    const state = await bases.addColumn(address, {
      name: 'State',
      type: 'single-select',
      position: 0,
      data: { options: [{ name: 'Open' }] },
    });
    await bases.changeColumn(address, 'State', { name: 'Phase', position: 1 });
    await bases.changeColumn(address, state.key, { data: { options: [{ name: 'Open' }, { name: 'Done' }] } });
    const { columns } = await bases.getTable(address);
    assert.deepEqual(
      columns.map(({ name }) => name),
      ['Name', 'Phase'],
    );
    assert.deepEqual(
      columns[1]?.data.options?.map(({ name }) => name),
      ['Open', 'Done'],
    );
    const kinds = await changesOf(() => bases.deleteColumn(address, 'Phase'));
    assert.deepEqual(kinds, ['tableChanged', 'columnDeleted']);
    await refused(bases.deleteColumn(address, 'Name'), 'conflict', /keeps at least one column/);
    await refused(bases.deleteColumn(address, 'Phase'), 'not-found', /has no column "Phase"; it has "Name"/);
    assert.equal(events.length, eventsBefore);
  });

  it('are all there when added at the same time', async () => {
    const address = await newTable();
    const names = Array.from({ length: 20 }, (_, n) => `Column ${n}`);
    await Promise.all(names.map((name) => bases.addColumn(address, { name, type: 'text' })));
    assert.deepEqual(
      (await bases.getTable(address)).columns.map(({ name }) => name),
      ['Name', ...names],
    );
    assert.deepEqual(
      (await store.bases.listTables((await bases.getTable(address)).baseId))[0]?.columns.length,
      21,
    );
  });

  it('do not bring back cells of a deleted one by taking its key', async () => {
    const address = await newTable([
      { name: 'Name', type: 'text' },
      { name: 'Salary', type: 'number', key: 'salary' },
      { name: 'Bonus', type: 'number', key: 'bonus' },
    ]);
    await bases.rows.insert(address, [{ cells: { Name: 'a', Salary: 5 } }], actor);
    await bases.deleteColumn(address, 'Salary');
    await bases.deleteColumn(address, 'Bonus');
    await refused(
      bases.addColumn(address, { name: 'X', type: 'text', key: 'salary' }),
      'conflict',
      /\/key: the key "salary" belonged/,
    );
    await bases.addColumn(address, { name: 'X', type: 'text', key: 'bonus' });
    assert.deepEqual(await shownCells(address), [{ Name: 'a', X: null }]);
  });

  it('show texts that became another type of text, and check them when they are written', async () => {
    const address = await newTable([{ name: 'Mail', type: 'text' }]);
    await bases.rows.insert(address, [{ cells: { Mail: 'ada' } }], actor);
    await bases.changeColumn(address, 'Mail', { type: 'email' });
    assert.deepEqual(await shownCells(address), [{ Mail: 'ada' }]);
    await refused(
      bases.rows.insert(address, [{ cells: { Mail: 'bob' } }], actor),
      'invalid-input',
      /must be an e-mail address/,
    );
  });

  it('that are given to a row before they are there, are used once they are', async () => {
    const address = await newTable();
    const [, inserted] = await Promise.all([
      bases.addColumn(address, { name: 'New', type: 'number' }),
      bases.rows.insert(address, [{ cells: { Name: 'a' } }], actor),
    ]);
    await bases.rows.update(address, [{ id: inserted.rows[0]?.id ?? '', cells: { New: 1 } }], actor);
    assert.deepEqual(await shownCells(address), [{ Name: 'a', New: 1 }]);
  });
});

describe('structure', () => {
  it('is the same for a service that starts later', async () => {
    const address = await newTable([
      { name: '__proto__', type: 'text', key: '__proto__' },
      { name: 'Due', type: 'date', data: { time: true } },
      { name: 'Link', type: 'multiple-select', data: { options: [{ name: 'a', color: '#000000' }] } },
    ]);
    await bases.rows.insert(address, [{ cells: JSON.parse('{"__proto__":"p"}') }], actor);
    const later = new BaseService(store, systemClock);
    assert.deepEqual(await later.getTable(address), await bases.getTable(address));
    const page = await later.rows.list(address, { limit: 1, cursor: null });
    const shown = page.rows.map((row) => JSON.stringify(showRow(page.table, row, 'key').cells));
    assert.match(shown[0] ?? '', /^\{"__proto__":"p"/);
  });

  it('makes no event when it changes, nor do the cells that change with it', async () => {
    const address = await newTable([
      { name: 'Name', type: 'text' },
      { name: 'Size', type: 'text' },
    ]);
    await bases.rows.insert(address, [{ cells: { Name: 'a', Size: '5' } }], actor);
    const start = events.length;
    await bases.addColumn(address, { name: 'Done', type: 'checkbox' });
    await bases.changeColumn(address, 'Done', { name: 'Paid', position: 0 });
    await bases.convertColumn(address, 'Size', { type: 'number' });
    await bases.deleteColumn(address, 'Paid');
    await bases.renameTable(address, 'Goods');
    await bases.createTable(workspaceNumber, address.base, {
      name: 'More',
      columns: [{ name: 'Name', type: 'text' }],
    });
    assert.deepEqual(await shownCells(address), [{ Name: 'a', Size: 5 }]);
    assert.deepEqual(events.slice(start), []);
    await bases.rows.insert(address, [{ cells: { Name: 'b' } }], actor);
    assert.deepEqual(
      events.slice(start).map(({ type }) => type),
      ['row.inserted'],
    );
  });

  it('of more bases than are kept in memory is right', async () => {
    const addresses = [await newTable()];
    for (let n = 0; n < 1_100; n += 1) {
      const base = await bases.createBase(workspaceNumber, `Base ${n}`);
      await bases.listTables(workspaceNumber, base.id);
    }
    const [address] = addresses;
    assert.ok(address);
    assert.equal((await bases.getTable(address)).name, 'Things');
    for (const base of await bases.listBases(workspaceNumber))
      await bases.deleteBase(workspaceNumber, base.id);
  });
});

describe('rows', () => {
  function dataOf(event: JournalEvent | undefined): RowEventData {
    assert.ok(event);
    return JSON.parse(event.dataJson) as RowEventData;
  }

  it('are committed with one event each, in order, as one change set', async () => {
    const address = await newTable();
    const start = events.length;
    const names = Array.from({ length: 50 }, (_, n) => `row ${n}`);
    const { rows } = await bases.rows.insert(
      address,
      names.map((Name) => ({ cells: { Name } })),
      actor,
    );
    const made = events.slice(start);
    assert.deepEqual(
      made.map((event) => dataOf(event).row.name),
      names,
    );
    assert.deepEqual(
      made.map(({ subject }) => subject?.rowId),
      rows.map(({ id }) => id),
    );
    assert.equal(new Set(made.map(({ subject }) => subject?.changeSetId)).size, 1);
    assert.equal(new Set(made.map(({ occurredAtMs }) => occurredAtMs)).size, 1);
    assert.deepEqual(made[0] && dataOf(made[0]).actor, actor);
  });

  it('and their events are not there when any of a call is bad', async () => {
    const address = await newTable();
    const { rows } = await bases.rows.insert(address, [{ cells: { Name: 'a' } }], actor);
    const id = rows[0]?.id ?? '';
    const start = events.length;
    await refused(
      bases.rows.insert(address, [{ cells: { Name: 'b' } }, { cells: { Name: 5 } }], actor),
      'invalid-input',
      /rows\/1/,
    );
    await refused(
      bases.rows.update(
        address,
        [
          { id, cells: { Name: 'c' } },
          { id: 'x', cells: {} },
        ],
        actor,
      ),
      'not-found',
      /rows\/1\/id/,
    );
    await refused(bases.rows.delete(address, [id, 'x'], actor), 'not-found', /ids\/1/);
    assert.deepEqual([await shownCells(address), events.length], [[{ Name: 'a' }], start]);
  });

  it('are listed in pages, found by id, duplicated and deleted', async () => {
    const address = await newTable();
    const names = ['a', 'b', 'c'];
    const { rows } = await bases.rows.insert(
      address,
      names.map((Name) => ({ cells: { Name } })),
      actor,
    );
    const [first] = rows;
    assert.ok(first);
    const copy = await bases.rows.duplicate(address, first.id, actor);
    assert.equal(copy.rows[0]?.number, 4);
    const page = await bases.rows.list(address, { limit: 3, cursor: null });
    const last = await bases.rows.list(address, { limit: 3, cursor: page.nextCursor });
    assert.deepEqual(
      [...page.rows, ...last.rows].map(({ number }) => number),
      [1, 2, 3, 4],
    );
    assert.equal(last.nextCursor, null);
    assert.equal((await bases.rows.get(address, first.id)).row.number, 1);
    assert.equal((await bases.rows.delete(address, [first.id], actor)).deleted, 1);
    await refused(bases.rows.get(address, first.id), 'not-found', /has no row with the id/);
    assert.deepEqual(await shownCells(address), [{ Name: 'b' }, { Name: 'c' }, { Name: 'a' }]);
  });

  it('changed at the same time see each other: the events tell one history', async () => {
    const address = await newTable([{ name: 'Count', type: 'number' }]);
    const { rows } = await bases.rows.insert(address, [{ cells: { Count: 0 } }], actor);
    const id = rows[0]?.id ?? '';
    const start = events.length;
    await Promise.all(
      [1, 2, 2, 3, 3, 3].map((Count) => bases.rows.update(address, [{ id, cells: { Count } }], actor)),
    );
    const steps = events
      .slice(start)
      .map((event) => [dataOf(event).previous?.Count, dataOf(event).record?.Count]);
    assert.deepEqual(steps, [
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  it('that waited for a change of structure are changed by the structure that it left', async () => {
    const address = await newTable([{ name: 'Name', type: 'text', key: 'name' }]);
    const start = events.length;
    await Promise.all([
      bases.changeColumn(address, 'name', { name: 'Title' }),
      bases.rows.insert(address, [{ cells: { name: 'a' } }], actor),
    ]);
    const [event] = events.slice(start);
    assert.deepEqual(dataOf(event).record, { Title: 'a' });
    assert.equal(event?.subject?.table.version, 2);
  });

  it('are 1 to 10,000 in a call', async () => {
    const address = await newTable();
    const rows = Array.from({ length: 10_001 }, (_, n) => ({ cells: { Name: `${n}` } }));
    await refused(bases.rows.insert(address, rows, actor), 'invalid-input', /at most 10000 rows; got 10001/);
    await refused(bases.rows.insert(address, [], actor), 'invalid-input', /\/rows: must not be empty/);
    const start = events.length;
    await bases.rows.insert(address, rows.slice(1), actor);
    assert.equal(events.length - start, 10_000);
  });
});
