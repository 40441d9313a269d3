import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeldClock } from '../contract/held-clock.ts';
import { numberedEvents, workspaceNumber } from '../contract/samples.ts';
import { testSecretKey } from '../contract/store-place.ts';
import { SqlitePlace } from './sqlite-place.ts';

describe('the counts of the SQLite store', () => {
  it('hold a statement for each event, and two for the transaction that all writers of a turn share', async () => {
    const place = SqlitePlace.create();
    const store = await place.open({ clock: new HeldClock(), secretKey: testSecretKey });
    try {
      const acme = await workspaceNumber(store);
      const before = store.counts();
      await Promise.all(Array.from({ length: 100 }, () => store.journal.append(acme, numberedEvents(3))));
      const after = store.counts();
      assert.equal(after.transactions - before.transactions, 1);
      assert.equal(after.statements - before.statements, 302);
    } finally {
      await store.close();
      await place.remove();
    }
  });
});
