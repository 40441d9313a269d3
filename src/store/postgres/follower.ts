import type { Announcer } from './announcer.ts';
import type { Signals } from './shard-store.ts';
import type { Tail, Tails } from './tails.ts';

/** How often the counters are looked at for appends that nobody has told of. */
const pollMs = 1_000;

/** Keeps the tails of owned shards at the head: told by others, and by looking once a second. */
export class Follower {
  readonly #tails: Tails;
  readonly #announcer: Announcer;
  readonly #signals: Signals;
  readonly #onError: (error: unknown) => void;
  readonly #following = new Set<Tail>();
  #listening: Promise<unknown> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(tails: Tails, announcer: Announcer, signals: Signals, onError: (error: unknown) => void) {
    this.#tails = tails;
    this.#announcer = announcer;
    this.#signals = signals;
    this.#onError = onError;
  }

  async follow(tail: Tail): Promise<void> {
    this.#following.add(tail);
    this.#timer ??= setInterval(() => this.#look(this.#tails.poll()), pollMs).unref();
    this.#listening ??= this.#listen();
    await this.#listening;
  }

  leave(tail: Tail): void {
    this.#following.delete(tail);
    if (this.#following.size === 0) this.stop();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  async #listen(): Promise<void> {
    this.#signals.onReconnected(() => this.#look(this.#tails.poll()));
    try {
      await this.#announcer.listen((shards) => {
        const behind = [...this.#following].filter(({ shard }) => shards.has(shard));
        if (behind.length > 0) this.#look(this.#tails.follow(behind));
      });
    } catch (error) {
      // Looking once a second does, until the connection is there.
      this.#onError(error);
    }
  }

  #look(reading: Promise<void>): void {
    reading.catch(this.#onError);
  }
}
