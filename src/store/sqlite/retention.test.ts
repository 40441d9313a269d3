import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { HeldClock } from '../contract/held-clock.ts';
import { sum, sweepLeftovers } from '../contract/retention-sweep.ts';
import { insertRows, newTable } from '../contract/samples.ts';
import { testSecretKey } from '../contract/store-place.ts';
import { initial } from '../migrations/0001-initial.ts';
import { belongings } from './leftovers.ts';
import { retentionQueries } from './retention-queries.ts';
import { SqlitePlace } from './sqlite-place.ts';

const options = { clock: new HeldClock(), secretKey: testSecretKey };

/** How SQLite means to run a query, one line for each table that it reads. */
function planOf(database: Database.Database, query: string): string[] {
  const named = Object.fromEntries([...query.matchAll(/:(\w+)/g)].map(([, name]) => [name, 1]));
  const unnamed = [...query.matchAll(/\?/g)].map(() => 1);
  const parameters = unnamed.length > 0 ? unnamed : [named];
  return database
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${query}`)
    .all(...parameters)
    .map(({ detail }) => detail);
}

describe('retention on SQLite', () => {
  const queries: Array<readonly [name: string, query: string]> = [
    ...Object.entries(retentionQueries),
    ...belongings.flatMap(({ nextOwner, find, clear }) => {
      const table = /FROM (\w+)/.exec(find)?.[1];
      return [
        [`the next owner of ${table}`, nextOwner] as const,
        [`${table} of an owner that is gone`, find] as const,
        [`${table} to clear away`, clear] as const,
      ];
    }),
  ];
  for (const [name, query] of queries) {
    it(`looks for ${name} without going through a whole table, or sorting`, () => {
      const database = new Database(':memory:');
      database.exec(initial.sqlite);
      const plan = planOf(database, query);
      assert.ok(plan.some((line) => line.startsWith('SEARCH')));
      for (const line of plan) assert.doesNotMatch(line, /^SCAN (?!CONSTANT)|TEMP B-TREE/);
      database.close();
    });
  }

  it('removes the rows that a crash left behind their table, in steps', async () => {
    const place = SqlitePlace.create();
    try {
      const store = await place.open(options);
      const gone = await newTable(store, 'Gone');
      const kept = await newTable(store, 'Kept');
      await insertRows(store, gone, Array<string>(25).fill('left behind'));
      await insertRows(store, kept, ['stays']);
      await store.close();
      const database = new Database(place.databaseFile);
      database.prepare('DELETE FROM base_tables WHERE number = ?').run(gone.number);
      database.close();

      const reopened = await place.open(options);
      const removed = await sweepLeftovers(reopened, 10);
      assert.deepEqual([sum(removed), Math.max(...removed)], [25, 10]);
      assert.equal(await reopened.rows.count(gone), 0);
      assert.equal(await reopened.rows.count(kept), 1);
      await reopened.close();
    } finally {
      await place.remove();
    }
  });

  it('removes a few events with much data in as many steps as many with little', async () => {
    const place = SqlitePlace.create();
    try {
      const store = await place.open(options);
      const { number } = await store.workspaces.create('acme');
      const dataJson = JSON.stringify({ text: 'x'.repeat(1024 * 1024) });
      const large = { type: 'a.b', occurredAtMs: 0, dataJson, tags: [], subject: null };
      await store.journal.append(
        number,
        Array.from({ length: 10 }, () => large),
      );
      await store.deliveries.write([{ kind: 'checkpoint', seq: store.journal.headSeq() }]);
      const step = await store.retention.removeEvents(number, store.journal.headSeq(), 500);
      assert.equal(step.removed, 4);
      assert.notEqual(step.next, null);
      await store.close();
    } finally {
      await place.remove();
    }
  });
});
