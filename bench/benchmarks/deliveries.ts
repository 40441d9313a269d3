import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings, type Target } from '../figures.ts';
import type { LoadPlan } from '../parts/load.ts';
import { Rig, type Throughput } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import { barePlan, eventsPlan, keepingUp, planFor } from './plans.ts';
import { createRowsTable, editedColumn } from './rows-table.ts';

const manyWebhooks = 100;
const rowsPerCall = 100;
const batchEvents = 100;
/** Enough for every request that may be under way to be full, and as many events to wait. */
const batchedWindow = 5_000;

/** One way to load the server, and what it is held against. */
interface Variant {
  readonly name: string;
  readonly plan: LoadPlan;
  readonly target?: Target;
}

export const deliveries: Benchmark = {
  name: 'deliveries',
  question: 'how many deliveries a second, signed and logged, against a bare loop of the same requests?',
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const server = await Server.start(stage);
    const variants = await prepare(rig, server, extent);
    const table = new FigureTable();
    for (let round = 0; round <= extent.rounds; round += 1) {
      let events: Throughput | null = null;
      for (const { name, plan, target } of variants) {
        const bare = await rig.throughput(null, barePlan(rig, 'bare'), 'bare', extent.windowMs);
        const ours = await rig.throughput(server, plan, name, extent.windowMs);
        if (round === 0) continue; // warms up
        table.add('bare loop', 'requests/s', bare.perSecond);
        table.add(`${name}: events`, '/s', ours.perSecond);
        table.add(`${name}: events/s over bare requests/s`, 'ratio', ours.perSecond / bare.perSecond, target);
        table.add(`${name}: processor time of the server`, 'µs/event', ours.senderMicros);
        table.add(
          `${name}: processor time over the bare loop's`,
          'ratio',
          ours.senderMicros / bare.senderMicros,
        );
        if (name === 'events') events = ours;
        if (name === 'batched' && events !== null) {
          table.add('batched events/s over unbatched', 'ratio', ours.perSecond / events.perSecond, {
            atLeast: 5,
          });
        }
        if (name === 'many' && events !== null) {
          table.add(`${manyWebhooks} webhooks over one`, 'ratio', ours.perSecond / events.perSecond);
        }
      }
    }
    return { figures: table.list(), notes: [] };
  },
};

async function prepare(rig: Rig, server: Server, extent: Extent): Promise<Variant[]> {
  const hook = (kind: string, name: string): string => `${rig.consumerUrl}/${kind}/${name}`;
  await server.createWebhook(hook('count', 'events'), { eventTypes: ['one.happened'] });
  await server.createWebhook(hook('batch', 'batched'), {
    eventTypes: ['batched.happened'],
    batch: { maxEvents: batchEvents, maxWaitMs: 20 },
  });
  const types = Array.from(
    { length: Math.ceil(manyWebhooks * extent.scale) },
    (_, number) => `many${number}.happened`,
  );
  for (const type of types) await server.createWebhook(hook('count', 'many'), { eventTypes: [type] });
  const plans = {
    events: eventsPlan(server, ['one.happened'], keepingUp),
    rows: await rowsPlan(server, hook('count', 'rows')),
    batched: eventsPlan(server, ['batched.happened'], batchedWindow),
    many: eventsPlan(server, types, keepingUp),
  };
  return [
    { name: 'events', plan: plans.events, target: { atLeast: 0.5 } },
    { name: 'rows', plan: plans.rows },
    { name: 'batched', plan: plans.batched },
    { name: 'many', plan: plans.many },
  ];
}

/** A table whose rows change, and a webhook that hears of it. */
async function rowsPlan(server: Server, url: string): Promise<LoadPlan> {
  const { base, table, path, rowIds } = await createRowsTable(server);
  await server.createWebhook(url, { base, table });
  return planFor(
    server,
    { kind: 'rows', path, column: editedColumn, rowIds, rowsPerCall },
    { kind: 'window', events: keepingUp, arrivalsPerEvent: 1 },
  );
}
