import { type Clock, systemClock } from '../../model/clock.ts';

interface Wait {
  readonly delayMs: number;
  readonly callback: () => void;
}

/** A clock on which a wait ends when the test says so. */
export class PlannedClock implements Clock {
  readonly #waits: Wait[] = [];
  #planned = Promise.withResolvers<void>();

  nowMs = systemClock.nowMs;
  monotonicMs = systemClock.monotonicMs;

  after(delayMs: number, callback: () => void): () => void {
    const wait = { delayMs, callback };
    this.#waits.push(wait);
    this.#planned.resolve();
    this.#planned = Promise.withResolvers<void>();
    return () => this.#remove(wait);
  }

  /** How many waits of that length there are. */
  count(delayMs: number): number {
    return this.#waits.filter((wait) => wait.delayMs === delayMs).length;
  }

  /** Resolves once there is a wait of that length. */
  async hasWait(delayMs: number): Promise<void> {
    while (this.count(delayMs) === 0) await this.#planned.promise;
  }

  /** Lets a wait of that length be over, once there is one. */
  async end(delayMs: number): Promise<void> {
    await this.hasWait(delayMs);
    const wait = this.#waits.find((one) => one.delayMs === delayMs);
    if (!wait) return;
    this.#remove(wait);
    wait.callback();
  }

  #remove(wait: Wait): void {
    const index = this.#waits.indexOf(wait);
    if (index >= 0) this.#waits.splice(index, 1);
  }
}

/** Looks again after each turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
