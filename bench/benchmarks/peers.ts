import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings } from '../figures.ts';
import { Part } from '../parts/part.ts';
import type { PeerOrders } from '../parts/peer.ts';
import { startPostgres } from '../parts/postgres-server.ts';
import { cpuMicrosOfTree } from '../parts/process-figures.ts';
import { RedisServer } from '../parts/redis-server.ts';
import { Rig, sleep } from '../parts/rig.ts';
import { Server, webhookConcurrency } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import type { PeerName } from '../peers/index.ts';
import { barePlan, bodyBytes, eventsPlan, keepingUp } from './plans.ts';

const eventsPerCall = 100;
const callers = 4;
/** Events under way: enough for every batch that a peer fetches to be full. */
const peerWindow = 2_000;
const runUpMs = 600;
/** How many times the deliveries of a peer there must be. */
const ahead = { atLeast: 2 };

interface Rate {
  readonly perSecond: number;
  /** Processor time of whoever delivers, with its store, for each delivery. */
  readonly micros: number;
}

/** One of those compared. */
interface Contestant {
  readonly name: string;
  measure(windowMs: number): Promise<Rate>;
  /** What can be said at the end. */
  note?(): Promise<string>;
}

export const peers: Benchmark = {
  name: 'peers',
  question: 'how many deliveries a second against what one would build on a queue instead?',
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const notes: string[] = [];
    const contestants = [
      bare(rig),
      await embedded(stage, rig),
      ...(await onRedis(stage, rig, notes)),
      ...(await onPostgres(stage, rig)),
    ];
    const table = new FigureTable();
    for (let round = 0; round <= extent.rounds; round += 1) {
      const rates = new Map<string, Rate>();
      const order = round % 2 === 0 ? contestants : [...contestants].reverse();
      for (const { name, measure } of order) rates.set(name, await measure(extent.windowMs));
      if (round === 0) continue; // warms up
      note(table, contestants, rates);
    }
    for (const contestant of contestants) if (contestant.note) notes.push(await contestant.note());
    return { figures: table.list(), notes };
  },
};

function note(table: FigureTable, contestants: readonly Contestant[], rates: Map<string, Rate>): void {
  const rateOf = (name: string): Rate => rates.get(name) ?? { perSecond: Number.NaN, micros: Number.NaN };
  for (const { name } of contestants) {
    table.add(`${name}: deliveries`, '/s', rateOf(name).perSecond);
    table.add(`${name}: processor time with its store`, 'µs/delivery', rateOf(name).micros);
    table.add(`${name} over the bare loop`, 'ratio', rateOf(name).perSecond / rateOf('bare loop').perSecond);
  }
  for (const { name } of contestants.filter((contestant) => 'note' in contestant)) {
    const ratio = rateOf('Rowhook').perSecond / rateOf(name).perSecond;
    table.add(`Rowhook over ${name}: deliveries/s`, 'ratio', ratio, ahead);
  }
}

function bare(rig: Rig): Contestant {
  return {
    name: 'bare loop',
    measure: async (windowMs) => {
      const measured = await rig.throughput(null, barePlan(rig, 'bare'), 'bare', windowMs);
      return { perSecond: measured.perSecond, micros: measured.senderMicros };
    },
  };
}

async function embedded(stage: Stage, rig: Rig): Promise<Contestant> {
  const server = await Server.start(stage);
  const types = ['one.happened'];
  await server.createWebhook(`${rig.consumerUrl}/count/rowhook`, { eventTypes: types });
  return {
    name: 'Rowhook',
    measure: async (windowMs) => {
      const plan = eventsPlan(server, types, keepingUp);
      const measured = await rig.throughput(server, plan, 'rowhook', windowMs);
      return { perSecond: measured.perSecond, micros: measured.senderMicros };
    },
  };
}

async function onRedis(stage: Stage, rig: Rig, notes: string[]): Promise<Contestant[]> {
  const redis = await RedisServer.start(stage);
  if (redis !== null)
    return [await peerOf(stage, rig, 'BullMQ', redis.url, () => cpuMicrosOfTree(redis.pid))];
  notes.push('BullMQ was left out: there is no redis-server (Debian: apt-get install redis-server).');
  return [];
}

async function onPostgres(stage: Stage, rig: Rig): Promise<Contestant[]> {
  const postgres = await startPostgres(stage);
  const contestants: Contestant[] = [];
  for (const name of ['pg-boss', 'graphile-worker'] as const) {
    const url = postgres.url(await postgres.createDatabase());
    contestants.push(await peerOf(stage, rig, name, url, () => cpuMicrosOfTree(postgres.pid)));
  }
  return contestants;
}

/** A peer's producer and worker, each a process. */
async function peerOf(
  stage: Stage,
  rig: Rig,
  name: PeerName,
  storeUrl: string,
  storeMicros: () => number,
): Promise<Contestant> {
  const producer = new Part<PeerOrders>(stage, 'peer.ts');
  const worker = new Part<PeerOrders>(stage, 'peer.ts');
  rig.onArrived((events) => producer.hint('arrived', events));
  await producer.tell('open', { name, storeUrl });
  await producer.tell('prepare', null);
  await worker.tell('open', { name, storeUrl });
  await worker.tell('work', { url: `${rig.consumerUrl}/count/${name}`, concurrency: webhookConcurrency });
  let produced = 0;
  const look = async () => ({
    count: await rig.consumer.tell('read', name),
    micros: worker.figures.cpuMicros + storeMicros(),
  });
  return {
    name,
    measure: async (windowMs) => {
      await rig.consumer.tell('watch', name);
      const running = producer.tell('produce', { bodyBytes, eventsPerCall, callers, window: peerWindow });
      // It may fail while the measurement waits for something else.
      running.catch(() => undefined);
      await sleep(runUpMs);
      const before = await look();
      await Promise.race([running, sleep(windowMs)]);
      const after = await look();
      await producer.tell('stop', null);
      produced += await running;
      await rig.arrivals(name, produced);
      const events = after.count.events - before.count.events;
      return {
        perSecond: (events / (after.count.atMs - before.count.atMs)) * 1_000,
        micros: (after.micros - before.micros) / events,
      };
    },
    note: async () =>
      `${name}: ${produced} events delivered, ${await producer.tell('recorded', null)} attempts recorded.`,
  };
}
