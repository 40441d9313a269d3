import { hostname } from 'node:os';
import type { OwnerSession } from '../store/postgres/shard-store.ts';

/** A process of the cluster, as the others see it. */
export interface ClusterProcess {
  readonly id: string;
  readonly beats: number;
  /** Its session is there. */
  readonly connected: boolean;
  /** It takes no more shards. */
  readonly leaving: boolean;
}

/** By which all connections of a process are known. */
export function applicationName(processId: string): string {
  return `rowhook ${processId}`;
}

/** The first key of all advisory locks on shards; the second is the shard. "rowhook" on the keys of a telephone. */
const lockSpace = 7_694_665;

const joining = `
  INSERT INTO processes (id, backend_pid, backend_started_at, host)
  SELECT $1, pid, backend_start, $2 FROM pg_stat_activity WHERE pid = pg_backend_pid()
  ON CONFLICT (id) DO UPDATE SET backend_pid = excluded.backend_pid,
    backend_started_at = excluded.backend_started_at, beats = processes.beats + 1`;

const beating = `
  WITH beaten AS (UPDATE processes SET beats = beats + 1, leaving = $2 WHERE id = $1)
  SELECT p.id, p.beats, p.leaving, a.pid IS NOT NULL AS connected
  FROM processes p
  LEFT JOIN pg_stat_activity a ON a.pid = p.backend_pid AND a.backend_start = p.backend_started_at`;

// All its connections: in the middle of a transaction it may hold locks that others wait for.
const terminating = `
  SELECT pg_terminate_backend(a.pid)
  FROM processes p
  JOIN pg_stat_activity a ON (a.pid = p.backend_pid AND a.backend_start = p.backend_started_at)
    OR (a.datname = current_database() AND a.application_name = $3)
  WHERE p.id = $1 AND p.beats = $2`;

const removing = `
  DELETE FROM processes p WHERE p.id = ANY($1) AND NOT EXISTS (
    SELECT FROM pg_stat_activity a WHERE a.pid = p.backend_pid AND a.backend_start = p.backend_started_at)`;

// Rows of a function scan come one by one, so that no more locks are taken than rows are asked for.
const locking = `
  SELECT shard FROM unnest($1::int[]) AS shard WHERE pg_try_advisory_lock($2, shard) LIMIT $3`;

/** The statements of ownership, on the session that holds the locks. */
export class Processes {
  readonly #session: OwnerSession;
  readonly #ownId: string;

  constructor(session: OwnerSession, ownId: string) {
    this.#session = session;
    this.#ownId = ownId;
  }

  /** Makes the session the one by which others know that this process is alive. */
  async join(): Promise<void> {
    await this.#session.query(joining, [this.#ownId, hostname()]);
  }

  /** A sign of life; answers all processes as they were just before. */
  beat(leaving: boolean): Promise<readonly ClusterProcess[]> {
    return this.#session.query<ClusterProcess>(beating, [this.#ownId, leaving]);
  }

  /** Ends the session, and every other connection, of a process that has not given a sign of life since it was seen with so many beats. */
  async terminate({ id, beats }: Pick<ClusterProcess, 'id' | 'beats'>): Promise<void> {
    await this.#session.query(terminating, [id, beats, applicationName(id)]);
  }

  /** Forgets processes whose session is gone. */
  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#session.query(removing, [ids]);
  }

  /** Locks up to `limit` of the shards that nobody owns; answers which. */
  async lock(shards: readonly number[], limit: number): Promise<readonly number[]> {
    const locked = await this.#session.query<{ shard: number }>(locking, [shards, lockSpace, limit]);
    return locked.map(({ shard }) => shard);
  }

  async unlock(shard: number): Promise<void> {
    await this.#session.query('SELECT pg_advisory_unlock($1, $2)', [lockSpace, shard]);
  }
}
