import { type Clock, systemClock } from '../../model/clock.ts';

/** A clock whose wall time stands still until a test moves it. */
export class HeldClock implements Clock {
  timeMs = Date.UTC(2026, 0, 1);

  nowMs(): number {
    return this.timeMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  after(delayMs: number, callback: () => void): () => void {
    return systemClock.after(delayMs, callback);
  }
}
