import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { type ColumnKey, newBaseId, newTableId } from '../../model/ids.ts';
import type { Column } from '../../model/table.ts';
import { StructureChanged } from '../port.ts';
import { insertRows, nameColumn, newTable, problem, workspaceNumber } from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const statusColumn: Column = {
  key: 'aB3x' as ColumnKey,
  name: 'Status',
  type: 'single-select',
  data: { options: [{ id: 'o1', name: 'Paid', color: '#00FF00', textColor: '#000000' }] },
};

export function basesContract(createPlace: CreatePlace): void {
  describe('bases', () => {
    storeTest(createPlace, 'are found and listed in their own workspace only', async ({ store, clock }) => {
      const acme = await workspaceNumber(store, 'acme');
      const other = await workspaceNumber(store, 'other');
      const first = await store.bases.createBase(acme, 'Books');
      clock.timeMs += 1;
      const second = await store.bases.createBase(acme, 'Stock');
      const foreign = await store.bases.createBase(other, 'Books');
      assert.deepEqual(await store.bases.listBases(acme), [first, second]);
      assert.deepEqual(await store.bases.findBase(acme, first.id), first);
      assert.equal(await store.bases.findBase(acme, foreign.id), null);
      assert.equal(await store.bases.findBase(acme, newBaseId()), null);
    });

    storeTest(createPlace, 'can be renamed', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const base = await store.bases.createBase(acme, 'Books');
      await store.bases.renameBase(base.id, 'Ledger');
      assert.deepEqual(await store.bases.findBase(acme, base.id), { ...base, name: 'Ledger' });
    });

    storeTest(createPlace, 'take their tables and rows along when they are deleted', async ({ store }) => {
      const table = await newTable(store);
      await insertRows(store, table, ['a', 'b']);
      await store.bases.deleteBase(table.baseId);
      assert.equal(await store.bases.findBase(table.workspaceNumber, table.baseId), null);
      assert.deepEqual(await store.bases.listTables(table.baseId), []);
      assert.equal(await store.rows.count(table), 0);
    });

    storeTest(createPlace, 'leave their events in the journal when they are deleted', async ({ store }) => {
      const table = await newTable(store);
      await insertRows(store, table, ['a', 'b']);
      await store.bases.deleteBase(table.baseId);
      const events = await store.journal.read(table.workspaceNumber, 0, 10, 1_000_000);
      assert.deepEqual(
        events.map((event) => event.subject?.table),
        [table, table],
      );
    });
  });

  describe('tables', () => {
    storeTest(
      createPlace,
      'are listed in the order they were made, with their columns',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        const base = await store.bases.createBase(acme, 'Books');
        const first = await store.bases.createTable(base, newTableId(), 'Zebras', [nameColumn, statusColumn]);
        const second = await store.bases.createTable(base, newTableId(), 'Ants', [nameColumn]);
        assert.deepEqual(await store.bases.listTables(base.id), [first, second]);
        assert.deepEqual(first.columns, [nameColumn, statusColumn]);
        assert.equal(first.version, 1);
      },
    );

    storeTest(createPlace, 'have names that are unique in their base', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const base = await store.bases.createBase(acme, 'Books');
      const other = await store.bases.createBase(acme, 'More books');
      const table = await store.bases.createTable(base, newTableId(), 'Invoices', [nameColumn]);
      await assert.rejects(
        store.bases.createTable(base, newTableId(), 'Invoices', [nameColumn]),
        problem('conflict'),
      );
      assert.deepEqual(await store.bases.listTables(base.id), [table]);
      await store.bases.createTable(other, newTableId(), 'Invoices', [nameColumn]);
    });

    storeTest(createPlace, 'cannot take the name of another table when saved', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const base = await store.bases.createBase(acme, 'Books');
      const invoices = await store.bases.createTable(base, newTableId(), 'Invoices', [nameColumn]);
      const orders = await store.bases.createTable(base, newTableId(), 'Orders', [nameColumn]);
      await assert.rejects(store.bases.saveTable({ ...orders, name: 'Invoices' }), problem('conflict'));
      assert.deepEqual(await store.bases.listTables(base.id), [invoices, orders]);
      const kept = await store.bases.saveTable({ ...orders, columns: [nameColumn, statusColumn] });
      assert.equal(kept.name, 'Orders', 'its own name is not taken');
    });

    storeTest(createPlace, 'cannot be made in a base that was deleted meanwhile', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const base = await store.bases.createBase(acme, 'Books');
      await store.bases.deleteBase(base.id);
      await assert.rejects(
        store.bases.createTable(base, newTableId(), 'Invoices', [nameColumn]),
        problem('not-found'),
      );
    });

    storeTest(createPlace, 'count a version for each save', async ({ store }) => {
      const table = await newTable(store);
      const second = await store.bases.saveTable({ ...table, columns: [nameColumn, statusColumn] });
      const third = await store.bases.saveTable({ ...second, name: 'Bills' });
      assert.deepEqual(second, { ...table, version: 2, columns: [nameColumn, statusColumn] });
      assert.deepEqual(third, { ...second, version: 3, name: 'Bills' });
      assert.deepEqual(await store.bases.listTables(table.baseId), [third]);
    });

    storeTest(createPlace, 'cannot be saved by one who knows them as they were', async ({ store }) => {
      const table = await newTable(store);
      const saved = await store.bases.saveTable({ ...table, name: 'Bills' });
      await assert.rejects(store.bases.saveTable({ ...table, name: 'Orders' }), StructureChanged);
      assert.deepEqual(await store.bases.listTables(table.baseId), [saved]);
    });

    storeTest(createPlace, 'cannot be saved once they are deleted', async ({ store }) => {
      const table = await newTable(store);
      await store.bases.deleteTable(table);
      await assert.rejects(store.bases.saveTable({ ...table, name: 'Bills' }), problem('not-found'));
      assert.deepEqual(await store.bases.listTables(table.baseId), []);
    });

    storeTest(
      createPlace,
      'take their rows along when they are deleted, and no others',
      async ({ store }) => {
        const gone = await newTable(store, 'Gone');
        const kept = await newTable(store, 'Kept');
        await insertRows(
          store,
          gone,
          Array.from({ length: 4_500 }, (_, index) => String(index)),
        );
        await insertRows(store, kept, ['a', 'b']);
        await store.bases.deleteTable(gone);
        assert.equal(await store.rows.count(gone), 0);
        assert.equal(await store.rows.count(kept), 2);
      },
    );

    storeTest(createPlace, 'never get the number of a deleted table', async (bench) => {
      const gone = await newTable(bench.store, 'Gone');
      await bench.store.bases.deleteTable(gone);
      const next = await newTable(await bench.reopen(), 'Next');
      assert.ok(next.number > gone.number, `${next.number} comes after ${gone.number}`);
    });

    storeTest(createPlace, 'are the same when the store is opened again', async (bench) => {
      const table = await newTable(bench.store, 'Invoices', [nameColumn, statusColumn]);
      assert.deepEqual(await (await bench.reopen()).bases.listTables(table.baseId), [table]);
    });
  });
}
