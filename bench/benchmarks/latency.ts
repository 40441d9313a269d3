import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings, percentile } from '../figures.ts';
import type { EngineOrders } from '../parts/engine.ts';
import { Part } from '../parts/part.ts';
import { Rig } from '../parts/rig.ts';
import type { Stage } from '../parts/stage.ts';
import { barePlan, dataBytes, inTurns, keepingUp } from './plans.ts';

const shares = [0.1, 0.5, 0.8];
const roundMs = 2_000;
/** Events that find the highest load, each appended by itself. */
const probeEvents = 5_000;

export const latency: Benchmark = {
  name: 'latency',
  question: 'how long from the commit of an event to its arrival, beside a bare POST at the same rate?',
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const engine = new Part<EngineOrders>(stage, 'engine.ts');
    const url = `${rig.consumerUrl}/time/engine`;
    await engine.tell('open', {
      directory: mkdtempSync(join(stage.directory, 'engine-')),
      webhooks: [{ name: 'measured', url, order: 'independent', concurrency: 64 }],
    });
    const highest = await highestRate(engine);
    const table = new FigureTable();
    table.add('highest load', 'events/s', highest);

    for (const share of shares) {
      const eventsPerSecond = highest * share;
      for (let round = 0; round <= extent.rounds; round += 1) {
        const [bareMs, oursMs] = await inTurns(round, ['bare', 'engine'] as const, (side) =>
          side === 'bare' ? bare(rig, eventsPerSecond) : ours(rig, engine, eventsPerSecond),
        );
        if (round === 0) continue; // warms up
        for (const [name, part, atMost] of [
          ['median', 0.5, 3],
          ['p99', 0.99, 10],
        ] as const) {
          const at = `at ${share * 100} %: ${name}`;
          table.add(`${at}, bare POST`, 'ms', percentile(bareMs, part));
          table.add(`${at}, commit to arrival`, 'ms', percentile(oursMs, part));
          const target = share === 0.5 ? { atMost } : undefined;
          table.add(`${at}, ratio`, 'ratio', percentile(oursMs, part) / percentile(bareMs, part), target);
        }
      }
    }
    return {
      figures: table.list(),
      notes: [
        'Engine without its API: events are appended one by one. Bare POST: from the call to its arrival.',
      ],
    };
  },
};

async function highestRate(engine: Part<EngineOrders>): Promise<number> {
  const order = { events: probeEvents, eventsPerCall: 1, window: keepingUp, bytes: dataBytes };
  await engine.tell('count', order); // warms up
  const startedAt = performance.now();
  const { deliveries } = await engine.tell('count', order);
  return (deliveries / (performance.now() - startedAt)) * 1_000;
}

async function bare(rig: Rig, eventsPerSecond: number): Promise<readonly number[]> {
  const plan = barePlan(rig, 'bare');
  const run = await rig.paced(
    {
      ...plan,
      work: { kind: 'bareTimed', path: '/time/bare', bodyBytes: dataBytes },
      pace: { kind: 'rate', eventsPerSecond },
      events: Math.ceil((eventsPerSecond * roundMs) / 1_000),
    },
    'bare',
  );
  return run.arrivalMs;
}

async function ours(rig: Rig, engine: Part<EngineOrders>, eventsPerSecond: number): Promise<number[]> {
  const before = await rig.consumer.tell('read', 'engine');
  await rig.consumer.tell('takeArrivals', 'engine');
  const commits = await engine.tell('pace', { eventsPerSecond, durationMs: roundMs, bytes: dataBytes });
  await rig.arrivals('engine', before.events + commits.length);
  const committedAtMs = new Map(commits);
  const arrivals = await rig.consumer.tell('takeArrivals', 'engine');
  return arrivals.map(({ number, atMs }) => atMs - (committedAtMs.get(number) ?? Number.NaN));
}
