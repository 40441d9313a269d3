import type { Clock } from '../../model/clock.ts';
import type { JournalEvent, NewEvent } from '../../model/event.ts';
import type { EventFilter, JournalStore, Page, PageRequest } from '../port.ts';
import type { Appender } from './appender.ts';
import type { Connections } from './connections.ts';
import { keysetPage } from './keyset-page.ts';
import type { ShardDays } from './shard-days.ts';
import type { Shards } from './shards.ts';
import { statement } from './statement.ts';
import { type StoredEvent, storedEventColumns, toEvents } from './stored-event.ts';
import type { TableVersions } from './table-versions.ts';
import type { Tail, Tails } from './tails.ts';

/** The events of `source`, in order, until the data together are about `bytes`; at least one. */
const within = (source: string, bytes: string): string => `
  SELECT ${storedEventColumns} FROM (
    SELECT *, sum(octet_length(data)) OVER (ORDER BY seq) - octet_length(data) AS bytes_before
    FROM (SELECT ${storedEventColumns} FROM events WHERE ${source}) AS page
  ) AS measured WHERE bytes_before < ${bytes} ORDER BY seq`;

const readWorkspace = statement(
  within('shard = $1 AND workspace_number = $2 AND seq > $3 AND day >= $4 ORDER BY seq LIMIT $5', '$6'),
);
const readShard = statement(within('shard = $1 AND seq > $2 AND day >= $3 ORDER BY seq LIMIT $4', '$5'));
const findPlaces = statement(`
  SELECT ${storedEventColumns} FROM events
  WHERE shard = $1 AND workspace_number = $2 AND seq = ANY($3::bigint[]) AND day >= $4 ORDER BY seq`);
const acceptedAt = statement(`
  SELECT accepted_at FROM events WHERE shard = $1 AND seq <= $2 ORDER BY seq DESC LIMIT 1`);
const head = statement('SELECT head_seq FROM shards WHERE shard = $1');

/** What a journal needs, whole or of a shard. */
export interface JournalParts {
  readonly connections: Connections;
  readonly clock: Clock;
  readonly shards: Shards;
  readonly days: ShardDays;
  readonly versions: TableVersions;
  readonly tails: Tails;
}

/** The journal of all workspaces, or, for the engine of a shard, of those in it. */
export class Journal implements JournalStore {
  readonly #parts: JournalParts;
  readonly #appender: Appender;
  readonly #tail: Tail | null;

  /** `tail`: of the one shard that this is the journal of; null for several. */
  constructor(parts: JournalParts, appender: Appender, tail: Tail | null) {
    this.#parts = parts;
    this.#appender = appender;
    this.#tail = tail;
  }

  append(workspaceNumber: number, events: readonly NewEvent[]): Promise<readonly JournalEvent[]> {
    return this.#appender.append(workspaceNumber, events);
  }

  onAppended(listener: (events: readonly JournalEvent[]) => void): void {
    this.#one().onAppended(listener);
  }

  headSeq(): number {
    return this.#one().headSeq;
  }

  async read(
    workspaceNumber: number,
    afterSeq: number,
    limit: number,
    maxBytes: number,
  ): Promise<readonly JournalEvent[]> {
    const shard = this.#parts.shards.ofWorkspace(workspaceNumber);
    const day = await this.#parts.days.firstDay(shard, afterSeq + 1);
    return this.#read(readWorkspace, [shard, workspaceNumber, afterSeq, day, limit, bounded(maxBytes)]);
  }

  async readAll(afterSeq: number, limit: number, maxBytes: number): Promise<readonly JournalEvent[]> {
    const { shard } = this.#one();
    const day = await this.#parts.days.firstDay(shard, afterSeq + 1);
    return this.#read(readShard, [shard, afterSeq, day, limit, bounded(maxBytes)]);
  }

  async seqBefore(acceptedAtMs: number): Promise<number> {
    const { shard } = this.#one();
    const { connections } = this.#parts;
    const [counter] = await connections.read<{ head_seq: number }>(head, [shard]);
    // Places grow with time, so the place is found by halving; clocks that differ blur it a little.
    let low = 0;
    let high = counter?.head_seq ?? 0;
    while (low < high) {
      const middle = Math.floor((low + high + 1) / 2);
      const [event] = await connections.read<{ accepted_at: number }>(acceptedAt, [shard, middle]);
      if (event === undefined || event.accepted_at < acceptedAtMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  async find(workspaceNumber: number, seq: number): Promise<JournalEvent | null> {
    const [event] = await this.findMany(workspaceNumber, [seq]);
    return event ?? null;
  }

  async findMany(workspaceNumber: number, seqs: readonly number[]): Promise<readonly JournalEvent[]> {
    if (seqs.length === 0) return [];
    const shard = this.#parts.shards.ofWorkspace(workspaceNumber);
    const first = seqs.reduce((least, seq) => Math.min(least, seq));
    const day = await this.#parts.days.firstDay(shard, first);
    return this.#read(findPlaces, [shard, workspaceNumber, seqs, day]);
  }

  async list(workspaceNumber: number, filter: EventFilter, page: PageRequest): Promise<Page<JournalEvent>> {
    const { connections, shards, versions } = this.#parts;
    const stored = await keysetPage<StoredEvent>(
      connections,
      {
        select: `SELECT ${storedEventColumns} FROM events`,
        key: 'seq',
        conditions: [
          ['shard = ?', shards.ofWorkspace(workspaceNumber)],
          ['workspace_number = ?', workspaceNumber],
          ['type = ?', filter.type],
          ['row_id = ?', filter.rowId],
          ['tags @> jsonb_build_array(?::text)', filter.tag],
          ['accepted_at >= ?', filter.sinceMs],
          ['accepted_at < ?', filter.untilMs],
        ],
      },
      page,
      (event) => event.seq,
    );
    return { ...stored, items: await toEvents(stored.items, versions) };
  }

  #one(): Tail {
    if (this.#tail) return this.#tail;
    throw new Error('Each shard has a journal of its own: this is asked of a shard, not of the whole store.');
  }

  async #read(
    asked: ReturnType<typeof statement>,
    values: readonly unknown[],
  ): Promise<readonly JournalEvent[]> {
    const stored = await this.#parts.connections.read<StoredEvent>(asked, values);
    return toEvents(stored, this.#parts.versions);
  }
}

/** More than any page holds, and still a number that PostgreSQL takes. */
function bounded(maxBytes: number): number {
  return Math.min(maxBytes, Number.MAX_SAFE_INTEGER);
}
