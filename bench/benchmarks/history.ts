import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings } from '../figures.ts';
import { Rig } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import { StoredRows } from '../parts/stored-rows.ts';
import { counted, dataBytes, eventsPlan, keepingUp, planFor } from './plans.ts';

const sizes = [0, 100_000, 1_000_000, 10_000_000];
const eventsPerRun = 20_000;
const wanted = 'wanted.happened';
const unwanted = 'wanted.by.nobody';
/** Lists that people look at: the newest page, and pages that a filter leaves. */
const lists = {
  'newest deliveries': (webhook: string) => `/v1/deliveries?limit=50&webhook=${webhook}`,
  'failed deliveries': (webhook: string) => `/v1/deliveries?limit=50&webhook=${webhook}&state=exhausted`,
  'newest events': () => '/v1/events?limit=50',
  'the webhook': (webhook: string) => `/v1/webhooks/${webhook}`,
} as const;
const callsPerList = 20;

interface Aged {
  readonly attempts: number;
  readonly server: Server;
  readonly webhook: string;
}

/** What one round found of one server. */
interface Round {
  readonly accepted: number;
  readonly acceptMicros: number;
  readonly delivered: number;
  readonly listMs: ReadonlyMap<string, number>;
}

export const history: Benchmark = {
  name: 'history',
  question: 'what do up to ten million recorded attempts cost what comes after them?',
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const servers: Aged[] = [];
    for (const size of new Set(sizes.map((each) => Math.round(each * extent.scale)))) {
      servers.push(await aged(stage, rig, size));
    }
    const table = new FigureTable();
    for (let round = 0; round <= extent.rounds; round += 1) {
      const order = round % 2 === 0 ? servers : [...servers].reverse();
      const found = new Map<number, Round>();
      for (const each of order) found.set(each.attempts, await measure(rig, each, extent));
      if (round > 0) note(table, found); // the first round warms up
    }
    for (const { attempts, server } of servers) {
      table.add(`${counted(attempts)} attempts: start`, 's', server.startSeconds);
      table.add(`${counted(attempts)} attempts: most memory`, 'MiB', server.figures.peakResidentMiB);
    }
    return { figures: table.list(), notes: ['Each attempt is of a delivery of its own, with its event.'] };
  },
};

function note(table: FigureTable, found: ReadonlyMap<number, Round>): void {
  const empty = found.get(0);
  for (const [attempts, round] of [...found].sort(([one], [other]) => one - other)) {
    const name = `${counted(attempts)} attempts`;
    table.add(`${name}: accepted`, 'events/s', round.accepted);
    table.add(`${name}: delivered`, '/s', round.delivered);
    for (const [list, ms] of round.listMs) table.add(`${name}: ${list}`, 'ms', ms);
    if (attempts === 0 || empty === undefined) continue;
    table.add(`${name} over none: accepted`, 'ratio', round.accepted / empty.accepted, { atLeast: 0.9 });
    table.add(
      `${name} over none: processor time of accepting`,
      'ratio',
      round.acceptMicros / empty.acceptMicros,
    );
    table.add(`${name} over none: delivered`, 'ratio', round.delivered / empty.delivered);
  }
}

async function measure(rig: Rig, { server, webhook }: Aged, extent: Extent): Promise<Round> {
  const before = server.figures.cpuMicros;
  const work = { kind: 'events', types: [unwanted], eventsPerCall: 100, dataBytes } as const;
  const { events, elapsedMs } = await rig.load.tell('run', {
    ...planFor(server, work, { kind: 'flatOut' }),
    events: eventsPerRun,
  });
  const acceptMicros = (server.figures.cpuMicros - before) / events;
  const plan = eventsPlan(server, [wanted], keepingUp);
  const delivered = await rig.throughput(server, plan, 'history', extent.windowMs);
  const listMs = new Map<string, number>();
  for (const [list, pathOf] of Object.entries(lists)) {
    const startedAt = performance.now();
    for (let call = 0; call < callsPerList; call += 1) await server.call('GET', pathOf(webhook));
    listMs.set(list, (performance.now() - startedAt) / callsPerList);
  }
  return {
    accepted: (events / elapsedMs) * 1_000,
    acceptMicros,
    delivered: delivered.perSecond,
    listMs,
  };
}

/** A server that has recorded so many attempts. */
async function aged(stage: Stage, rig: Rig, attempts: number): Promise<Aged> {
  const server = await Server.start(stage);
  const webhook = await server.createWebhook(`${rig.consumerUrl}/count/history`, { eventTypes: [wanted] });
  const plan = eventsPlan(server, [wanted], keepingUp);
  await rig.throughput(server, plan, 'history', 1);
  if (attempts > 0) {
    await server.stop();
    const stored = new StoredRows(server.directory);
    stored.addEvents(wanted, attempts);
    stored.addDeliveries(attempts);
    stored.lagBehind(0);
    stored.close();
    await server.restart();
  }
  return { attempts, server, webhook };
}
