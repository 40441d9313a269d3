import type { Clock } from '../model/clock.ts';

/**
 * Wall-clock time that goes on evenly: the wall clock as it was when the process started, moved on by the
 * monotonic clock. Due times are reckoned in it, so that a clock set back or forward while the process
 * runs neither holds retries up nor sets them off early.
 */
export class SteadyTime {
  readonly #clock: Clock;
  readonly #offsetMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.nowMs() - clock.monotonicMs();
  }

  nowMs(): number {
    return this.#offsetMs + this.#clock.monotonicMs();
  }

  /** Calls back at `dueAtMs` or as soon as possible after; the answer cancels. */
  at(dueAtMs: number, callback: () => void): () => void {
    return this.#clock.after(dueAtMs - this.nowMs(), callback);
  }
}
