import type { JournalEvent } from '../../model/event.ts';
import type { Connections } from './connections.ts';
import type { ShardDays } from './shard-days.ts';
import { statement } from './statement.ts';
import { type StoredEvent, storedEventColumns, toEvents } from './stored-event.ts';
import type { TableVersions } from './table-versions.ts';

/** Events of one shard that this process has appended. */
export interface AppendedEvents {
  readonly shard: number;
  readonly events: readonly JournalEvent[];
}

/** One shard's part of a page, in events and in bytes of data; a page has such a part of each shard asked for. */
const pageEvents = 500;
const pageBytes = 512 * 1024;
/** Shards that one statement reads. */
const pageShards = 32;

const readTails = statement(`
  SELECT ${storedEventColumns} FROM (
    SELECT page.*, sum(octet_length(data)) OVER (PARTITION BY shard ORDER BY seq) - octet_length(data) AS bytes_before
    FROM unnest($1::smallint[], $2::bigint[], $3::integer[]) AS tail (tail_shard, after_seq, first_day)
    CROSS JOIN LATERAL (
      SELECT ${storedEventColumns} FROM events
      WHERE shard = tail_shard AND seq > after_seq AND day >= first_day ORDER BY seq LIMIT ${pageEvents}
    ) AS page
  ) AS measured WHERE bytes_before < ${pageBytes} ORDER BY shard, seq`);
const heads = statement('SELECT shard, head_seq FROM shards WHERE shard = ANY($1::smallint[])');

/**
 * Where those who follow a shard's journal are. Places are taken in the order of commits and without gaps
 * (`append.ts`), so the tail moves only by the event that comes next: one that is missing is still to be read,
 * never lost.
 */
export class Tail {
  readonly shard: number;
  readonly #tails: Tails;
  readonly #listeners: Array<(events: readonly JournalEvent[]) => void> = [];
  #waitsForListener: boolean;
  #headSeq: number;

  /** `waitsForListener`: stay where it is until someone listens, who then hears of everything after it. */
  constructor(tails: Tails, shard: number, headSeq: number, waitsForListener: boolean) {
    this.#tails = tails;
    this.shard = shard;
    this.#headSeq = headSeq;
    this.#waitsForListener = waitsForListener;
  }

  /** Place of the last event that listeners have heard of. */
  get headSeq(): number {
    return this.#headSeq;
  }

  onAppended(listener: (events: readonly JournalEvent[]) => void): void {
    this.#listeners.push(listener);
    if (!this.#waitsForListener) return;
    this.#waitsForListener = false;
    // What fails here is tried again when the journal is looked at next.
    this.#tails.follow([this]).catch(() => undefined);
  }

  /** Whether it has a use for events after `headSeq`. */
  get follows(): boolean {
    return !this.#waitsForListener;
  }

  /** Tells of events if they come next. Answers whether the tail has come to the last of them. */
  tell(events: readonly JournalEvent[]): boolean {
    const last = events.at(-1)?.seq ?? 0;
    if (last <= this.#headSeq || this.#waitsForListener) return true;
    const news = events.filter(({ seq }) => seq > this.#headSeq);
    if (news[0]?.seq !== this.#headSeq + 1) return false;
    this.#headSeq = last;
    for (const listener of this.#listeners) listener(news);
    return true;
  }

  /** Goes on at a place without telling of what is before: retention has removed it. */
  skipTo(seq: number): void {
    this.#headSeq = Math.max(this.#headSeq, seq);
  }
}

/** The tails of a store, and how they come by what others append: one reading at a time, for all of them. */
export class Tails {
  readonly #connections: Connections;
  readonly #days: ShardDays;
  readonly #versions: TableVersions;
  readonly #open = new Set<Tail>();
  readonly #wanted = new Set<Tail>();
  readonly #announce: (shards: ReadonlySet<number>) => void;
  #reading: Promise<void> | null = null;

  /** `announce`: tells other processes that this one has appended to shards. */
  constructor(
    connections: Connections,
    days: ShardDays,
    versions: TableVersions,
    announce: (shards: ReadonlySet<number>) => void,
  ) {
    this.#connections = connections;
    this.#days = days;
    this.#versions = versions;
    this.#announce = announce;
  }

  /** Opens a tail at the head of the journal as it is now. */
  async open(shard: number, waitsForListener: boolean): Promise<Tail> {
    const [head] = await this.#connections.read<{ head_seq: number }>(heads, [[shard]]);
    const tail = new Tail(this, shard, head?.head_seq ?? 0, waitsForListener);
    this.#open.add(tail);
    return tail;
  }

  close(tail: Tail): void {
    this.#open.delete(tail);
    this.#wanted.delete(tail);
  }

  /** This process has appended events. Resolves once those who follow have heard of them, in order. */
  async appended(appended: readonly AppendedEvents[]): Promise<void> {
    this.#announce(new Set(appended.map(({ shard }) => shard)));
    const behind: Tail[] = [];
    for (const tail of this.#open) {
      const events = appended.flatMap((one) => (one.shard === tail.shard ? one.events : []));
      if (events.length > 0 && !tail.tell(events)) behind.push(tail);
    }
    // The events are in the journal, whether they can be read now or when it is looked at next.
    if (behind.length > 0) await this.follow(behind).catch(() => undefined);
  }

  /** Others have appended to these shards, or may have: reads what comes next, to the end. */
  async follow(tails: Iterable<Tail>): Promise<void> {
    const following = [...tails].filter((tail) => tail.follows && this.#open.has(tail));
    for (const tail of following) this.#wanted.add(tail);
    while (following.some((tail) => this.#wanted.has(tail))) {
      this.#reading ??= this.#readAll().finally(() => {
        this.#reading = null;
      });
      await this.#reading;
    }
  }

  /** Looks into the counters whether anybody has appended without telling, and reads that. */
  async poll(): Promise<void> {
    const following = [...this.#open].filter((tail) => tail.follows);
    if (following.length === 0) return;
    const shards = [...new Set(following.map(({ shard }) => shard))];
    const found = await this.#connections.read<{ shard: number; head_seq: number }>(heads, [shards]);
    const headSeqs = new Map(found.map(({ shard, head_seq }) => [shard, head_seq]));
    await this.follow(following.filter((tail) => (headSeqs.get(tail.shard) ?? 0) > tail.headSeq));
  }

  ofShards(shards: ReadonlySet<number>): readonly Tail[] {
    return [...this.#open].filter(({ shard }) => shards.has(shard));
  }

  async #readAll(): Promise<void> {
    while (this.#wanted.size > 0) {
      const tails = [...this.#wanted].slice(0, pageShards);
      // Whoever asks for one of them from here on may mean what this page is too early for.
      for (const tail of tails) this.#wanted.delete(tail);
      const found = await this.#readPage(tails);
      for (const tail of tails) {
        const events = found.get(tail) ?? [];
        if (events.length === 0) continue;
        // There may be more behind the page.
        this.#wanted.add(tail);
        if (!tail.tell(events)) this.#skipHole(tail, events);
      }
    }
  }

  async #readPage(tails: readonly Tail[]): Promise<ReadonlyMap<Tail, readonly JournalEvent[]>> {
    const days = await Promise.all(tails.map((tail) => this.#days.firstDay(tail.shard, tail.headSeq + 1)));
    const stored = await this.#connections.read<StoredEvent>(readTails, [
      tails.map(({ shard }) => shard),
      tails.map(({ headSeq }) => headSeq),
      days,
    ]);
    const events = await toEvents(stored, this.#versions);
    const byShard = new Map<number, Map<number, JournalEvent>>();
    for (const [index, event] of events.entries()) {
      const shard = stored[index]?.shard ?? 0;
      const ofShard = byShard.get(shard) ?? new Map<number, JournalEvent>();
      byShard.set(shard, ofShard.set(event.seq, event));
    }
    return new Map(tails.map((tail) => [tail, [...(byShard.get(tail.shard)?.values() ?? [])]]));
  }

  /** Committed events follow each other without gaps, so what is missing in between has been removed. */
  #skipHole(tail: Tail, events: readonly JournalEvent[]): void {
    const first = events[0]?.seq ?? 0;
    tail.skipTo(first - 1);
    tail.tell(events);
  }
}
