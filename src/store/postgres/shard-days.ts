import type { Connections } from './connections.ts';
import { statement } from './statement.ts';

interface StoredDay {
  readonly day: number;
  readonly first_seq: number;
}

/** Days that began meanwhile are learned of after so long; until then more partitions are looked into. */
const refreshMs = 600_000;

const select = statement('SELECT day, first_seq FROM shard_days WHERE shard = $1 ORDER BY day');

/**
 * From which day on to look for a place in the journal, so that only the partitions that can have it are
 * asked. A day never goes back within a shard, so knowing too little costs time and never an event.
 */
export class ShardDays {
  readonly #connections: Connections;
  readonly #nowMs: () => number;
  readonly #known = new Map<
    number,
    { readonly days: Promise<readonly StoredDay[]>; readonly sinceMs: number }
  >();

  constructor(connections: Connections, nowMs: () => number) {
    this.#connections = connections;
    this.#nowMs = nowMs;
  }

  /** Events of the shard from `seq` on have this day or a later one. */
  async firstDay(shard: number, seq: number): Promise<number> {
    const days = await this.#daysOf(shard);
    let first = 0;
    for (const { day, first_seq } of days) {
      if (first_seq > seq) break;
      first = day;
    }
    return first;
  }

  #daysOf(shard: number): Promise<readonly StoredDay[]> {
    const known = this.#known.get(shard);
    const nowMs = this.#nowMs();
    if (known && nowMs - known.sinceMs < refreshMs) return known.days;
    const days = this.#connections.read<StoredDay>(select, [shard]);
    const entry = { days, sinceMs: nowMs };
    this.#known.set(shard, entry);
    days.catch(() => {
      if (this.#known.get(shard) === entry) this.#known.delete(shard);
    });
    return days;
  }
}
