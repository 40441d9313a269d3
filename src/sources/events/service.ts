import type { Clock } from '../../model/clock.ts';
import type { JournalEvent, NewEvent } from '../../model/event.ts';
import { type FieldError, Problem } from '../../model/problem.ts';
import type { JournalStore } from '../../store/port.ts';
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
}

export interface EventServiceLimits {
  /** Data of one event, printed as JSON. */
  readonly maxEventDataBytes: number;
  /** Events of one call. */
  readonly maxBatchEvents: number;
}

/** Events that were accepted, and what the catalogue finds wrong with them. */
export interface Published {
  readonly events: readonly JournalEvent[];
  /** Pointers are relative to the body of the call. */
  readonly warnings: readonly FieldError[];
}

/** An event that was read, and its data as it came. */
interface ReadEvent {
  readonly pointer: string;
  readonly event: NewEvent;
  readonly data: PostedEvent['data'];
}

/** Takes the events that applications post into the journal. */
export class EventService {
  readonly #journal: Pick<JournalStore, 'append'>;
  readonly #clock: Clock;
  readonly #checks: EventChecks;
  readonly #limits: EventServiceLimits;

  constructor(
    journal: Pick<JournalStore, 'append'>,
    clock: Clock,
    checks: EventChecks,
    limits: EventServiceLimits,
  ) {
    this.#journal = journal;
    this.#clock = clock;
    this.#checks = checks;
    this.#limits = limits;
  }

  /** Appends one event; resolves once it is durable. */
  async publish(workspaceNumber: number, posted: PostedEvent): Promise<Published> {
    const faults: FieldError[] = [];
    const event = this.#read(posted, '', faults);
    return this.#append(workspaceNumber, [event], faults);
  }

  /** Appends all events or none, in their order; resolves once they are durable. */
  async publishBatch(workspaceNumber: number, posted: readonly PostedEvent[]): Promise<Published> {
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
    return this.#append(workspaceNumber, events, faults);
  }

  async #append(
    workspaceNumber: number,
    read: readonly (ReadEvent | null)[],
    faults: readonly FieldError[],
  ): Promise<Published> {
    refuse(faults);
    const { events, warnings } = await this.#checked(
      workspaceNumber,
      read.filter((event) => event !== null),
    );
    return { events: await this.#journal.append(workspaceNumber, events), warnings };
  }

  /** Throws a Problem when the catalogue refuses one of them. */
  async #checked(
    workspaceNumber: number,
    read: readonly ReadEvent[],
  ): Promise<{ readonly events: readonly NewEvent[]; readonly warnings: readonly FieldError[] }> {
    const verdicts = await this.#checks.check(
      workspaceNumber,
      read.map(({ event, data }) => ({ type: event.type, data, bytes: event.dataJson.length })),
    );
    const faults: FieldError[] = [];
    const warnings: FieldError[] = [];
    const events = read.map(({ event, pointer }, index): NewEvent => {
      const verdict = verdicts[index];
      const below = (fault: FieldError): FieldError => ({ ...fault, pointer: pointer + fault.pointer });
      faults.push(...(verdict?.faults ?? []).map(below));
      warnings.push(...(verdict?.warnings ?? []).map(below));
      return verdict && verdict.groups.length > 0 ? { ...event, groups: verdict.groups } : event;
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
    const occurredAtMs = posted.occurredAt === undefined ? nowMs : readTime(posted.occurredAt);
    if (occurredAtMs === null) {
      fault('occurredAt', 'must be a time like 2026-01-31T12:00:00Z, not before 1970');
    } else if (occurredAtMs > nowMs + eventLimits.aheadMs) {
      fault('occurredAt', 'must not be more than a day ahead of the clock of the server');
    }
    const data = printData(posted.data, this.#limits.maxEventDataBytes);
    if ('fault' in data) fault(`data${data.pointer}`, data.fault);
    if (faults.length > before || occurredAtMs === null || 'fault' in data) return null;
    const event = {
      type: posted.type,
      occurredAtMs,
      dataJson: data.json,
      tags: [...new Set(tags)],
      subject: null,
    };
    return { pointer, event, data: posted.data };
  }
}

function refuse(faults: readonly FieldError[]): void {
  const first = faults[0];
  if (!first) return;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more, see errors)` : '';
  throw new Problem('invalid-input', `${first.pointer} ${first.detail}${more}.`, faults);
}
