import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { migrations } from '../migrations/index.ts';

const postgresMigrations: readonly string[] = migrations.map(({ postgres }) => postgres);

/** A lock that one process at a time holds while it brings the schema up to date. */
const migrationLock = 7_160_317;

const lockPollMs = 100;

/** The oldest PostgreSQL that has all that is used here, as `server_version_num` has it. */
const oldestVersion = 140_000;

export interface MigrateOptions {
  /** Into how many shards a database that is set up now is divided. */
  readonly shardCount: number;
  readonly steps?: readonly string[];
}

/**
 * Brings the database to the schema of this program, each step in a transaction of its own. Processes that
 * start together wait for each other. Answers into how many shards the database is divided.
 */
export async function migrate(client: ClientBase, options: MigrateOptions): Promise<number> {
  const steps = options.steps ?? postgresMigrations;
  await requireVersion(client);
  // Asked for again and again, rather than waited for: a wait would end with the time a statement may take.
  while (!(await isLocked(client))) await sleep(lockPollMs);
  try {
    await client.query(
      'CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL, migrated_at timestamptz NOT NULL)',
    );
    const found = await client.query<{ version: number | null }>(
      'SELECT max(version) AS version FROM schema_version',
    );
    const version = found.rows[0]?.version ?? 0;
    if (version > steps.length) {
      throw new Error(
        `The database has schema version ${version}; this Rowhook knows only ${steps.length}. ` +
          'Start the newer Rowhook that wrote it, or restore the backup from before the upgrade.',
      );
    }
    for (const [index, step] of steps.slice(version).entries()) {
      await inTransaction(client, [
        step,
        `INSERT INTO schema_version VALUES (${version + index + 1}, now())`,
      ]);
    }
    return await shardsOf(client, options.shardCount);
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
  }
}

async function isLocked(client: ClientBase): Promise<boolean> {
  const found = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [
    migrationLock,
  ]);
  return found.rows[0]?.held ?? false;
}

async function requireVersion(client: ClientBase): Promise<void> {
  const found = await client.query<{ server_version_num: string; server_version: string }>(
    "SELECT current_setting('server_version_num') AS server_version_num, current_setting('server_version') AS server_version",
  );
  const [server] = found.rows;
  if (Number(server?.server_version_num) >= oldestVersion) return;
  throw new Error(`Rowhook needs PostgreSQL 14 or later; this server is ${server?.server_version}.`);
}

/** Sets the shards up, the first time. */
async function shardsOf(client: ClientBase, shardCount: number): Promise<number> {
  const found = await client.query<{ shard_count: number }>('SELECT shard_count FROM installation');
  const known = found.rows[0]?.shard_count;
  if (known !== undefined) return known;
  await inTransaction(client, [
    `INSERT INTO shards (shard, head_seq, day) SELECT shard, 0, 0 FROM generate_series(0, ${shardCount - 1}) AS shard`,
    `INSERT INTO installation (shard_count) VALUES (${shardCount})`,
  ]);
  return shardCount;
}

async function inTransaction(client: ClientBase, texts: readonly string[]): Promise<void> {
  await client.query('BEGIN');
  try {
    // A step may take as long as the tables are large.
    await client.query('SET LOCAL statement_timeout = 0');
    for (const text of texts) await client.query(text);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
