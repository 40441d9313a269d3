/** Time as the engine sees it; handed in, so that tests can hold it. */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970: what is stored and shown. It may jump. */
  nowMs(): number;
  /** Monotonic milliseconds: what timers and durations use. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`; the answer cancels. The timer does not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Longest delay that `setTimeout` takes. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), longestTimerMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
