import { Kysely, PostgresDialect, type PostgresPool, sql } from 'kysely';
import type { Database } from '../crud/database.ts';
import type { Schema } from '../schema.ts';
import type { Connections } from './connections.ts';
import { asProblem, isConflict, isConnectionLoss, sqlStateOf } from './problems.ts';
import type { Shards } from './shards.ts';

/** How often a transaction is tried that meets another one which changes the same. */
const transactionTries = 5;

/** What the code that is shared by both engines works with, here on PostgreSQL. */
export function crudDatabase(connections: Connections, shards: Shards): Database {
  const reading = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: readingPool(connections) }),
  });
  const writing = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: writingPool(connections) }),
  });
  return {
    reader: reading,
    transaction: (work) => connections.hold(() => repeated(() => writing.transaction().execute(work))),
    headSeq: async (transaction, workspaceNumber) => {
      const shard = shards.ofWorkspace(workspaceNumber);
      const found = await sql<{
        head_seq: number;
      }>`SELECT head_seq FROM shards WHERE shard = ${shard}`.execute(transaction);
      return found.rows[0]?.head_seq ?? 0;
    },
    placeCursor: async (transaction, webhookNumber, seq) => {
      const shard = shards.ofWebhook(webhookNumber);
      await sql`INSERT INTO cursors (shard, webhook_number, seq, waiting) VALUES (${shard}, ${webhookNumber}, ${seq}, 0)
        ON CONFLICT (shard, webhook_number) DO UPDATE SET seq = excluded.seq, waiting = 0`.execute(
        transaction,
      );
    },
    noteChange: async (transaction, note) => {
      await sql`SELECT set_config('rowhook.change_note', ${JSON.stringify(note)}, true)`.execute(transaction);
    },
    webhookNumber: async (transaction, workspaceNumber) => {
      const next = sql<{
        ordinal: number;
      }>`SELECT nextval(pg_get_serial_sequence('webhooks', 'number')) AS ordinal`;
      const found = await next.execute(transaction);
      return { number: shards.webhookNumber(found.rows[0]?.ordinal ?? 0, workspaceNumber) };
    },
  };
}

/** Runs a transaction again when another was in the way: what that has changed is seen by the next try. */
async function repeated<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (tries === transactionTries || !isConflict(error)) throw asProblem(error);
    }
  }
}

/** Single reads, each on whatever connection is free. */
function readingPool(connections: Connections): PostgresPool {
  const client = {
    query: (text: string, parameters: readonly unknown[]) => connections.query(text, parameters),
    release: () => undefined,
  };
  return { options: {}, connect: async () => client, end: async () => undefined } as unknown as PostgresPool;
}

/** Transactions, each on a connection of its own; what they write is counted. */
function writingPool(connections: Connections): PostgresPool {
  const connect = async () => {
    const { client, giveBack } = await connections.lendTransaction();
    let broken = false;
    return {
      query: async (text: string, parameters: readonly unknown[]) => {
        try {
          const result = await client.query(text, parameters as unknown[]);
          connections.counts.add(result);
          return result;
        } catch (error) {
          broken ||= isConnectionLoss(error) || sqlStateOf(error) === '25006';
          throw error;
        }
      },
      release: () => giveBack(broken),
    };
  };
  return { options: {}, connect, end: async () => undefined } as unknown as PostgresPool;
}
