import { once } from 'node:events';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings } from '../figures.ts';
import { MemoryWatch } from '../parts/memory-watch.ts';
import { sleep } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';

const mebibyte = 1024 ** 2;
const smallBytes = 10 * mebibyte;
const largeBytes = 100 * mebibyte;
const restMs = 2_000;
/** Ten columns: a number, seven short texts, a date and a long text. */
const columns = [
  { name: 'Number', type: 'number' },
  ...['One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven'].map((name) => ({ name, type: 'text' })),
  { name: 'Day', type: 'date' },
  { name: 'Notes', type: 'long-text' },
];

export const csvImport: Benchmark = {
  name: 'csv-import',
  question: 'how many rows a second does an import take, and does memory grow with the file?',
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const table = new FigureTable();
    const peaks = [];
    for (const bytes of [smallBytes, largeBytes]) {
      const file = join(stage.directory, `${bytes}.csv`);
      const rows = await writeCsv(file, bytes * extent.scale);
      const run = await importFile(stage, file, rows);
      peaks.push(run.grownMiB);
      const size = `${Math.round(statSync(file).size / mebibyte)} MiB`;
      table.add(`${size}: rows imported`, 'rows/s', rows / run.seconds);
      table.add(`${size}: file read`, 'MiB/s', statSync(file).size / mebibyte / run.seconds);
      table.add(`${size}: processor time of the server`, 'µs/row', run.cpuMicros / rows);
      table.add(`${size}: peak memory over idle`, 'MiB', run.grownMiB);
    }
    const [small = 0, large = 0] = peaks;
    table.add('memory, large file over small', 'MiB more', large - small, { atMost: 60 });
    return { figures: table.list(), notes: ['Every row is durable with its event; nobody listens to them.'] };
  },
};

async function importFile(stage: Stage, file: string, rows: number) {
  const server = await Server.start(stage);
  const base = await server.call<{ id: string }>('POST', '/v1/bases', { name: 'benchmark' });
  const table = await server.call<{ id: string }>('POST', `/v1/bases/${base.id}/tables`, {
    name: 'imported',
    columns,
  });
  await sleep(restMs);
  const idle = server.figures;
  const watch = new MemoryWatch(server);
  const startedAt = performance.now();
  const answer = await request(`${server.url}/v1/bases/${base.id}/tables/${table.id}/import`, {
    method: 'POST',
    headers: { ...server.headers, 'content-type': 'text/csv' },
    body: createReadStream(file),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const outcome = (await answer.body.json()) as { state?: string; rowsImported?: number };
  const seconds = (performance.now() - startedAt) / 1_000;
  if (outcome.state !== 'done' || outcome.rowsImported !== rows) {
    throw new Error(`The import came to ${JSON.stringify(outcome)} instead of ${rows} rows.`);
  }
  const grownMiB = watch.end() - idle.residentMiB;
  const cpuMicros = server.figures.cpuMicros - idle.cpuMicros;
  await server.stop();
  return { seconds, grownMiB, cpuMicros };
}

/** Writes a file of at least so many bytes; answers how many rows it has. */
async function writeCsv(path: string, bytes: number): Promise<number> {
  const file = createWriteStream(path);
  let rows = 0;
  let written = 0;
  const write = async (line: string): Promise<void> => {
    written += line.length;
    if (!file.write(line)) await once(file, 'drain');
  };
  await write(`${columns.map(({ name }) => name).join(',')}\n`);
  for (; written < bytes; rows += 1) {
    const texts = Array.from({ length: 7 }, (_, index) => `text ${rows * 7 + index} of the row`).join(',');
    await write(`${rows},${texts},2026-01-31,"${'A note, with ""quotes"" and commas. '.repeat(10)}"\n`);
  }
  file.end();
  await once(file, 'close');
  return rows;
}
