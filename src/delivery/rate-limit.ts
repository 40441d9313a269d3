/** What adding up parts of tokens may be off by. */
const roundingError = 1e-6;

/** A token bucket: `ratePerSecond` requests a second, with a burst of one second's worth. */
export class RateLimit {
  readonly ratePerSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(ratePerSecond: number, nowMs: number) {
    this.ratePerSecond = ratePerSecond;
    this.#burst = Math.max(1, ratePerSecond);
    this.#tokens = this.#burst;
    this.#filledAtMs = nowMs;
  }

  /** Takes a token if there is one; otherwise says in how many milliseconds there will be. */
  take(nowMs: number): number {
    const gained = (Math.max(0, nowMs - this.#filledAtMs) * this.ratePerSecond) / 1_000;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1 - roundingError) {
      return Math.ceil(((1 - this.#tokens) * 1_000) / this.ratePerSecond - roundingError);
    }
    this.#tokens -= 1;
    return 0;
  }
}
