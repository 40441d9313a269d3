/**
 * The program that store-kill.test.ts kills: many callers write into a store without pause, and what a
 * promise has answered for is printed, one line each, before the caller goes on.
 *
 *     node store-kill-writer.ts DIRECTORY SEED
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/model/clock.ts';
import type { NewEvent } from '../../src/model/event.ts';
import { newChangeSetId, newRowId, type RowId } from '../../src/model/ids.ts';
import type { Row, Table } from '../../src/model/table.ts';
import type { Store } from '../../src/store/port.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { openTable, secretKey, type ToldChange, textCells } from './store-kill-data.ts';
import { SeededRandom } from './store-kill-random.ts';

const callers = 16;
/** Ends the program if nobody kills it. */
const stepsPerCaller = 20_000;

class Caller {
  readonly #store: Store;
  readonly #table: Table;
  readonly #random: SeededRandom;
  readonly #name: string;
  /** Rows that only this caller changes. */
  readonly #rows: RowId[];
  #steps = 0;

  constructor(store: Store, table: Table, random: SeededRandom, name: string, rows: RowId[]) {
    this.#store = store;
    this.#table = table;
    this.#random = random;
    this.#name = name;
    this.#rows = rows;
  }

  async run(): Promise<void> {
    while (this.#steps < stepsPerCaller) {
      this.#steps += 1;
      const choice = this.#random.below(100);
      if (choice < 40) await this.#append();
      else if (choice < 65 || this.#rows.length === 0) await this.#insert();
      else if (choice < 85) await this.#update();
      else await this.#delete();
    }
  }

  async #append(): Promise<void> {
    const marks = Array.from({ length: 1 + this.#random.below(3) }, (_, index) => this.#mark(index));
    const events = marks.map(
      (mark): NewEvent => ({ ...eventOf('invoice.paid', { mark, row: null }), subject: null }),
    );
    const appended = await this.#store.journal.append(this.#table.workspaceNumber, events);
    for (const [index, event] of appended.entries()) print(`${marks[index]} ${event.seq}`);
  }

  async #insert(): Promise<void> {
    const mark = this.#mark(0);
    const row = await this.#store.rows.change(this.#table, [], (_, number) => {
      const nowMs = systemClock.nowMs();
      const inserted: Row = {
        id: newRowId(),
        number,
        cells: textCells(mark),
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
        createdBy: null,
        updatedBy: null,
      };
      const events = [this.#rowEvent('row.inserted', inserted.id, { mark, row: inserted })];
      return { inserts: [inserted], updates: [], deletes: [], events, result: inserted };
    });
    this.#rows.push(row.id);
    print(`${mark} row`);
  }

  async #update(): Promise<void> {
    const mark = this.#mark(0);
    const id = this.#rows[this.#random.below(this.#rows.length)] as RowId;
    await this.#store.rows.change(this.#table, [id], (current) => {
      const updated = { ...existing(current, id), cells: textCells(mark), updatedAtMs: systemClock.nowMs() };
      const events = [this.#rowEvent('row.updated', id, { mark, row: updated })];
      return { inserts: [], updates: [updated], deletes: [], events, result: undefined };
    });
    print(`${mark} row`);
  }

  async #delete(): Promise<void> {
    const mark = this.#mark(0);
    const [id] = this.#rows.splice(this.#random.below(this.#rows.length), 1) as [RowId];
    await this.#store.rows.change(this.#table, [id], (current) => {
      existing(current, id);
      const events = [this.#rowEvent('row.deleted', id, { mark, row: null })];
      return { inserts: [], updates: [], deletes: [id], events, result: undefined };
    });
    print(`${mark} row`);
  }

  #mark(index: number): string {
    return `${this.#name}-${this.#steps}-${index}`;
  }

  #rowEvent(type: string, rowId: RowId, told: ToldChange): NewEvent {
    return { ...eventOf(type, told), subject: { table: this.#table, rowId, changeSetId: newChangeSetId() } };
  }
}

function eventOf(type: string, told: ToldChange): Omit<NewEvent, 'subject'> {
  return { type, occurredAtMs: systemClock.nowMs(), dataJson: JSON.stringify(told), tags: [] };
}

function existing(current: ReadonlyMap<RowId, Row>, id: RowId): Row {
  const row = current.get(id);
  if (!row) throw new Error(`The row ${id}, which this caller wrote, is missing.`);
  return row;
}

/** Straight into the pipe, so that a line is out before anything else happens. */
function print(line: string): void {
  writeSync(1, `${line}\n`);
}

async function main(directory: string, seed: number): Promise<void> {
  const store = openSqliteStore({ directory, clock: systemClock, secretKey });
  const table = await openTable(store);
  const { items } = await store.rows.list(table, { limit: 100_000, cursor: null });
  const running = Array.from({ length: callers }, (_, index) => {
    const own = items.filter((row) => row.number % callers === index).map((row) => row.id);
    return new Caller(store, table, new SeededRandom(seed * callers + index), `${seed}-${index}`, own).run();
  });
  await Promise.all(running);
}

const [, , directory, seed] = process.argv;
if (!directory || !seed) throw new Error('Give a directory and a seed.');
await main(directory, Number(seed));
