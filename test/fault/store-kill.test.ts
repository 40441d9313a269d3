import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/model/clock.ts';
import type { JournalEvent } from '../../src/model/event.ts';
import type { RowId } from '../../src/model/ids.ts';
import type { Row, Table } from '../../src/model/table.ts';
import type { Store } from '../../src/store/port.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { openTable, secretKey, type ToldChange } from './store-kill-data.ts';
import { SeededRandom } from './store-kill-random.ts';

const rounds = 25;
const seed = 20_260_101;
/** Most rounds are killed after at most so many lines, and a little later. */
const mostLines = 600;
const latestKillMs = 12;
/** Every so many rounds the kill comes at any moment from the start on: while opening, while recovering. */
const earlyEvery = 5;
const latestEarlyKillMs = 400;

const writerFile = join(import.meta.dirname, 'store-kill-writer.ts');

/** Kills the writer `killMs` after it has printed `lines` lines, or after its start; answers all it printed. */
async function writeAndKill(
  directory: string,
  round: number,
  lines: number,
  killMs: number,
): Promise<string[]> {
  const writer = spawn(process.execPath, [writerFile, directory, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  let count = 0;
  let killing = lines === 0;
  const kill = () => setTimeout(() => writer.kill('SIGKILL'), killMs);
  if (killing) kill();
  writer.stdout.setEncoding('utf8');
  writer.stdout.on('data', (text: string) => {
    printed += text;
    count += text.split('\n').length - 1;
    if (count < lines || killing) return;
    killing = true;
    kill();
  });
  const [, signal] = await once(writer, 'close');
  assert.equal(signal, 'SIGKILL', 'the writer runs until it is killed');
  // What follows the last line break is a line that the kill cut short.
  return printed.split('\n').slice(0, -1);
}

async function readJournal(store: Store, table: Table): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  for (;;) {
    const page = await store.journal.read(table.workspaceNumber, events.at(-1)?.seq ?? 0, 5_000, 100_000_000);
    if (page.length === 0) return events;
    events.push(...page);
  }
}

/** I1: each printed change is in the journal, once, where the writer was told that it is. */
function assertNothingLost(journal: readonly JournalEvent[], printed: readonly string[]): void {
  const seqOfMark = new Map<string, number>();
  for (const event of journal) {
    const { mark } = JSON.parse(event.dataJson) as ToldChange;
    assert.ok(!seqOfMark.has(mark), `${mark} is in the journal twice`);
    seqOfMark.set(mark, event.seq);
  }
  for (const line of printed) {
    const [mark = '', place] = line.split(' ');
    assert.ok(seqOfMark.has(mark), `${mark} was answered for and is lost`);
    if (place !== 'row') assert.equal(seqOfMark.get(mark), Number(place), mark);
  }
}

/** I2: the rows are exactly those that the events tell of. */
function assertRowsAsTold(journal: readonly JournalEvent[], rows: readonly Row[]): void {
  const told = new Map<RowId, Row>();
  for (const event of journal) {
    if (event.subject === null) continue;
    const { row } = JSON.parse(event.dataJson) as ToldChange;
    if (row) told.set(event.subject.rowId, row);
    else assert.ok(told.delete(event.subject.rowId), `${event.subject.rowId} was deleted and never there`);
  }
  assert.deepEqual(
    rows,
    [...told.values()].sort((a, b) => a.number - b.number),
  );
}

test('what a writer was answered for survives kill -9, and rows and events stay of one mind', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'rowhook-kill-'));
  const random = new SeededRandom(seed);
  const printed: string[] = [];
  let events = 0;
  let rowsLeft = 0;
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const early = round % earlyEvery === 1;
      const lines = early ? 0 : 1 + random.below(mostLines);
      const killMs = random.below((early ? latestEarlyKillMs : latestKillMs) + 1);
      printed.push(...(await writeAndKill(directory, round, lines, killMs)));
      const store = openSqliteStore({ directory, clock: systemClock, secretKey });
      const table = await openTable(store);
      const journal = await readJournal(store, table);
      const rows = (await store.rows.list(table, { limit: 1_000_000, cursor: null })).items;
      assertNothingLost(journal, printed);
      assertRowsAsTold(journal, rows);
      events = journal.length;
      rowsLeft = rows.length;
      await store.close();
    }
    assert.ok(printed.length >= rounds);
    context.diagnostic(
      `${rounds} kills: ${printed.length} changes answered for and all there, ` +
        `${events - printed.length} more committed when the kill came before the answer, ${rowsLeft} rows as told`,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
