import type { Clock } from '../../model/clock.ts';
import type { RetentionStep } from '../port.ts';
import type { Connections } from './connections.ts';
import { call, type Statement, statement } from './statement.ts';

/** Rows that belong to a webhook, a table or an index, and what becomes of them when that no longer exists. */
interface Belongings {
  /** The next owner after a number ($2) in a shard ($1), through an index. */
  readonly nextOwner: Statement;
  /** Whether an owner exists ($1). */
  readonly exists: Statement;
  /** Whether an owner ($2) that is gone has left anything in a shard ($1). */
  readonly find: Statement;
  /** Deals with some ($3) of what an owner ($2) has left in a shard ($1); $4 is the time. */
  readonly clear: Statement;
}

type Owners = 'webhooks' | 'base_tables' | 'cell_indexes';

/** Who discarded a delivery whose webhook is gone, in the words of the log. */
const discardedBy = 'the deletion of the webhook';

/** `shard`: the condition on the shard, for a table that has one. `key`: what tells the rows of an owner apart. */
function rowsOf(
  table: string,
  column: string,
  owners: Owners,
  key: string,
  shard = 'shard = $1',
): Belongings {
  return {
    nextOwner: statement(
      `SELECT ${column} AS owner FROM ${table} WHERE ${shard} AND ${column} > $2 ORDER BY ${column} LIMIT 1`,
    ),
    exists: existsIn(owners),
    find: statement(`SELECT 1 FROM ${table} WHERE ${shard} AND ${column} = $2 LIMIT 1`),
    clear: statement(`
      DELETE FROM ${table} WHERE (${key}) IN (
        SELECT ${key} FROM ${table} WHERE ${shard} AND ${column} = $2 LIMIT $3) AND $4::bigint > 0`),
  };
}

function existsIn(owners: Owners): Statement {
  return statement(`SELECT 1 FROM ${owners} WHERE number = $1`);
}

const unfinished = "state IN ('retrying', 'sending') AND state <> 'succeeded'";

/** In the order in which a sweep of a shard goes through them. */
export const belongings: readonly Belongings[] = [
  // Beginning after 0, it passes by the checkpoint.
  rowsOf('cursors', 'webhook_number', 'webhooks', 'shard, webhook_number'),
  rowsOf('retries', 'webhook_number', 'webhooks', 'shard, webhook_number, seq'),
  {
    // The condition on 'succeeded' is what lets the index deliveries_not_succeeded answer.
    nextOwner: statement(`
      SELECT webhook_number AS owner FROM deliveries
      WHERE shard = $1 AND state <> 'succeeded' AND webhook_number > $2 ORDER BY webhook_number LIMIT 1`),
    exists: existsIn('webhooks'),
    find: statement(`
      SELECT 1 FROM deliveries WHERE shard = $1 AND webhook_number = $2 AND ${unfinished} LIMIT 1`),
    clear: statement(`
      UPDATE deliveries SET state = 'discarded', discarded_by = '${discardedBy}', finished_at = $4,
        next_attempt_at = NULL
      WHERE (shard, webhook_number, seq) IN (
        SELECT shard, webhook_number, seq FROM deliveries
        WHERE shard = $1 AND webhook_number = $2 AND ${unfinished} LIMIT $3)`),
  },
  rowsOf('attempts', 'webhook_number', 'webhooks', 'shard, webhook_number, seq, number'),
  rowsOf('rows', 'table_number', 'base_tables', 'shard, table_number, number'),
  rowsOf('change_sets', 'table_number', 'base_tables', 'shard, table_number, number'),
  rowsOf('cell_index_entries', 'index_number', 'cell_indexes', 'ctid'),
];

/** Of all shards; the sweep of the first shard goes through them, too. */
const everywhere = '$1::integer IS NOT NULL';
const unshardedBelongings: readonly Belongings[] = [
  rowsOf('webhook_versions', 'webhook_number', 'webhooks', 'webhook_number, version', everywhere),
  rowsOf('health_changes', 'webhook_number', 'webhooks', 'id', everywhere),
];

/**
 * Removes what is left of webhooks, tables and indexes that are gone. A sweep jumps from owner to owner
 * through the indexes, so it costs by the number of owners, not by what they have.
 */
export class Leftovers {
  readonly #connections: Connections;
  readonly #clock: Clock;

  constructor(connections: Connections, clock: Clock) {
    this.#connections = connections;
    this.#clock = clock;
  }

  /** One step: looks at up to `limit` owners, or removes up to `limit` rows of one. */
  async remove(shard: number, from: string | null, limit: number): Promise<RetentionStep> {
    const all = shard === 0 ? [...belongings, ...unshardedBelongings] : belongings;
    let { index, owner } = from === null ? { index: 0, owner: 0 } : parsePlace(from);
    for (let looked = 0; looked < limit; looked += 1) {
      const one = all[index];
      if (one === undefined) return { removed: 0, next: null };
      const next = await this.#nextOwner(one, shard, owner);
      if (next === null) {
        index += 1;
        owner = 0;
      } else if (await this.#isLeftover(one, shard, next)) {
        const removed = await this.#clear(one, shard, next, limit);
        return { removed, next: printPlace(index, removed < limit ? next : next - 1) };
      } else {
        owner = next;
      }
    }
    return { removed: 0, next: printPlace(index, owner) };
  }

  async #nextOwner({ nextOwner }: Belongings, shard: number, after: number): Promise<number | null> {
    const [found] = await this.#connections.read<{ owner: number }>(nextOwner, [shard, after]);
    return found?.owner ?? null;
  }

  async #isLeftover({ exists, find }: Belongings, shard: number, owner: number): Promise<boolean> {
    if ((await this.#connections.read(exists, [owner])).length > 0) return false;
    return (await this.#connections.read(find, [shard, owner])).length > 0;
  }

  async #clear({ clear }: Belongings, shard: number, owner: number, limit: number): Promise<number> {
    const [result] = await this.#connections.write((link) =>
      link.commitAll([call(clear, shard, owner, limit, this.#clock.nowMs())]),
    );
    return result?.rowCount ?? 0;
  }
}

function printPlace(index: number, owner: number): string {
  return `${index}.${owner}`;
}

function parsePlace(place: string): { index: number; owner: number } {
  const [index, owner] = place.split('.').map(Number);
  return { index: index ?? 0, owner: owner ?? 0 };
}
