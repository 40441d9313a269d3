import type { Database, Statement } from 'better-sqlite3';
import type { Clock } from '../../model/clock.ts';
import type { Database as CrudDatabase } from '../crud/database.ts';
import {
  printScheduled,
  ScheduledEvents,
  type StoredScheduledEvent,
  toScheduledEvent,
} from '../crud/scheduled-events.ts';
import type {
  EventPlace,
  NewScheduledEvent,
  Publication,
  PublicationKey,
  PublicationOutcome,
  PublicationStore,
} from '../port.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { JournalAppender } from './journal.ts';

interface StoredKey {
  readonly fingerprint: string;
  readonly note: string;
  readonly places_json: string;
}

/** Publishing, in the groups of the commit queue, so that calls with a key share a sync as all others do. */
export class Publications extends ScheduledEvents implements PublicationStore {
  readonly #queue: CommitQueue;
  readonly #appender: JournalAppender;
  readonly #clock: Clock;
  readonly #findKey: Statement<[number, string, number], StoredKey>;
  readonly #keepKey: Statement;
  readonly #schedule: Statement;
  readonly #due: Statement<[number, number], StoredScheduledEvent>;
  readonly #published: Statement;

  constructor(
    writer: Database,
    queue: CommitQueue,
    appender: JournalAppender,
    clock: Clock,
    crud: CrudDatabase,
  ) {
    super(crud, clock);
    this.#queue = queue;
    this.#appender = appender;
    this.#clock = clock;
    this.#findKey = writer.prepare(`
      SELECT fingerprint, note, places_json FROM idempotency_keys
      WHERE workspace_number = ? AND key = ? AND created_at >= ?`);
    this.#keepKey = writer.prepare(`
      INSERT INTO idempotency_keys (workspace_number, key, fingerprint, note, places_json, created_at)
      VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (workspace_number, key) DO UPDATE SET fingerprint = excluded.fingerprint,
        note = excluded.note, places_json = excluded.places_json, created_at = excluded.created_at`);
    this.#schedule = writer.prepare(`
      INSERT INTO scheduled_events (id, workspace_number, due_at, type, event_json, state, created_at)
      VALUES (?, ?, ?, ?, ?, 'scheduled', ?)`);
    this.#due = writer.prepare(`
      SELECT * FROM scheduled_events WHERE state = 'scheduled' AND due_at <= ? ORDER BY due_at, number LIMIT ?`);
    this.#published = writer.prepare(`
      UPDATE scheduled_events SET state = 'published', finished_at = ?, event_seq = ?, event_accepted_at = ?
      WHERE number = ?`);
  }

  publish(publication: Publication): Promise<PublicationOutcome> {
    return this.#queue.write((): PublicationOutcome => {
      const { workspaceNumber, events, scheduled, key } = publication;
      const used = key && this.#used(workspaceNumber, key);
      if (used && key) return repeatOf(used, key);
      const places = this.#appender.append(workspaceNumber, events).map(placeOf);
      for (const event of scheduled) this.#scheduleOne(workspaceNumber, event);
      if (key) {
        const { fingerprint, note } = key;
        const nowMs = this.#clock.nowMs();
        this.#keepKey.run(workspaceNumber, key.key, fingerprint, note, JSON.stringify(places), nowMs);
        this.#queue.statements += 1;
      }
      return { kind: 'published', places };
    });
  }

  publishDue(nowMs: number, limit: number): Promise<number> {
    return this.#queue.write(() => {
      const due = this.#due.all(nowMs, limit);
      for (const stored of due) {
        const { event, occurredAtMs, workspaceNumber } = toScheduledEvent(stored);
        const appended = { ...event, occurredAtMs: occurredAtMs ?? nowMs, subject: null };
        for (const { seq, acceptedAtMs } of this.#appender.append(workspaceNumber, [appended])) {
          this.#published.run(nowMs, seq, acceptedAtMs, stored.number);
        }
      }
      this.#queue.statements += 1 + due.length;
      return due.length;
    });
  }

  #used(workspaceNumber: number, { key, keptSinceMs }: PublicationKey): StoredKey | undefined {
    this.#queue.statements += 1;
    return this.#findKey.get(workspaceNumber, key, keptSinceMs);
  }

  #scheduleOne(workspaceNumber: number, scheduled: NewScheduledEvent): void {
    const { id, dueAtMs, event } = scheduled;
    const nowMs = this.#clock.nowMs();
    this.#schedule.run(id, workspaceNumber, dueAtMs, event.type, printScheduled(scheduled), nowMs);
    this.#queue.statements += 1;
  }
}

function repeatOf(used: StoredKey, { fingerprint }: PublicationKey): PublicationOutcome {
  if (used.fingerprint !== fingerprint) return { kind: 'otherCall' };
  return { kind: 'repeated', places: JSON.parse(used.places_json) as EventPlace[], note: used.note };
}

function placeOf({ seq, acceptedAtMs }: EventPlace): EventPlace {
  return { seq, acceptedAtMs };
}
