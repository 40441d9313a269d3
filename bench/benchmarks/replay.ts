import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings, percentile } from '../figures.ts';
import { replayed } from '../parts/consumer-names.ts';
import { MemoryWatch } from '../parts/memory-watch.ts';
import { Rig, sleep } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import { dataBytes, inTurns, pacedPlan, planFor } from './plans.ts';

const pastEvents = 100_000;
const newEventsPerSecond = 100;
/** The default of the server, which is what a person gets. */
const gentleRatePerSecond = 200;
/** For the memory: the whole replay in a minute or two. */
const fullRatePerSecond = 2_000;
const roundMs = 4_000;
const restMs = 3_000;

interface ReplayAnswer {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly succeeded: number;
}

export const replay: Benchmark = {
  name: 'replay',
  question: `what does a replay of ${pastEvents.toLocaleString('en-US')} events cost new events, and memory?`,
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const settings = { ROWHOOK_REPLAY_RATE_PER_SECOND: String(fullRatePerSecond) };
    const server = await Server.start(stage, { settings });
    await sleep(restMs);
    const idleMiB = server.figures.residentMiB;
    const events = Math.ceil(pastEvents * extent.scale);
    const past = { kind: 'events', types: ['load.past'], eventsPerCall: 100, dataBytes } as const;
    await rig.load.tell('run', { ...planFor(server, past, { kind: 'flatOut' }), events });
    const webhook = await server.createWebhook(`${rig.consumerUrl}/time/new`, { eventTypes: ['load.*'] });

    const table = new FigureTable();
    const start = (ratePerSecond: number): Promise<ReplayAnswer> =>
      server.call('POST', `/v1/webhooks/${webhook}/replay`, { since: '2020-01-01T00:00:00Z', ratePerSecond });
    const step = (name: string, id: string) => server.call('POST', `/v1/replays/${id}/${name}`);

    const gentle = await start(gentleRatePerSecond);
    await step('pause', gentle.id);
    for (let round = 0; round <= extent.rounds; round += 1) {
      const [without, during] = await inTurns(round, [false, true], async (replaying) => {
        if (replaying) await step('continue', gentle.id);
        const run = await rig.paced(pacedPlan(server, ['load.new'], newEventsPerSecond, roundMs), 'new');
        if (replaying) await step('pause', gentle.id);
        return run.arrivalMs;
      });
      if (round === 0) continue; // warms up
      for (const [name, part] of [
        ['median', 0.5],
        ['p99', 0.99],
      ] as const) {
        table.add(`${name} of new events, no replay`, 'ms', percentile(without, part));
        table.add(`${name} of new events, during one`, 'ms', percentile(during, part));
        const ratio = percentile(during, part) / percentile(without, part);
        table.add(
          `${name}, during over without`,
          'ratio',
          ratio,
          name === 'p99' ? { atMost: 1.3 } : undefined,
        );
      }
    }
    await step('cancel', gentle.id);

    const watch = new MemoryWatch(server);
    const startedAt = performance.now();
    const { id } = await start(fullRatePerSecond);
    const ended = await untilEnded(server, id);
    const seconds = (performance.now() - startedAt) / 1_000;
    table.add('memory over idle, at most', 'MiB', watch.end() - idleMiB, { atMost: 100 });
    table.add('replayed', 'events/s', ended.succeeded / seconds);
    const arrived = await rig.consumer.tell('read', replayed('new'));
    return {
      figures: table.list(),
      notes: [
        `New events: ${newEventsPerSecond}/s to the same webhook, beside a replay at ${gentleRatePerSecond}/s.`,
        `The whole replay, at up to ${fullRatePerSecond}/s, ended as ${ended.state} with ${ended.succeeded} of ` +
          `${events} events; ${arrived.events} arrivals in all were marked as replayed.`,
      ],
    };
  },
};

async function untilEnded(server: Server, id: string): Promise<ReplayAnswer> {
  for (;;) {
    const replay = await server.call<ReplayAnswer>('GET', `/v1/replays/${id}`);
    if (replay.state !== 'running') return replay;
    await sleep(500);
  }
}
