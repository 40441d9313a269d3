import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Store, StoreCounts } from '../port.ts';
import {
  failedAttempt,
  insertRows,
  newAttempt,
  newDelivery,
  newRetry,
  newTable,
  newWebhook,
  numberedEvents,
  retrying,
  workspaceNumber,
} from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

/** Transactions that a hundred writes asked for at the same moment may take. */
const transactionsForHundred = 5;

/** What `work` adds to the store's counts. */
async function cost(store: Store, work: () => Promise<unknown>): Promise<StoreCounts> {
  const before = store.counts();
  await work();
  const after = store.counts();
  return {
    statements: after.statements - before.statements,
    transactions: after.transactions - before.transactions,
    syncs: after.syncs - before.syncs,
    rowsWritten: after.rowsWritten - before.rowsWritten,
  };
}

export function countsContract(createPlace: CreatePlace): void {
  describe('the counts of a store', () => {
    storeTest(createPlace, 'grow by a transaction, and a row for each event appended', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const appended = await cost(store, () => store.journal.append(acme, numberedEvents(3)));
      assert.equal(appended.transactions, 1);
      assert.equal(appended.syncs, 1);
      // One more where the places in the journal are counted in a row.
      assert.ok(appended.rowsWritten === 3 || appended.rowsWritten === 4, `${appended.rowsWritten} rows`);
      assert.ok(appended.statements >= 1);
    });

    storeTest(createPlace, 'grow with the statements, not only with the transactions', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const one = await cost(store, () => store.journal.append(acme, numberedEvents(1)));
      const calls = await cost(store, async () => {
        for (let call = 0; call < 10; call += 1) await store.journal.append(acme, numberedEvents(1));
      });
      assert.equal(calls.statements, one.statements * 10);
      assert.equal(calls.rowsWritten, one.rowsWritten * 10);
    });

    storeTest(createPlace, 'do not grow with reading', async ({ store }) => {
      const acme = await workspaceNumber(store);
      await store.journal.append(acme, numberedEvents(3));
      const read = await cost(store, async () => {
        await store.journal.read(acme, 0, 10, 1_000);
        await store.deliveries.positions();
      });
      assert.deepEqual(read, { statements: 0, transactions: 0, syncs: 0, rowsWritten: 0 });
    });

    storeTest(createPlace, 'grow with changes of configuration, too', async ({ store }) => {
      const created = await cost(store, () => store.workspaces.create('acme'));
      assert.equal(created.transactions, 1);
      assert.equal(created.rowsWritten, 1);
      assert.ok(created.statements >= 1);
    });

    storeTest(createPlace, 'grow by one row for a healthy delivery', async ({ store }) => {
      const webhook = await newWebhook(store, await workspaceNumber(store));
      const healthy = await cost(store, () =>
        store.deliveries.write([
          { kind: 'delivered', delivery: newDelivery(webhook, 1), attempt: newAttempt(1), retry: null },
        ]),
      );
      assert.equal(healthy.rowsWritten, 1);
      assert.equal(healthy.transactions, 1);
    });

    storeTest(createPlace, 'grow by a row more for the retry of a failed one', async ({ store }) => {
      const webhook = await newWebhook(store, await workspaceNumber(store));
      const delivery = retrying(newDelivery(webhook, 1), 1, 0);
      const failed = await cost(store, () =>
        store.deliveries.write([
          { kind: 'delivered', delivery, attempt: failedAttempt(1), retry: newRetry(delivery) },
        ]),
      );
      assert.equal(failed.rowsWritten, 2);
    });

    storeTest(createPlace, 'show that writes of the same moment share transactions', async ({ store }) => {
      const table = await newTable(store);
      const webhook = await newWebhook(store, table.workspaceNumber);
      const attempt = newAttempt(1);
      const many = await cost(store, () =>
        Promise.all(
          Array.from({ length: 100 }, (_, index): Promise<unknown> => {
            if (index % 4 === 0) return insertRows(store, table, ['a']);
            if (index % 4 > 1) return store.journal.append(table.workspaceNumber, numberedEvents(1));
            const delivery = newDelivery(webhook, index + 1);
            return store.deliveries.write([{ kind: 'delivered', delivery, attempt, retry: null }]);
          }),
        ),
      );
      assert.ok(many.transactions <= transactionsForHundred, `${many.transactions} transactions`);
      assert.ok(many.syncs <= many.transactions, `${many.syncs} syncs`);
      assert.ok(many.rowsWritten >= 100);
    });
  });
}
