import type { Clock } from '../model/clock.ts';
import type { DeliveryStore, Retry, RetrySummary } from '../store/port.ts';

/** How long to wait before reading again what could not be read. */
const readAgainMs = 1_000;

/**
 * The failed deliveries of one webhook, which are rows in the store. Memory has only how many there are,
 * when the next one is due, and the few that were read because they are.
 */
export class RetryQueue {
  readonly #store: DeliveryStore;
  readonly #webhookNumber: number;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #onError: (error: unknown) => void;
  /** Under way, or not yet written down after their attempt: the store's row is not to be believed. */
  readonly #busy = new Set<number>();
  #count = 0;
  #nextDueAtMs: number | null = null;
  #loaded: Retry[] = [];
  #loading = false;
  /** Rows changed while they were being read: what was read may be out of date. */
  #changedMeanwhile = false;
  /** Attempted while rows were being read: what was read of them is from before. */
  readonly #attemptedMeanwhile = new Set<number>();
  /** Deliveries that failed for the first time and are not written down yet. */
  #unrecorded = 0;

  constructor(
    store: DeliveryStore,
    webhookNumber: number,
    clock: Clock,
    onChange: () => void,
    onError: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#webhookNumber = webhookNumber;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#onError = onError;
  }

  /** Deliveries that have failed and are not settled, those under way included. */
  get count(): number {
    return this.#count + this.#unrecorded;
  }

  /** Those of them that are not being attempted. */
  get resting(): number {
    return this.count - this.#busy.size;
  }

  /** When the next one is due; null when there is none, or none that may be attempted yet. */
  get nextDueAtMs(): number | null {
    return this.#unrecorded === 0 && this.#loaded.length === 0 ? this.#nextDueAtMs : null;
  }

  /** After a start: what the store has. */
  restore(summary: RetrySummary): void {
    this.#count = summary.count;
    this.#nextDueAtMs = summary.nextDueAtMs;
  }

  /** A delivery failed for the first time; `recorded` must be called once its row is durable. */
  failed(): { recorded: (dueAtMs: number) => void } {
    this.#unrecorded += 1;
    return {
      recorded: (dueAtMs) => {
        this.#unrecorded -= 1;
        this.#count += 1;
        this.#changedMeanwhile = true;
        this.#nextDueAtMs = Math.min(this.#nextDueAtMs ?? dueAtMs, dueAtMs);
        this.#onChange();
      },
    };
  }

  /** Retries that were read and not sent yet. */
  get loaded(): number {
    return this.#loaded.length;
  }

  /** Takes a retry that was read, so that it can be sent; it is busy until `attempted`. */
  take(): Retry | null {
    const retry = this.#loaded.shift() ?? null;
    if (retry) this.#busy.add(retry.seq);
    return retry;
  }

  /** The outcome of a retry is durable: `again` tells whether a row is left. */
  attempted(seq: number, again: boolean): void {
    this.#busy.delete(seq);
    if (this.#loading) this.#attemptedMeanwhile.add(seq);
    if (!again) this.#count -= 1;
    this.#refresh();
  }

  /** The store's rows are gone, or others came: everything known is forgotten and asked for again. */
  reset(): void {
    this.#loaded = [];
    this.#count = this.#busy.size;
    this.#nextDueAtMs = null;
  }

  /** Forgets what was read and not sent. */
  shed(): void {
    if (this.#loaded.length === 0) return;
    this.#loaded = [];
    this.#nextDueAtMs = 0;
  }

  /** Reads one delivery out of turn; false when it does not wait for a retry, or is under way. */
  async loadNow(seq: number): Promise<boolean> {
    const retry = await this.#store.findRetry(this.#webhookNumber, seq);
    if (retry === null || this.#busy.has(seq)) return false;
    this.#loaded = [retry, ...this.#loaded.filter((loaded) => loaded.seq !== seq)];
    return true;
  }

  /** Reads up to `limit` retries that are due; the answer comes through `onChange`. */
  loadDue(nowMs: number, limit: number): void {
    this.#load(async () => {
      const due = await this.#store.dueRetries(this.#webhookNumber, limit + this.#busy.size + 1);
      const free = due.filter((retry) => this.#isFree(retry));
      this.#loaded = free.filter((retry) => retry.dueAtMs <= nowMs).slice(0, limit);
      const next = free[this.#loaded.length];
      this.#nextDueAtMs = next?.dueAtMs ?? null;
    });
  }

  /** Reads the oldest delivery, to be attempted once it is due, or at once when `force`. */
  loadOldest(nowMs: number, force: boolean): void {
    this.#load(async () => {
      const oldest = await this.#store.oldestRetry(this.#webhookNumber);
      if (oldest === null || !this.#isFree(oldest)) {
        this.#nextDueAtMs = null;
        return;
      }
      this.#nextDueAtMs = oldest.dueAtMs;
      if (force || oldest.dueAtMs <= nowMs) this.#loaded = [oldest];
    });
  }

  /** Whether a row, as it was read, is to be believed. */
  #isFree({ seq }: Retry): boolean {
    return !this.#busy.has(seq) && !this.#attemptedMeanwhile.has(seq);
  }

  #refresh(): void {
    this.#changedMeanwhile = true;
    if (this.#count === 0) this.#nextDueAtMs = null;
    // Unknown until asked; due now makes the lane ask.
    else this.#nextDueAtMs = 0;
    this.#onChange();
  }

  #load(work: () => Promise<void>): void {
    if (this.#loading) return;
    this.#loading = true;
    this.#changedMeanwhile = false;
    this.#attemptedMeanwhile.clear();
    const end = (): void => {
      this.#loading = false;
      if (this.#changedMeanwhile && this.#count > 0) this.#nextDueAtMs = 0;
      this.#onChange();
    };
    work().then(end, (error: unknown) => {
      this.#onError(error);
      this.#clock.after(readAgainMs, end);
    });
  }
}
