import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark } from '../benchmark.ts';
import { FigureTable, type Findings } from '../figures.ts';
import type { EngineOrders } from '../parts/engine.ts';
import { Part } from '../parts/part.ts';
import { Rig } from '../parts/rig.ts';
import type { Stage } from '../parts/stage.ts';
import { dataBytes, keepingUp } from './plans.ts';

const events = 5_000;
const eventsPerCall = 100;

/** Ways to deliver whose costs in the store differ. */
const webhooks = {
  independent: { order: 'independent', concurrency: 64 },
  ordered: { order: 'ordered' },
  'in batches of 100': { order: 'independent', concurrency: 64, batch: { maxEvents: 100, maxWaitMs: 20 } },
};

export const counts: Benchmark = {
  name: 'counts',
  question: 'what does the store do for one event, from its acceptance to its delivery?',
  run: async (stage: Stage, extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const table = new FigureTable();
    for (const [name, settings] of Object.entries(webhooks)) {
      const engine = new Part<EngineOrders>(stage, 'engine.ts');
      const directory = mkdtempSync(join(stage.directory, 'engine-'));
      await engine.tell('open', {
        directory,
        webhooks: [{ name, url: `${rig.consumerUrl}/count/engine`, ...settings }],
      });
      for (let round = 0; round <= Math.min(extent.rounds, 3); round += 1) {
        const size = Math.ceil(events * extent.scale * (name === 'ordered' ? 0.2 : 1));
        const run = await engine.tell('count', {
          events: size,
          eventsPerCall,
          window: name === 'in batches of 100' ? size : keepingUp,
          bytes: dataBytes,
        });
        if (round === 0) continue; // warms up
        table.add(`${name}: rows written`, '/event', run.counts.rowsWritten / run.deliveries);
        table.add(`${name}: statements`, '/event', run.counts.statements / run.deliveries);
        table.add(`${name}: transactions, each one sync`, '/event', run.counts.transactions / run.deliveries);
        table.add(`${name}: events in a transaction`, 'events', run.deliveries / run.counts.transactions);
      }
    }
    return { figures: table.list(), notes: [] };
  },
};
