import type { Notice, NoticedWebhook, NoticeKind } from './notice.ts';

/** Webhooks that one mail tells of, each counted once for each kind; what is above is only counted. */
export const mostEntries = 200;

/** All notices of one kind about one webhook. */
export interface Entry {
  readonly kind: NoticeKind;
  /** As it was last. */
  readonly webhook: NoticedWebhook;
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** Of the last notice. */
  readonly detail: string;
}

/** Notices that wait for their mail, summed up as they come, so that a flood of them takes no more memory. */
export class Collection {
  readonly #entries = new Map<string, Entry>();
  #left = 0;

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Notices that did not fit. */
  get left(): number {
    return this.#left;
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  add(notice: Notice): void {
    this.#merge({ ...notice, count: 1, firstAtMs: notice.atMs, lastAtMs: notice.atMs });
  }

  /** What came later, too. */
  join(later: Collection): void {
    for (const entry of later.entries) this.#merge(entry);
    this.#left += later.left;
  }

  #merge(entry: Entry): void {
    const key = `${entry.kind} ${entry.webhook.id}`;
    const known = this.#entries.get(key);
    if (known === undefined && this.#entries.size >= mostEntries) {
      this.#left += entry.count;
      return;
    }
    this.#entries.set(key, {
      ...entry,
      count: entry.count + (known?.count ?? 0),
      firstAtMs: known?.firstAtMs ?? entry.firstAtMs,
    });
  }
}
