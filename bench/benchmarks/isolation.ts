import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings, percentile } from '../figures.ts';
import { Rig } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import { dataBytes, inTurns, pacedPlan, planFor } from './plans.ts';

const webhooks = 100;
const dead = 10;
const silent = 10;
/** Spread evenly over all webhooks. */
const eventsPerSecond = 400;
const roundMs = 2_000;
/** So many rounds for each that was asked for: single syncs of the disk decide a p99. */
const roundsForOne = 2;
/** Events that come at once to those who never answer, when nobody knows yet that they do not. */
const burstEvents = 1_000;

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
    const wellShare = (webhooks - dead - silent) / webhooks;
    const measure = async (server: Server): Promise<readonly number[]> =>
      (await rig.paced(pacedPlan(server, types, eventsPerSecond, roundMs), 'measured', wellShare)).arrivalMs;
    const burst = async (server: Server): Promise<readonly number[]> => {
      const badTypes = types.slice(dead, dead + silent);
      const work = { kind: 'events', types: badTypes, eventsPerCall: 100, dataBytes } as const;
      await rig.load.tell('run', { ...planFor(server, work, { kind: 'flatOut' }), events: burstEvents });
      return measure(server);
    };

    const [burstWell, burstBad] = await inTurns(0, [allWell, someBad], burst);
    const burstName = `after ${burstEvents} events at once to the silent: p99`;
    table.add(`${burstName}, all well`, 'ms', percentile(burstWell, 0.99));
    table.add(`${burstName}, some bad`, 'ms', percentile(burstBad, 0.99));

    for (let round = 0; round < extent.rounds * roundsForOne; round += 1) {
      const [well, bad] = await inTurns(round, [allWell, someBad], measure);
      for (const [name, part] of [
        ['median', 0.5],
        ['p99', 0.99],
      ] as const) {
        const without = percentile(well, part);
        const withBad = percentile(bad, part);
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
