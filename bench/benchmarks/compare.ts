import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings } from '../figures.ts';
import { Rig } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import { eventsPlan, inTurns, keepingUp } from './plans.ts';

/** How the webhooks of the comparison send: each is measured by itself. */
const webhooks = {
  independent: { order: 'independent', concurrency: 64 },
  ordered: { order: 'ordered', concurrency: 1 },
};

/** For one change at a time: the program before and after it, under the same load, in turns. */
export const compare: Benchmark = {
  name: 'compare',
  question: 'is this checkout faster than another? (only with --against FILE, a src/main.ts)',
  run: async (stage: Stage, extent: Extent): Promise<Findings | null> => {
    if (extent.against === null) return null;
    const rig = await Rig.start(stage);
    const before = await Server.start(stage, { mainFile: extent.against });
    const after = await Server.start(stage);
    const table = new FigureTable();
    for (const [name, settings] of Object.entries(webhooks)) {
      const types = [`${name}.happened`];
      for (const server of [before, after]) {
        await server.createWebhook(`${rig.consumerUrl}/count/${name}`, { eventTypes: types, ...settings });
      }
      for (let round = 0; round <= extent.rounds; round += 1) {
        const [old, fresh] = await inTurns(round, [before, after], (server) =>
          rig.throughput(server, eventsPlan(server, types, keepingUp), name, extent.windowMs),
        );
        if (round === 0) continue; // warms up
        table.add(`${name}, before`, 'deliveries/s', old.perSecond);
        table.add(`${name}, after`, 'deliveries/s', fresh.perSecond);
        table.add(`${name}, after over before: deliveries/s`, 'ratio', fresh.perSecond / old.perSecond);
        table.add(
          `${name}, after over before: processor time`,
          'ratio',
          fresh.senderMicros / old.senderMicros,
        );
      }
    }
    return { figures: table.list(), notes: [] };
  },
};
