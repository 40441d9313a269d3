import type { Signals } from './shard-store.ts';

/** The channel on which processes tell each other that they have appended, to which shards. */
const channel = 'rowhook_appended';
/** Between two messages of a process at least; shards that are appended to meanwhile share the next one. */
const intervalMs = 5;

/** Tells the owners of shards that there are events for them. Messages may be lost: owners look by themselves, too. */
export class Announcer {
  readonly #signals: Signals;
  readonly #shards = new Set<number>();
  #busy = false;

  constructor(signals: Signals) {
    this.#signals = signals;
  }

  announce(shards: ReadonlySet<number>): void {
    for (const shard of shards) this.#shards.add(shard);
    if (!this.#busy) this.#sendSome();
  }

  /** Calls `listener` with the shards that any process has appended to. */
  listen(listener: (shards: ReadonlySet<number>) => void): Promise<() => void> {
    return this.#signals.listen(channel, (payload) => listener(new Set(payload.split(',').map(Number))));
  }

  #sendSome(): void {
    if (this.#shards.size === 0) {
      this.#busy = false;
      return;
    }
    this.#busy = true;
    const payload = [...this.#shards].join(',');
    this.#shards.clear();
    const next = (): void => void setTimeout(() => this.#sendSome(), intervalMs).unref();
    this.#signals.send(channel, payload).then(next, next);
  }
}
