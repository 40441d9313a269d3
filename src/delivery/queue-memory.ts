/**
 * Bounds the event data that all queues together hold in memory. Who finds no room keeps nothing: its
 * events stay in the journal, and it is called back when there is room to read them.
 */
export class QueueMemory {
  readonly #limitBytes: number;
  readonly #waiting = new Set<() => void>();
  #usedBytes = 0;
  #waking = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Whether there is room; if not, `whenFree` is called once, later. */
  hasRoom(whenFree: () => void): boolean {
    if (this.#usedBytes < this.#limitBytes) return true;
    this.#waiting.add(whenFree);
    return false;
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.#waiting.size === 0 || this.#waking) return;
    this.#waking = true;
    // Not in this turn: who gives back is in the middle of its own work.
    queueMicrotask(() => this.#wake());
  }

  #wake(): void {
    this.#waking = false;
    for (const whenFree of this.#waiting) {
      if (this.#usedBytes >= this.#limitBytes) return;
      this.#waiting.delete(whenFree);
      whenFree();
    }
  }
}
