import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings } from '../figures.ts';
import { Rig, sleep, type Throughput } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import { StoredRows } from '../parts/stored-rows.ts';
import { counted, dataBytes, eventsPlan, keepingUp, planFor } from './plans.ts';

const sizes = [0, 50_000, 500_000, 5_000_000];
/** Events that the server itself has met before the rest is put into its database. */
const metEvents = 1_000;
const restMs = 3_000;
const unwanted = 'unwanted.happened';
const healthy = 'healthy.happened';

interface Burdened {
  readonly backlog: number;
  readonly server: Server;
  readonly restMiB: number;
}

export const backlogSizes: Benchmark = {
  name: 'backlog-sizes',
  question: 'what does a backlog of up to five million events cost a healthy webhook, memory, and the start?',
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const servers: Burdened[] = [];
    for (const size of new Set(sizes.map((each) => Math.round(each * extent.scale)))) {
      servers.push(await burdened(stage, rig, size));
    }
    const table = new FigureTable();
    for (let round = 0; round <= extent.rounds; round += 1) {
      const order = round % 2 === 0 ? servers : [...servers].reverse();
      const runs = new Map<number, Throughput>();
      for (const { backlog, server } of order) {
        const plan = eventsPlan(server, [healthy], keepingUp);
        runs.set(backlog, await rig.throughput(server, plan, 'healthy', extent.windowMs));
      }
      if (round > 0) note(table, runs); // the first round warms up
    }
    const [without] = servers;
    for (const { backlog, server, restMiB } of servers) {
      const name = `${counted(backlog)} events`;
      table.add(`${name}: start`, 's', server.startSeconds);
      table.add(`${name}: memory at rest`, 'MiB', restMiB);
      if (backlog === 0 || without === undefined) continue;
      const target = { atMost: 100 };
      table.add(`${name}: memory at rest over none`, 'MiB', restMiB - without.restMiB, target);
      const grown = server.figures.peakResidentMiB - without.server.figures.peakResidentMiB;
      table.add(`${name}: most memory over none`, 'MiB', grown, target);
    }
    return {
      figures: table.list(),
      notes: [`The consumer of the backlog is not there; it is tried again every few seconds.`],
    };
  },
};

function note(table: FigureTable, runs: ReadonlyMap<number, Throughput>): void {
  const without = runs.get(0);
  for (const [backlog, run] of [...runs].sort(([one], [other]) => one - other)) {
    const name = `${counted(backlog)} events`;
    table.add(`${name}: healthy webhook`, 'deliveries/s', run.perSecond);
    table.add(`${name}: processor time`, 'µs/delivery', run.senderMicros);
    if (backlog === 0 || without === undefined) continue;
    const ratio = run.perSecond / without.perSecond;
    table.add(`${name} over none: healthy webhook`, 'ratio', ratio, { atLeast: 0.9 });
    table.add(`${name} over none: processor time`, 'ratio', run.senderMicros / without.senderMicros);
  }
}

/** A server that has just started on a backlog of so many events. */
async function burdened(stage: Stage, rig: Rig, backlog: number): Promise<Burdened> {
  const server = await Server.start(stage);
  await server.createWebhook(await rig.closedUrl(), { eventTypes: [unwanted] });
  if (backlog > 0) {
    const work = { kind: 'events', types: [unwanted], eventsPerCall: 100, dataBytes } as const;
    const events = Math.min(metEvents, backlog);
    await rig.load.tell('run', { ...planFor(server, work, { kind: 'flatOut' }), events });
    await server.stop();
    const stored = new StoredRows(server.directory);
    stored.addEvents(unwanted, backlog - events);
    stored.lagBehind(backlog - events);
    stored.close();
    await server.restart();
  }
  await server.createWebhook(`${rig.consumerUrl}/count/healthy`, { eventTypes: [healthy] });
  await sleep(restMs);
  return { backlog, server, restMiB: server.figures.residentMiB };
}
