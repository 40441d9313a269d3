import type { EgressRequest, EgressResult } from '../../egress/index.ts';
import type { NewEvent } from '../../model/event.ts';
import { plainWebhookSettings } from '../../model/testing/webhook-settings.ts';
import type { Webhook, WebhookSettings } from '../../model/webhook.ts';
import type { Store } from '../../store/port.ts';
import { WebhookRegistry } from '../../webhooks/registry.ts';
import { DeliveryEngine } from '../engine.ts';
import { DeliveryProcess } from '../process.ts';
import { type HarnessPlace, SqliteHarnessPlace } from './harness-place.ts';
import { ManualClock } from './manual-clock.ts';

/** One request as the consumer saw it. */
export interface Arrival {
  readonly atMs: number;
  readonly url: string;
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How the consumer answers a request: at once, or when the test says so. */
export type Answer = (arrival: Arrival) => EgressResult | Promise<EgressResult>;

/** Turns of the event loop in which neither the consumer nor the store hears of anything. */
const quietTurns = 6;

const timing = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: 1, totalMs: 1 };

export function answered(status: number, headers: Record<string, string> = {}): EgressResult {
  return { kind: 'response', status, headers, body: '', bodyTruncated: false, timing };
}

export const refused: EgressResult = {
  kind: 'error',
  code: 'CONNECTION_REFUSED',
  message: 'The consumer refused the connection.',
  mayHaveArrived: false,
  timing,
};

export const plainSettings: WebhookSettings = {
  ...plainWebhookSettings,
  retry: { delaysMs: [1_000, 5_000, 30_000], forever: false, jitter: 0 },
};

export const testSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

let createPlace: () => Promise<HarnessPlace> = async () => new SqliteHarnessPlace();

/** From here on, harnesses keep their stores in places made by `create`: so a test file runs on another engine. */
export function keepStoresIn(create: () => Promise<HarnessPlace>): void {
  createPlace = create;
}

/**
 * A delivery engine on a real store, a clock that the test moves, and a consumer that the test plays. It can
 * be stopped in the middle of everything and started again on the same data, as after kill -9.
 */
export class EngineHarness {
  readonly clock = new ManualClock();
  readonly arrivals: Arrival[] = [];
  readonly errors: unknown[] = [];
  answer: Answer = () => answered(200);
  readonly #place: HarnessPlace;
  #alive = { value: true };
  /** Writes of deliveries that have not ended: what they hold up is not settled. */
  readonly #writes = { underWay: 0 };
  store!: Store;
  registry!: WebhookRegistry;
  engine!: DeliveryEngine;
  workspaceNumber = 0;

  private constructor(place: HarnessPlace) {
    this.#place = place;
  }

  static async start(): Promise<EngineHarness> {
    const harness = new EngineHarness(await createPlace());
    await harness.#open();
    harness.workspaceNumber = (await harness.store.workspaces.create('default')).number;
    return harness;
  }

  createWebhook(settings: Partial<WebhookSettings> = {}, enabled = true): Promise<Webhook> {
    return this.registry.create(this.workspaceNumber, { ...plainSettings, ...settings }, testSecret, enabled);
  }

  /** As the registry knows it now. */
  webhook(webhook: Webhook): Webhook {
    const found = this.registry.byNumber(webhook.number);
    if (!found) throw new Error('The webhook is gone.');
    return found;
  }

  /** Appends events named by `numbers`; their data is `{"n":number}`. */
  async append(...numbers: number[]): Promise<void> {
    const events: NewEvent[] = numbers.map((number) => ({
      type: 'thing.happened',
      occurredAtMs: this.clock.nowMs(),
      dataJson: JSON.stringify({ n: number }),
      tags: [],
      subject: null,
    }));
    await this.store.journal.append(this.workspaceNumber, events);
    await this.settle();
  }

  /** Numbers of the events that arrived, in order, repeats included. */
  numbersArrived(url?: string): number[] {
    return this.arrivals
      .filter((arrival) => url === undefined || arrival.url === url)
      .flatMap((arrival) => [...arrival.body.matchAll(/"n":(\d+)/g)].map((match) => Number(match[1])));
  }

  /** Lets everything happen that can happen without time passing. */
  settle = async (): Promise<void> => {
    let unchanged = 0;
    for (let activity = this.#activity(); unchanged < quietTurns; ) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const now = this.#activity();
      const underWay = this.#writes.underWay + this.#place.underWay;
      unchanged = now === activity && underWay === 0 ? unchanged + 1 : 0;
      activity = now;
    }
  };

  #activity(): number {
    return this.arrivals.length + this.store.counts().transactions;
  }

  advance(byMs: number): Promise<void> {
    return this.clock.advance(byMs, this.settle);
  }

  /** The process dies where it stands, and another one starts on what is on disk. */
  async crash(): Promise<void> {
    this.#alive.value = false;
    await this.settle();
    await this.store.close();
    this.clock.restart();
    await this.#open();
    await this.settle();
  }

  async stop(): Promise<void> {
    this.#alive.value = false;
    await this.settle();
    await this.store.close();
    await this.#place.remove();
  }

  async #open(): Promise<void> {
    const alive = { value: true };
    this.#alive = alive;
    this.store = dyingStore(await this.#place.open(this.clock), alive, this.#writes);
    this.registry = await WebhookRegistry.load(this.store, this.clock);
    const process = new DeliveryProcess({
      egress: {
        send: async (request) => {
          const result = await this.#receive(request);
          // A dead process hears no answer.
          return alive.value ? result : new Promise<EgressResult>(() => undefined);
        },
        cutOff: () => undefined,
      },
      clock: this.clock,
      maxRequests: 64,
      queueMemoryBytes: 16 * 1024 * 1024,
      maxBatchBytes: 1024 * 1024,
      maxPayloadBytes: 4 * 1024 * 1024,
      backlogNoticeEvents: 1_000,
      random: () => 0.5,
      onError: (error) => this.errors.push(error),
    });
    this.engine = new DeliveryEngine({ store: this.store, registry: this.registry, process });
    await this.engine.start();
  }

  #receive(request: EgressRequest): EgressResult | Promise<EgressResult> {
    const arrival: Arrival = {
      atMs: this.clock.nowMs(),
      url: request.url,
      id: request.headers['webhook-id'] ?? '',
      headers: request.headers,
      body: typeof request.body === 'string' ? request.body : Buffer.from(request.body).toString('utf8'),
    };
    this.arrivals.push(arrival);
    return this.answer(arrival);
  }
}

/** The store of a process that may die: from then on it writes nothing more for that process. */
function dyingStore(store: Store, alive: { readonly value: boolean }, writes: { underWay: number }): Store {
  const { deliveries } = store;
  const write = deliveries.write.bind(deliveries);
  deliveries.write = (group) => {
    if (!alive.value) return new Promise<void>(() => undefined);
    writes.underWay += 1;
    return write(group).finally(() => {
      writes.underWay -= 1;
    });
  };
  return store;
}
