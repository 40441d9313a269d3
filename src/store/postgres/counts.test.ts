import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { HeldClock } from '../contract/held-clock.ts';
import { newAttempt, newDelivery, newWebhook, numberedEvents, workspaceNumber } from '../contract/samples.ts';
import { testSecretKey } from '../contract/store-place.ts';
import type { StoreCounts } from '../port.ts';
import { openPostgresStore } from './index.ts';
import { PostgresServer } from './testing/postgres-server.ts';

const secretKey = testSecretKey;
/** Events that arrive, and are delivered, in one turn of the event loop: as many as requests are under way at load. */
const atOnce = 100;
const rounds = 10;

/**
 * What an event costs PostgreSQL at load, as PostgreSQL itself counts it. For each delivered event: one row for
 * the delivery, a share of the event's, and next to nothing else.
 */
describe('PostgreSQL has, for a delivered event at load,', () => {
  let server: PostgresServer | null = null;
  after(() => server?.remove());

  for (const fanOut of [1, 5]) {
    it(`at most 1 + 1/${fanOut} + 0.1 rows to write and 0.05 statements to run, with a fan-out of ${fanOut}`, async () => {
      server ??= await PostgresServer.start({ shared_preload_libraries: 'pg_stat_statements' });
      const database = await server.createDatabase();
      await server.query('CREATE EXTENSION pg_stat_statements', [], database);
      const store = await openPostgresStore({ url: server.url(database), clock: new HeldClock(), secretKey });
      const acme = await workspaceNumber(store);
      const session = await store.openSession();
      const shard = await store.shard(store.shardOf(acme), session);
      shard.journal.onAppended(() => undefined);
      const webhooks = await Promise.all(Array.from({ length: fanOut }, () => newWebhook(shard, acme)));
      await store.journal.append(acme, numberedEvents(1));
      const before = await counted(server, database);
      const ownBefore = store.counts();
      for (let round = 0; round < rounds; round += 1) {
        // Posted one by one, by many callers.
        const posted = await Promise.all(
          Array.from({ length: atOnce }, () => store.journal.append(acme, numberedEvents(1))),
        );
        const seqs = posted.flat().map(({ seq }) => seq);
        await Promise.all(
          webhooks.map((webhook) =>
            shard.deliveries.write([
              ...seqs.map((seq) => {
                const delivery = newDelivery(webhook, seq);
                return { kind: 'delivered', delivery, attempt: newAttempt(1), retry: null } as const;
              }),
              // Once a second.
              ...(round % 5 === 0 ? [{ kind: 'checkpoint', seq: seqs.at(-1) ?? 0 } as const] : []),
            ]),
          ),
        );
      }
      const delivered = atOnce * rounds * fanOut;
      const cost = difference(await counted(server, database), before);
      const own = difference(store.counts(), ownBefore);
      assert.ok(cost.rowsWritten / delivered <= 1 + 1 / fanOut + 0.1, `${cost.rowsWritten / delivered} rows`);
      assert.ok(cost.statements / delivered <= 0.05, `${cost.statements / delivered} statements`);
      assert.ok(own.rowsWritten >= delivered * (1 + 1 / fanOut), 'the store counts its rows, too');
      assert.ok(own.statements <= cost.statements, 'and its statements, but for messages and reads');
      await shard.close();
      await session.close();
      await store.close();
    });
  }
});

type Cost = Pick<StoreCounts, 'statements' | 'rowsWritten'>;

/** Statements from pg_stat_statements; rows from the tables themselves, since it counts those of the outermost only. */
async function counted(server: PostgresServer, database: string): Promise<Cost> {
  await server.query('SELECT pg_stat_force_next_flush()', [], database).catch(() => undefined);
  const [statements] = await server.query(
    `SELECT coalesce(sum(calls), 0)::int AS count FROM pg_stat_statements JOIN pg_database ON oid = dbid
     WHERE datname = $1 AND query NOT LIKE '%pg_stat%'`,
    [database],
    database,
  );
  const [rows] = await server.query(
    'SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int AS count FROM pg_stat_user_tables',
    [],
    database,
  );
  return { statements: Number(statements?.['count']), rowsWritten: Number(rows?.['count']) };
}

function difference(after: Cost, before: Cost): Cost {
  return {
    statements: after.statements - before.statements,
    rowsWritten: after.rowsWritten - before.rowsWritten,
  };
}
