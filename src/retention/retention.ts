import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../model/clock.ts';
import type { RetentionStep, Store } from '../store/port.ts';

/** Rows that one transaction removes at most; others who write wait for it. */
const rowsPerStep = 500;
/** Between two steps that removed something, so that they never take more than a part of the disk's time. */
const pauseMs = 20;
/** After a start there is more urgent work. */
const firstPassAfterMs = 60_000;
/** From the end of a pass to the begin of the next. */
const passIntervalMs = 600_000;

/** How long things are kept, in milliseconds; null: for ever. */
export interface RetentionAges {
  /** Events, from their acceptance. */
  readonly eventsMs: number | null;
  /** Deliveries, from their end, and no shorter than their events. */
  readonly deliveriesMs: number | null;
  /** What was sent and answered in each attempt, from its begin. */
  readonly exchangesMs: number | null;
}

/** Rows that a pass removed, by kind. */
export interface PassReport {
  readonly events: number;
  readonly deliveries: number;
  readonly exchanges: number;
  readonly leftovers: number;
}

type Report = { -readonly [Kind in keyof PassReport]: number };

export interface RetentionOptions {
  readonly store: Pick<Store, 'workspaces' | 'journal' | 'retention'>;
  readonly clock: Clock;
  readonly ages: RetentionAges;
  /** The store takes nothing at the moment: what delivery has to write down comes first. */
  readonly suspended: () => boolean;
  /** Runs a pass when it is its turn, where several retentions share a process. */
  readonly inTurn?: (pass: () => Promise<void>) => Promise<void>;
  /** A pass has ended, complete or not. */
  readonly onPassEnded: (report: PassReport) => void;
  /** A pass failed; the next one begins anew. */
  readonly onError: (error: unknown) => void;
}

/**
 * Removes what has become old, and what deleted webhooks and tables have left, in passes that begin by
 * themselves. A pass is a row of small steps, and between two of them everyone else has their turn. It ends
 * early when it is to stop, or when the store is suspended. What must stay is the store's to know.
 */
export class Retention {
  readonly #options: RetentionOptions;
  #stopped = false;
  #cancelTimer: (() => void) | null = null;
  #endPause: (() => void) | null = null;
  #pass: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(firstPassAfterMs);
  }

  /** Begins no further step, and resolves once the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#endPause?.();
    await this.#pass;
  }

  #schedule(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#pass = this.#options.inTurn?.(() => this.#runPass()) ?? this.#runPass();
    });
  }

  async #runPass(): Promise<void> {
    if (this.#stopped) return;
    const report: Report = { events: 0, deliveries: 0, exchanges: 0, leftovers: 0 };
    try {
      await this.#removeAll(report);
    } catch (error) {
      this.#options.onError(error);
    }
    this.#schedule(passIntervalMs);
    this.#options.onPassEnded(report);
  }

  /** Leftovers first: an unfinished delivery of a webhook that is gone would hold events back. */
  async #removeAll(report: Report): Promise<void> {
    const { store, clock, ages } = this.#options;
    const { retention } = store;
    const nowMs = clock.nowMs();
    const before = (ageMs: number | null): number | null => (ageMs === null ? null : nowMs - ageMs);
    const { eventsBeforeMs, deliveriesBeforeMs, exchangesBeforeMs } = await retention.dropPartitions({
      eventsBeforeMs: before(ages.eventsMs),
      deliveriesBeforeMs: before(ages.deliveriesMs),
      exchangesBeforeMs: before(ages.exchangesMs),
    });
    await this.#sweep(report, 'leftovers', (from) => retention.removeLeftovers(from, rowsPerStep));
    if (exchangesBeforeMs !== null) {
      await this.#sweep(report, 'exchanges', (from) =>
        retention.removeExchanges(exchangesBeforeMs, from, rowsPerStep),
      );
    }
    for (const number of await store.workspaces.deletedNumbers()) {
      const headSeq = await store.journal.seqBefore(nowMs);
      if (headSeq > 0) {
        await this.#sweep(report, 'events', () => retention.removeEvents(number, headSeq, rowsPerStep));
      }
      await this.#sweep(report, 'deliveries', (from) =>
        retention.removeDeliveries(number, nowMs, from, rowsPerStep),
      );
    }
    const upToSeq = eventsBeforeMs === null ? 0 : await store.journal.seqBefore(eventsBeforeMs);
    for (const { number } of await store.workspaces.list()) {
      if (upToSeq > 0) {
        await this.#sweep(report, 'events', () => retention.removeEvents(number, upToSeq, rowsPerStep));
      }
      if (deliveriesBeforeMs !== null) {
        await this.#sweep(report, 'deliveries', (from) =>
          retention.removeDeliveries(number, deliveriesBeforeMs, from, rowsPerStep),
        );
      }
    }
  }

  async #sweep(
    report: Report,
    kind: keyof Report,
    step: (from: string | null) => Promise<RetentionStep>,
  ): Promise<void> {
    for (let from: string | null = null; !this.#halted(); ) {
      const { removed, next }: RetentionStep = await step(from);
      report[kind] += removed;
      if (removed > 0) await this.#pause();
      else await setImmediate();
      if (next === null) return;
      from = next;
    }
  }

  #halted(): boolean {
    return this.#stopped || this.#options.suspended();
  }

  async #pause(): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(pauseMs, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
    this.#endPause = null;
  }
}
