import type { Clock } from '../../model/clock.ts';
import type { PublishingPolicy } from '../../model/event-type.ts';
import type { EventTypeStore, EventTypeSummary } from '../../store/port.ts';
import { eventTypeLimits } from './limits.ts';

/** The catalogue of a workspace as publishing needs it. */
export interface CatalogueSnapshot {
  readonly revision: number;
  readonly policy: PublishingPolicy;
  readonly types: ReadonlyMap<string, EventTypeSummary>;
}

interface Kept {
  readonly snapshot: CatalogueSnapshot;
  /** Monotonic time until which it is taken to be as it was. */
  freshUntilMs: number;
}

/**
 * Catalogues in memory. A change by this process is seen at once (`forget`); one by another process once the
 * snapshot is no longer fresh, for the price of reading a revision number.
 */
export class CatalogueSnapshots {
  readonly #store: EventTypeStore;
  readonly #clock: Clock;
  readonly #onChanged: (workspaceNumber: number) => void;
  readonly #kept = new Map<number, Kept>();
  readonly #loading = new Map<number, Promise<CatalogueSnapshot>>();

  constructor(store: EventTypeStore, clock: Clock, onChanged: (workspaceNumber: number) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onChanged = onChanged;
  }

  /** The snapshot, without waiting when there is a fresh one. */
  of(workspaceNumber: number): CatalogueSnapshot | Promise<CatalogueSnapshot> {
    const kept = this.#kept.get(workspaceNumber);
    if (kept && kept.freshUntilMs > this.#clock.monotonicMs()) return kept.snapshot;
    const loading = this.#loading.get(workspaceNumber) ?? this.#load(workspaceNumber, kept ?? null);
    this.#loading.set(workspaceNumber, loading);
    return loading;
  }

  forget(workspaceNumber: number): void {
    this.#kept.delete(workspaceNumber);
    this.#loading.delete(workspaceNumber);
    this.#onChanged(workspaceNumber);
  }

  async #load(workspaceNumber: number, kept: Kept | null): Promise<CatalogueSnapshot> {
    try {
      // Before the types: a change in between is then read again, not missed.
      const revision = await this.#store.revision(workspaceNumber);
      if (kept?.snapshot.revision === revision) {
        kept.freshUntilMs = this.#freshUntilMs();
        return kept.snapshot;
      }
      if (kept) this.#onChanged(workspaceNumber);
      const [policy, summaries] = await Promise.all([
        this.#store.policy(workspaceNumber),
        this.#store.summaries(workspaceNumber),
      ]);
      const types = new Map(summaries.map((summary) => [summary.name, summary]));
      const snapshot = { revision, policy, types };
      this.#keep(workspaceNumber, snapshot);
      return snapshot;
    } finally {
      this.#loading.delete(workspaceNumber);
    }
  }

  #keep(workspaceNumber: number, snapshot: CatalogueSnapshot): void {
    // Forgotten meanwhile: what was read may be older than the change.
    if (!this.#loading.has(workspaceNumber)) return;
    const oldest = this.#kept.keys().next();
    if (this.#kept.size >= eventTypeLimits.cataloguesKept && !oldest.done) this.#kept.delete(oldest.value);
    this.#kept.set(workspaceNumber, { snapshot, freshUntilMs: this.#freshUntilMs() });
  }

  #freshUntilMs(): number {
    return this.#clock.monotonicMs() + eventTypeLimits.catalogueFreshMs;
  }
}
