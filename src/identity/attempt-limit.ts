import ipaddr from 'ipaddr.js';
import type { Clock } from '../model/clock.ts';
import { Problem } from '../model/problem.ts';

/** Attempts that failed are forgotten so much later. */
const periodMs = 15 * 60 * 1_000;
/** Accounts or addresses remembered; the one longest without an attempt is forgotten for another. */
const mostKeys = 10_000;

interface Attempts {
  count: number;
  refused: number;
  readonly untilMs: number;
}

/** Bounds how often something may fail for one account, or from one address. */
export class AttemptLimit {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #attempts = new Map<string, Attempts>();

  /** `most` attempts in a quarter of an hour may fail. */
  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /**
   * Counts an attempt before it is made, so that many at once do not slip through. Throws a Problem when there
   * were too many.
   */
  begin(key: string): void {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#attempts.get(key);
    const attempts =
      known && known.untilMs > nowMs ? known : { count: 0, refused: 0, untilMs: nowMs + periodMs };
    if (attempts.count >= this.#most) {
      attempts.refused += 1;
      const seconds = Math.ceil((attempts.untilMs - nowMs) / 1_000);
      throw new Problem(
        'too-many-requests',
        `Too many failed attempts; try again in ${Math.ceil(seconds / 60)} minutes.`,
        [],
        seconds,
      );
    }
    attempts.count += 1;
    this.#attempts.delete(key);
    const oldest = this.#attempts.keys().next();
    if (this.#attempts.size >= mostKeys && !oldest.done) this.#attempts.delete(oldest.value);
    this.#attempts.set(key, attempts);
  }

  /** Whether the attempt that was just refused was the first one of its period. */
  isFirstRefusal(key: string): boolean {
    return this.#attempts.get(key)?.refused === 1;
  }

  /** The attempt was none that failed. */
  undo(key: string): void {
    const attempts = this.#attempts.get(key);
    if (attempts !== undefined && attempts.count > 0) attempts.count -= 1;
  }

  /** All is forgotten: the right one came. */
  forget(key: string): void {
    this.#attempts.delete(key);
  }
}

/** What counts as one address: of IPv6 the network of a household, whose addresses are its own to choose. */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : parsed.toString();
}
