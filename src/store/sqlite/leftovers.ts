import type { Database, Statement } from 'better-sqlite3';
import type { Clock } from '../../model/clock.ts';
import type { RetentionStep } from '../port.ts';
import type { CommitQueue } from './commit-queue.ts';

/** Rows that belong to a webhook or a table, and what becomes of them when it no longer exists. */
interface Belongings {
  /** The next owner after a number, through an index. */
  readonly nextOwner: string;
  readonly owners: 'webhooks' | 'base_tables';
  /** Whether an owner that is gone has left anything. */
  readonly find: string;
  /** Deals with some of it. */
  readonly clear: string;
}

/** Who discarded a delivery whose webhook is gone, in the words of the log. */
const discardedBy = 'the deletion of the webhook';

function rowsOf(table: string, column: string, owners: Belongings['owners']): Belongings {
  return {
    nextOwner: `SELECT ${column} FROM ${table} WHERE ${column} > ? ORDER BY ${column} LIMIT 1`,
    owners,
    find: `SELECT 1 FROM ${table} WHERE ${column} = ? LIMIT 1`,
    clear: `
      DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${column} = :owner LIMIT :limit)`,
  };
}

/** In the order in which a sweep goes through them. */
export const belongings: readonly Belongings[] = [
  // Beginning after 0, it passes by the checkpoint.
  rowsOf('cursors', 'webhook_number', 'webhooks'),
  rowsOf('retries', 'webhook_number', 'webhooks'),
  {
    // The condition on 'succeeded' is what lets SQLite use the index deliveries_not_succeeded.
    nextOwner: `
      SELECT webhook_number FROM deliveries
      WHERE state <> 'succeeded' AND webhook_number > ? ORDER BY webhook_number LIMIT 1`,
    owners: 'webhooks',
    find: `
      SELECT 1 FROM deliveries
      WHERE webhook_number = ? AND state IN ('retrying', 'sending') AND state <> 'succeeded' LIMIT 1`,
    clear: `
      UPDATE deliveries SET state = 'discarded', discarded_by = '${discardedBy}', finished_at = :nowMs,
        next_attempt_at = NULL
      WHERE id IN (
        SELECT id FROM deliveries
        WHERE webhook_number = :owner AND state IN ('retrying', 'sending') AND state <> 'succeeded' LIMIT :limit)`,
  },
  rowsOf('attempts', 'webhook_number', 'webhooks'),
  rowsOf('webhook_versions', 'webhook_number', 'webhooks'),
  rowsOf('health_changes', 'webhook_number', 'webhooks'),
  rowsOf('rows', 'table_number', 'base_tables'),
];

interface Prepared {
  readonly nextOwner: Statement<[number], number>;
  readonly exists: Statement<[number], number>;
  readonly find: Statement<[number], number>;
  readonly clear: Statement<[{ owner: number; limit: number; nowMs: number }]>;
}

/**
 * Removes what is left of webhooks and tables that are gone. A sweep jumps from owner to owner through the
 * indexes, so it costs by the number of webhooks and tables, not by what they have.
 */
export class Leftovers {
  readonly #queue: CommitQueue;
  readonly #clock: Clock;
  readonly #prepared: readonly Prepared[];

  constructor(writer: Database, reader: Database, queue: CommitQueue, clock: Clock) {
    this.#queue = queue;
    this.#clock = clock;
    this.#prepared = belongings.map(({ nextOwner, owners, find, clear }) => ({
      nextOwner: reader.prepare<[number], number>(nextOwner).pluck(),
      exists: reader.prepare<[number], number>(`SELECT 1 FROM ${owners} WHERE number = ?`).pluck(),
      find: reader.prepare<[number], number>(find).pluck(),
      clear: writer.prepare(clear),
    }));
  }

  /** One step: looks at up to `limit` owners, or removes up to `limit` rows of one. */
  async remove(from: string | null, limit: number): Promise<RetentionStep> {
    let { index, owner } = from === null ? { index: 0, owner: 0 } : parsePlace(from);
    for (let looked = 0; looked < limit; looked += 1) {
      const prepared = this.#prepared[index];
      if (prepared === undefined) return { removed: 0, next: null };
      const next = prepared.nextOwner.get(owner);
      if (next === undefined) {
        index += 1;
        owner = 0;
      } else if (this.#isLeftover(prepared, next)) {
        const removed = await this.#clear(prepared, next, limit);
        return { removed, next: printPlace(index, removed < limit ? next : next - 1) };
      } else {
        owner = next;
      }
    }
    return { removed: 0, next: printPlace(index, owner) };
  }

  #isLeftover(prepared: Prepared, owner: number): boolean {
    return prepared.exists.get(owner) === undefined && prepared.find.get(owner) !== undefined;
  }

  #clear(prepared: Prepared, owner: number, limit: number): Promise<number> {
    return this.#queue.write(() => {
      this.#queue.statements += 1;
      return prepared.clear.run({ owner, limit, nowMs: this.#clock.nowMs() }).changes;
    });
  }
}

function printPlace(index: number, owner: number): string {
  return `${index}.${owner}`;
}

function parsePlace(place: string): { index: number; owner: number } {
  const [index, owner] = place.split('.').map(Number);
  return { index: index ?? 0, owner: owner ?? 0 };
}
