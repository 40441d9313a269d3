import type { Clock } from '../../model/clock.ts';
import type { NewEvent } from '../../model/event.ts';
import { type EventId, eventId, newScheduledEventId, type ScheduledEventId } from '../../model/ids.ts';
import { type FieldError, Problem } from '../../model/problem.ts';
import type { EventPlace, NewScheduledEvent, PublicationStore } from '../../store/port.ts';
import { Backpressure } from './backpressure.ts';
import type { EventChecks } from './checks.ts';
import { printData } from './data.ts';
import { eventLimits } from './limits.ts';
import { faultOfTag, faultOfType, readTime } from './texts.ts';

/** An event as an application posts it. */
export interface PostedEvent {
  /** A dotted name: `invoice.paid`. */
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** `key:value`, at most 10. */
  readonly tags?: readonly string[] | undefined;
  /** ISO 8601; when absent, the time of acceptance. */
  readonly occurredAt?: string | undefined;
  /** ISO 8601: not delivered before; when absent or past, at once. */
  readonly deliverAt?: string | undefined;
}

/** How a call can be known again. */
export interface CallKey {
  /** The header `Idempotency-Key`. */
  readonly key: string;
  /** The same for a repeat, another one for any other call. */
  readonly fingerprint: string;
}

export interface EventServiceLimits {
  /** Data of one event, printed as JSON. */
  readonly maxEventDataBytes: number;
  /** Events of one call. */
  readonly maxBatchEvents: number;
  /** Event data that may wait for the disk. */
  readonly maxWaitingEventBytes: number;
  /** How far ahead `deliverAt` may be. */
  readonly maxDelayDays: number;
  /** How long a key is kept. */
  readonly idempotencyHours: number;
}

/** Events that were accepted, and what the catalogue finds wrong with them. */
export interface Published {
  /** In the order of the call: of events, and of those that are published later. */
  readonly ids: ReadonlyArray<EventId | ScheduledEventId>;
  /** Pointers are relative to the body of the call. */
  readonly warnings: readonly FieldError[];
  /** Whether this is the answer to an earlier call with the same key. */
  readonly repeated: boolean;
}

/** An event that was read, and its data as it came. */
interface ReadEvent {
  readonly pointer: string;
  readonly event: NewEvent;
  readonly data: PostedEvent['data'];
  /** Null: at once. */
  readonly dueAtMs: number | null;
  /** Whether the call said when it happened. */
  readonly hasTime: boolean;
}

/** What is kept with a key, to answer a repeat: the places in the journal are kept besides. */
interface AnswerNote {
  /** Ids of scheduled events; null stands for the next place in the journal. */
  readonly ids: ReadonlyArray<ScheduledEventId | null>;
  readonly warnings: readonly FieldError[];
}

const hourMs = 60 * 60 * 1_000;

/** Takes the events that applications post: into the journal, or to be published later. */
export class EventService {
  readonly #publications: Pick<PublicationStore, 'publish'>;
  readonly #clock: Clock;
  readonly #checks: EventChecks;
  readonly #limits: EventServiceLimits;
  readonly #backpressure: Backpressure;
  readonly #onScheduled: () => void;

  /** `onScheduled`: called when an event was taken that is to be published later. */
  constructor(
    publications: Pick<PublicationStore, 'publish'>,
    clock: Clock,
    checks: EventChecks,
    limits: EventServiceLimits,
    onScheduled: () => void = () => undefined,
  ) {
    this.#publications = publications;
    this.#clock = clock;
    this.#checks = checks;
    this.#limits = limits;
    this.#backpressure = new Backpressure(limits.maxWaitingEventBytes);
    this.#onScheduled = onScheduled;
  }

  /** Takes one event; resolves once it is durable. */
  async publish(
    workspaceNumber: number,
    posted: PostedEvent,
    key: CallKey | null = null,
  ): Promise<Published> {
    const faults: FieldError[] = [];
    const event = this.#read(posted, '', faults);
    return this.#publish(workspaceNumber, [event], faults, key);
  }

  /** Takes all events or none, in their order; resolves once they are durable. */
  async publishBatch(
    workspaceNumber: number,
    posted: readonly PostedEvent[],
    key: CallKey | null = null,
  ): Promise<Published> {
    const faults: FieldError[] = [];
    const { maxBatchEvents } = this.#limits;
    if (posted.length === 0) {
      faults.push({ pointer: '/events', detail: 'must not be empty' });
    } else if (posted.length > maxBatchEvents) {
      const detail = `must have at most ${maxBatchEvents} events (setting ROWHOOK_MAX_BATCH_EVENTS), not ${posted.length}`;
      throw new Problem('too-large', `/events ${detail}.`, [{ pointer: '/events', detail }]);
    }
    const events: (ReadEvent | null)[] = [];
    for (const [index, event] of posted.entries()) {
      if (faults.length >= eventLimits.faultsPerAnswer) break;
      events.push(this.#read(event, `/events/${index}`, faults));
    }
    return this.#publish(workspaceNumber, events, faults, key);
  }

  async #publish(
    workspaceNumber: number,
    read: readonly (ReadEvent | null)[],
    faults: readonly FieldError[],
    key: CallKey | null,
  ): Promise<Published> {
    refuse(faults);
    const { events, warnings } = await this.#checked(
      workspaceNumber,
      read.filter((event) => event !== null),
    );
    const scheduled = events.map(toScheduled);
    const note: AnswerNote = { ids: scheduled.map((event) => event?.id ?? null), warnings };
    const now = events.filter(({ dueAtMs }) => dueAtMs === null).map(({ event }) => event);
    const bytes = events.reduce((sum, { event }) => sum + event.dataJson.length, 0);
    const outcome = await this.#backpressure.during(events.length, bytes, () =>
      this.#publications.publish({
        workspaceNumber,
        events: now,
        scheduled: scheduled.filter((event) => event !== null),
        key: key && {
          ...key,
          keptSinceMs: this.#clock.nowMs() - this.#limits.idempotencyHours * hourMs,
          note: JSON.stringify(note),
        },
      }),
    );
    if (outcome.kind === 'otherCall') throw otherCall();
    if (outcome.kind === 'repeated') {
      return { ...answerOf(JSON.parse(outcome.note) as AnswerNote, outcome.places), repeated: true };
    }
    if (now.length < events.length) this.#onScheduled();
    return { ...answerOf(note, outcome.places), repeated: false };
  }

  /** Throws a Problem when the catalogue refuses one of them. */
  async #checked(
    workspaceNumber: number,
    read: readonly ReadEvent[],
  ): Promise<{ readonly events: readonly ReadEvent[]; readonly warnings: readonly FieldError[] }> {
    const verdicts = await this.#checks.check(
      workspaceNumber,
      read.map(({ event, data }) => ({ type: event.type, data, bytes: event.dataJson.length })),
    );
    const faults: FieldError[] = [];
    const warnings: FieldError[] = [];
    const events = read.map((one, index): ReadEvent => {
      const verdict = verdicts[index];
      const below = (fault: FieldError): FieldError => ({ ...fault, pointer: one.pointer + fault.pointer });
      faults.push(...(verdict?.faults ?? []).map(below));
      warnings.push(...(verdict?.warnings ?? []).map(below));
      if (verdict === undefined || verdict.groups.length === 0) return one;
      return { ...one, event: { ...one.event, groups: verdict.groups } };
    });
    refuse(faults.slice(0, eventLimits.faultsPerAnswer));
    return { events, warnings: warnings.slice(0, eventLimits.faultsPerAnswer) };
  }

  /** The event, or null with what is wrong added to `faults`. */
  #read(posted: PostedEvent, pointer: string, faults: FieldError[]): ReadEvent | null {
    const before = faults.length;
    const fault = (member: string, detail: string | null): void => {
      if (detail !== null) faults.push({ pointer: `${pointer}/${member}`, detail });
    };
    const nowMs = this.#clock.nowMs();
    fault('type', faultOfType(posted.type));
    const tags = posted.tags ?? [];
    if (tags.length > eventLimits.tags) fault('tags', `must have at most ${eventLimits.tags} items`);
    else for (const [index, tag] of tags.entries()) fault(`tags/${index}`, faultOfTag(tag));
    const dueAtMs = posted.deliverAt === undefined ? null : readTime(posted.deliverAt);
    if (posted.deliverAt !== undefined) fault('deliverAt', this.#faultOfDueTime(dueAtMs, nowMs));
    const occurredAtMs = posted.occurredAt === undefined ? nowMs : readTime(posted.occurredAt);
    if (occurredAtMs === null) {
      fault('occurredAt', timeDetail);
    } else if (occurredAtMs > Math.max(nowMs, dueAtMs ?? 0) + eventLimits.aheadMs) {
      fault('occurredAt', 'must not be more than a day ahead of the clock of the server');
    }
    const data = printData(posted.data, this.#limits.maxEventDataBytes);
    if ('fault' in data) fault(`data${data.pointer}`, data.fault);
    if (faults.length > before || occurredAtMs === null || 'fault' in data) return null;
    const event = {
      type: posted.type,
      occurredAtMs,
      dataJson: data.json,
      tags: tags.length > 1 ? [...new Set(tags)] : tags,
      subject: null,
    };
    return {
      pointer,
      event,
      data: posted.data,
      dueAtMs: dueAtMs !== null && dueAtMs > nowMs ? dueAtMs : null,
      hasTime: posted.occurredAt !== undefined,
    };
  }

  #faultOfDueTime(dueAtMs: number | null, nowMs: number): string | null {
    if (dueAtMs === null) return timeDetail;
    const { maxDelayDays } = this.#limits;
    if (dueAtMs <= nowMs + maxDelayDays * 24 * hourMs) return null;
    return `must not be more than ${maxDelayDays} days ahead (setting ROWHOOK_MAX_DELAY_DAYS)`;
  }
}

const timeDetail = 'must be a time like 2026-01-31T12:00:00Z, not before 1970';

function toScheduled({ event, dueAtMs, hasTime }: ReadEvent): NewScheduledEvent | null {
  if (dueAtMs === null) return null;
  const { occurredAtMs, subject: _, ...rest } = event;
  return { id: newScheduledEventId(), dueAtMs, occurredAtMs: hasTime ? occurredAtMs : null, event: rest };
}

function answerOf({ ids, warnings }: AnswerNote, places: readonly EventPlace[]): Omit<Published, 'repeated'> {
  const next = places.values();
  return {
    ids: ids.map((id) => {
      if (id !== null) return id;
      const place = next.next();
      if (place.done) throw new Error('The store took events and did not say where each of them is.');
      return eventId(place.value.acceptedAtMs, place.value.seq);
    }),
    warnings,
  };
}

function otherCall(): Problem {
  const detail = 'was used for another call; choose a new key for every call, and keep it for its repeats';
  return new Problem('conflict', `The Idempotency-Key ${detail}.`, [{ pointer: 'Idempotency-Key', detail }]);
}

function refuse(faults: readonly FieldError[]): void {
  const first = faults[0];
  if (!first) return;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more, see errors)` : '';
  throw new Problem('invalid-input', `${first.pointer} ${first.detail}${more}.`, faults);
}
