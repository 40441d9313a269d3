/**
 * Runs benchmarks by name, or all of them:
 *
 *     npm run bench                        everything, about ten minutes
 *     npm run bench -- --list              what there is
 *     npm run bench -- deliveries backlog  only these
 *
 * docs/performance.md explains the options and what the figures mean.
 */
import { mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Benchmark, Extent } from './benchmark.ts';
import { benchmarks } from './benchmarks/index.ts';
import { describeMachine } from './machine.ts';
import { Stage } from './parts/stage.ts';
import { printFindings, writeFindings } from './report.ts';

const root = join(import.meta.dirname, '..');
const resultsDirectory = join(import.meta.dirname, 'results');
const databasesDirectory = join(root, '.cache');

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1.5' },
    scale: { type: 'string', default: '1' },
    against: { type: 'string' },
    'node-flags': { type: 'string', default: '' },
  },
});

const unknown = positionals.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (process.platform !== 'linux') {
  console.error('The benchmarks read processor time and memory from /proc, which only Linux has.');
  process.exitCode = 1;
} else if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are:`);
  listBenchmarks();
  process.exitCode = 2;
} else if (options.list) {
  listBenchmarks();
} else {
  await runAll(
    benchmarks.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    {
      rounds: positive('rounds', options.rounds),
      windowMs: positive('seconds', options.seconds) * 1_000,
      scale: positive('scale', options.scale),
      against: options.against === undefined ? null : resolve(options.against),
    },
  );
}

function listBenchmarks(): void {
  for (const { name, question } of benchmarks) console.log(`  ${name.padEnd(14)} ${question}`);
}

async function runAll(chosen: readonly Benchmark[], extent: Extent): Promise<void> {
  mkdirSync(databasesDirectory, { recursive: true });
  const machine = describeMachine(databasesDirectory);
  const { processor, cores, memoryGiB, system, node, loadBefore, syncMs } = machine;
  console.log(`${processor}, ${cores} cores, ${memoryGiB} GiB; ${system}; Node ${node}`);
  console.log(`load average before: ${loadBefore}; a sync of 4 KiB takes ${syncMs} ms`);
  for (const { name, question, run } of chosen) {
    const stage = new Stage(databasesDirectory, options['node-flags'].split(' ').filter(Boolean));
    try {
      const findings = await run(stage, extent);
      if (findings === null) continue;
      printFindings(name, question, findings);
      const file = writeFindings(resultsDirectory, name, findings, { machine, measuredAt: new Date() });
      console.log(`  written to ${relative(process.cwd(), file)}`);
    } finally {
      await stage.clear();
    }
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  console.error(`--${name} must be a number above 0, not ${text}`);
  process.exit(2);
}
