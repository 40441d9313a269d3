import { type Deliveries, DeliveryEngine, type DeliveryProcess } from '../delivery/index.ts';
import type { Clock } from '../model/clock.ts';
import { Problem } from '../model/problem.ts';
import type { Store } from '../store/port.ts';
import type { OwnerSession, PostgresStore, ShardStore } from '../store/postgres/shard-store.ts';
import type { WebhookRegistry } from '../webhooks/registry.ts';
import type { ChangeFeed } from './change-feed.ts';
import { ClusterDeliveries } from './cluster-deliveries.ts';
import { LiveDeliveries } from './live-deliveries.ts';
import { type OwnedShard, Ownership } from './ownership.ts';
import { Requests } from './requests.ts';
import { ShardWebhooks } from './shard-webhooks.ts';
import { WebhookFeed } from './webhook-feed.ts';

/** Work besides delivery that is done for a shard by whoever owns it. */
export interface ShardChore {
  /** Begins; the answer ends it. It may use the store, which is that of the shard, until then. */
  begin(shard: number, store: Store): () => void | Promise<void>;
}

export interface ClusterOptions {
  readonly store: PostgresStore;
  readonly clock: Clock;
  /** The name of its connections must be `applicationName` of it. */
  readonly processId: string;
  readonly registry: WebhookRegistry;
  readonly feed: ChangeFeed;
  readonly process: DeliveryProcess;
  /** Silence after which a process is taken for dead. */
  readonly processTimeoutMs: number;
  readonly chores: readonly ShardChore[];
  readonly onError: (error: unknown) => void;
}

/** All that works for one shard. */
interface Host {
  readonly shard: number;
  readonly engine: DeliveryEngine;
  readonly store: ShardStore;
  /** Empty until the engine has started. */
  endChores: ReadonlyArray<() => void | Promise<void>>;
  started: boolean;
}

/**
 * One process among others on the same database. It delivers for the shards that it owns, each with an engine of its
 * own, asks the others for what concerns theirs, and hears of what they change.
 */
export class Cluster {
  readonly deliveries: Deliveries;
  readonly requests: Requests;
  readonly #options: ClusterOptions;
  readonly #ownership: Ownership;
  readonly #live: LiveDeliveries;
  readonly #webhooks: ShardWebhooks;
  readonly #webhookFeed: WebhookFeed;
  readonly #hosts = new Map<number, Host>();

  constructor(options: ClusterOptions) {
    const { store, clock, registry, feed, process, onError } = options;
    const { signals } = store;
    this.#options = options;
    this.#ownership = new Ownership({
      store,
      clock,
      processId: options.processId,
      processTimeoutMs: options.processTimeoutMs,
      take: (shard, session) => this.#take(shard, session),
      onError,
    });
    this.#webhooks = new ShardWebhooks(registry, (number) => store.shardOfWebhook(number));
    this.#webhookFeed = new WebhookFeed(registry, store.webhooks, feed);
    this.requests = new Requests({ signals, clock, onError });
    const webhook = (number: number) => registry.byNumber(number);
    this.#live = new LiveDeliveries({ signals, clock, webhook, onError });
    this.deliveries = new ClusterDeliveries({
      store,
      process,
      requests: this.requests,
      live: this.#live,
      engineOf: (number) => this.#startedEngine(store.shardOfWebhook(number)),
      webhook,
      catchUp: () => feed.catchUp(),
    });
  }

  /** Shards that this process delivers for. */
  get shards(): readonly number[] {
    return this.#ownership.shards;
  }

  /** Processes there are, this one included. */
  get processCount(): number {
    return this.#ownership.processCount;
  }

  /** Whether this process delivers to the webhook. */
  deliversTo(webhookNumber: number): boolean {
    return this.#hosts.has(this.#options.store.shardOfWebhook(webhookNumber));
  }

  /** The database takes nothing from an engine of this process at the moment. */
  get suspended(): boolean {
    for (const { engine } of this.#hosts.values()) if (engine.suspended) return true;
    return false;
  }

  /** Webhooks with something to do, and what waits for them, in all engines of this process. */
  get load(): { readonly lanes: number; readonly waiting: number } {
    let lanes = 0;
    let waiting = 0;
    for (const { engine } of this.#hosts.values()) {
      const { load } = engine;
      lanes += load.lanes;
      waiting += load.waiting;
    }
    return { lanes, waiting };
  }

  async start(): Promise<void> {
    await this.#options.feed.start();
    await this.requests.start();
    await this.#live.start();
    await this.#ownership.start();
  }

  /** Hands the shards over to the other processes, waiting up to `graceMs` for requests under way. */
  async stop(graceMs: number): Promise<void> {
    await this.#ownership.stop(graceMs);
    this.#live.stop();
    this.requests.stop();
    await this.#options.feed.stop();
  }

  /** Rejects with the reason why this process cannot deliver. */
  async ready(): Promise<void> {
    await this.#options.store.query('SELECT 1');
    if (!this.#ownership.fence.isOpen) {
      throw new Problem('unavailable', 'The session that owns shards does not answer.');
    }
    if (this.suspended) throw new Problem('unavailable', 'The database takes no writes at the moment.');
  }

  async #take(shard: number, session: OwnerSession): Promise<OwnedShard> {
    const { store, process, chores } = this.#options;
    const shardStore = await store.shard(shard, session);
    const webhooks = this.#webhooks.ofShard(shard);
    const engine = new DeliveryEngine({
      store: shardStore,
      registry: webhooks,
      process,
      mayDeliver: () => this.#ownership.fence.isOpen && !session.lost.aborted,
    });
    engine.onDelivery(this.#live.made);
    const host: Host = { shard, engine, store: shardStore, endChores: [], started: false };
    try {
      await this.#webhookFeed.readShard(webhooks.all());
      // From here on this process knows best how the webhooks are.
      this.#hosts.set(shard, host);
      await engine.start();
    } catch (error) {
      this.#abandon(host);
      throw error;
    }
    host.started = true;
    host.endChores = chores.map((chore) => chore.begin(shard, shardStore));
    return {
      stop: (graceMs) => this.#stop(host, graceMs),
      abandon: () => this.#abandon(host),
      resume: () => engine.pump(),
    };
  }

  async #stop(host: Host, graceMs: number): Promise<void> {
    await Promise.all(host.endChores.map((end) => end()));
    await host.engine.stop(graceMs);
    this.#forget(host);
    await host.store.close();
  }

  #abandon(host: Host): void {
    this.#forget(host);
    host.engine.abandon();
    const { onError } = this.#options;
    for (const end of host.endChores) Promise.resolve(end()).catch(onError);
    host.store.close().catch(onError);
  }

  /** Unless the shard was lost, taken again, and so has another one. */
  #forget(host: Host): void {
    if (this.#hosts.get(host.shard) === host) this.#hosts.delete(host.shard);
  }

  #startedEngine(shard: number): DeliveryEngine | null {
    const host = this.#hosts.get(shard);
    return host?.started ? host.engine : null;
  }
}
