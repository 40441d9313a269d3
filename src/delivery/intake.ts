import { match } from '../matching/index.ts';
import type { JournalEvent } from '../model/event.ts';
import type { Webhook } from '../model/webhook.ts';
import type { Store } from '../store/port.ts';
import type { DeliveryProcess } from './process.ts';
import type { MemoryHolder } from './queue-memory.ts';
import { type UnsettledEvent, UnsettledEvents } from './unsettled-events.ts';

/** Events of one webhook that may wait in memory; what comes on top stays in the journal. */
const longestQueue = 512;
/** A page of the journal, read when a webhook lags. */
const pageEvents = 256;
const pageBytes = 512 * 1024;
/** A page where memory is short; much less, and reading past events of others would take for ever. */
const smallPageBytes = 16 * 1024;
/** How long to wait before reading again what could not be read. */
const readAgainMs = 1_000;

/** What the intake needs of the engine it is in. */
export interface IntakeContext {
  readonly store: Store;
  readonly process: Pick<DeliveryProcess, 'memory' | 'clock' | 'onError'>;
  /** The place up to which the journal's tail has been offered to every intake. */
  dispatchedSeq(): number;
}

/**
 * Where one webhook's events come from. Its modes:
 *
 * - `live`: it keeps up. Matching events come from the journal's tail, in memory (`offer`).
 * - `lagging`: more came than memory may hold. It reads the journal in pages from `readSeq` on, and
 *   offered events are only counted, until a page ends at the tail: then it is live again.
 * - `stopped`: the webhook does not run. Nothing is held in memory; `readSeq` marks where to go on.
 */
export class Intake implements MemoryHolder {
  readonly #context: IntakeContext;
  readonly #onEvents: () => void;
  readonly #events = new UnsettledEvents();
  #mode: 'live' | 'lagging' | 'stopped';
  /** Everything up to here has been taken in; means nothing while live. */
  #readSeq: number;
  /** Events up to here may have been delivered before a crash or a stop: the log is asked. */
  #repeatableUpToSeq = 0;
  /** What the log has of these, once it was asked. */
  #recorded: Promise<ReadonlySet<number>> | null = null;
  /** Matching events after `readSeq`: known exactly, except for what a crash left uncounted. */
  #behind = 0;
  #loading = false;
  #heldBytes = 0;
  /** Changes whenever `readSeq` is set anew, so that a page read meanwhile is dropped. */
  #generation = 0;

  constructor(context: IntakeContext, onEvents: () => void) {
    this.#context = context;
    this.#onEvents = onEvents;
    this.#mode = 'live';
    this.#readSeq = context.dispatchedSeq();
  }

  get mode(): 'live' | 'lagging' | 'stopped' {
    return this.#mode;
  }

  /** Events in memory that have not left. */
  get queued(): number {
    return this.#events.waiting;
  }

  /** Events not settled: in memory, and behind in the journal. */
  get waiting(): number {
    return this.#events.size + this.#behind;
  }

  /** Nothing is in memory, and nothing behind. */
  get settled(): boolean {
    return this.#mode === 'live' && this.#events.size === 0;
  }

  /** A page of the journal is being read. */
  get reading(): boolean {
    return this.#loading;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  roomFreed(): void {
    this.#onEvents();
  }

  get oldest(): JournalEvent | null {
    return this.#events.oldest?.event ?? null;
  }

  /** Every event up to here is settled. */
  get cursorSeq(): number {
    const first = this.#events.firstUnsettledSeq;
    if (first !== null) return first - 1;
    return this.#mode === 'live' ? this.#context.dispatchedSeq() : this.#readSeq;
  }

  /** Goes on from a place, after a start of the process: what the log has up to `repeatableUpToSeq` is skipped. */
  resumeAt(seq: number, waiting: number, repeatableUpToSeq: number): void {
    this.#generation += 1;
    this.#mode = 'lagging';
    this.#readSeq = seq;
    this.#behind = waiting;
    this.#recorded = null;
    this.#repeatableUpToSeq = repeatableUpToSeq;
  }

  /** A matching event at the journal's tail. */
  offer(event: JournalEvent): void {
    if (this.#mode === 'live') {
      if (this.#events.waiting < longestQueue && this.#context.process.memory.hasRoom(this)) {
        this.#push(event);
        return;
      }
      this.#mode = 'lagging';
      this.#readSeq = event.seq - 1;
    }
    this.#behind += 1;
  }

  /** The webhook is stopped: what waits goes back to the journal. */
  stop(): void {
    if (this.#mode === 'stopped') return;
    this.#recorded = null;
    this.#repeatableUpToSeq = Math.max(
      this.#repeatableUpToSeq,
      this.#mode === 'live' ? this.#context.dispatchedSeq() : this.#readSeq,
    );
    this.shed();
    if (this.#mode === 'live') this.#readSeq = this.#context.dispatchedSeq();
    this.#generation += 1;
    this.#mode = 'stopped';
  }

  /** The webhook runs again, from where it stopped. */
  start(): void {
    if (this.#mode === 'stopped') this.#mode = 'lagging';
  }

  /** What waits up to a place is not wanted any more; answers how many events that is. */
  skipTo(seq: number): number {
    const dropped = this.#events.dropUpTo(seq);
    this.#forget(dropped);
    if (this.#mode === 'live' || this.#readSeq >= seq) return dropped.length;
    const skipped = dropped.length + this.#behind;
    this.#generation += 1;
    this.#behind = 0;
    this.#readSeq = seq;
    if (this.#mode === 'lagging' && seq >= this.#context.dispatchedSeq()) this.#mode = 'live';
    return skipped;
  }

  /** Nothing is taken in any more, and no memory held. */
  close(): void {
    this.stop();
    this.#forget(this.#events.settleAll());
  }

  /** Forgets what waits in memory: the webhook cannot send for a while, and the journal has it all. */
  shed(): void {
    const dropped = this.#events.dropWaiting();
    const [first] = dropped;
    if (first === undefined) return;
    this.#forget(dropped);
    this.#behind += dropped.length;
    this.#generation += 1;
    this.#readSeq = first.event.seq - 1;
    if (this.#mode === 'live') this.#mode = 'lagging';
  }

  /** The events that would leave next. */
  peek(maxEvents: number, maxBytes: number): readonly UnsettledEvent[] {
    return this.#events.peek(maxEvents, maxBytes);
  }

  leave(count: number): void {
    this.#events.leave(count);
  }

  settle(entries: readonly UnsettledEvent[]): void {
    this.#forget(entries.filter((entry) => !entry.settled));
    this.#events.settle(entries);
  }

  /** Reads the next page of the journal, if the webhook lags and there is room. */
  fill(webhook: Webhook): void {
    const enough = Math.max(pageEvents, webhook.settings.batch.maxEvents);
    if (this.#mode !== 'lagging' || this.#loading || this.#events.waiting >= enough) return;
    if (!this.#context.process.memory.hasRoom(this)) return;
    this.#loading = true;
    const { memory } = this.#context.process;
    const bytes = memory.roomFor(this, smallPageBytes, pageBytes);
    memory.take(bytes);
    const end = (): void => {
      this.#loading = false;
      this.#onEvents();
    };
    this.#readPage(webhook, bytes)
      .finally(() => memory.give(bytes))
      .then(end, (error: unknown) => {
        this.#context.process.onError(error);
        this.#context.process.clock.after(readAgainMs, end);
      });
  }

  async #readPage(webhook: Webhook, maxBytes: number): Promise<void> {
    const { store } = this.#context;
    const generation = this.#generation;
    const fromSeq = this.#readSeq;
    const tailSeq = this.#context.dispatchedSeq();
    const found = await store.journal.read(webhook.workspaceNumber, fromSeq, pageEvents, maxBytes);
    const recorded = await this.#recordedAfter(webhook, fromSeq);
    if (generation !== this.#generation) return;
    // What another process has appended may be read before the tail has come there; it will be offered then.
    const dispatchedSeq = this.#context.dispatchedSeq();
    const page = found.filter(({ seq }) => seq <= dispatchedSeq);
    for (const event of page) {
      if (!match(event, webhook).fires) continue;
      this.#behind = Math.max(0, this.#behind - 1);
      if (!recorded?.has(event.seq)) this.#push(event);
    }
    // A short page says nothing: it may have been cut by its bytes. Only an empty one is the end.
    const endSeq = page.length < found.length ? dispatchedSeq : tailSeq;
    this.#readSeq = page.at(-1)?.seq ?? Math.max(fromSeq, endSeq);
    if (page.length < found.length || this.#readSeq >= dispatchedSeq) {
      this.#mode = 'live';
      this.#behind = 0;
    }
  }

  /** The places after `fromSeq` that the log has already; asked once, since a batch may span pages. */
  async #recordedAfter(webhook: Webhook, fromSeq: number): Promise<ReadonlySet<number> | null> {
    if (fromSeq >= this.#repeatableUpToSeq) {
      this.#recorded = null;
      return null;
    }
    const { deliveries } = this.#context.store;
    this.#recorded ??= deliveries.recordedSeqs(webhook.number, fromSeq, this.#repeatableUpToSeq);
    return this.#recorded;
  }

  #push(event: JournalEvent): void {
    const bytes = event.dataJson.length;
    this.#events.push(event, this.#context.process.clock.monotonicMs());
    this.#heldBytes += bytes;
    this.#context.process.memory.take(bytes);
  }

  #forget(entries: readonly UnsettledEvent[]): void {
    if (entries.length === 0) return;
    const bytes = entries.reduce((sum, entry) => sum + entry.event.dataJson.length, 0);
    this.#heldBytes -= bytes;
    this.#context.process.memory.give(bytes);
  }
}
