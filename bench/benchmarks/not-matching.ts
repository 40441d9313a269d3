import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings } from '../figures.ts';
import { Rig } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import { StoredRows } from '../parts/stored-rows.ts';
import { counted, dataBytes, planFor } from './plans.ts';

const sizes = [100, 10_000, 100_000, 1_000_000];
const eventsPerRun = 20_000;

export const notMatching: Benchmark = {
  name: 'not-matching',
  question: 'what does an event cost when there are up to a million webhooks that do not want it?',
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const servers: Array<readonly [size: number, server: Server]> = [];
    for (const size of new Set(sizes.map((each) => Math.max(1, Math.round(each * extent.scale))))) {
      servers.push([size, await serverWith(stage, size)]);
    }
    const table = new FigureTable();
    for (let round = 0; round <= extent.rounds; round += 1) {
      const order = round % 2 === 0 ? servers : [...servers].reverse();
      const costs = new Map<number, Cost>();
      for (const [size, server] of order) costs.set(size, await accept(rig, server));
      if (round === 0) continue; // warms up
      const few = costs.get(servers[0]?.[0] ?? 0);
      for (const [size] of servers) {
        const { perSecond, micros } = costs.get(size) as Cost;
        const name = `${counted(size)} webhooks`;
        table.add(`${name}: accepted`, 'events/s', perSecond);
        table.add(`${name}: processor time of the server`, 'µs/event', micros);
        if (few && few !== costs.get(size)) {
          const ratio = micros / few.micros;
          table.add(`${name} over the fewest: processor time`, 'ratio', ratio, { atMost: 1.5 });
        }
      }
    }
    for (const [size, server] of servers) {
      table.add(`${counted(size)} webhooks: memory of the server`, 'MiB', server.figures.residentMiB);
      table.add(`${counted(size)} webhooks: start`, 's', server.startSeconds);
    }
    return { figures: table.list(), notes: [] };
  },
};

interface Cost {
  readonly perSecond: number;
  readonly micros: number;
}

async function accept(rig: Rig, server: Server): Promise<Cost> {
  const before = server.figures.cpuMicros;
  const work = { kind: 'events', types: ['wanted.by.nobody'], eventsPerCall: 100, dataBytes } as const;
  const { events, elapsedMs } = await rig.load.tell('run', {
    ...planFor(server, work, { kind: 'flatOut' }),
    events: eventsPerRun,
  });
  return {
    perSecond: (events / elapsedMs) * 1_000,
    micros: (server.figures.cpuMicros - before) / events,
  };
}

/** A server with so many webhooks, each for an event type of its own. */
async function serverWith(stage: Stage, webhooks: number): Promise<Server> {
  const server = await Server.start(stage);
  await server.createWebhook('http://127.0.0.1:9/', { eventTypes: ['copied.number'] });
  await server.stop();
  const stored = new StoredRows(server.directory);
  stored.addWebhooks(webhooks - 1, 'copied.number');
  stored.close();
  await server.restart();
  return server;
}
