/**
 * A map that keeps the most recently used entries and never more than `capacity`.
 *
 * Two generations instead of an exact order: a read costs one look-up while the entry is
 * young, and when the young generation is full it becomes the old one and what was old is
 * dropped. Anything used within the last `capacity / 2` distinct entries is still there.
 */
export class RecentMap<Key, Value extends NonNullable<unknown>> {
  readonly #generationSize: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  constructor(capacity: number) {
    this.#generationSize = Math.max(1, Math.floor(capacity / 2));
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#generationSize && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
