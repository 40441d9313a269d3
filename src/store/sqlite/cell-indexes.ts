import type { Database, Statement } from 'better-sqlite3';
import type { ColumnKey } from '../../model/ids.ts';
import { type Cells, type Column, cellKeyOf, type Row, type Table } from '../../model/table.ts';
import type { CommitQueue } from './commit-queue.ts';
import { indexedValue, type SqlSortValue } from './sort-values.ts';

/** The index of one column. When what its cells mean changes, it is replaced by another. */
export interface CellIndex {
  readonly number: number;
  readonly tableNumber: number;
  readonly column: Pick<Column, 'type' | 'data'>;
  /** Under which name rows store the cell. */
  readonly cellKey: ColumnKey;
  /** Complete: every row of the table has its entry. */
  ready: boolean;
}

interface StoredIndex {
  readonly number: number;
  readonly table_number: number;
  readonly column_key: string;
  readonly shape: string;
  readonly state: 'building' | 'ready' | 'dropping';
}

interface Indexed {
  readonly number: number;
  readonly cells: string;
}

/** Rows indexed, or entries removed, in one transaction, so that nothing else waits long. */
const rowsAtOnce = 250;

/**
 * Indexes of cells: for each indexed column, an entry for each row of the table with the value and the
 * number of the row. Row changes keep them up to date in their own transaction, from the moment an index
 * exists; the rows that were there before are added in steps, and only then is it used.
 */
export class CellIndexes {
  readonly #queue: CommitQueue;
  /** By number of the table; without those that are being dropped. */
  readonly #indexes = new Map<number, readonly CellIndex[]>();
  readonly #under = new Map<number, Promise<void>>();
  readonly #register: Statement<[number, string, string]>;
  readonly #setState: Statement<[string, number]>;
  readonly #forget: Statement<[number]>;
  readonly #rowsAfter: Statement<[number, number, number], Indexed>;
  readonly #add: Statement<[number, SqlSortValue, number]>;
  readonly #remove: Statement<[number, SqlSortValue, number]>;
  readonly #removeSome: Statement<[number, number, number]>;
  #turn: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(writer: Database, queue: CommitQueue) {
    this.#queue = queue;
    this.#register = writer.prepare(
      "INSERT INTO cell_indexes (table_number, column_key, shape, state) VALUES (?, ?, ?, 'building')",
    );
    this.#setState = writer.prepare('UPDATE cell_indexes SET state = ? WHERE number = ?');
    this.#forget = writer.prepare('DELETE FROM cell_indexes WHERE number = ?');
    this.#rowsAfter = writer.prepare(
      'SELECT number, cells FROM rows WHERE table_number = ? AND number > ? ORDER BY number LIMIT ?',
    );
    this.#add = writer.prepare('INSERT OR IGNORE INTO cell_index_entries VALUES (?, ?, ?)');
    this.#remove = writer.prepare(
      'DELETE FROM cell_index_entries WHERE index_number = ? AND value = ? AND row_number = ?',
    );
    this.#removeSome = writer.prepare(`
      DELETE FROM cell_index_entries WHERE index_number = ? AND (value, row_number) IN (
        SELECT value, row_number FROM cell_index_entries WHERE index_number = ? LIMIT ?)`);
    const stored = writer.prepare<[], StoredIndex>('SELECT * FROM cell_indexes ORDER BY number').all();
    for (const index of stored) this.#load(index);
  }

  /** The complete index of a column, or null. */
  find(table: Table, cellKey: ColumnKey): CellIndex | null {
    const found = this.#indexes.get(table.number)?.find((index) => index.cellKey === cellKey);
    return found?.ready ? found : null;
  }

  /** Makes and drops indexes as the columns ask; resolves when all of them are complete. */
  async follow(table: Table): Promise<void> {
    const wanted = table.columns.filter(({ data }) => data.indexed);
    const indexes = await this.#inTurn(() => this.#change(table.number, wanted));
    await Promise.all(indexes.filter(({ ready }) => !ready).map((index) => this.#build(index)));
  }

  /** The table is gone. */
  async dropTable(tableNumber: number): Promise<void> {
    await this.#inTurn(() => this.#change(tableNumber, []));
  }

  /** Must run inside the transaction in which the row becomes what it is; null: it is not there. */
  changed(tableNumber: number, before: Row | null, after: Row | null): void {
    for (const index of this.#indexes.get(tableNumber) ?? []) {
      const { number } = index;
      this.#queue.statements += (before ? 1 : 0) + (after ? 1 : 0);
      if (before) this.#remove.run(number, entryValue(index, before.cells), before.number);
      if (after) this.#add.run(number, entryValue(index, after.cells), after.number);
    }
  }

  /** Whether changes of the table's rows concern an index. */
  hasIndexes(tableNumber: number): boolean {
    return (this.#indexes.get(tableNumber)?.length ?? 0) > 0;
  }

  /** What is under way ends after its step; it goes on when the store is opened again. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#under.values());
  }

  #load({ number, table_number: tableNumber, column_key: key, shape, state }: StoredIndex): void {
    const cellKey = key as ColumnKey;
    const index = { number, tableNumber, column: readShape(shape), cellKey, ready: state === 'ready' };
    if (state !== 'dropping')
      this.#indexes.set(tableNumber, [...(this.#indexes.get(tableNumber) ?? []), index]);
    // What fails here is tried again when the base of the table is used, or at the next start.
    if (state === 'building') this.#build(index).catch(() => undefined);
    if (state === 'dropping') this.#empty(index).catch(() => undefined);
  }

  /** Indexes of a table change one after the other; each change sees what the one before made. */
  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const changed = this.#turn.then(change);
    this.#turn = changed.catch(() => undefined);
    return changed;
  }

  async #change(tableNumber: number, wanted: readonly Column[]): Promise<readonly CellIndex[]> {
    const before = this.#indexes.get(tableNumber) ?? [];
    const surplus = before.filter((index) => !wanted.some((column) => isOf(index, column)));
    const missing = wanted.filter((column) => !before.some((index) => isOf(index, column)));
    if (surplus.length + missing.length === 0) return before;
    try {
      // From inside of the transaction on, row changes keep the new indexes up to date.
      const after = await this.#queue.write(() => {
        for (const { number } of surplus) this.#setState.run('dropping', number);
        const created = missing.map((column) => this.#create(tableNumber, column));
        const present = [...before.filter((index) => !surplus.includes(index)), ...created];
        this.#indexes.set(tableNumber, present);
        return present;
      });
      for (const index of surplus) this.#empty(index).catch(() => undefined);
      return after;
    } catch (error) {
      this.#indexes.set(tableNumber, before);
      throw error;
    }
  }

  #create(tableNumber: number, column: Column): CellIndex {
    const { lastInsertRowid } = this.#register.run(tableNumber, cellKeyOf(column), shapeOf(column));
    const number = Number(lastInsertRowid);
    return { number, tableNumber, column, cellKey: cellKeyOf(column), ready: false };
  }

  #build(index: CellIndex): Promise<void> {
    return this.#once(index, async () => {
      const { number, tableNumber } = index;
      for (let after = 0; !this.#stopped && this.#isPresent(index); ) {
        const last = await this.#queue.write(() => {
          const rows = this.#rowsAfter.all(tableNumber, after, rowsAtOnce);
          for (const row of rows) {
            this.#add.run(number, entryValue(index, JSON.parse(row.cells) as Cells), row.number);
          }
          if (rows.length < rowsAtOnce) this.#setState.run('ready', number);
          return rows.length < rowsAtOnce ? null : (rows.at(-1)?.number ?? null);
        });
        if (last === null) {
          index.ready = true;
          return;
        }
        after = last;
      }
    });
  }

  async #empty(index: CellIndex): Promise<void> {
    await this.#under.get(index.number)?.catch(() => undefined);
    return this.#once(index, async () => {
      while (!this.#stopped) {
        const removed = await this.#queue.write(() => {
          const { changes } = this.#removeSome.run(index.number, index.number, rowsAtOnce);
          if (changes < rowsAtOnce) this.#forget.run(index.number);
          return changes;
        });
        if (removed < rowsAtOnce) return;
      }
    });
  }

  #isPresent(index: CellIndex): boolean {
    return this.#indexes.get(index.tableNumber)?.includes(index) ?? false;
  }

  /** Work on an index, which happens once at a time. */
  #once(index: CellIndex, work: () => Promise<void>): Promise<void> {
    const under = this.#under.get(index.number) ?? work().finally(() => this.#under.delete(index.number));
    this.#under.set(index.number, under);
    return under;
  }
}

function entryValue({ column, cellKey }: CellIndex, cells: Cells): SqlSortValue {
  return indexedValue(column, Object.hasOwn(cells, cellKey) ? cells[cellKey] : undefined);
}

function isOf({ column, cellKey }: CellIndex, other: Column): boolean {
  return cellKey === cellKeyOf(other) && shapeOf(column) === shapeOf(other);
}

/** What the values of the index depend on. */
function shapeOf({ type, data }: Pick<Column, 'type' | 'data'>): string {
  return data.time ? `${type} with time` : type;
}

function readShape(shape: string): Pick<Column, 'type' | 'data'> {
  const [type, ...rest] = shape.split(' ');
  return { type: type as Column['type'], data: rest.length > 0 ? { time: true } : {} };
}
