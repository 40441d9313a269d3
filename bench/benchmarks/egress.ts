import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings } from '../figures.ts';
import { Part } from '../parts/part.ts';
import { Rig } from '../parts/rig.ts';
import type { Contestant, SenderOrders } from '../parts/sender.ts';
import { webhookConcurrency } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';

const requests = 20_000;
const contestants: readonly Contestant[] = ['bare undici', 'egress', 'egress, signed'];

export const egress: Benchmark = {
  name: 'egress',
  question: 'how much of what undici can do is left with policy, deadlines, bounded answers, a signature?',
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const sender = new Part<SenderOrders>(stage, 'sender.ts');
    const url = `${rig.consumerUrl}/count/egress`;
    const table = new FigureTable();
    for (let round = 0; round <= extent.rounds; round += 1) {
      const [bare, ...ours] = await inOrder(contestants, (contestant) =>
        sender.tell('send', { contestant, url, requests, concurrency: webhookConcurrency }),
      );
      if (round === 0 || !bare) continue; // warms up
      table.add('bare undici', 'requests/s', bare.perSecond);
      table.add('bare undici: processor time', 'µs/request', bare.cpuMicros);
      for (const [index, run] of ours.entries()) {
        const name = contestants[index + 1] ?? '';
        table.add(name, 'requests/s', run.perSecond);
        table.add(`${name}, over bare: requests/s`, 'ratio', run.perSecond / bare.perSecond);
        table.add(`${name}, over bare: processor time`, 'ratio', run.cpuMicros / bare.cpuMicros);
      }
    }
    return { figures: table.list(), notes: [] };
  },
};

async function inOrder<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
