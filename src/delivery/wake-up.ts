import type { SteadyTime } from './steady-time.ts';

/** One alarm, set to the earliest of the times it was asked for. */
export class WakeUp {
  readonly #time: SteadyTime;
  readonly #onTime: () => void;
  #cancel: (() => void) | null = null;
  #atMs = Number.POSITIVE_INFINITY;

  constructor(time: SteadyTime, onTime: () => void) {
    this.#time = time;
    this.#onTime = onTime;
  }

  /** Sees to it that the owner is called at this steady time, or earlier. */
  at(atMs: number): void {
    if (atMs >= this.#atMs) return;
    this.clear();
    this.#atMs = atMs;
    this.#cancel = this.#time.at(atMs, () => {
      this.clear();
      this.#onTime();
    });
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#atMs = Number.POSITIVE_INFINITY;
  }
}
