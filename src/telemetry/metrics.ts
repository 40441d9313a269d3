import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Egress, EgressRequest, EgressResult } from '../egress/index.ts';
import { isSystemEventType, type JournalEvent } from '../model/event.ts';
import type { Webhook, WebhookState } from '../model/webhook.ts';
import type { Store } from '../store/port.ts';

/** From a quick answer on the same network to the longest timeout a webhook may have. */
const attemptBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
/** From a disk with a cache that survives a power cut to one that is overloaded. */
const writeBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
const states: readonly WebhookState[] = ['active', 'degraded', 'paused', 'disabled', 'invalid'];

/** What is looked at only when somebody asks for the metrics. */
export interface MeasuredParts {
  readonly webhooks: () => Iterable<Webhook>;
  readonly egress: Pick<Egress, 'inFlight' | 'connections' | 'origins'>;
  readonly deliveries: { readonly load: { readonly lanes: number; readonly waiting: number } };
  readonly store: Pick<Store, 'counts'>;
}

/**
 * The metrics of this process, for Prometheus. Labels have few values that are known beforehand: no webhook,
 * workspace, event type or host is ever one, so that the number of time series does not grow with use.
 */
export class Metrics {
  readonly contentType: string;
  readonly #registry = new Registry();
  readonly #events: Counter<'kind'>;
  readonly #attempts: Counter<'result'>;
  readonly #deliveries: Counter<'state'>;
  readonly #attemptSeconds: Histogram<'result'>;
  readonly #writeSeconds: Histogram<'kind'>;

  constructor() {
    const registers = [this.#registry];
    this.contentType = this.#registry.contentType;
    collectDefaultMetrics({ register: this.#registry });
    this.#events = new Counter({
      name: 'rowhook_events_accepted_total',
      help: 'Events committed to the journal, by where they came from.',
      labelNames: ['kind'],
      registers,
    });
    this.#attempts = new Counter({
      name: 'rowhook_attempts_total',
      help: 'Requests made to consumers, by result: 2xx, 3xx, 4xx, 5xx, or the code of the fault.',
      labelNames: ['result'],
      registers,
    });
    this.#deliveries = new Counter({
      name: 'rowhook_deliveries_total',
      help: 'Attempts recorded, by the state that the delivery is in after it; retrying: it is tried again.',
      labelNames: ['state'],
      registers,
    });
    this.#attemptSeconds = new Histogram({
      name: 'rowhook_attempt_duration_seconds',
      help: 'Time of requests to consumers, waiting for a connection included.',
      labelNames: ['result'],
      buckets: attemptBuckets,
      registers,
    });
    this.#writeSeconds = new Histogram({
      name: 'rowhook_store_write_duration_seconds',
      help: 'Time until what was handed to the database was durable, waiting for its turn included.',
      labelNames: ['kind'],
      buckets: writeBuckets,
      registers,
    });
    for (const kind of ['row', 'posted', 'system']) this.#events.inc({ kind }, 0);
    for (const state of ['succeeded', 'retrying', 'exhausted']) this.#deliveries.inc({ state }, 0);
  }

  /** Reads these parts whenever the metrics are asked for. */
  observe({ webhooks, egress, deliveries, store }: MeasuredParts): void {
    this.#gauge(
      'rowhook_queue_waiting',
      'Events and failed deliveries that wait to be sent.',
      () => deliveries.load.waiting,
    );
    this.#gauge(
      'rowhook_lanes',
      'Webhooks with something to do, or that had lately.',
      () => deliveries.load.lanes,
    );
    this.#gauge('rowhook_requests_in_flight', 'Requests to consumers under way.', () => egress.inFlight);
    this.#gauge('rowhook_connections', 'Connections to consumers.', () => egress.connections);
    this.#gauge('rowhook_connection_origins', 'Hosts of consumers with a connection.', () => egress.origins);
    this.#total(
      'rowhook_store_transactions_total',
      'Transactions committed.',
      () => store.counts().transactions,
    );
    this.#total('rowhook_store_statements_total', 'Statements run.', () => store.counts().statements);
    this.#total('rowhook_store_rows_written_total', 'Rows written.', () => store.counts().rowsWritten);
    const byState = new Gauge({
      name: 'rowhook_webhooks',
      help: 'Webhooks, by state.',
      labelNames: ['state'],
      registers: [this.#registry],
      collect: () => {
        const counts = new Map<WebhookState, number>(states.map((state) => [state, 0]));
        for (const { health } of webhooks()) counts.set(health.state, (counts.get(health.state) ?? 0) + 1);
        for (const [state, count] of counts) byState.set({ state }, count);
      },
    });
  }

  /** Measures how long writes of requests take until they are durable. */
  measureStore({ journal, publications, rows }: Pick<Store, 'journal' | 'publications' | 'rows'>): void {
    const append = journal.append.bind(journal);
    journal.append = (...given) => this.#timed('events', append(...given));
    const publish = publications.publish.bind(publications);
    publications.publish = (publication) => this.#timed('events', publish(publication));
    const change = rows.change.bind(rows);
    rows.change = (...given) => this.#timed('rows', change(...given));
  }

  /** The same for what is delivered from a shard; counts its events and deliveries as they are committed. */
  measureShard({ journal, deliveries }: Pick<Store, 'journal' | 'deliveries'>): void {
    const write = deliveries.write.bind(deliveries);
    deliveries.write = async (writes) => {
      await this.#timed('deliveries', write(writes));
      for (const one of writes) {
        if (one.kind === 'delivered' || one.kind === 'attempted') {
          this.#deliveries.inc({ state: one.delivery.state });
        }
      }
    };
    journal.onAppended((events) => {
      for (const event of events) this.#events.inc({ kind: kindOf(event) });
    });
  }

  /** An egress that is measured. */
  measured(egress: Pick<Egress, 'send' | 'cutOff'>): Pick<Egress, 'send' | 'cutOff'> {
    return {
      send: async (request: EgressRequest): Promise<EgressResult> => {
        const result = await egress.send(request);
        const label = resultOf(result);
        this.#attempts.inc({ result: label });
        const kind = result.kind === 'response' ? 'answered' : 'failed';
        this.#attemptSeconds.observe({ result: kind }, result.timing.totalMs / 1_000);
        return result;
      },
      cutOff: (sender) => egress.cutOff(sender),
    };
  }

  /** In the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  async #timed<Result>(kind: 'events' | 'rows' | 'deliveries', work: Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    const result = await work;
    this.#writeSeconds.observe({ kind }, (performance.now() - startedAt) / 1_000);
    return result;
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect: () => gauge.set(read()),
    });
  }

  /** A count that is kept elsewhere and only grows. */
  #total(name: string, help: string, read: () => number): void {
    const counter: Counter = new Counter({
      name,
      help,
      registers: [this.#registry],
      collect: () => {
        counter.reset();
        counter.inc(read());
      },
    });
  }
}

/** The class of an answer's status, or the code of the fault: both are few. */
function resultOf(result: EgressResult): string {
  return result.kind === 'response' ? `${Math.floor(result.status / 100)}xx` : result.code;
}

function kindOf({ type, subject }: JournalEvent): 'row' | 'posted' | 'system' {
  if (isSystemEventType(type)) return 'system';
  return subject === null ? 'posted' : 'row';
}
