import type { Clock } from '../model/clock.ts';
import type { PostgresStore } from '../store/postgres/shard-store.ts';

/** What can change: the triggers of the schema know when. */
export type ChangeKind = 'webhook' | 'base' | 'token';

/** A thing has changed since it was last told of; how it is now, the listener reads itself. */
export interface Change {
  readonly kind: ChangeKind;
  /** The number of a webhook, the id of anything else. */
  readonly name: string;
  /** Who made the last change, and how; null when nobody said. */
  readonly note: string | null;
}

/** Resolves once everything is taken over. When it rejects, the same changes are told again. */
export type ChangeListener = (changes: readonly Change[]) => Promise<void>;

interface StoredChange extends Change {
  readonly shard: number;
  readonly seq: number;
}

export interface ChangeFeedOptions {
  readonly store: Pick<PostgresStore, 'shardCount' | 'query' | 'signals'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Backs up the notification, which may be lost. */
const pollIntervalMs = 1_000;
const changesAtOnce = 500;
const channel = 'rowhook_changes';
/** Notes of changes are kept so long, for processes that have slept. */
const keptFor = '1 day';
/** A process that has slept longer than this cannot know what it missed. */
const trustedForMs = 3_600_000;

const heads = 'SELECT shard, seq FROM change_heads';
const since = `
  SELECT c.shard, c.seq, c.kind, c.name, c.note
  FROM unnest($1::int[], $2::bigint[]) AS place (shard, seq)
  JOIN changes c ON c.shard = place.shard AND c.seq > place.seq
  ORDER BY c.shard, c.seq LIMIT $3`;

/**
 * Tells this process of what any process has changed in the configuration, in the order of the changes of a shard. A
 * notification wakes it, polling backs that up. Everything that is read in order to follow changes is read in turn
 * (`inTurn`), so that what was read earlier is never taken over after what was read later.
 */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #places: number[];
  readonly #listeners = new Map<ChangeKind, ChangeListener[]>();
  readonly #whenLost: Array<() => Promise<void>> = [];
  #turn: Promise<unknown> = Promise.resolve();
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #lookedAtMs = 0;
  #cancelTimer: (() => void) | null = null;
  #stopListening: Array<() => void> = [];
  #stopped = false;

  private constructor(options: ChangeFeedOptions, places: number[]) {
    this.#options = options;
    this.#places = places;
    this.#lookedAtMs = options.clock.nowMs();
  }

  /** Follows from now on: what is read after this call is as new as what the feed tells, or newer. */
  static async open(options: ChangeFeedOptions): Promise<ChangeFeed> {
    const { store } = options;
    const places = new Array<number>(store.shardCount).fill(0);
    for (const { shard, seq } of await store.query<{ shard: number; seq: number }>(heads))
      places[shard] = seq;
    return new ChangeFeed(options, places);
  }

  on(kind: ChangeKind, listener: ChangeListener): void {
    const listeners = this.#listeners.get(kind);
    if (listeners) listeners.push(listener);
    else this.#listeners.set(kind, [listener]);
  }

  /** Called when changes may have been missed: everything kept in memory must be read anew. */
  onLost(listener: () => Promise<void>): void {
    this.#whenLost.push(listener);
  }

  async start(): Promise<void> {
    const { signals } = this.#options.store;
    this.#stopListening = [
      await signals.listen(channel, () => this.#lookSoon()),
      signals.onReconnected(() => this.#lookSoon()),
    ];
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    for (const stop of this.#stopListening) stop();
    await this.#looking;
    await this.#turn;
  }

  /** Resolves when every change committed before the call has been taken over here; rejects if that cannot be. */
  async catchUp(): Promise<void> {
    // A look that has begun may have read before the change.
    await this.#looking?.catch(() => undefined);
    await this.#look();
  }

  /** Runs `work` when nothing else is being read and taken over. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Forgets notes that are so old that nobody needs them. */
  async sweep(): Promise<void> {
    await this.#options.store.query(`DELETE FROM changes WHERE changed_at < now() - interval '${keptFor}'`);
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#cancelTimer = this.#options.clock.after(pollIntervalMs, () => {
      this.#lookSoon();
      this.#schedule();
    });
  }

  #lookSoon(): void {
    if (this.#stopped) return;
    if (this.#looking) this.#lookAgain = true;
    else this.#look().catch(this.#options.onError);
  }

  #look(): Promise<void> {
    this.#looking ??= this.inTurn(() => this.#takeOver()).finally(() => {
      this.#looking = null;
      if (!this.#lookAgain) return;
      this.#lookAgain = false;
      this.#lookSoon();
    });
    return this.#looking;
  }

  async #takeOver(): Promise<void> {
    const { store, clock } = this.#options;
    const startedAtMs = clock.nowMs();
    if (startedAtMs - this.#lookedAtMs > trustedForMs) {
      for (const listener of this.#whenLost) await listener();
    }
    for (;;) {
      const found = await store.query<StoredChange>(since, [
        this.#places.map((_, shard) => shard),
        this.#places,
        changesAtOnce,
      ]);
      await this.#tell(found);
      for (const { shard, seq } of found) this.#places[shard] = seq;
      if (found.length < changesAtOnce) break;
    }
    this.#lookedAtMs = startedAtMs;
  }

  async #tell(changes: readonly Change[]): Promise<void> {
    for (const [kind, listeners] of this.#listeners) {
      const ofKind = changes.filter((change) => change.kind === kind);
      if (ofKind.length === 0) continue;
      for (const listener of listeners) await listener(ofKind);
    }
  }
}
