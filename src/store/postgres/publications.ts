import { ScheduledEvents, type StoredScheduledEvent, toScheduledEvent } from '../crud/scheduled-events.ts';
import type { EventPlace, Publication, PublicationOutcome, PublicationStore } from '../port.ts';
import { appendCall, appendedEvents } from './append.ts';
import type { Appender } from './appender.ts';
import { dayOf } from './days.ts';
import type { JournalParts } from './journal.ts';
import { call, statement } from './statement.ts';
import type { StoreParts } from './store-parts.ts';

/** A lock for each shard that one process at a time holds while it publishes what is due. */
const dueLock = 7_160_319;

const lockDue = statement('SELECT pg_advisory_xact_lock($1, $2)');
const ofShard = '($1::integer IS NULL OR workspace_number % $2::integer = $1)';
const due = statement(`
  SELECT number, id, workspace_number, due_at, type, event_json, state, created_at, finished_at, event_seq,
    event_accepted_at, cancelled_by
  FROM scheduled_events WHERE state = 'scheduled' AND ${ofShard} AND due_at <= $3 ORDER BY due_at, number LIMIT $4
  FOR UPDATE`);
const nextDue = statement(`
  SELECT due_at FROM scheduled_events WHERE state = 'scheduled' AND ${ofShard} ORDER BY due_at LIMIT 1`);

/** Publishing, in groups with all that is appended. What is due is published by the owner of its shard. */
export class Publications extends ScheduledEvents implements PublicationStore {
  readonly #parts: JournalParts;
  readonly #appender: Appender;
  readonly #shard: number | null;

  /** `shard`: whose events are published when they are due; null: those of all. */
  constructor({ crud, options, journal, appender }: StoreParts, shard: number | null) {
    super(crud, options.clock);
    this.#parts = journal;
    this.#appender = appender;
    this.#shard = shard;
  }

  async publish(publication: Publication): Promise<PublicationOutcome> {
    const outcome = await this.#appender.publish(publication);
    if (outcome.kind === 'appended') return { kind: 'published', places: outcome.events.map(placeOf) };
    const { fingerprint, note, places_json } = outcome.by;
    if (fingerprint !== publication.key?.fingerprint) return { kind: 'otherCall' };
    return { kind: 'repeated', places: JSON.parse(places_json) as EventPlace[], note };
  }

  async publishDue(nowMs: number, limit: number): Promise<number> {
    const { connections, shards, tails } = this.#parts;
    const { appends, events } = await connections.write(async (link) => {
      const [, found] = await link.open([
        call(lockDue, dueLock, this.#shard ?? shards.count),
        call(due, this.#shard, shards.count, nowMs, limit),
      ]);
      const stored = (found?.rows ?? []) as StoredScheduledEvent[];
      if (stored.length === 0) {
        await link.undo();
        return { appends: [], events: [] };
      }
      const made = stored.map((one) => this.#appendOf(one, nowMs));
      const [result] = await link.commitWith([appendCall(made, dayOf(this.#parts.clock.nowMs()))]);
      return { appends: made, events: appendedEvents(made, result?.rows ?? []) };
    });
    if (events.length > 0) {
      await tails.appended(
        events.map((some, index) => ({ shard: appends[index]?.shard ?? 0, events: some })),
      );
    }
    return events.length;
  }

  override async nextDueAtMs(): Promise<number | null> {
    const { connections, shards } = this.#parts;
    const [found] = await connections.read<{ due_at: number }>(nextDue, [this.#shard, shards.count]);
    return found?.due_at ?? null;
  }

  #appendOf(stored: StoredScheduledEvent, nowMs: number) {
    const { event, occurredAtMs, workspaceNumber } = toScheduledEvent(stored);
    return {
      shard: this.#parts.shards.ofWorkspace(workspaceNumber),
      workspaceNumber,
      events: [{ ...event, occurredAtMs: occurredAtMs ?? nowMs, subject: null }],
      acceptedAtMs: this.#parts.clock.nowMs(),
      scheduledNumber: stored.number,
    };
  }
}

function placeOf({ seq, acceptedAtMs }: EventPlace): EventPlace {
  return { seq, acceptedAtMs };
}
