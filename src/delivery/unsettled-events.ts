import type { JournalEvent } from '../model/event.ts';

/** An event on its way to one webhook, from the moment it was matched until it is settled. */
export interface UnsettledEvent {
  readonly event: JournalEvent;
  /** Monotonic; a batch waits at most so long after its first event came. */
  readonly queuedAtMs: number;
  settled: boolean;
}

/** Stands where a settled entry was. */
const settledEntry: UnsettledEvent = {
  event: {
    workspaceNumber: 0,
    seq: 0,
    type: 'row.inserted',
    occurredAtMs: 0,
    acceptedAtMs: 0,
    dataJson: 'null',
    tags: [],
    subject: null,
  },
  queuedAtMs: 0,
  settled: true,
};

/**
 * The events of one webhook that are in memory: first those that have left and are not settled yet, then
 * those that wait. Events enter in journal order and may settle in any; `firstUnsettledSeq` is what the
 * webhook's cursor must stay before.
 */
export class UnsettledEvents {
  #entries: UnsettledEvent[] = [];
  /** Entries before it are settled and only not removed yet. */
  #start = 0;
  /** Entries before it have left. */
  #next = 0;
  #unsettled = 0;

  get waiting(): number {
    return this.#entries.length - this.#next;
  }

  /** Waiting and under way. */
  get size(): number {
    return this.#unsettled;
  }

  get firstUnsettledSeq(): number | null {
    return this.#entries[this.#start]?.event.seq ?? null;
  }

  get oldest(): UnsettledEvent | null {
    return this.#entries[this.#start] ?? null;
  }

  push(event: JournalEvent, queuedAtMs: number): void {
    this.#entries.push({ event, queuedAtMs, settled: false });
    this.#unsettled += 1;
  }

  /** The events that would leave next, at most `maxEvents` with `maxBytes` of data; at least one if any waits. */
  peek(maxEvents: number, maxBytes: number): readonly UnsettledEvent[] {
    const first = this.#entries[this.#next];
    if (first === undefined || maxEvents === 1) return first === undefined ? [] : [first];
    let end = this.#next;
    let bytes = 0;
    for (; end < this.#entries.length && end - this.#next < maxEvents; end += 1) {
      const { event } = this.#entries[end] as UnsettledEvent;
      bytes += event.dataJson.length;
      // A simulated event never happened, so it must not travel among those that did.
      const mixed = event.simulatedFor !== first.event.simulatedFor;
      if (end > this.#next && (bytes > maxBytes || mixed)) break;
    }
    return this.#entries.slice(this.#next, end);
  }

  /** The first `count` waiting events leave. */
  leave(count: number): void {
    this.#next += count;
  }

  settle(entries: readonly UnsettledEvent[]): void {
    for (const entry of entries) {
      if (entry.settled) continue;
      entry.settled = true;
      this.#unsettled -= 1;
    }
    while (this.#start < this.#next && this.#entries[this.#start]?.settled) {
      // What is settled must not be kept alive: it would grow old, and cost a large collection to get rid of.
      this.#entries[this.#start] = settledEntry;
      this.#start += 1;
    }
    if (this.#start === this.#entries.length || this.#start > 1_024) {
      this.#entries = this.#entries.slice(this.#start);
      this.#next -= this.#start;
      this.#start = 0;
    }
  }

  /** Forgets the events that wait; answers them, so that they can be read from the journal again. */
  dropWaiting(): readonly UnsettledEvent[] {
    const dropped = this.#entries.splice(this.#next);
    this.#unsettled -= dropped.length;
    return dropped;
  }

  /** Nothing is waited for any more; answers the events that had not settled. */
  settleAll(): readonly UnsettledEvent[] {
    const unsettled = this.#entries.filter((entry) => !entry.settled);
    for (const entry of unsettled) entry.settled = true;
    this.#entries = [];
    this.#start = 0;
    this.#next = 0;
    this.#unsettled = 0;
    return unsettled;
  }

  /** Forgets the events that wait up to a place, that included; answers them. */
  dropUpTo(seq: number): readonly UnsettledEvent[] {
    let end = this.#next;
    while (end < this.#entries.length && (this.#entries[end] as UnsettledEvent).event.seq <= seq) end += 1;
    const dropped = this.#entries.splice(this.#next, end - this.#next);
    this.#unsettled -= dropped.length;
    return dropped;
  }
}
