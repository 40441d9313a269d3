import type { Clock } from '../model/clock.ts';
import type { OwnerSession, PostgresStore } from '../store/postgres/shard-store.ts';
import { Fence } from './fence.ts';
import { ProcessWatch } from './process-watch.ts';
import { type ClusterProcess, Processes } from './processes.ts';
import { fairShare, tryOrder } from './shares.ts';

/** A shard that this process owns, with all that works for it. */
export interface OwnedShard {
  /** Finishes what is under way, within the bound, and writes down how far everything has come. */
  stop(graceMs: number): Promise<void>;
  /** Stops at once and writes nothing: somebody else may own the shard by now. */
  abandon(): void;
  /** The fence has opened again: what was held back may go. */
  resume(): void;
}

export interface OwnershipOptions {
  readonly store: Pick<PostgresStore, 'shardCount' | 'signals' | 'openSession'>;
  readonly clock: Clock;
  readonly processId: string;
  /** Silence after which a process is taken for dead. */
  readonly processTimeoutMs: number;
  /** Begins to work for a shard whose lock the session holds. */
  readonly take: (shard: number, session: OwnerSession) => Promise<OwnedShard>;
  readonly onError: (error: unknown) => void;
}

/** Between two signs of life; also how soon a process notices by itself that shards are free. */
const beatIntervalMs = 1_000;
/** How long a shard that moves to another process waits for its requests under way. */
const handOverGraceMs = 3_000;
/** Shards whose engines are started at once. */
const takenAtOnce = 8;
/** Told when shards have become free. */
const freedChannel = 'rowhook_freed';

/**
 * Which shards this process owns. The process is in one of these states:
 *
 *  apart     it has no session and owns nothing; it tries to connect
 *  among     it has a session, gives signs of life, and owns the shards whose locks the session holds
 *  leaving   the same, but it takes no more shards and gives up those it has
 *  gone      it has closed its session
 *
 * A session that is lost brings it from `among` to `apart` at once: everything it owned is abandoned. Otherwise each
 * sign of life shows which other processes there are, and so how many shards each should have: one that has too
 * many hands some over, one that has too few takes free ones. Nobody assigns shards; PostgreSQL's locks keep a
 * shard from having two owners, and the end of a session, however it ends, frees what it held.
 */
export class Ownership {
  readonly fence: Fence;
  readonly #options: OwnershipOptions;
  readonly #watch: ProcessWatch;
  readonly #owned = new Map<number, OwnedShard>();
  /** Locked, and about to be owned or given back. */
  readonly #moving = new Set<number>();
  #session: OwnerSession | null = null;
  #processes: Processes | null = null;
  /** At the last sign of life. */
  #processesThere: readonly ClusterProcess[] = [];
  #settling: Promise<void> | null = null;
  #settleAgain = false;
  #leaving = false;
  #gone = false;
  #wasOpen = false;
  #cancelTimer: (() => void) | null = null;
  #stopListening: () => void = () => undefined;

  constructor(options: OwnershipOptions) {
    this.#options = options;
    this.fence = new Fence(options.clock, options.processTimeoutMs);
    this.#watch = new ProcessWatch(options.processTimeoutMs);
  }

  /** The shards that this process owns now. */
  get shards(): readonly number[] {
    return [...this.#owned.keys()];
  }

  owns(shard: number): boolean {
    return this.#owned.has(shard);
  }

  /** Processes that were there at the last sign of life, this one included. */
  get processCount(): number {
    return this.#processesThere.filter(({ connected }) => connected).length;
  }

  /** Connects and begins to take shards; resolves when it has the first, or there is none to have yet. */
  async start(): Promise<void> {
    const { signals } = this.#options.store;
    this.#stopListening = await signals.listen(freedChannel, () => this.#settleSoon());
    await this.#connect();
    await this.#settling;
  }

  /** Hands everything over, waiting up to `graceMs` for requests under way, and leaves. */
  async stop(graceMs: number): Promise<void> {
    this.#leaving = true;
    await this.#settling;
    await Promise.all([...this.#owned.keys()].map((shard) => this.#giveUp(shard, graceMs)));
    this.#gone = true;
    this.#cancelTimer?.();
    this.#stopListening();
    this.fence.shut();
    await this.#session?.close();
    await this.#options.store.signals.send(freedChannel, '').catch(() => undefined);
  }

  async #connect(): Promise<void> {
    if (this.#gone) return;
    try {
      const session = await this.#options.store.openSession();
      this.#session = session;
      this.#processes = new Processes(session, this.#options.processId);
      session.lost.addEventListener('abort', () => this.#lose(session), { once: true });
      if (session.lost.aborted) this.#lose(session);
      await this.#processes.join();
      await this.#beat(session);
    } catch (error) {
      this.#options.onError(error);
      this.#session?.abandon();
      this.#later(() => this.#connect());
    }
  }

  #lose(session: OwnerSession): void {
    if (this.#session !== session) return;
    this.#session = null;
    this.#processes = null;
    this.fence.shut();
    this.#wasOpen = false;
    const owned = [...this.#owned.values()];
    this.#owned.clear();
    this.#moving.clear();
    for (const shard of owned) shard.abandon();
    if (this.#gone) return;
    this.#options.onError(new Error('The session that owns shards was lost; its shards are given up.'));
    this.#later(() => this.#connect());
  }

  /** One sign of life, and what it shows; then the next one after a while. */
  async #beat(session: OwnerSession): Promise<void> {
    if (this.#session !== session || this.#processes === null) return;
    const { clock, processId, processTimeoutMs, onError } = this.#options;
    const asked = this.fence.asked();
    // A connection that was cut off without a word answers nothing: after that time others have ended the session.
    const cancelTimeout = clock.after(processTimeoutMs, () => session.abandon());
    try {
      const all = await this.#processes.beat(this.#leaving);
      if (this.#session !== session) return;
      this.fence.confirm(asked);
      if (!this.#wasOpen) this.#resume();
      this.#wasOpen = true;
      this.#watchFence(session);
      this.#processesThere = all;
      if (!all.some(({ id }) => id === processId)) await this.#processes.join();
      await this.#attend(all);
    } catch (error) {
      if (this.#session === session) onError(error);
    } finally {
      cancelTimeout();
    }
    if (this.#session !== session) return;
    this.#settleSoon();
    this.#later(() => this.#beat(session));
  }

  /** Notices when the fence has shut, so that what was held back is sent once it opens again. */
  #watchFence(session: OwnerSession): void {
    this.#options.clock.after(this.#options.processTimeoutMs / 2 + 1, () => {
      if (this.#session === session && !this.fence.isOpen) this.#wasOpen = false;
    });
  }

  #resume(): void {
    for (const shard of this.#owned.values()) shard.resume();
  }

  /** Ends the sessions of the silent, and forgets those that have gone. */
  async #attend(all: readonly ClusterProcess[]): Promise<void> {
    const { clock, processId } = this.#options;
    const others = all.filter(({ id }) => id !== processId);
    for (const silent of this.#watch.look(others, clock.monotonicMs())) {
      const found = others.find(({ id }) => id === silent);
      if (found) await this.#processes?.terminate(found);
    }
    await this.#processes?.remove(others.filter(({ connected }) => !connected).map(({ id }) => id));
  }

  #settleSoon(): void {
    if (this.#settling) {
      this.#settleAgain = true;
      return;
    }
    this.#settling = this.#settle()
      .catch((error: unknown) => {
        if (this.#session !== null) this.#options.onError(error);
      })
      .finally(() => {
        this.#settling = null;
        if (!this.#settleAgain) return;
        this.#settleAgain = false;
        this.#settleSoon();
      });
  }

  /** Brings the shards of this process closer to its share. */
  async #settle(): Promise<void> {
    const { processId, store } = this.#options;
    const session = this.#session;
    if (session === null || this.#processes === null || this.#leaving) return;
    const there = this.#processesThere
      .filter(({ connected, leaving }) => connected && !leaving)
      .map(({ id }) => id);
    // Its own row is not there yet, or others took the process for dead: the next sign of life mends that.
    if (!there.includes(processId)) return;
    const share = fairShare(there, processId, store.shardCount);
    const surplus = this.#owned.size - share;
    if (surplus > 0) {
      // Those taken last have the least to finish.
      const given = [...this.#owned.keys()].slice(-surplus);
      await Promise.all(given.map((shard) => this.#giveUp(shard, handOverGraceMs)));
    } else if (surplus < 0) {
      const wanted = tryOrder(processId, store.shardCount).filter((shard) => !this.#owned.has(shard));
      const locked = await this.#processes.lock(wanted, -surplus);
      await this.#takeAll(locked, session);
    }
  }

  async #takeAll(shards: readonly number[], session: OwnerSession): Promise<void> {
    const waiting = [...shards];
    const takeOnes = async (): Promise<void> => {
      for (let shard = waiting.shift(); shard !== undefined; shard = waiting.shift()) {
        await this.#take(shard, session);
      }
    };
    await Promise.all(Array.from({ length: takenAtOnce }, takeOnes));
  }

  async #take(shard: number, session: OwnerSession): Promise<void> {
    if (this.#session !== session) return;
    this.#moving.add(shard);
    try {
      const owned = await this.#options.take(shard, session);
      if (this.#session === session) this.#owned.set(shard, owned);
      else owned.abandon();
    } catch (error) {
      if (this.#session !== session) return;
      this.#options.onError(error);
      await this.#processes?.unlock(shard);
    } finally {
      this.#moving.delete(shard);
    }
  }

  async #giveUp(shard: number, graceMs: number): Promise<void> {
    const owned = this.#owned.get(shard);
    const session = this.#session;
    if (!owned || this.#moving.has(shard)) return;
    this.#moving.add(shard);
    try {
      await owned.stop(graceMs);
      if (this.#session !== session) return;
      this.#owned.delete(shard);
      await this.#processes?.unlock(shard);
      await this.#options.store.signals.send(freedChannel, '');
    } catch (error) {
      if (this.#session === session) this.#options.onError(error);
    } finally {
      this.#moving.delete(shard);
    }
  }

  #later(next: () => Promise<void>): void {
    if (this.#gone) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.after(beatIntervalMs, () => void next());
  }
}
