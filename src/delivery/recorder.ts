import type { Clock } from '../model/clock.ts';
import { Problem } from '../model/problem.ts';
import type { DeliveryStore, DeliveryWrite } from '../store/port.ts';

/** How long to wait before writing again what the store refused. */
const retryWriteMs = 1_000;

/**
 * Writes down what delivery does, in order and in groups: while one group is being written, the next one
 * gathers. When the store takes nothing (a full disk, a lost database), nothing is dropped: `suspended` tells
 * the engine to send no more, and the group is tried again until it is taken. A single write that the store
 * refuses for what it says would stop everything for ever; it is left out, and its delivery will be repeated
 * after the next start, as if the process had died before recording it.
 */
export class Recorder {
  readonly #store: Pick<DeliveryStore, 'write'>;
  readonly #clock: Clock;
  readonly #onResumed: () => void;
  readonly #onError: (error: unknown) => void;
  #writes: DeliveryWrite[] = [];
  #callbacks: Array<() => void> = [];
  readonly #abandonedCallbacks = new Set<() => void>();
  #writing: Promise<void> | null = null;
  #suspended = false;
  #abandoned = false;

  constructor(
    store: Pick<DeliveryStore, 'write'>,
    clock: Clock,
    onResumed: () => void,
    onError: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#onResumed = onResumed;
    this.#onError = onError;
  }

  /** The store takes nothing at the moment, so nothing more should be sent. */
  get suspended(): boolean {
    return this.#suspended;
  }

  /** `onDurable` runs once the write, and every one before it, is durable; never after `abandon`. */
  add(write: DeliveryWrite, onDurable?: () => void): void {
    if (this.#abandoned) return;
    this.#writes.push(write);
    if (onDurable) this.#callbacks.push(onDurable);
    this.#writing ??= this.#writeAll();
  }

  /** Whether the write became durable; false: the recorder was abandoned before anybody knew. */
  durable(write: DeliveryWrite): Promise<boolean> {
    return new Promise((resolve) => {
      const abandoned = (): void => resolve(false);
      if (this.#abandoned) return abandoned();
      this.#abandonedCallbacks.add(abandoned);
      this.add(write, () => {
        this.#abandonedCallbacks.delete(abandoned);
        resolve(true);
      });
    });
  }

  /** Writes no more: another process may be writing by now. What is not written is repeated from the cursor. */
  abandon(): void {
    this.#abandoned = true;
    this.#writes = [];
    this.#callbacks = [];
    for (const abandoned of this.#abandonedCallbacks) abandoned();
    this.#abandonedCallbacks.clear();
  }

  /** Resolves when everything added so far is durable, or abandoned. */
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
      if (!this.#abandoned) for (const callback of callbacks) callback();
    }
    this.#writing = null;
  }

  async #write(writes: readonly DeliveryWrite[]): Promise<void> {
    for (;;) {
      try {
        await this.#store.write(writes);
        break;
      } catch (error) {
        if (this.#abandoned) return;
        this.#onError(error);
        if (!isOutage(error)) return this.#writeOneByOne(writes);
        this.#suspended = true;
        await new Promise<void>((resolve) => this.#clock.after(retryWriteMs, resolve));
        if (this.#abandoned) return;
      }
    }
    if (!this.#suspended) return;
    this.#suspended = false;
    this.#onResumed();
  }

  async #writeOneByOne(writes: readonly DeliveryWrite[]): Promise<void> {
    if (writes.length > 1) for (const write of writes) if (!this.#abandoned) await this.#write([write]);
  }
}

/** Whether the store will take the same write later. */
function isOutage(error: unknown): boolean {
  return error instanceof Problem && (error.code === 'storage-full' || error.code === 'unavailable');
}
