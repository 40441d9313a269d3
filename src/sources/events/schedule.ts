import type { Clock } from '../../model/clock.ts';
import type { PublicationStore } from '../../store/port.ts';

/** Longest time between two looks at the clock while something is scheduled: it may have been set. */
const watchMs = 1_000;
/** Between two looks while nothing is scheduled; another process may schedule something. */
const idleMs = 5_000;
/** After a failure, such as a full disk. */
const afterFailureMs = 5_000;
/** Events published in one transaction. */
const eventsPerStep = 200;

export interface EventScheduleOptions {
  readonly publications: Pick<PublicationStore, 'publishDue' | 'nextDueAtMs'>;
  readonly clock: Clock;
  /** Publishing what is due failed; it is tried again. */
  readonly onError: (error: unknown) => void;
}

/**
 * Publishes scheduled events once they are due by the wall clock: not before, and after a stop or an outage as
 * soon as possible. Times are in the store, timers only say when to look, so a clock that is set forward or
 * back while the process runs is noticed within a second.
 */
export class EventSchedule {
  readonly #options: EventScheduleOptions;
  #cancelTimer: (() => void) | null = null;
  #stopped = false;
  #looking: Promise<void> | null = null;
  #lookAgain = false;

  constructor(options: EventScheduleOptions) {
    this.#options = options;
  }

  start(): void {
    this.#look();
  }

  /** Something was scheduled: it may be due before the next look. */
  changed(): void {
    this.#look();
  }

  /** Resolves once nothing is being published any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    await this.#looking;
  }

  #look(): void {
    if (this.#stopped) return;
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#cancelTimer?.();
    this.#looking = this.#publishDue().then((nextLookMs) => {
      this.#looking = null;
      if (this.#stopped) return;
      if (this.#lookAgain) {
        this.#lookAgain = false;
        this.#look();
      } else this.#cancelTimer = this.#options.clock.after(nextLookMs, () => this.#look());
    });
  }

  /** Answers after how long to look again. */
  async #publishDue(): Promise<number> {
    const { publications, clock, onError } = this.#options;
    try {
      // Reads first: while nothing is due, nothing is written.
      for (;;) {
        const nextDueAtMs = await publications.nextDueAtMs();
        if (nextDueAtMs === null) return idleMs;
        const inMs = nextDueAtMs - clock.nowMs();
        if (inMs > 0 || this.#stopped) return Math.min(watchMs, Math.max(0, inMs));
        const published = await publications.publishDue(clock.nowMs(), eventsPerStep);
        // Another process is about to publish what is due.
        if (published === 0) return watchMs;
      }
    } catch (error) {
      onError(error);
      return afterFailureMs;
    }
  }
}
