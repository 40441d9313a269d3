import {
  type Deliveries,
  type DeliveryEngine,
  type DeliveryListener,
  type DeliveryProcess,
  type ReplayCount,
  type ReplayRequest,
  type ReplayWish,
  type TriedOut,
  tryOut,
  type WebhookUsage,
} from '../delivery/index.ts';
import type { Delivery } from '../model/delivery.ts';
import type { JournalEvent } from '../model/event.ts';
import type { ReplayId } from '../model/ids.ts';
import { Problem } from '../model/problem.ts';
import type { Replay } from '../model/replay.ts';
import type { Webhook } from '../model/webhook.ts';
import type { PostgresStore } from '../store/postgres/shard-store.ts';
import { Gathered } from './gathered.ts';
import type { LiveDeliveries } from './live-deliveries.ts';
import type { Requests } from './requests.ts';
import { storedUsage } from './stored-usage.ts';

export interface ClusterDeliveriesOptions {
  readonly store: PostgresStore;
  readonly process: DeliveryProcess;
  readonly requests: Requests;
  readonly live: LiveDeliveries;
  /** The engine that delivers to the webhook, when it is in this process. */
  readonly engineOf: (webhookNumber: number) => DeliveryEngine | null;
  /** The webhook as this process knows it. */
  readonly webhook: (number: number) => Webhook | null;
  /** Resolves when this process knows of every change of configuration made so far. */
  readonly catchUp: () => Promise<void>;
}

/** Longest wait for the owner of a webhook; a shard that changes hands has no owner for a moment. */
const answerTimeoutMs = 5_000;
/** Usage is only looked at: after that time it is read from the store, which knows a little less. */
const usageTimeoutMs = 1_000;
/** Counting looks through the journal. */
const countTimeoutMs = 20_000;

/**
 * Everything that the API asks of delivery, in a cluster: asked of the engine in this process when it owns the
 * webhook's shard, and otherwise of the process that does. The owner first takes over what has been changed in the
 * configuration, so that whoever changes a webhook and then asks for something finds the change made.
 */
export class ClusterDeliveries implements Deliveries {
  readonly replays: Deliveries['replays'];
  readonly #options: ClusterDeliveriesOptions;
  /** By shard: what is asked of one owner travels together. */
  readonly #usages = new Map<number, Gathered<number, WebhookUsage>>();

  constructor(options: ClusterDeliveriesOptions) {
    this.#options = options;
    this.replays = {
      start: (webhook, request) => this.#ofOwner('replays.start', webhook, [request]),
      count: (webhook, wish, maxEvents) =>
        this.#ofOwner('replays.count', webhook, [wish, maxEvents], countTimeoutMs),
      find: (workspaceNumber, id) => this.#findReplay(workspaceNumber, id),
      pause: async (replay, by) => this.#ofOwner('replays.pause', this.#webhookOf(replay), [replay, by]),
      cancel: async (replay, by) => this.#ofOwner('replays.cancel', this.#webhookOf(replay), [replay, by]),
      continue: async (replay) => this.#ofOwner('replays.continue', this.#webhookOf(replay), [replay]),
    };
    for (const name of Object.keys(calls) as CallName[]) this.#answer(name);
    options.requests.handle('usage', (input) => this.#answerUsages(input as number[]));
  }

  async usage(webhook: Webhook): Promise<WebhookUsage> {
    const engine = this.#options.engineOf(webhook.number);
    if (engine) return engine.usage(webhook);
    const { store } = this.#options;
    const shard = store.shardOfWebhook(webhook.number);
    const usages = this.#usages.get(shard) ?? new Gathered((numbers) => this.#askUsages(numbers));
    this.#usages.set(shard, usages);
    return (await usages.get(webhook.number)) ?? storedUsage(store, webhook);
  }

  clearQueue(webhook: Webhook, by: string): Promise<number> {
    return this.#ofOwner('clearQueue', webhook, [by]);
  }

  async resend(webhook: Webhook, delivery: Delivery): Promise<void> {
    await this.#ofOwner('resend', webhook, [delivery]);
  }

  /** Any process can: nothing is queued or written. */
  tryOut(webhook: Webhook, event: JournalEvent): Promise<TriedOut> {
    return tryOut(webhook, event, this.#options.process);
  }

  watch(workspaceNumber: number, listener: DeliveryListener): () => void {
    return this.#options.live.watch(workspaceNumber, listener);
  }

  /** A replay runs where its webhook is delivered; the store is a second behind. */
  async #findReplay(workspaceNumber: number, id: ReplayId): Promise<Replay | null> {
    const stored = await this.#options.store.replays.find(workspaceNumber, id);
    const engine = stored && this.#options.engineOf(stored.webhookNumber);
    return engine ? engine.replays.find(workspaceNumber, id) : stored;
  }

  async #ofOwner<Name extends CallName>(
    name: Name,
    webhook: Webhook,
    input: Calls[Name]['input'],
    timeoutMs = answerTimeoutMs,
  ): Promise<Calls[Name]['result']> {
    const engine = this.#options.engineOf(webhook.number);
    if (engine) return calls[name](engine, webhook, input);
    const asked: AskedCall<Name> = { webhook: webhook.number, input };
    return (await this.#options.requests.ask(name, asked, timeoutMs)) as Calls[Name]['result'];
  }

  /** The webhook of a replay; one that was deleted has ended its replays. */
  #webhookOf(replay: Replay): Webhook {
    const webhook = this.#options.webhook(replay.webhookNumber);
    if (!webhook) throw new Problem('conflict', 'The webhook of this replay was deleted.');
    return webhook;
  }

  #answer<Name extends CallName>(name: Name): void {
    this.#options.requests.handle(name, (asked) => {
      const { webhook: number, input } = asked as AskedCall<Name>;
      const engine = this.#options.engineOf(number);
      if (!engine) return undefined;
      return this.#knownWebhook(number).then((webhook) => calls[name](engine, webhook, input));
    });
  }

  async #knownWebhook(number: number): Promise<Webhook> {
    await this.#options.catchUp();
    const webhook = this.#options.webhook(number);
    if (webhook) return webhook;
    throw new Problem('not-found', 'The webhook was deleted meanwhile.');
  }

  async #askUsages(numbers: readonly number[]): Promise<ReadonlyMap<number, WebhookUsage>> {
    const answers = await this.#options.requests
      .ask('usage', numbers, usageTimeoutMs)
      .catch((error: unknown) => {
        if (error instanceof Problem) return [];
        throw error;
      });
    return new Map(answers as ReadonlyArray<readonly [number, WebhookUsage]>);
  }

  #answerUsages(numbers: readonly number[]): Promise<unknown> | undefined {
    const asked = numbers.flatMap((number) => {
      const engine = this.#options.engineOf(number);
      const webhook = this.#options.webhook(number);
      return engine && webhook ? [{ number, engine, webhook }] : [];
    });
    if (asked.length === 0) return undefined;
    return Promise.all(
      asked.map(async ({ number, engine, webhook }) => [number, await engine.usage(webhook)] as const),
    );
  }
}

/** What an engine may be asked for by way of another process, with what it is told besides the webhook. */
interface Calls {
  readonly clearQueue: { readonly input: [by: string]; readonly result: number };
  readonly resend: { readonly input: [delivery: Delivery]; readonly result: null };
  readonly 'replays.start': { readonly input: [request: ReplayRequest]; readonly result: Replay };
  readonly 'replays.count': {
    readonly input: [wish: ReplayWish, maxEvents: number];
    readonly result: ReplayCount;
  };
  readonly 'replays.pause': { readonly input: [replay: Replay, by: string]; readonly result: Replay };
  readonly 'replays.cancel': { readonly input: [replay: Replay, by: string]; readonly result: Replay };
  readonly 'replays.continue': { readonly input: [replay: Replay]; readonly result: Replay };
}

type CallName = keyof Calls;
type Perform<Name extends CallName> = (
  engine: DeliveryEngine,
  webhook: Webhook,
  input: Calls[Name]['input'],
) => Promise<Calls[Name]['result']>;

interface AskedCall<Name extends CallName> {
  readonly webhook: number;
  readonly input: Calls[Name]['input'];
}

const calls: { readonly [Name in CallName]: Perform<Name> } = {
  clearQueue: (engine, webhook, [by]) => engine.clearQueue(webhook, by),
  resend: (engine, webhook, [delivery]) => engine.resend(webhook, delivery).then(() => null),
  'replays.start': (engine, webhook, [request]) => engine.replays.start(webhook, request),
  'replays.count': (engine, webhook, [wish, maxEvents]) => engine.replays.count(webhook, wish, maxEvents),
  'replays.pause': (engine, _webhook, [replay, by]) => engine.replays.pause(replay, by),
  'replays.cancel': (engine, _webhook, [replay, by]) => engine.replays.cancel(replay, by),
  'replays.continue': (engine, _webhook, [replay]) => engine.replays.continue(replay),
};
