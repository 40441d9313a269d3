import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { type ColumnKey, newRowId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Cells, Row, Table } from '../../model/table.ts';
import type { Store } from '../port.ts';
import {
  deleteRows,
  everyPage,
  insertRows,
  nameCells,
  nameColumn,
  newRow,
  newTable,
  problem,
  rowEvent,
} from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const everything = { limit: 1_000, cursor: null };

/** Adds 1 to the number in the row's name. */
function increment(store: Store, table: Table, row: Row): Promise<void> {
  return store.rows.change(table, [row.id], (current) => {
    const found = current.get(row.id);
    assert.ok(found);
    const text = String(Number(found.cells[nameColumn.key]) + 1);
    return {
      inserts: [],
      updates: [{ ...found, cells: nameCells(text) }],
      deletes: [],
      events: [rowEvent(table, 'row.updated', row.id)],
      result: undefined,
    };
  });
}

export function rowsContract(createPlace: CreatePlace): void {
  describe('a change of rows', () => {
    storeTest(createPlace, 'writes the rows and the events that tell of them', async ({ store }) => {
      const table = await newTable(store);
      const rows = await insertRows(store, table, ['a', 'b']);
      assert.deepEqual((await store.rows.list(table, everything)).items, rows);
      const events = await store.journal.read(table.workspaceNumber, 0, 10, 1_000_000);
      assert.deepEqual(
        events.map((event) => [event.type, event.subject?.rowId, event.subject?.table]),
        rows.map((row) => ['row.inserted', row.id, table]),
      );
    });

    storeTest(
      createPlace,
      'updates cells, time and author, and keeps the rest of the row',
      async ({ store }) => {
        const table = await newTable(store);
        const [row] = await insertRows(store, table, ['before']);
        assert.ok(row);
        const changed = { updatedAtMs: row.updatedAtMs + 5, updatedBy: null };
        const expected = { ...row, cells: nameCells('after'), ...changed };
        await store.rows.change(table, [row.id], () => ({
          inserts: [],
          updates: [expected],
          deletes: [],
          events: [rowEvent(table, 'row.updated', row.id)],
          result: undefined,
        }));
        assert.deepEqual(await store.rows.find(table, row.id), expected);
      },
    );

    storeTest(createPlace, 'inserts, updates and deletes at once', async ({ store }) => {
      const table = await newTable(store);
      const [first, second] = await insertRows(store, table, ['a', 'b']);
      assert.ok(first && second);
      const third = await store.rows.change(table, [first.id, second.id], (_, nextNumber) => {
        const inserted = newRow(nextNumber, 'c');
        return {
          inserts: [inserted],
          updates: [{ ...first, cells: nameCells('A') }],
          deletes: [second.id],
          events: [rowEvent(table, 'row.deleted', second.id)],
          result: inserted,
        };
      });
      assert.deepEqual((await store.rows.list(table, everything)).items, [
        { ...first, cells: nameCells('A') },
        third,
      ]);
    });

    storeTest(createPlace, 'writes neither row nor event when decide throws', async ({ store }) => {
      const table = await newTable(store);
      const refusal = new Problem('invalid-input', 'Not like this.');
      const heard: number[] = [];
      store.journal.onAppended((events) => heard.push(...events.map((event) => event.seq)));
      const change = store.rows.change(table, [], () => {
        throw refusal;
      });
      await assert.rejects(change, (error) => error === refusal);
      assert.equal(await store.rows.count(table), 0);
      assert.equal(store.journal.headSeq(), 0);
      assert.deepEqual(heard, []);
    });

    storeTest(createPlace, 'writes neither row nor event when the store refuses a row', async ({ store }) => {
      const table = await newTable(store);
      const [taken] = await insertRows(store, table, ['a']);
      assert.ok(taken);
      const change = store.rows.change(table, [], (_, nextNumber) => ({
        inserts: [newRow(nextNumber, 'b'), newRow(nextNumber + 1, 'c', { id: taken.id })],
        updates: [],
        deletes: [],
        events: [rowEvent(table, 'row.inserted', taken.id)],
        result: undefined,
      }));
      await assert.rejects(change);
      assert.deepEqual((await store.rows.list(table, everything)).items, [taken]);
      assert.equal((await store.journal.read(table.workspaceNumber, 0, 10, 1_000_000)).length, 1);
    });

    storeTest(
      createPlace,
      'writes neither row nor event when the store refuses an event',
      async ({ store }) => {
        const table = await newTable(store);
        const change = store.rows.change(table, [], (_, nextNumber) => {
          const row = newRow(nextNumber, 'a');
          const event = rowEvent(table, 'row.inserted', row.id);
          const broken = { ...event, dataJson: null as unknown as string };
          return { inserts: [row], updates: [], deletes: [], events: [event, broken], result: undefined };
        });
        await assert.rejects(change);
        assert.equal(await store.rows.count(table), 0);
        assert.deepEqual(await store.journal.read(table.workspaceNumber, 0, 10, 1_000_000), []);
        const [row] = await insertRows(store, table, ['b']);
        assert.equal(row?.number, 1, 'the refused row took no number');
      },
    );

    storeTest(createPlace, 'that fails leaves the others of its moment alone', async ({ store }) => {
      const table = await newTable(store);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 9 }, (_, index) =>
          store.rows.change(table, [], (_current, nextNumber) => {
            if (index % 3 === 1) throw new Problem('invalid-input', 'Not this one.');
            const row = newRow(nextNumber, String(index));
            const events = [rowEvent(table, 'row.inserted', row.id)];
            return { inserts: [row], updates: [], deletes: [], events, result: row };
          }),
        ),
      );
      assert.deepEqual(
        outcomes.map((outcome) => outcome.status),
        Array.from({ length: 9 }, (_, index) => (index % 3 === 1 ? 'rejected' : 'fulfilled')),
      );
      const rows = (await store.rows.list(table, everything)).items;
      assert.deepEqual(
        rows.map((row) => row.number),
        [1, 2, 3, 4, 5, 6],
      );
      const told = await store.journal.read(table.workspaceNumber, 0, 100, 1_000_000);
      assert.deepEqual(
        new Set(told.map((event) => event.subject?.rowId)),
        new Set(rows.map((row) => row.id)),
      );
    });

    storeTest(createPlace, 'sees what the changes before it did', async ({ store }) => {
      const table = await newTable(store);
      const [row] = await insertRows(store, table, ['0']);
      assert.ok(row);
      await Promise.all(Array.from({ length: 25 }, () => increment(store, table, row)));
      assert.deepEqual((await store.rows.find(table, row.id))?.cells, nameCells('25'));
    });

    storeTest(createPlace, 'is told the rows that exist, of those it names', async ({ store }) => {
      const table = await newTable(store);
      const other = await newTable(store, 'Other');
      const [row, unnamed] = await insertRows(store, table, ['a', 'b']);
      const [foreign] = await insertRows(store, other, ['c']);
      assert.ok(row && unnamed && foreign);
      const named = [row.id, newRowId(), foreign.id];
      const seen = await store.rows.change(table, named, (current) => ({
        inserts: [],
        updates: [],
        deletes: [],
        events: [],
        result: [...current],
      }));
      assert.deepEqual(seen, [[row.id, row]]);
    });

    storeTest(createPlace, 'to a table that was deleted meanwhile is refused', async ({ store }) => {
      const table = await newTable(store);
      await store.bases.deleteTable(table);
      await assert.rejects(insertRows(store, table, ['a']), problem('not-found'));
      assert.equal(await store.rows.count(table), 0);
      assert.deepEqual(await store.journal.read(table.workspaceNumber, 0, 10, 1_000_000), []);
    });
  });

  describe('row numbers', () => {
    storeTest(createPlace, 'count up in each table, also for many who insert at once', async ({ store }) => {
      const table = await newTable(store);
      const other = await newTable(store, 'Other');
      const inserted = await Promise.all(
        Array.from({ length: 20 }, (_, index) => insertRows(store, table, [`${index}a`, `${index}b`])),
      );
      const numbers = inserted.flat().map((row) => row.number);
      assert.deepEqual(
        numbers.sort((a, b) => a - b),
        Array.from({ length: 40 }, (_, index) => index + 1),
      );
      assert.equal((await insertRows(store, other, ['x']))[0]?.number, 1);
    });

    storeTest(
      createPlace,
      'are never given out again, also not after deletes and reopening',
      async (bench) => {
        const table = await newTable(bench.store);
        const rows = await insertRows(bench.store, table, ['a', 'b', 'c']);
        await deleteRows(
          bench.store,
          table,
          rows.map((row) => row.id),
        );
        assert.equal((await insertRows(bench.store, table, ['d']))[0]?.number, 4);
        const store = await bench.reopen();
        assert.equal((await insertRows(store, table, ['e']))[0]?.number, 5);
      },
    );

    storeTest(createPlace, 'go on when the structure of the table is saved', async ({ store }) => {
      const table = await newTable(store);
      await insertRows(store, table, ['a', 'b']);
      const saved = await store.bases.saveTable({ ...table, name: 'Bills' });
      assert.equal((await insertRows(store, saved, ['c']))[0]?.number, 3);
      assert.equal(await store.rows.count(saved), 3);
    });
  });

  describe('rows', () => {
    storeTest(
      createPlace,
      'are listed by number, in pages that neither skip nor repeat',
      async ({ store }) => {
        const table = await newTable(store);
        const rows = await insertRows(
          store,
          table,
          Array.from({ length: 25 }, (_, index) => String(index)),
        );
        const deleted = rows.filter((row) => row.number % 5 === 0).map((row) => row.id);
        await deleteRows(store, table, deleted);
        const expected = rows.filter((row) => row.number % 5 !== 0);
        for (const limit of [1, 7, 20, 100]) {
          assert.deepEqual(await everyPage((page) => store.rows.list(table, page), limit), expected);
        }
        const full = await store.rows.list(table, { limit: 20, cursor: null });
        assert.equal(full.nextCursor, null, 'a page that ends with the list has no next one');
      },
    );

    storeTest(createPlace, 'refuse a cursor that is not theirs', async ({ store }) => {
      const table = await newTable(store);
      for (const cursor of ['', 'abc', '-1', '1.5', '1e3', ' 1']) {
        await assert.rejects(store.rows.list(table, { limit: 1, cursor }), problem('invalid-input'), cursor);
      }
    });

    storeTest(createPlace, 'are found in their own table only', async ({ store }) => {
      const table = await newTable(store);
      const other = await newTable(store, 'Other');
      const [row] = await insertRows(store, table, ['a']);
      assert.ok(row);
      assert.deepEqual(await store.rows.find(table, row.id), row);
      assert.equal(await store.rows.find(other, row.id), null);
      assert.equal(await store.rows.find(table, newRowId()), null);
    });

    storeTest(createPlace, 'keep every kind of cell exactly, also when opened again', async (bench) => {
      const table = await newTable(bench.store);
      const cells = {
        text: 'Grüße, "你好" \u{1F600}\n\t\\ \u2028',
        none: '',
        integer: 9_007_199_254_740_991,
        fraction: -0.1,
        yes: true,
        no: false,
        list: ['a', 'b'],
        empty: [],
        files: [{ name: 'bill.pdf', url: 'https://files.example/1', size: 12, type: 'application/pdf' }],
        ['__proto__x' as ColumnKey]: 'not a prototype',
      } as Cells;
      const row = await bench.store.rows.change(table, [], (_, nextNumber) => {
        const inserted = newRow(nextNumber, '', { cells });
        const events = [rowEvent(table, 'row.inserted', inserted.id)];
        return { inserts: [inserted], updates: [], deletes: [], events, result: inserted };
      });
      const store = await bench.reopen();
      assert.deepEqual(await store.rows.find(table, row.id), row);
    });
  });
}
