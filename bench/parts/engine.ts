import { DeliveryEngine, DeliveryProcess } from '../../src/delivery/index.ts';
import { Egress, type EgressRequest } from '../../src/egress/index.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { NewEvent } from '../../src/model/event.ts';
import { generateSecret } from '../../src/model/signing-secret.ts';
import type { WebhookSettings } from '../../src/model/webhook.ts';
import type { Store, StoreCounts } from '../../src/store/port.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { WebhookRegistry } from '../../src/webhooks/registry.ts';
import { resolveSettings } from '../../src/webhooks/settings.ts';
import { monotonicMs } from './monotonic.ts';
import { takeOrders } from './part.ts';

/**
 * The process of an engine without its API: what cannot be seen from outside, the store's counts and the
 * instant of a commit, is seen here. Events are appended as the API would, so many in a transaction.
 */
export interface EngineSetup {
  readonly directory: string;
  /** As a person would send them. */
  readonly webhooks: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

interface CountOrder {
  readonly events: number;
  /** Events that one caller appends together; there are several callers, as of an API. */
  readonly eventsPerCall: number;
  /** No more than so many events are under way. */
  readonly window: number;
  /** Length of the data of each. */
  readonly bytes: number;
}

export interface CountedRun {
  readonly counts: StoreCounts;
  readonly deliveries: number;
}

const mebibyte = 1024 ** 2;
/** Appends under way at once. */
const callers = 32;
const maxConnections = 512;
const maxConnectionsPerOrigin = 64;
const queueMemoryBytes = 32 * mebibyte;
const maxPayloadBytes = 4 * mebibyte;
const backlogNoticeEvents = 1_000_000;
/** Between two looks at which events are due. */
const paceIntervalMs = 1;

class EngineHost {
  readonly #store: Store;
  readonly #workspaceNumber: number;
  readonly #engine: DeliveryEngine;
  readonly #committedAtMs: Array<readonly [number: number, atMs: number]> = [];
  #appended = 0;
  #ended = 0;
  #waiting: Array<() => void> = [];

  private constructor(store: Store, workspaceNumber: number, registry: WebhookRegistry) {
    this.#store = store;
    this.#workspaceNumber = workspaceNumber;
    const egress = new Egress({
      allowedNetworks: ['127.0.0.0/8'],
      allowedHosts: [],
      allowedDomains: null,
      allowedPorts: null,
      proxyUrl: null,
      dnsServers: null,
      maxConnections,
      maxConnectionsPerOrigin,
    });
    const process = new DeliveryProcess({
      egress: {
        send: async (request) => {
          const result = await egress.send(request);
          this.#ended += eventsIn(request);
          for (const wake of this.#waiting.splice(0)) wake();
          return result;
        },
        cutOff: (sender) => egress.cutOff(sender),
      },
      clock: systemClock,
      maxRequests: maxConnections,
      queueMemoryBytes,
      maxBatchBytes: mebibyte,
      maxPayloadBytes,
      backlogNoticeEvents,
      random: Math.random,
      onError: (error) => console.error(error),
    });
    this.#engine = new DeliveryEngine({ store, registry, process });
    store.journal.onAppended((events) => {
      const atMs = monotonicMs();
      for (const { dataJson } of events) this.#committedAtMs.push([numberIn(dataJson), atMs]);
    });
  }

  static async open({ directory, webhooks }: EngineSetup): Promise<EngineHost> {
    const store = openSqliteStore({ directory, clock: systemClock, secretKey: generateSecret() });
    const { number } = await store.workspaces.create('benchmark');
    const registry = await WebhookRegistry.load(store, systemClock);
    for (const webhook of webhooks) {
      const settings: WebhookSettings = (await resolveSettings(webhook, lookups)).settings;
      await registry.create(number, settings, generateSecret(), true);
    }
    const host = new EngineHost(store, number, registry);
    await host.#engine.start();
    return host;
  }

  /** Appends events as fast as they are delivered; answers what the store did for them. */
  async count({ events, eventsPerCall, window, bytes }: CountOrder): Promise<CountedRun> {
    await this.#engine.flush();
    const before = this.#store.counts();
    const endedBefore = this.#ended;
    const underWay = (): number => this.#appended - (this.#ended - endedBefore);
    this.#appended = 0;
    const caller = async (): Promise<void> => {
      while (this.#appended < events) {
        if (underWay() + eventsPerCall > window) await this.#nextEnd();
        else await this.#append(eventsPerCall, bytes);
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    while (underWay() > 0) await this.#nextEnd();
    await this.#engine.flush();
    const after = this.#store.counts();
    return {
      counts: {
        statements: after.statements - before.statements,
        transactions: after.transactions - before.transactions,
        syncs: after.syncs - before.syncs,
        rowsWritten: after.rowsWritten - before.rowsWritten,
      },
      deliveries: this.#appended,
    };
  }

  /** Appends events one by one at a fixed rate; answers when each was committed, by number. */
  async pace(eventsPerSecond: number, durationMs: number, bytes: number) {
    this.#committedAtMs.length = 0;
    const startedAtMs = monotonicMs();
    let events = 0;
    const appends: Promise<void>[] = [];
    for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs = monotonicMs() - startedAtMs) {
      for (; events < (elapsedMs * eventsPerSecond) / 1_000; events += 1)
        appends.push(this.#append(1, bytes));
      await new Promise<void>((resolve) => setTimeout(resolve, paceIntervalMs));
    }
    await Promise.all(appends);
    return this.#committedAtMs;
  }

  async #append(events: number, bytes: number): Promise<void> {
    const nowMs = systemClock.nowMs();
    const made = Array.from({ length: events }, (_, index): NewEvent => {
      const start = `{"number":${this.#appended + index},"text":"`;
      const dataJson = `${start}${'x'.repeat(Math.max(0, bytes - start.length - 2))}"}`;
      return { type: 'one.happened', occurredAtMs: nowMs, dataJson, tags: [], subject: null };
    });
    this.#appended += events;
    await this.#store.journal.append(this.#workspaceNumber, made);
  }

  #nextEnd(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

const lookups = { tablesOf: async () => null, refuseUrl: () => null };

/** Batches are counted by what they hold; every event has one number. */
function eventsIn({ body }: EgressRequest): number {
  return typeof body === 'string' && body.startsWith('[') ? body.split('"number":').length - 1 : 1;
}

function numberIn(dataJson: string): number {
  return Number.parseInt(dataJson.slice('{"number":'.length), 10);
}

let host: EngineHost | null = null;

function opened(): EngineHost {
  if (host === null) throw new Error('The engine was not opened.');
  return host;
}

const orders = {
  open: async (setup: EngineSetup): Promise<void> => {
    host = await EngineHost.open(setup);
  },
  count: (order: CountOrder) => opened().count(order),
  pace: (order: { eventsPerSecond: number; durationMs: number; bytes: number }) =>
    opened().pace(order.eventsPerSecond, order.durationMs, order.bytes),
};
export type EngineOrders = typeof orders;

takeOrders(orders);
