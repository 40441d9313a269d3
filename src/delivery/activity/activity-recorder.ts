import { latencyClass, noActivity, spanMs } from '../../model/activity.ts';
import type { Clock } from '../../model/clock.ts';
import type { Attempt, Delivery } from '../../model/delivery.ts';
import { randomCharacters } from '../../model/ids.ts';
import type { ActivityRow, ActivityStore } from '../../store/port.ts';

/** How often what was counted is written down: so much a crash may lose. */
const flushMs = 20_000;
/** A reader who asks sees what is older than this. */
const freshMs = 1_000;
/** Rows of one transaction; others who write wait for it. */
const rowsPerStep = 500;
/** Counters in memory; more can only be there when the store takes nothing, and then the oldest are lost. */
const countersKept = 100_000;
/** Stands for all webhooks of a workspace. */
export const allWebhooks = 0;

interface Counter {
  readonly workspaceNumber: number;
  readonly webhookNumber: number;
  readonly startsAtMs: number;
  readonly counts: {
    attempts: number;
    succeeded: number;
    failed: number;
    exhausted: number;
    readonly latencies: number[];
  };
}

export interface ActivityRecorderOptions {
  readonly activity: Pick<ActivityStore, 'save'>;
  readonly clock: Clock;
  /** Writing failed; it is tried again. */
  readonly onError: (error: unknown) => void;
}

/**
 * Counts the attempts of this process by webhook and minute, and writes the counters down every so often. A row
 * holds what this process has counted in its minute so far, not what came on top: so it can be written again
 * after a failure, or a lost answer, and nothing counts twice. A crash loses what was not written yet.
 */
export class ActivityRecorder {
  readonly #options: ActivityRecorderOptions;
  readonly #writer = randomCharacters(12);
  readonly #counters = new Map<string, Counter>();
  /** Counters that have changed since they were written. */
  #changed = new Set<string>();
  #cancelTimer: (() => void) | null = null;
  #flushing: Promise<void> | null = null;
  #flushedAtMs = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(options: ActivityRecorderOptions) {
    this.#options = options;
  }

  count(delivery: Delivery, attempt: Attempt): void {
    const nowMs = this.#options.clock.nowMs();
    const startsAtMs = nowMs - (nowMs % spanMs.minute);
    this.#count(delivery, attempt, delivery.webhookNumber, startsAtMs);
    this.#count(delivery, attempt, allWebhooks, startsAtMs);
    if (this.#stopped) return;
    this.#cancelTimer ??= this.#options.clock.after(flushMs, () => {
      this.#cancelTimer = null;
      void this.flush();
    });
  }

  /** Writes down what was counted, unless that was done a moment ago. For those who read. */
  async freshen(): Promise<void> {
    if (this.#options.clock.monotonicMs() - this.#flushedAtMs >= freshMs) await this.flush();
  }

  /** Writes down what was counted so far. */
  async flush(): Promise<void> {
    while (this.#flushing) await this.#flushing;
    this.#flushing = this.#write().finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    await this.flush();
  }

  async #write(): Promise<void> {
    const { activity, clock, onError } = this.#options;
    this.#flushedAtMs = clock.monotonicMs();
    const keys = [...this.#changed];
    this.#changed = new Set();
    for (let start = 0; start < keys.length; start += rowsPerStep) {
      const step = keys.slice(start, start + rowsPerStep);
      try {
        await activity.save(step.map((key) => this.#rowOf(key)).filter((row) => row !== null));
      } catch (error) {
        for (const key of keys.slice(start)) this.#changed.add(key);
        onError(error);
        return;
      }
    }
    this.#forgetPast();
  }

  #rowOf(key: string): ActivityRow | null {
    const counter = this.#counters.get(key);
    if (!counter) return null;
    const counts = { ...counter.counts, latencies: [...counter.counts.latencies] };
    return { ...counter, span: 'minute', writer: this.#writer, counts };
  }

  /** Minutes that are over and written down change no more. */
  #forgetPast(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const [key, { startsAtMs }] of this.#counters) {
      if (startsAtMs + spanMs.minute <= nowMs && !this.#changed.has(key)) this.#counters.delete(key);
    }
  }

  #count(
    { workspaceNumber, state }: Delivery,
    attempt: Attempt,
    webhookNumber: number,
    startsAtMs: number,
  ): void {
    const key = `${workspaceNumber} ${webhookNumber} ${startsAtMs}`;
    let counter = this.#counters.get(key);
    if (!counter) {
      const counts = { ...noActivity, latencies: [...noActivity.latencies] };
      counter = { workspaceNumber, webhookNumber, startsAtMs, counts };
      const oldest = this.#counters.keys().next();
      if (this.#counters.size >= countersKept && !oldest.done) this.#counters.delete(oldest.value);
      this.#counters.set(key, counter);
    }
    const { counts } = counter;
    counts.attempts += 1;
    if (attempt.outcome === 'succeeded') counts.succeeded += 1;
    else counts.failed += 1;
    if (state === 'exhausted') counts.exhausted += 1;
    const place = latencyClass(attempt.timing.totalMs);
    counts.latencies[place] = (counts.latencies[place] ?? 0) + 1;
    this.#changed.add(key);
  }
}
