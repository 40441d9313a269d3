import type { Store } from '../port.ts';

/**
 * The store of a cluster, whole: what the API and the services use, for any workspace. Engines of delivery
 * get a view of one shard each instead (`shard`), since every shard is a journal of its own.
 *
 * These answer for one shard only, and so throw when the whole store has more: `journal.headSeq`, `onAppended`,
 * `readAll` and `seqBefore`, `deliveries.positions`, `interrupted`, `retrySummaries` and `write`, and all of
 * `retention` but `removeLeftovers`.
 */
export interface PostgresStore extends Store {
  /** Into how many shards workspaces are divided; fixed when the database was set up. */
  readonly shardCount: number;
  shardOf(workspaceNumber: number): number;
  /** The shard is part of a webhook's number, so that nothing has to be looked up. */
  shardOfWebhook(webhookNumber: number): number;
  /** What an operator should know of the server's settings; empty when all is well. */
  readonly warnings: readonly string[];
  /** Runs one statement on a connection of the pool: for the tables that the cluster has of its own. */
  query<Row>(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs several in one transaction. */
  transaction<Result>(work: (query: PostgresStore['query']) => Promise<Result>): Promise<Result>;
  readonly signals: Signals;
  /** Operations that the database has not answered yet. */
  readonly underWay: number;
  /** Connects the session that owns shards. A process needs one; after it was lost, another. */
  openSession(): Promise<OwnerSession>;
  /**
   * The shard as its owner sees it: reads, lists and the journal are those of the shard, and what delivery
   * writes goes through the session. Call it once the session holds the shard's lock; it reads the head.
   */
  shard(shard: number, session: OwnerSession): Promise<ShardStore>;
}

/**
 * One connection, on which a process holds the advisory locks of its shards and writes what their engines
 * deliver. When PostgreSQL ends it, locks and unfinished writes are gone at the same moment, so that nobody
 * who has lost a shard writes to it.
 */
export interface OwnerSession {
  /** Process id of the backend, as `pg_stat_activity` and `pg_locks` have it. */
  readonly backendPid: number;
  /** Aborted once the connection is lost or closed; everything asked for after that is refused as `unavailable`. */
  readonly lost: AbortSignal;
  /** Runs one statement, behind the writes that are under way. */
  query<Row>(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** Waits for the writes under way and disconnects, which frees all locks. */
  close(): Promise<void>;
  /** Disconnects at once; what was being written may be committed or not. */
  abandon(): void;
}

/** One shard of the store, for the engine that delivers it. Workspaces and webhooks are those of the shard. */
export interface ShardStore extends Store {
  readonly shard: number;
  /**
   * Looks for events that others have appended. The store does so itself: when it is told of them, and once
   * a second in case nobody tells.
   */
  follow(): Promise<void>;
  /** Stops following the journal; the session stays open. */
  close(): Promise<void>;
}

/** Messages between the processes of a cluster, by NOTIFY. They may be lost: whoever needs them polls, too. */
export interface Signals {
  /** Answers how to stop listening. `channel`: lower-case letters and underscores. */
  listen(channel: string, listener: (payload: string) => void): Promise<() => void>;
  /** Called when the connection that listens is there again: what was sent meanwhile is lost. */
  onReconnected(listener: () => void): () => void;
  /** Sends to every process, this one included; those of one turn of the event loop travel together. At most 7,999 bytes. */
  send(channel: string, payload: string): Promise<void>;
}
