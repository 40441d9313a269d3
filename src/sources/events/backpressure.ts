import { Problem } from '../../model/problem.ts';

/** What an event takes in memory besides its data, about. */
const overheadBytes = 500;

/** When the disk may have caught up. */
const retryAfterSeconds = 1;

/**
 * Counts what waits for the disk, and refuses more than may: a store that cannot keep up makes callers wait
 * and come again, not this process grow.
 */
export class Backpressure {
  readonly #maxBytes: number;
  #waitingBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Runs `work`, which writes `events` with `bytes` of data together; throws a Problem when too much waits. */
  async during<Result>(events: number, bytes: number, work: () => Promise<Result>): Promise<Result> {
    const taken = bytes + events * overheadBytes;
    // Something that alone is more than the bound passes while nothing else waits.
    if (this.#waitingBytes > 0 && this.#waitingBytes + taken > this.#maxBytes) {
      throw new Problem(
        'too-many-requests',
        'More events wait for the disk than the server takes (setting ROWHOOK_MAX_WAITING_EVENT_BYTES). Nothing was stored; send it again in a moment.',
        [],
        retryAfterSeconds,
      );
    }
    this.#waitingBytes += taken;
    try {
      return await work();
    } finally {
      this.#waitingBytes -= taken;
    }
  }
}
