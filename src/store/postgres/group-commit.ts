import { Problem } from '../../model/problem.ts';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommitOptions<Item, Result> {
  /** Writes a group in one transaction; answers a result for each item. When it rejects, nothing was written. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** About how many bytes the item sends. */
  readonly bytesOf: (item: Item) => number;
}

/** A group is closed at this size; what is left over begins the next one. */
const groupBytes = 8 * 1024 * 1024;
const groupItems = 5_000;

/**
 * Group commit: what is asked for in one turn of the event loop, and while the last group is being written,
 * becomes one transaction. So the load itself sets the size of the groups, and many writers share one flush
 * of the server's log.
 */
export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #running: Promise<void> | null = null;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  /** Resolves once the item is durable. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when everything asked for before is written or refused. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#commit(this.#nextGroup());
    this.#running = null;
  }

  #nextGroup(): readonly Waiting<Item, Result>[] {
    let bytes = 0;
    const end = this.#waiting.findIndex(({ item }, index) => {
      bytes += this.#options.bytesOf(item);
      return index > 0 && (bytes > groupBytes || index >= groupItems);
    });
    const group = end < 0 ? this.#waiting : this.#waiting.slice(0, end);
    this.#waiting = end < 0 ? [] : this.#waiting.slice(end);
    return group;
  }

  async #commit(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.commit(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch (error) {
      if (group.length === 1 || isOutage(error)) {
        for (const { reject } of group) reject(error);
        return;
      }
      // One of them is refused for what it says; the others are not to suffer for it.
      for (const one of group) await this.#commit([one]);
    }
  }
}

/** Whether nothing else would be taken either. */
function isOutage(error: unknown): boolean {
  return error instanceof Problem && (error.code === 'unavailable' || error.code === 'storage-full');
}
