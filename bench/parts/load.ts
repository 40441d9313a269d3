import { Pool } from 'undici';
import { type Call, callsOf, type Work } from './load-work.ts';
import { monotonicMs } from './monotonic.ts';
import { takeOrders } from './part.ts';

/**
 * How fast calls are made. `window`: as long as fewer than so many events have not arrived at the consumer,
 * each counted `arrivalsPerEvent` times. `rate`: at fixed times, whether or not earlier calls are answered.
 * `flatOut`: each connection makes its next call as soon as the last is answered.
 */
export type Pace =
  | { readonly kind: 'window'; readonly events: number; readonly arrivalsPerEvent: number }
  | { readonly kind: 'rate'; readonly eventsPerSecond: number }
  | { readonly kind: 'flatOut' };

export interface LoadPlan {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly work: Work;
  readonly pace: Pace;
  /** Ends after so many events; null: when it is told to. */
  readonly events: number | null;
}

export interface LoadReport {
  readonly events: number;
  readonly elapsedMs: number;
  /** From call to answer; only noted at a fixed rate. */
  readonly latenciesMs: readonly number[];
}

/** Between two looks at which calls are due. */
const paceIntervalMs = 1;

class Load {
  readonly #plan: LoadPlan;
  readonly #pool: Pool;
  readonly #nextCall: (eventsLeft: number) => Call;
  readonly #latenciesMs: number[] = [];
  readonly #waiting: Array<() => void> = [];
  #events = 0;
  #arrived = 0;
  #stopping = false;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#pool = new Pool(plan.url, { connections: plan.connections, pipelining: 1 });
    this.#nextCall = callsOf(plan.work);
  }

  async run(): Promise<LoadReport> {
    const startedAtMs = monotonicMs();
    const { pace, connections } = this.#plan;
    if (pace.kind === 'rate') await this.#paced(pace.eventsPerSecond);
    else await Promise.all(Array.from({ length: connections }, () => this.#client()));
    const elapsedMs = monotonicMs() - startedAtMs;
    await this.#pool.close();
    return { events: this.#events, elapsedMs, latenciesMs: this.#latenciesMs };
  }

  arrived(events: number): void {
    this.#arrived += events;
    this.#wakeAll();
  }

  stop(): void {
    this.#stopping = true;
    this.#wakeAll();
  }

  async #client(): Promise<void> {
    while (this.#goesOn()) {
      if (this.#hasRoom()) await this.#make(this.#take());
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #paced(eventsPerSecond: number): Promise<void> {
    const startedAtMs = monotonicMs();
    const underWay = new Set<Promise<void>>();
    while (this.#goesOn()) {
      const due = ((monotonicMs() - startedAtMs) * eventsPerSecond) / 1_000;
      while (this.#events < due && this.#goesOn()) {
        const call = this.#timed(this.#take());
        underWay.add(call);
        void call.finally(() => underWay.delete(call));
      }
      await new Promise<void>((resolve) => setTimeout(resolve, paceIntervalMs));
    }
    await Promise.all(underWay);
  }

  async #timed(call: Call): Promise<void> {
    const startedAtMs = monotonicMs();
    await this.#make(call);
    this.#latenciesMs.push(monotonicMs() - startedAtMs);
  }

  async #make({ method, path, body }: Call): Promise<void> {
    const answer = await this.#pool.request({ method, path, body, headers: this.#plan.headers });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
  }

  #take(): Call {
    const call = this.#nextCall((this.#plan.events ?? Number.POSITIVE_INFINITY) - this.#events);
    this.#events += call.events;
    return call;
  }

  #goesOn(): boolean {
    return !this.#stopping && this.#events < (this.#plan.events ?? Number.POSITIVE_INFINITY);
  }

  #hasRoom(): boolean {
    const { pace } = this.#plan;
    return pace.kind !== 'window' || this.#events - this.#arrived / pace.arrivalsPerEvent < pace.events;
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

let load: Load | null = null;

const orders = {
  /** Resolves when the load has ended and every call is answered. */
  run: (plan: LoadPlan): Promise<LoadReport> => {
    load = new Load(plan);
    return load.run();
  },
  arrived: (events: number): void => load?.arrived(events),
  stop: (_: null): void => load?.stop(),
};
export type LoadOrders = typeof orders;

takeOrders(orders);
