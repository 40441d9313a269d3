import type { EngineWebhooks } from '../delivery/index.ts';
import type { Webhook } from '../model/webhook.ts';
import type { WebhookRegistry } from '../webhooks/registry.ts';
import type { WebhookChange } from '../webhooks/webhook-changes.ts';

type Listener = (change: WebhookChange) => void;

/** The registry by shard, so that an engine looks at the webhooks of its shard only, however many there are. */
export class ShardWebhooks {
  readonly #registry: WebhookRegistry;
  readonly #shardOf: (webhookNumber: number) => number;
  readonly #byShard = new Map<number, Set<number>>();
  readonly #listeners = new Map<number, Set<Listener>>();

  constructor(registry: WebhookRegistry, shardOf: (webhookNumber: number) => number) {
    this.#registry = registry;
    this.#shardOf = shardOf;
    for (const webhook of registry.all()) this.#numbersOf(shardOf(webhook.number)).add(webhook.number);
    registry.onChange((change) => this.#changed(change));
  }

  /** As the engine of a shard sees the registry. */
  ofShard(shard: number): EngineWebhooks {
    return {
      all: () => this.#all(shard),
      byNumber: (number) => (this.#shardOf(number) === shard ? this.#registry.byNumber(number) : null),
      noticeHealth: (number, health) => this.#registry.noticeHealth(number, health),
      onChange: (listener) => {
        const listeners = this.#listeners.get(shard) ?? new Set<Listener>();
        this.#listeners.set(shard, listeners.add(listener));
        return () => listeners.delete(listener);
      },
    };
  }

  *#all(shard: number): Iterable<Webhook> {
    for (const number of this.#byShard.get(shard) ?? []) {
      const webhook = this.#registry.byNumber(number);
      if (webhook) yield webhook;
    }
  }

  #changed(change: WebhookChange): void {
    const { number } = change.webhook;
    const shard = this.#shardOf(number);
    if (change.kind === 'created') this.#numbersOf(shard).add(number);
    if (change.kind === 'deleted') this.#numbersOf(shard).delete(number);
    for (const listener of this.#listeners.get(shard) ?? []) listener(change);
  }

  #numbersOf(shard: number): Set<number> {
    const known = this.#byShard.get(shard) ?? new Set<number>();
    this.#byShard.set(shard, known);
    return known;
  }
}
