import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings, percentile } from '../figures.ts';
import { Rig } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import { inTurns, pacedPlan } from './plans.ts';

const webhooks = 100;
const dead = 10;
const silent = 10;
/** Spread evenly over all webhooks. */
const eventsPerSecond = 400;
const roundMs = 5_000;

export const isolation: Benchmark = {
  name: 'isolation',
  question: `of ${webhooks} webhooks ${dead} are dead and ${silent} never answer; what do the others notice?`,
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const closed = await rig.closedUrl();
    const silentUrl = await rig.otherConsumerUrl();
    const types = Array.from({ length: webhooks }, (_, number) => `load${number}.happened`);
    const allWell = await Server.start(stage);
    const someBad = await Server.start(stage);
    for (const [number, type] of types.entries()) {
      const measured = number >= dead + silent;
      const well = `${rig.consumerUrl}/${measured ? 'time/measured' : 'count/others'}`;
      const bad = number < dead ? closed : `${silentUrl}/silent/silent`;
      await allWell.createWebhook(well, { eventTypes: [type] });
      await someBad.createWebhook(measured ? well : bad, { eventTypes: [type] });
    }

    const table = new FigureTable();
    const share = (webhooks - dead - silent) / webhooks;
    // Nothing warms up: the beginning, when nobody knows yet who is bad, is the hardest part.
    for (let round = 0; round < extent.rounds; round += 1) {
      const [well, bad] = await inTurns(round, [allWell, someBad], (server) =>
        rig.paced(pacedPlan(server, types, eventsPerSecond, roundMs), 'measured', share),
      );
      for (const [name, part] of [
        ['median', 0.5],
        ['p99', 0.99],
      ] as const) {
        const without = percentile(well.arrivalMs, part);
        const withBad = percentile(bad.arrivalMs, part);
        table.add(`${name}, all well`, 'ms', without);
        table.add(`${name}, some bad`, 'ms', withBad);
        const target = name === 'p99' ? { atMost: 1.3 } : undefined;
        table.add(`${name}, some bad over all well`, 'ratio', withBad / without, target);
      }
    }
    return {
      figures: table.list(),
      notes: [`Latency: from the call of the API to the arrival, at ${eventsPerSecond} events/s.`],
    };
  },
};
