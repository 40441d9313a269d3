import { type ActivitySpan, spanMs } from '../../model/activity.ts';
import type { Clock } from '../../model/clock.ts';
import { randomCharacters } from '../../model/ids.ts';
import type { ActivityStore } from '../../store/port.ts';

/** How long counters are kept by the minute and by the hour, in milliseconds; then they are put together. */
export const activityKeptMs: Readonly<Record<'minute' | 'hour', number>> = {
  minute: 2 * spanMs.day,
  hour: 90 * spanMs.day,
};
/** Rows that one transaction replaces or removes at most; others who write wait for it. */
const rowsPerStep = 500;
const pauseMs = 20;
const passIntervalMs = 600_000;

export interface ActivityUpkeepOptions {
  readonly activity: Pick<ActivityStore, 'compact' | 'remove'>;
  readonly clock: Clock;
  /** How long days are kept, in milliseconds; null: for ever. */
  readonly daysMs: number | null;
  readonly onError: (error: unknown) => void;
}

/** Puts minutes together to hours and hours to days once they are old, and removes old days; in small steps. */
export class ActivityUpkeep {
  readonly #options: ActivityUpkeepOptions;
  #stopped = false;
  #cancelTimer: (() => void) | null = null;
  #step: Promise<void> = Promise.resolve();

  constructor(options: ActivityUpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#after(passIntervalMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    await this.#step;
  }

  #after(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#step = this.#work().then(
        (changed) => this.#after(changed > 0 ? pauseMs : passIntervalMs),
        (error) => {
          this.#options.onError(error);
          this.#after(passIntervalMs);
        },
      );
    });
  }

  /** One step of each kind; answers how many rows that changed. */
  async #work(): Promise<number> {
    const { activity, clock, daysMs } = this.#options;
    const nowMs = clock.nowMs();
    const compact = (from: 'minute' | 'hour', to: ActivitySpan): Promise<number> => {
      // Whole spans only, so that few rows are made of many.
      const beforeMs = Math.floor((nowMs - activityKeptMs[from]) / spanMs[to]) * spanMs[to];
      return activity.compact(from, to, beforeMs, randomCharacters(12), rowsPerStep);
    };
    const changed = (await compact('minute', 'hour')) + (await compact('hour', 'day'));
    if (daysMs === null) return changed;
    return changed + (await activity.remove('day', nowMs - daysMs, rowsPerStep));
  }
}
