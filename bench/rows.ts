/** How long pages of a large table take. Also on its own: `npm run node -- bench/rows.ts`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { systemClock } from '../src/model/clock.ts';
import { type ColumnKey, newRowId, newTableId } from '../src/model/ids.ts';
import type { Column, Table } from '../src/model/table.ts';
import type { RowCondition, RowField, RowQuery, Store } from '../src/store/port.ts';
import { openSqliteStore } from '../src/store/sqlite/index.ts';
import type { Benchmark, Extent } from './benchmark.ts';
import { FigureTable, type Findings } from './figures.ts';
import { Stage } from './parts/stage.ts';
import { printFindings } from './report.ts';

const tableRows = 1_000_000;
const rowsPerTransaction = 2_000;
const pageRows = 100;
const rareValues = 10_000;

const column = (name: string, type: Column['type'], indexed: boolean): Column => ({
  key: name as ColumnKey,
  name,
  type,
  data: indexed ? { indexed: true } : {},
});
const plain = [
  column('name', 'text', false),
  column('amount', 'number', false),
  column('note', 'text', false),
];
const indexed = [column('customer', 'number', true), column('price', 'number', true)];

const cell = (name: string): RowField => ({ kind: 'cell', key: name as ColumnKey, shape: 'plain' });
const compare = (
  name: string,
  operator: Extract<RowCondition, { kind: 'compare' }>['operator'],
  value: number,
): RowCondition => ({ kind: 'compare', field: cell(name), operator, value });
const byNumber = (...conditions: RowCondition[]): RowQuery => ({ conditions, sort: null });
const sorted = (name: string, ...conditions: RowCondition[]): RowQuery => ({
  conditions,
  sort: { field: cell(name), descending: false, order: null },
});

const queries: Readonly<Record<string, RowQuery>> = {
  'first page': byNumber(),
  'equal, indexed, 1 row in 10,000': byNumber(compare('customer', '=', 77)),
  'equal, not indexed, 1 row in 10,000': byNumber(compare('amount', '=', 77)),
  'range of an index, many rows': byNumber(compare('price', '>=', 500)),
  'range of an index, few rows': byNumber(compare('price', '>=', 999.9)),
  'sorted by an indexed column': sorted('price'),
  'sorted by an indexed column, filtered by another': sorted('price', compare('customer', '<', 5_000)),
  'sorted by a column without an index': sorted('amount'),
};

export const rows: Benchmark = {
  name: 'rows',
  question: 'how long do pages of a table of a million rows take, and do they hold others up?',
  run: async (stage: Stage, { rounds, scale }: Extent): Promise<Findings> => {
    const store = openSqliteStore({
      directory: join(stage.directory, 'rows'),
      clock: systemClock,
      secretKey: 'a key of the benchmarks, long enough',
    });
    stage.after(() => store.close());
    const count = Math.ceil(tableRows * scale);
    const figures = new FigureTable();
    const workspace = await store.workspaces.create('bench');
    const base = await store.bases.createBase(workspace.number, 'Bench');
    const table = await store.bases.createTable(base, newTableId(), 'Rows', [...plain, ...indexed]);
    const filledMs = await timed(() => fill(store, table, count));
    figures.add('rows written, without indexes and events', '/s', (count / filledMs) * 1_000);
    const building = await held(() => store.rows.followColumns(table));
    figures.add('two indexes made', 's', building.ms / 1_000);
    figures.add('two indexes made: longest hold of the process', 'ms', building.longestHoldMs);
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, query] of Object.entries(queries)) {
        const page = await held(() => store.rows.query(table, query, { limit: pageRows, cursor: null }));
        if (round === 0) continue; // warms up
        const target = name.includes('not indexed') || name.includes('without') ? undefined : { atMost: 50 };
        figures.add(name, 'ms', page.ms, target);
        figures.add(`${name}: longest hold of the process`, 'ms', page.longestHoldMs);
      }
    }
    return { figures: figures.list(), notes: [`${count} rows of 5 columns; pages of ${pageRows} rows.`] };
  },
};

async function fill(store: Store, table: Table, count: number): Promise<void> {
  const nowMs = systemClock.nowMs();
  const text = 'Some note, as long as a line of a table may well be'.slice(0, 40);
  for (let start = 0; start < count; start += rowsPerTransaction) {
    await store.rows.change(table, [], (_current, nextNumber) => {
      const inserts = Array.from({ length: Math.min(rowsPerTransaction, count - start) }, (_, place) => {
        const number = nextNumber + place;
        // Spread over the table, the same in every run.
        const spread = (number * 7_919) % count;
        const cells = {
          name: `Row ${number}`,
          amount: spread % rareValues,
          note: text,
          customer: spread % rareValues,
          price: (spread / count) * 1_000,
        };
        return {
          id: newRowId(),
          number,
          cells,
          createdAtMs: nowMs,
          updatedAtMs: nowMs,
          createdBy: null,
          updatedBy: null,
        };
      });
      return { inserts, updates: [], deletes: [], events: [], result: undefined };
    });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** Also how long nothing else could happen. */
async function held(work: () => Promise<unknown>): Promise<{ ms: number; longestHoldMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const ms = await timed(work);
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  return { ms, longestHoldMs: delay.max / 1e6 };
}

if (import.meta.main) {
  const directory = join(import.meta.dirname, '..', '.cache');
  mkdirSync(directory, { recursive: true });
  const stage = new Stage(directory, []);
  try {
    const scale = Number(process.argv[2] ?? 1);
    const findings = await rows.run(stage, { rounds: 3, windowMs: 0, scale, against: null });
    if (findings) printFindings(rows.name, rows.question, findings);
  } finally {
    await stage.clear();
  }
}
