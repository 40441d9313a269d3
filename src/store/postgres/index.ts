import type { Clock } from '../../model/clock.ts';
import { Connections } from './connections.ts';
import { migrate } from './migrate.ts';
import { Session } from './owner-session.ts';
import { defaultPartitionDays, type PartitionDays, Partitions } from './partitions.ts';
import { refuseTransactionPooler } from './pooler.ts';
import { asProblem, sqlStateOf } from './problems.ts';
import { checkServer } from './server-check.ts';
import type { OwnerSession, PostgresStore, ShardStore, Signals } from './shard-store.ts';
import { ShardView } from './shard-view.ts';
import { Shards } from './shards.ts';
import { StoreParts } from './store-parts.ts';
import { StoreView } from './store-view.ts';
import type { Tail } from './tails.ts';

export type { OwnerSession, PostgresStore, ShardStore, Signals } from './shard-store.ts';

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  readonly clock: Clock;
  /** Encrypts stored secrets; every process must be given the same one. */
  readonly secretKey: string;
  /** Those that it was before, as long as anything is sealed with them. */
  readonly previousSecretKeys?: readonly string[];
  /** Into how many shards a database is divided that is set up now; of one that exists it is known. */
  readonly shardCount?: number;
  /** Connections that reads share; a process has up to ten more for writing. */
  readonly poolSize?: number;
  /** By which others know the connections of this process. */
  readonly applicationName?: string;
  /** A read that takes longer is ended. */
  readonly statementTimeoutMs?: number;
  readonly partitionDays?: PartitionDays;
  /** Something that no caller waits for failed, and is tried again. */
  readonly onError?: (error: unknown) => void;
}

const defaultShardCount = 256;
const defaultPoolSize = 10;
const defaultStatementTimeoutMs = 30_000;

/**
 * Opens the store of a cluster, and brings its schema up to date. Throws when the server cannot be reached or
 * is unsuitable, or when the database was written by a newer Rowhook.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const connections = new Connections({
    url: options.url,
    poolSize: options.poolSize ?? defaultPoolSize,
    applicationName: options.applicationName ?? 'rowhook',
    statementTimeoutMs: options.statementTimeoutMs ?? defaultStatementTimeoutMs,
  });
  try {
    await refuseTransactionPooler(connections.config);
    const { warnings, shardCount } = await connections.prepare(async (client) => ({
      warnings: await checkServer(client),
      shardCount: await migrate(client, { shardCount: options.shardCount ?? defaultShardCount }),
    }));
    const days = options.partitionDays ?? defaultPartitionDays;
    const partitions = new Partitions(connections, options.clock, days);
    await partitions.ensure();
    const parts = new StoreParts(options, connections, new Shards(shardCount), partitions);
    const tail = shardCount === 1 ? await parts.tails.open(0, false) : null;
    return new WholeStore(parts, tail, warnings);
  } catch (error) {
    await connections.close();
    if (sqlStateOf(error) === insufficientPrivilege) throw mayNotCreateTables(error as Error);
    throw asProblem(error);
  }
}

const insufficientPrivilege = '42501';

function mayNotCreateTables(cause: Error): Error {
  return new Error(
    `The role in ROWHOOK_DATABASE_URL may not create its tables (${cause.message}). ` +
      'Make it the owner of the database, or GRANT CREATE ON SCHEMA public to it.',
    { cause },
  );
}

class WholeStore extends StoreView implements PostgresStore {
  readonly warnings: readonly string[];
  readonly #parts: StoreParts;

  constructor(parts: StoreParts, tail: Tail | null, warnings: readonly string[]) {
    super(parts, parts.writer, tail, parts);
    this.#parts = parts;
    this.warnings = warnings;
  }

  get shardCount(): number {
    return this.#parts.shards.count;
  }

  get signals(): Signals {
    return this.#parts.signals;
  }

  get underWay(): number {
    return this.#parts.connections.underWay;
  }

  shardOf(workspaceNumber: number): number {
    return this.#parts.shards.ofWorkspace(workspaceNumber);
  }

  shardOfWebhook(webhookNumber: number): number {
    return this.#parts.shards.ofWebhook(webhookNumber);
  }

  query<Row>(text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#parts.connections.readOnce<Row>(text, parameters);
  }

  transaction<Result>(work: (query: PostgresStore['query']) => Promise<Result>): Promise<Result> {
    return this.#parts.connections.transaction((client) =>
      work(async <Row>(text: string, parameters: readonly unknown[] = []) => {
        const result = await client.query(text, parameters as unknown[]);
        return result.rows as Row[];
      }),
    );
  }

  openSession(): Promise<OwnerSession> {
    return Session.open(this.#parts.connections);
  }

  shard(shard: number, session: OwnerSession): Promise<ShardStore> {
    return ShardView.open(this.#parts, shard, session);
  }

  async close(): Promise<void> {
    await this.#parts.close();
  }
}
