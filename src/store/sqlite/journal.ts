import type { Database, Statement } from 'better-sqlite3';
import type { Clock } from '../../model/clock.ts';
import type { EventTypeName, JournalEvent, NewEvent, RowSubject } from '../../model/event.ts';
import type { ChangeSetId, RowId } from '../../model/ids.ts';
import type { EventFilter, JournalStore, Page, PageRequest } from '../port.ts';
import type { CommitQueue, TransactionMember } from './commit-queue.ts';
import { keysetPage } from './keyset-page.ts';
import { TableVersions } from './table-versions.ts';

interface StoredEvent {
  readonly seq: number;
  readonly workspace_number: number;
  readonly type: string;
  readonly occurred_at: number;
  readonly accepted_at: number;
  readonly data: string;
  readonly tags: string | null;
  readonly table_number: number | null;
  readonly table_version: number | null;
  readonly row_id: string | null;
  readonly change_set_id: string | null;
  readonly simulated_for: string | null;
  readonly groups: string | null;
}

/** How many places one `findMany` statement asks for. */
const placesPerStatement = 500;

/** Appends events inside the transactions of the commit queue, and tells readers once they are durable. */
export class JournalAppender implements TransactionMember {
  readonly #insert: Statement;
  readonly #clock: Clock;
  readonly #listeners: Array<(events: readonly JournalEvent[]) => void> = [];
  #headSeq: number;
  #durableSeq: number;
  #appended: JournalEvent[] = [];
  statements = 0;

  constructor(database: Database, clock: Clock) {
    this.#insert = database.prepare(`
      INSERT INTO events (seq, workspace_number, type, occurred_at, accepted_at, data, tags,
        table_number, table_version, row_id, change_set_id, simulated_for, groups)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#clock = clock;
    // Not max(seq): retention may have removed the newest event, and its place must not be given out again.
    const head = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'events'").pluck().get();
    this.#headSeq = typeof head === 'number' ? head : 0;
    this.#durableSeq = this.#headSeq;
  }

  /** Place of the last event, as the transaction under way sees it. */
  get headSeq(): number {
    return this.#headSeq;
  }

  /** Place of the last event that is durable. */
  get durableSeq(): number {
    return this.#durableSeq;
  }

  onAppended(listener: (events: readonly JournalEvent[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Must run inside a transaction of the commit queue. */
  append(workspaceNumber: number, events: readonly NewEvent[]): JournalEvent[] {
    const acceptedAtMs = this.#clock.nowMs();
    const appended: JournalEvent[] = [];
    for (const event of events) {
      const seq = this.#headSeq + 1;
      this.#insert.run(
        seq,
        workspaceNumber,
        event.type,
        event.occurredAtMs,
        acceptedAtMs,
        event.dataJson,
        event.tags.length > 0 ? JSON.stringify(event.tags) : null,
        event.subject?.table.number ?? null,
        event.subject?.table.version ?? null,
        event.subject?.rowId ?? null,
        event.subject?.changeSetId ?? null,
        event.simulatedFor ?? null,
        event.groups === undefined ? null : JSON.stringify(event.groups),
      );
      this.#headSeq = seq;
      appended.push({ ...event, workspaceNumber, seq, acceptedAtMs });
    }
    this.statements += events.length;
    for (const event of appended) this.#appended.push(event);
    return appended;
  }

  mark(): () => void {
    const headSeq = this.#headSeq;
    const length = this.#appended.length;
    return () => {
      this.#headSeq = headSeq;
      this.#appended.length = length;
    };
  }

  committed(): void {
    if (this.#appended.length === 0) return;
    const events = this.#appended;
    this.#appended = [];
    this.#durableSeq = this.#headSeq;
    for (const listener of this.#listeners) listener(events);
  }
}

export class Journal implements JournalStore {
  readonly #appender: JournalAppender;
  readonly #queue: CommitQueue;
  readonly #reader: Database;
  readonly #read: Statement<[number, number, number, number], StoredEvent>;
  readonly #acceptedAt: Statement<[number], number>;
  readonly #readAll: Statement<[number, number, number], StoredEvent>;
  readonly #find: Statement<[number, number], StoredEvent>;
  readonly #tableVersions: TableVersions;

  constructor(appender: JournalAppender, queue: CommitQueue, reader: Database) {
    this.#appender = appender;
    this.#queue = queue;
    this.#reader = reader;
    this.#read = reader.prepare(
      'SELECT * FROM events WHERE workspace_number = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
    );
    this.#acceptedAt = reader
      .prepare<[number], number>('SELECT accepted_at FROM events WHERE seq <= ? ORDER BY seq DESC LIMIT 1')
      .pluck();
    this.#readAll = reader.prepare('SELECT * FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?');
    this.#tableVersions = new TableVersions(reader);
    this.#find = reader.prepare('SELECT * FROM events WHERE workspace_number = ? AND seq = ?');
  }

  append(workspaceNumber: number, events: readonly NewEvent[]): Promise<readonly JournalEvent[]> {
    return this.#queue.write(() => this.#appender.append(workspaceNumber, events));
  }

  onAppended(listener: (events: readonly JournalEvent[]) => void): void {
    this.#appender.onAppended(listener);
  }

  headSeq(): number {
    return this.#appender.durableSeq;
  }

  async read(
    workspaceNumber: number,
    afterSeq: number,
    limit: number,
    maxBytes: number,
  ): Promise<readonly JournalEvent[]> {
    return this.#takePage(this.#read.iterate(workspaceNumber, afterSeq, this.headSeq(), limit), maxBytes);
  }

  async readAll(afterSeq: number, limit: number, maxBytes: number): Promise<readonly JournalEvent[]> {
    return this.#takePage(this.#readAll.iterate(afterSeq, this.headSeq(), limit), maxBytes);
  }

  async seqBefore(acceptedAtMs: number): Promise<number> {
    // Places grow with time, so the place is found by halving; a clock set back in between blurs it a little.
    let low = 0;
    let high = this.headSeq();
    while (low < high) {
      const middle = Math.floor((low + high + 1) / 2);
      const at = this.#acceptedAt.get(middle);
      if (at === undefined || at < acceptedAtMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  async find(workspaceNumber: number, seq: number): Promise<JournalEvent | null> {
    const stored = this.#find.get(workspaceNumber, seq);
    return this.#queue.durable(stored ? this.#toEvent(stored) : null);
  }

  async findMany(workspaceNumber: number, seqs: readonly number[]): Promise<readonly JournalEvent[]> {
    const events: JournalEvent[] = [];
    const ascending = [...seqs].sort((a, b) => a - b);
    for (let start = 0; start < ascending.length; start += placesPerStatement) {
      const places = ascending.slice(start, start + placesPerStatement);
      const found = this.#reader
        .prepare<unknown[], StoredEvent>(
          `SELECT * FROM events WHERE workspace_number = ? AND seq IN (${places.map(() => '?').join(',')}) ORDER BY seq`,
        )
        .all(workspaceNumber, ...places);
      for (const stored of found) events.push(this.#toEvent(stored));
    }
    return this.#queue.durable(events);
  }

  async list(workspaceNumber: number, filter: EventFilter, page: PageRequest): Promise<Page<JournalEvent>> {
    const { rowId, sinceMs, untilMs } = filter;
    const found = await keysetPage<StoredEvent, JournalEvent>(
      this.#reader,
      {
        columns: '*',
        table: 'events',
        index: rowId === undefined ? 'events_by_workspace' : 'events_by_row',
        key: 'seq',
        scope: [
          ['workspace_number = ?', rowId === undefined ? workspaceNumber : undefined],
          ['row_id = ?', rowId],
        ],
        filters: [
          ['workspace_number = ?', rowId === undefined ? undefined : workspaceNumber],
          ['type = ?', filter.type],
          ['EXISTS (SELECT 1 FROM json_each(tags) WHERE json_each.value = ?)', filter.tag],
        ],
        time: {
          column: 'accepted_at',
          ...(sinceMs === undefined ? {} : { sinceMs }),
          ...(untilMs === undefined ? {} : { untilMs }),
        },
      },
      page,
      (stored) => stored.seq,
      (stored) => this.#toEvent(stored),
    );
    return this.#queue.durable(found);
  }

  #takePage(found: Iterable<StoredEvent>, maxBytes: number): JournalEvent[] {
    const events: JournalEvent[] = [];
    let bytes = 0;
    for (const stored of found) {
      events.push(this.#toEvent(stored));
      bytes += stored.data.length;
      if (bytes >= maxBytes) break;
    }
    return events;
  }

  #toEvent(stored: StoredEvent): JournalEvent {
    return {
      workspaceNumber: stored.workspace_number,
      seq: stored.seq,
      type: stored.type as EventTypeName,
      occurredAtMs: stored.occurred_at,
      acceptedAtMs: stored.accepted_at,
      dataJson: stored.data,
      tags: stored.tags === null ? [] : (JSON.parse(stored.tags) as string[]),
      subject: this.#toSubject(stored),
      ...(stored.simulated_for === null ? {} : { simulatedFor: stored.simulated_for }),
      ...(stored.groups === null ? {} : { groups: JSON.parse(stored.groups) as string[] }),
    };
  }

  #toSubject(stored: StoredEvent): RowSubject | null {
    if (stored.table_number === null || stored.table_version === null) return null;
    return {
      table: this.#tableVersions.get(stored.table_number, stored.table_version),
      rowId: stored.row_id as RowId,
      changeSetId: stored.change_set_id as ChangeSetId,
    };
  }
}
