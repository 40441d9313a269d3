import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings, pairwise } from '../figures.ts';
import { Rig, type Throughput } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import { eventsPlan, keepingUp } from './plans.ts';

const sizes = [1, 10, 100, 1_000];

export const fanOut: Benchmark = {
  name: 'fan-out',
  question: 'what does a delivery cost when one event goes to many webhooks?',
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const server = await Server.start(stage);
    for (const size of sizes) {
      for (let number = 0; number < size; number += 1) {
        const url = `${rig.consumerUrl}/count/fan${size}`;
        await server.createWebhook(url, { eventTypes: [`fan${size}.happened`] });
      }
    }
    const runs = new Map<number, Throughput[]>(sizes.map((size) => [size, []]));
    for (let round = 0; round <= extent.rounds; round += 1) {
      for (const size of sizes) {
        const window = Math.max(1, Math.round(keepingUp / size));
        const plan = eventsPlan(server, [`fan${size}.happened`], window, size);
        const run = await rig.throughput(server, plan, `fan${size}`, extent.windowMs, size);
        if (round > 0) runs.get(size)?.push(run); // the first round warms up
      }
    }
    const table = new FigureTable();
    const alone = runs.get(1) ?? [];
    for (const [size, all] of runs) {
      for (const { perSecond, senderMicros } of all) {
        table.add(`${size} webhooks: deliveries`, '/s', perSecond);
        table.add(`${size} webhooks: processor time of the server`, 'µs/delivery', senderMicros);
      }
      const ratios = pairwise(
        all.map((run) => run.senderMicros),
        alone.map((run) => run.senderMicros),
      );
      if (size === 1) continue;
      const target = size === 1_000 ? { atMost: 1 } : undefined;
      for (const ratio of ratios)
        table.add(`${size} webhooks over one: processor time`, 'ratio', ratio, target);
    }
    return { figures: table.list(), notes: [] };
  },
};
