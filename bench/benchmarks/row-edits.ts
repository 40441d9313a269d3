import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings } from '../figures.ts';
import { Rig } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import { planFor } from './plans.ts';
import { createRowsTable, editedColumn } from './rows-table.ts';

const callers = 32;
const sizes = [1, 100];
const edits = { 1: 3_000, 100: 20_000 } as const;

export const rowEdits: Benchmark = {
  name: 'row-edits',
  question: 'how many edits of rows a second does the API take, each durable with its event?',
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const server = await Server.start(stage);
    const { path, rowIds } = await createRowsTable(server);
    const table = new FigureTable();
    for (let round = 0; round <= extent.rounds; round += 1) {
      for (const rowsPerCall of sizes) {
        const work = { kind: 'rows', path, column: editedColumn, rowIds, rowsPerCall } as const;
        const before = server.figures.cpuMicros;
        const { events, elapsedMs } = await rig.load.tell('run', {
          ...planFor(server, work, { kind: 'flatOut' }),
          connections: callers,
          events: Math.ceil((rowsPerCall === 1 ? edits[1] : edits[100]) * extent.scale),
        });
        if (round === 0) continue; // warms up
        const cpuMicros = server.figures.cpuMicros - before;
        table.add(`${rowsPerCall} a call, ${callers} callers`, 'edits/s', (events / elapsedMs) * 1_000);
        table.add(`${rowsPerCall} a call: processor time of the server`, 'µs/edit', cpuMicros / events);
      }
    }
    return { figures: table.list(), notes: [] };
  },
};
