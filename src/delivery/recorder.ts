import type { Clock } from '../model/clock.ts';
import type { DeliveryStore, DeliveryWrite } from '../store/port.ts';

/** How long to wait before writing again what the store refused. */
const retryWriteMs = 1_000;

/**
 * Writes down what delivery does, in order and in groups: while one group is being written, the next one
 * gathers. When the store refuses (a full disk), nothing is dropped: `suspended` tells the engine to send
 * no more, and the group is tried again until it is taken.
 */
export class Recorder {
  readonly #store: DeliveryStore;
  readonly #clock: Clock;
  readonly #onResumed: () => void;
  readonly #onError: (error: unknown) => void;
  #writes: DeliveryWrite[] = [];
  #callbacks: Array<() => void> = [];
  #writing: Promise<void> | null = null;
  #suspended = false;

  constructor(store: DeliveryStore, clock: Clock, onResumed: () => void, onError: (error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onResumed = onResumed;
    this.#onError = onError;
  }

  /** The store takes nothing at the moment, so nothing more should be sent. */
  get suspended(): boolean {
    return this.#suspended;
  }

  /** `onDurable` runs once the write, and every one before it, is durable. */
  add(write: DeliveryWrite, onDurable?: () => void): void {
    this.#writes.push(write);
    if (onDurable) this.#callbacks.push(onDurable);
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when everything added so far is durable. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // The turn of the event loop that added the first write may add more.
    await Promise.resolve();
    while (this.#writes.length > 0) {
      const writes = this.#writes;
      const callbacks = this.#callbacks;
      this.#writes = [];
      this.#callbacks = [];
      await this.#write(writes);
      for (const callback of callbacks) callback();
    }
    this.#writing = null;
  }

  async #write(writes: readonly DeliveryWrite[]): Promise<void> {
    for (;;) {
      try {
        await this.#store.write(writes);
        break;
      } catch (error) {
        this.#suspended = true;
        this.#onError(error);
        await new Promise<void>((resolve) => this.#clock.after(retryWriteMs, resolve));
      }
    }
    if (!this.#suspended) return;
    this.#suspended = false;
    this.#onResumed();
  }
}
