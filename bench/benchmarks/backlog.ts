import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings } from '../figures.ts';
import { MemoryWatch } from '../parts/memory-watch.ts';
import { Rig, sleep } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import { dataBytes, eventsPlan, inTurns, keepingUp, planFor } from './plans.ts';

const backlogEvents = 200_000;
const eventsPerCall = 100;
/** A server that has just started, or has just worked, gets so long to come to rest. */
const restMs = 3_000;

export const backlog: Benchmark = {
  name: 'backlog',
  question: `what do ${backlogEvents.toLocaleString('en-US')} events that a dead consumer does not take cost?`,
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const table = new FigureTable();
    const events = Math.ceil(backlogEvents * extent.scale);

    // The same events on both; on one of them somebody wants them who cannot be reached.
    const free = await Server.start(stage);
    const burdened = await Server.start(stage);
    await burdened.createWebhook(await rig.closedUrl(), { eventTypes: ['unwanted.happened'] });
    const freeGrowth = await growth(rig, free, events);
    const burdenedGrowth = await growth(rig, burdened, events);
    table.add('idle server', 'MiB', freeGrowth.idleMiB);
    table.add('peak growth, events that nobody wants', 'MiB', freeGrowth.peakMiB);
    table.add('peak growth, a backlog', 'MiB', burdenedGrowth.peakMiB, { atMost: 60 });
    table.add('growth once at rest, nobody wants', 'MiB', freeGrowth.restMiB);
    table.add('growth once at rest, a backlog', 'MiB', burdenedGrowth.restMiB, { atMost: 60 });

    await burdened.restart();
    await sleep(restMs);
    const restarted = burdened.figures.residentMiB - burdenedGrowth.idleMiB;
    table.add('growth after a restart with the backlog', 'MiB', restarted, { atMost: 60 });

    for (const server of [free, burdened]) {
      await server.createWebhook(`${rig.consumerUrl}/count/healthy`, { eventTypes: ['healthy.happened'] });
    }
    for (let round = 0; round <= extent.rounds; round += 1) {
      const [without, withBacklog] = await inTurns(round, [free, burdened], (server) =>
        rig.throughput(
          server,
          eventsPlan(server, ['healthy.happened'], keepingUp),
          'healthy',
          extent.windowMs,
        ),
      );
      if (round === 0) continue; // warms up
      table.add('healthy webhook, no backlog', 'deliveries/s', without.perSecond);
      table.add('healthy webhook beside the backlog', 'deliveries/s', withBacklog.perSecond);
      const ratio = withBacklog.perSecond / without.perSecond;
      table.add('healthy webhook, with over without', 'ratio', ratio, { atLeast: 0.9 });
      const costRatio = withBacklog.senderMicros / without.senderMicros;
      table.add('processor time of a delivery, with over without', 'ratio', costRatio);
    }
    return { figures: table.list(), notes: [] };
  },
};

interface Growth {
  readonly idleMiB: number;
  /** On top of idle, at most, while the events were accepted. */
  readonly peakMiB: number;
  /** On top of idle, some time after. */
  readonly restMiB: number;
}

/** What a server's memory does while it accepts events. */
async function growth(rig: Rig, server: Server, events: number): Promise<Growth> {
  await sleep(restMs);
  const idleMiB = server.figures.residentMiB;
  const watch = new MemoryWatch(server);
  const work = { kind: 'events', types: ['unwanted.happened'], eventsPerCall, dataBytes } as const;
  await rig.load.tell('run', { ...planFor(server, work, { kind: 'flatOut' }), events });
  await sleep(restMs);
  const peakMiB = watch.end() - idleMiB;
  return { idleMiB, peakMiB, restMiB: server.figures.residentMiB - idleMiB };
}
