import type { Clock } from '../model/clock.ts';

/** How long something that another process has ended may still count in this one. */
const keptMs = 10_000;
const mostEntries = 1_000;

/** What was looked up a moment ago, by the hash of a secret: most requests are let in without a read. */
export class Recent<Value> {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(hash: string): Value | null {
    const entry = this.#entries.get(hash);
    return entry && entry.untilMs > this.#clock.monotonicMs() ? entry.value : null;
  }

  keep(hash: string, value: Value): void {
    this.#entries.delete(hash);
    const oldest = this.#entries.keys().next();
    if (this.#entries.size >= mostEntries && !oldest.done) this.#entries.delete(oldest.value);
    this.#entries.set(hash, { value, untilMs: this.#clock.monotonicMs() + keptMs });
  }

  forget(isMeant: (value: Value) => boolean): void {
    for (const [hash, { value }] of this.#entries) if (isMeant(value)) this.#entries.delete(hash);
  }
}
