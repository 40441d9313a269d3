/** Who keeps event data in memory: the queue of one webhook. */
export interface MemoryHolder {
  /** Event data that it keeps, of events that wait and of those under way. */
  readonly heldBytes: number;
  /** There is room now, after it was told that there is none; it asks again. */
  roomFreed(): void;
}

/** What is given to those who hold nothing, beyond the limit: so many times the limit in all. */
const lastResort = 2;

/**
 * Bounds the event data that all queues together hold in memory. Who finds no room keeps nothing: its
 * events stay in the journal, and it is called back when there is room to read them.
 *
 * A queue may grow only while it holds less than what is free. So queues of consumers that never answer,
 * which give nothing back, leave room for the others: n of them that want as much as they can get, half of
 * the limit, then a quarter, and so on. A queue that holds nothing has room for one event in any case, or
 * consumers that are silent would hold up those that are not (I6).
 */
export class QueueMemory {
  readonly #limitBytes: number;
  readonly #waiting = new Set<MemoryHolder>();
  #usedBytes = 0;
  #waking = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Whether the holder may keep more; if not, it is called back once, later. */
  hasRoom(holder: MemoryHolder): boolean {
    if (this.#fits(holder)) return true;
    this.#waiting.add(holder);
    return false;
  }

  /** How much the holder should read at once: what it may keep on top, within bounds. */
  roomFor(holder: MemoryHolder, leastBytes: number, mostBytes: number): number {
    return Math.max(leastBytes, Math.min(mostBytes, this.#freeBytes - holder.heldBytes));
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

  get #freeBytes(): number {
    return this.#limitBytes - this.#usedBytes;
  }

  #fits({ heldBytes }: MemoryHolder): boolean {
    return heldBytes === 0 ? this.#usedBytes < this.#limitBytes * lastResort : heldBytes < this.#freeBytes;
  }

  #wake(): void {
    this.#waking = false;
    // Who is called takes room at once, or asks again and is at the end of the line then.
    for (const holder of [...this.#waiting]) {
      if (!this.#fits(holder)) continue;
      this.#waiting.delete(holder);
      holder.roomFreed();
    }
  }
}
