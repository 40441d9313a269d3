import type { Clock } from '../model/clock.ts';

/** Uses are written down so much later, all together, and that of one thing no more often. */
const writtenAfterMs = 60_000;

/** Remembers which tokens or sessions are used, and writes it down now and then: no request waits for that. */
export class LazyUses<Id> {
  readonly #clock: Clock;
  readonly #save: (usedAtMs: ReadonlyMap<Id, number>) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #usedAtMs = new Map<Id, number>();
  #cancelTimer: (() => void) | null = null;

  constructor(
    clock: Clock,
    save: (usedAtMs: ReadonlyMap<Id, number>) => Promise<void>,
    onError: (error: unknown) => void,
  ) {
    this.#clock = clock;
    this.#save = save;
    this.#onError = onError;
  }

  /** `lastUsedAtMs` is what is written down so far. */
  note(id: Id, lastUsedAtMs: number | null): void {
    const nowMs = this.#clock.nowMs();
    if (lastUsedAtMs !== null && Math.abs(nowMs - lastUsedAtMs) < writtenAfterMs) return;
    this.#usedAtMs.set(id, nowMs);
    this.#cancelTimer ??= this.#clock.after(writtenAfterMs, () => void this.flush());
  }

  /** Writes down what is remembered. What cannot be written is forgotten: the next use tells again. */
  async flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#usedAtMs.size === 0) return;
    const used = this.#usedAtMs;
    this.#usedAtMs = new Map();
    try {
      await this.#save(used);
    } catch (error) {
      this.#onError(error);
    }
  }
}
