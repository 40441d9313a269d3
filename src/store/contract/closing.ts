import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { insertRows, newTable, numberedEvents } from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

export function closingContract(createPlace: CreatePlace): void {
  describe('closing a store', () => {
    storeTest(createPlace, 'first answers everything that was asked of it before', async (bench) => {
      const { store } = bench;
      const table = await newTable(store);
      const owner = table.workspaceNumber;
      const writes = [
        store.journal.append(owner, numberedEvents(2)),
        store.bases.createBase(owner, 'Stock'),
        store.journal.append(owner, numberedEvents(2)),
        insertRows(store, table, ['a', 'b']),
        store.bases.createBase(owner, 'Staff'),
        store.deliveries.write([{ kind: 'checkpoint', seq: 1 }]),
      ];
      await bench.close();
      const outcomes = await Promise.allSettled(writes);
      assert.deepEqual(
        outcomes.map((outcome) => outcome.status),
        writes.map(() => 'fulfilled'),
      );
      const reopened = await bench.open();
      assert.equal((await reopened.journal.read(owner, 0, 100, 1_000_000)).length, 6);
      assert.equal((await reopened.bases.listBases(owner)).length, 3);
      assert.equal(await reopened.rows.count(table), 2);
      assert.equal((await reopened.deliveries.positions()).checkpointSeq, 1);
    });

    storeTest(createPlace, 'waits for a change of configuration, too', async (bench) => {
      const created = bench.store.workspaces.create('acme');
      await bench.close();
      assert.deepEqual(await (await bench.open()).workspaces.list(), [await created]);
    });
  });
}
