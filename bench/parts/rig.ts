import type { ConsumerOrders, CountReading } from './consumer.ts';
import type { LoadOrders, LoadPlan, LoadReport } from './load.ts';
import { Part } from './part.ts';
import type { ProcessFigures } from './process-figures.ts';
import type { Server } from './server.ts';
import type { Stage } from './stage.ts';

/** What a measurement of throughput came to. */
export interface Throughput {
  /** Events that arrived at the consumer. */
  readonly perSecond: number;
  /** Processor time of the sender (the server, or the bare loop) for each. */
  readonly senderMicros: number;
  /** Processor time of all processes for each. */
  readonly allMicros: number;
  readonly bytesEach: number;
}

/** A measurement begins so long after the load, when everything is under way. */
const runUpMs = 400;
/** Between two looks at whether everything has arrived. */
const lookAgainMs = 10;
const longestDrainMs = 120_000;

/** A consumer and a load generator, each a process of its own, and what is measured with them. */
export class Rig {
  readonly load: Part<LoadOrders>;
  readonly consumer: Part<ConsumerOrders>;
  readonly #followers: Array<(events: number) => void>;
  #consumerUrl = '';

  private constructor(stage: Stage) {
    const load = new Part<LoadOrders>(stage, 'load.ts');
    this.load = load;
    this.#followers = [(events) => load.hint('arrived', events)];
    this.consumer = new Part(stage, 'consumer.ts', (events) => {
      for (const follow of this.#followers) follow(events as number);
    });
  }

  static async start(stage: Stage): Promise<Rig> {
    const rig = new Rig(stage);
    rig.#consumerUrl = `http://127.0.0.1:${await rig.consumer.tell('listen', undefined)}`;
    return rig;
  }

  get consumerUrl(): string {
    return this.#consumerUrl;
  }

  /** `follow` hears, as the load does, how many events came to the name that is watched. */
  onArrived(follow: (events: number) => void): void {
    this.#followers.push(follow);
  }

  /** Another origin of the same consumer. */
  async otherConsumerUrl(): Promise<string> {
    return `http://127.0.0.1:${await this.consumer.tell('listen', undefined)}`;
  }

  /** An address at which nobody listens. */
  async closedUrl(): Promise<string> {
    return `http://127.0.0.1:${await this.consumer.tell('closedPort', undefined)}/`;
  }

  /**
   * Runs the load and counts, over `windowMs` in the middle of it, what arrives under `name`. Then waits until
   * everything has arrived. `server`: who sends; null: the load generator itself does.
   */
  async throughput(
    server: Server | null,
    plan: LoadPlan,
    name: string,
    windowMs: number,
    arrivalsPerEvent = 1,
  ): Promise<Throughput> {
    const start = await this.consumer.tell('read', name);
    await this.consumer.tell('watch', name);
    const running = this.load.tell('run', plan);
    // It may fail while the measurement waits for something else.
    running.catch(() => undefined);
    await Promise.race([running, sleep(runUpMs)]);
    const before = await this.#look(server, name);
    await Promise.race([running, sleep(windowMs)]);
    const after = await this.#look(server, name);
    await this.load.tell('stop', null);
    const { events } = await running;
    await this.arrivals(name, start.events + events * arrivalsPerEvent);
    return throughputBetween(before, after);
  }

  /** Makes all calls of a plan at its fixed rate; resolves when every event has arrived. */
  async paced(plan: LoadPlan, name: string, arrivalsPerEvent = 1): Promise<PacedRun> {
    const start = await this.consumer.tell('read', name);
    await this.consumer.tell('takeArrivals', name);
    const report = await this.load.tell('run', plan);
    await this.arrivals(name, start.events + Math.floor(report.events * arrivalsPerEvent));
    const arrivals = await this.consumer.tell('takeArrivals', name);
    return { report, arrivalMs: arrivals.map(({ sentAtMs, atMs }) => atMs - sentAtMs) };
  }

  /** Resolves once so many events have come to the name. */
  async arrivals(name: string, events: number): Promise<void> {
    const giveUpAt = performance.now() + longestDrainMs;
    for (;;) {
      const reading = await this.consumer.tell('read', name);
      if (reading.events >= events) return;
      if (performance.now() > giveUpAt) {
        throw new Error(`Only ${reading.events} of ${events} events of "${name}" have arrived.`);
      }
      await sleep(lookAgainMs);
    }
  }

  async #look(server: Server | null, name: string): Promise<Look> {
    const count = await this.consumer.tell('read', name);
    return {
      count,
      server: server?.figures ?? null,
      load: this.load.figures,
      consumer: this.consumer.figures,
    };
  }
}

export interface PacedRun {
  readonly report: LoadReport;
  /** From the call to the arrival of the event, in milliseconds. */
  readonly arrivalMs: readonly number[];
}

interface Look {
  readonly count: CountReading;
  readonly server: ProcessFigures | null;
  readonly load: ProcessFigures;
  readonly consumer: ProcessFigures;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function throughputBetween(before: Look, after: Look): Throughput {
  const events = after.count.events - before.count.events;
  const spent = (which: 'server' | 'load' | 'consumer'): number =>
    (after[which]?.cpuMicros ?? 0) - (before[which]?.cpuMicros ?? 0);
  return {
    perSecond: (events / (after.count.atMs - before.count.atMs)) * 1_000,
    senderMicros: spent(after.server === null ? 'load' : 'server') / events,
    allMicros: (spent('server') + spent('load') + spent('consumer')) / events,
    bytesEach: (after.count.bytes - before.count.bytes) / events,
  };
}
