import type { Clock } from '../../model/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #monotonicMs = 0;
  #wallMs: number;

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#wallMs = startMs;
  }

  nowMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { atMs: this.#monotonicMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** When the next timer rings, on the monotonic clock; null when none is set. */
  get nextTimerMs(): number | null {
    let next: number | null = null;
    for (const timer of this.#timers) if (next === null || timer.atMs < next) next = timer.atMs;
    return next;
  }

  /** Moves both clocks, and rings the timers that come due, each at its time. */
  async advance(byMs: number, settle: () => Promise<void>): Promise<void> {
    const endMs = this.#monotonicMs + byMs;
    await settle();
    for (let next = this.nextTimerMs; next !== null && next <= endMs; next = this.nextTimerMs) {
      this.#move(next - this.#monotonicMs);
      for (const timer of [...this.#timers]) {
        if (timer.atMs > this.#monotonicMs || !this.#timers.delete(timer)) continue;
        timer.callback();
      }
      await settle();
    }
    this.#move(endMs - this.#monotonicMs);
  }

  /** The wall clock is set to another time, as by an administrator; the monotonic clock does not notice. */
  jump(byMs: number): void {
    this.#wallMs += byMs;
  }

  /** A new process begins: its timers are none, its monotonic clock starts anywhere. */
  restart(): void {
    this.#timers.clear();
  }

  #move(byMs: number): void {
    this.#monotonicMs += byMs;
    this.#wallMs += byMs;
  }
}
