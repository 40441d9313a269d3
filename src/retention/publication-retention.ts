import type { Clock } from '../model/clock.ts';
import type { PublicationStore } from '../store/port.ts';

/** Rows that one transaction removes at most; others who write wait for it. */
const rowsPerStep = 500;
/** From the end of a pass to the begin of the next; the first one waits as long. */
const passIntervalMs = 600_000;
/** Between two steps, so that they never take more than a part of the disk's time. */
const pauseMs = 20;

export interface PublicationRetentionOptions {
  readonly publications: Pick<PublicationStore, 'removeOld'>;
  readonly clock: Clock;
  /** How long keys of calls are kept, in milliseconds. */
  readonly keysMs: number;
  /** How long scheduled events are kept after their end; null: for ever. */
  readonly endedMs: number | null;
  /** The store takes nothing at the moment. */
  readonly suspended: () => boolean;
  /** A pass failed; the next one begins anew. */
  readonly onError: (error: unknown) => void;
}

/** Removes keys of calls and scheduled events that have become old, in small steps. */
export class PublicationRetention {
  readonly #options: PublicationRetentionOptions;
  #stopped = false;
  #cancelTimer: (() => void) | null = null;
  #step: Promise<void> = Promise.resolve();

  constructor(options: PublicationRetentionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#after(passIntervalMs);
  }

  /** Begins no further step, and resolves once the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    await this.#step;
  }

  #after(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#step = this.#removeSome();
    });
  }

  async #removeSome(): Promise<void> {
    const { publications, clock, keysMs, endedMs, suspended, onError } = this.#options;
    let removed = 0;
    try {
      const nowMs = clock.nowMs();
      const endedBeforeMs = endedMs === null ? null : nowMs - endedMs;
      if (!suspended()) removed = await publications.removeOld(nowMs - keysMs, endedBeforeMs, rowsPerStep);
    } catch (error) {
      onError(error);
    }
    this.#after(removed > 0 ? pauseMs : passIntervalMs);
  }
}
