import type { Clock } from '../../model/clock.ts';
import { Problem } from '../../model/problem.ts';
import type { RetentionCuts } from '../port.ts';
import type { Connections } from './connections.ts';
import { dayMs, dayOf } from './days.ts';
import { dropDeliveries, dropEvents } from './partition-drops.ts';
import { sqlStateOf } from './problems.ts';
import { statement } from './statement.ts';

/** How many days lie in one partition: a few partitions are cheaper to look through, many drop sooner. */
export interface PartitionDays {
  readonly events: number;
  readonly deliveries: number;
  readonly attempts: number;
}

/** For the ages that things are kept by default: a dozen partitions of each. */
export const defaultPartitionDays: PartitionDays = { events: 3, deliveries: 7, attempts: 2 };

export type PartitionedTable = keyof PartitionDays;

/** A partition that exists. Its name says which days it has: `events_20454_3` has three from day 20454 on. */
export interface Partition {
  readonly table: PartitionedTable;
  readonly name: string;
  readonly firstDay: number;
  /** The day after its last one. */
  readonly endDay: number;
}

const tables: readonly PartitionedTable[] = ['events', 'deliveries', 'attempts'];
/** Partitions made ahead of the one in use, so that they are there even if nobody can make any for days. */
const partitionsAhead = 2;
/** Who makes or drops partitions waits no longer than this for others, who would have to wait behind. */
const lockTimeoutMs = 1_000;
/** A lock that one process at a time holds while it changes partitions. */
export const partitionsLock = 7_160_318;

const select = statement(`
  SELECT parent.relname AS parent, child.relname AS name FROM pg_inherits
  JOIN pg_class AS child ON child.oid = inhrelid JOIN pg_class AS parent ON parent.oid = inhparent
  WHERE inhparent IN ('events'::regclass, 'deliveries'::regclass, 'attempts'::regclass)`);

/** The partitions of events, deliveries and attempts: made ahead, and dropped when all in them is old. */
export class Partitions {
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #days: PartitionDays;

  constructor(connections: Connections, clock: Clock, days: PartitionDays) {
    this.#connections = connections;
    this.#clock = clock;
    this.#days = days;
  }

  async list(): Promise<readonly Partition[]> {
    const found = await this.#connections.read<{ parent: PartitionedTable; name: string }>(select);
    return found.flatMap(({ parent, name }) => {
      const [, firstDay, days] = /_(\d+)_(\d+)$/.exec(name) ?? [];
      if (firstDay === undefined || days === undefined) return [];
      return { table: parent, name, firstDay: Number(firstDay), endDay: Number(firstDay) + Number(days) };
    });
  }

  /**
   * Makes the partitions of today and of the days ahead that are missing. When others are in the way it gives
   * up for now: rows without a partition of their own are taken by the default one.
   */
  async ensure(): Promise<void> {
    const today = dayOf(this.#clock.nowMs());
    const known = await this.list();
    const missing = tables.flatMap((table) => missingPartitions(table, known, today, this.#days[table]));
    for (const partition of missing) await this.#make(partition);
  }

  /** Drops what is old as a whole. */
  async dropOld(cuts: RetentionCuts): Promise<RetentionCuts> {
    const oldDay = (beforeMs: number | null): number => (beforeMs === null ? 0 : dayOf(beforeMs));
    const old = { events: oldDay(cuts.eventsBeforeMs), deliveries: oldDay(cuts.deliveriesBeforeMs) };
    const attempts = oldDay(cuts.exchangesBeforeMs);
    for (const partition of await this.list()) {
      const { table, endDay, name } = partition;
      if (table === 'attempts' && endDay <= attempts) await this.#change(`DROP TABLE ${name}`);
      if (table === 'events' && endDay <= old.events) await this.#drop(dropEvents(name));
      if (table === 'deliveries' && endDay <= old.deliveries) {
        await this.#drop(dropDeliveries(name, cuts.deliveriesBeforeMs ?? 0));
      }
    }
    return this.rowCuts(cuts);
  }

  /** What is younger than these goes with its partition. */
  rowCuts(cuts: RetentionCuts): RetentionCuts {
    const earlier = (beforeMs: number | null, days: number): number | null =>
      beforeMs === null ? null : beforeMs - days * dayMs;
    return {
      eventsBeforeMs: earlier(cuts.eventsBeforeMs, this.#days.events),
      deliveriesBeforeMs: earlier(cuts.deliveriesBeforeMs, this.#days.deliveries),
      // First attempts lie in their deliveries, whose partitions are kept for longer.
      exchangesBeforeMs: cuts.exchangesBeforeMs,
    };
  }

  async #make({ table, name, firstDay, endDay }: Partition): Promise<void> {
    // Attaching a table that is ready locks the others for a moment only.
    await this.#change(`
      CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL);
      ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM (${firstDay}) TO (${endDay})`);
  }

  async #drop({ movable, isMovable, drop }: ReturnType<typeof dropEvents>): Promise<void> {
    const [kept] = await this.#connections.readOnce<{ count: number }>(movable, []);
    if (isMovable(kept?.count ?? 0)) await this.#change(drop);
  }

  /** Changes partitions unless another process does so, or others are in the way; then a later pass will. */
  async #change(text: string): Promise<void> {
    await this.#connections
      .transaction(async (client) => {
        await client.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
        await client.query('SET LOCAL statement_timeout = 0');
        const lock = await client.query(`SELECT pg_try_advisory_xact_lock(${partitionsLock}) AS held`);
        if (lock.rows[0]?.held) await client.query(text);
      })
      .catch((error: unknown) => {
        if (!isInTheWay(error)) throw error;
      });
  }
}

function missingPartitions(
  table: PartitionedTable,
  known: readonly Partition[],
  today: number,
  days: number,
): readonly Partition[] {
  const own = known.filter((partition) => partition.table === table);
  const missing: Partition[] = [];
  const until = today + (partitionsAhead + 1) * days;
  for (let day = today; day < until; ) {
    const covering = own.find(({ firstDay, endDay }) => firstDay <= day && day < endDay);
    if (covering) {
      day = covering.endDay;
      continue;
    }
    // It ends where the next one begins, if that is nearer: the days in one may have been others before.
    const next = Math.min(...own.map(({ firstDay }) => firstDay).filter((first) => first > day), day + days);
    const name = `${table}_${day}_${next - day}`;
    missing.push({ table, name, firstDay: day, endDay: next });
    day = next;
  }
  return missing;
}

/** Locked by others, made by others meanwhile, or the default partition has rows of these days already. */
function isInTheWay(error: unknown): boolean {
  const code = sqlStateOf(error instanceof Problem ? error.cause : error) ?? '';
  return ['55P03', '42P07', '42P17', '23514', '42P01'].includes(code);
}
