import type { ColumnKey } from '../../model/ids.ts';
import { type Cells, type Column, cellKeyOf, type Row, type Table } from '../../model/table.ts';
import type { Connections } from './connections.ts';
import { fromJsonb, jsonParameter } from './json-parameter.ts';
import type { Link } from './link.ts';
import type { Shards } from './shards.ts';
import { indexedKey } from './sort-values.ts';
import { type Call, call, statement } from './statement.ts';

/** The index of one column. When what its cells mean changes, it is replaced by another. */
export interface CellIndex {
  readonly number: number;
  /** Under which name rows store the cell. */
  readonly cellKey: ColumnKey;
  readonly shape: string;
  /** Complete: every row of the table has its entry. */
  readonly ready: boolean;
}

export interface StoredIndex {
  readonly number: number;
  readonly column_key: string;
  readonly shape: string;
  readonly state: 'building' | 'ready';
}

interface Indexed {
  readonly number: number;
  readonly cells: string;
}

/** Rows indexed, or entries removed, in one transaction: while it runs, changes of the table wait. */
const rowsAtOnce = 500;

/** Whoever changes rows or indexes of a table holds this lock first. No row: the table is gone. */
export const lockTable = statement(
  'SELECT next_row_number, version FROM base_tables WHERE number = $1 FOR NO KEY UPDATE',
);
export const indexesOfTable = statement(`
  SELECT number, column_key, shape, state FROM cell_indexes WHERE table_number = $1 ORDER BY number`);

const register = statement(`
  INSERT INTO cell_indexes (shard, table_number, column_key, shape, state)
  SELECT $1, $2, column_key, shape, 'building' FROM json_to_recordset($3::json) AS wanted (column_key text, shape text)
  RETURNING number, column_key, shape, state`);
const forget = statement('DELETE FROM cell_indexes WHERE number = ANY($1::bigint[])');
const setReady = statement("UPDATE cell_indexes SET state = 'ready' WHERE number = $1");
const rowsAfter = statement(`
  SELECT number, cells FROM rows WHERE shard = $1 AND table_number = $2 AND number > $3
  ORDER BY number LIMIT ${rowsAtOnce}`);
const entryFields = `index_number bigint, rank smallint, number_value double precision, text_value text,
  row_number bigint`;
const addEntries = statement(`
  INSERT INTO cell_index_entries (shard, index_number, rank, number_value, text_value, row_number)
  SELECT $1, index_number, rank, number_value, text_value, row_number
  FROM json_to_recordset($2::json) AS incoming (${entryFields}) ON CONFLICT DO NOTHING`);
const removeEntries = statement(`
  DELETE FROM cell_index_entries AS entry USING json_to_recordset($2::json) AS gone (${entryFields})
  WHERE entry.shard = $1 AND entry.index_number = gone.index_number AND entry.rank = gone.rank
    AND entry.number_value = gone.number_value AND entry.text_value = gone.text_value
    AND entry.row_number = gone.row_number`);
const removeSome = statement(`
  DELETE FROM cell_index_entries WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM cell_index_entries WHERE shard = $1 AND index_number = $2 LIMIT ${rowsAtOnce}))`);

/**
 * Indexes of cells: for each indexed column, an entry for each row of the table with the value and the number
 * of the row. Row changes, of whatever process, keep them up to date in their own transaction, from the moment
 * an index is registered; the rows that were there before are added in steps, and only then is it used.
 */
export class CellIndexes {
  readonly #connections: Connections;
  readonly #shards: Shards;
  readonly #under = new Map<number, Promise<void>>();
  #stopped = false;

  constructor(connections: Connections, shards: Shards) {
    this.#connections = connections;
    this.#shards = shards;
  }

  /** The complete indexes of the table's columns. */
  async ready(table: Table): Promise<readonly CellIndex[]> {
    if (!table.columns.some(({ data }) => data.indexed)) return [];
    const stored = await this.#connections.read<StoredIndex>(indexesOfTable, [table.number]);
    return toIndexes(stored).filter(
      (index) => index.ready && table.columns.some((column) => isOf(index, column)),
    );
  }

  /** Makes and drops indexes as the columns ask; resolves when all of them are complete. */
  async follow(table: Table): Promise<void> {
    const wanted = table.columns.filter(({ data }) => data.indexed);
    const { present, surplus } = await this.#change(
      table.number,
      this.#shards.ofWorkspace(table.workspaceNumber),
      wanted,
    );
    for (const index of surplus) this.#empty(table, index).catch(() => undefined);
    await Promise.all(present.filter(({ ready }) => !ready).map((index) => this.#build(table, index)));
  }

  /** The table is gone. */
  async dropTable(table: Pick<Table, 'number' | 'workspaceNumber'>): Promise<void> {
    const stored = await this.#connections.read<StoredIndex>(indexesOfTable, [table.number]);
    if (stored.length === 0) return;
    const indexes = toIndexes(stored);
    await this.#connections.write((link) =>
      link.commitAll([
        call(
          forget,
          indexes.map(({ number }) => number),
        ),
      ]),
    );
    for (const index of indexes) this.#empty(table, index).catch(() => undefined);
  }

  /** What is under way ends after its step. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#under.values());
  }

  async #change(
    tableNumber: number,
    shard: number,
    wanted: readonly Column[],
  ): Promise<{ present: readonly CellIndex[]; surplus: readonly CellIndex[] }> {
    // Nearly always nothing is to be done, and then nobody is kept waiting by a lock.
    const before = toIndexes(await this.#connections.read<StoredIndex>(indexesOfTable, [tableNumber]));
    if (isAsWanted(before, wanted)) return { present: before, surplus: [] };
    return this.#connections.write(async (link) => {
      const [lock, found] = await link.open([
        call(lockTable, tableNumber),
        call(indexesOfTable, tableNumber),
      ]);
      const indexes = toIndexes(found?.rows ?? []);
      const surplus = indexes.filter((index) => !wanted.some((column) => isOf(index, column)));
      const missing = wanted.filter((column) => !indexes.some((index) => isOf(index, column)));
      if (lock?.rows.length === 0) {
        await link.undo();
        return { present: [], surplus: [] };
      }
      const [, registered] = await link.commitWith([
        call(
          forget,
          surplus.map(({ number }) => number),
        ),
        call(register, shard, tableNumber, jsonParameter(missing.map(toStored))),
      ]);
      const kept = indexes.filter((index) => !surplus.includes(index));
      return { present: [...kept, ...toIndexes(registered?.rows ?? [])], surplus };
    });
  }

  #build(table: Table, index: CellIndex): Promise<void> {
    return this.#once(index, async () => {
      for (let after: number | null = 0; after !== null && !this.#stopped; ) {
        const from: number = after;
        after = await this.#connections.write((link) => this.#buildStep(link, table, index, from));
      }
    });
  }

  /** Answers the last row indexed; null when there are no more, or the index is no longer wanted. */
  async #buildStep(link: Link, table: Table, index: CellIndex, after: number): Promise<number | null> {
    const shard = this.#shards.ofWorkspace(table.workspaceNumber);
    const [, present, found] = await link.open([
      call(lockTable, table.number),
      call(indexesOfTable, table.number),
      call(rowsAfter, shard, table.number, after),
    ]);
    if (!toIndexes(present?.rows ?? []).some(({ number }) => number === index.number)) {
      await link.undo();
      return null;
    }
    const rows = (found?.rows ?? []) as readonly Indexed[];
    const entries = rows.map((row) => entryOf(index, fromJsonb(row.cells) as Cells, row.number));
    const isLast = rows.length < rowsAtOnce;
    await link.commitWith([
      call(addEntries, shard, jsonParameter(entries)),
      ...(isLast ? [call(setReady, index.number)] : []),
    ]);
    return isLast ? null : (rows.at(-1)?.number ?? null);
  }

  #empty({ workspaceNumber }: Pick<Table, 'workspaceNumber'>, index: CellIndex): Promise<void> {
    const shard = this.#shards.ofWorkspace(workspaceNumber);
    return this.#once(index, async () => {
      while (!this.#stopped) {
        const [removed] = await this.#connections.write((link) =>
          link.commitAll([call(removeSome, shard, index.number)]),
        );
        if ((removed?.rowCount ?? 0) < rowsAtOnce) return;
      }
    });
  }

  /** Work on an index, which happens once at a time. */
  #once({ number }: CellIndex, work: () => Promise<void>): Promise<void> {
    const before = this.#under.get(number);
    if (before) return before;
    const under = work().finally(() => this.#under.delete(number));
    this.#under.set(number, under);
    return under;
  }
}

/** A row that changed, as it was and as it is; null: it is not there. */
export interface ChangedRow {
  readonly before: Row | null;
  readonly after: Row | null;
}

/** What keeps the indexes up to date, for the transaction in which the rows become what they are. */
export function indexCalls(
  shard: number,
  indexes: readonly CellIndex[],
  changed: readonly ChangedRow[],
): Call[] {
  const gone: object[] = [];
  const added: object[] = [];
  for (const index of indexes) {
    for (const { before, after } of changed) {
      if (before) gone.push(entryOf(index, before.cells, before.number));
      if (after) added.push(entryOf(index, after.cells, after.number));
    }
  }
  return [
    ...(gone.length > 0 ? [call(removeEntries, shard, jsonParameter(gone))] : []),
    ...(added.length > 0 ? [call(addEntries, shard, jsonParameter(added))] : []),
  ];
}

export function toIndexes(stored: readonly StoredIndex[]): CellIndex[] {
  return stored.map(({ number, column_key, shape, state }) => ({
    number,
    cellKey: column_key as ColumnKey,
    shape,
    ready: state === 'ready',
  }));
}

function entryOf({ number, cellKey, shape }: CellIndex, cells: Cells, rowNumber: number): object {
  const key = indexedKey(readShape(shape), Object.hasOwn(cells, cellKey) ? cells[cellKey] : undefined);
  return {
    index_number: number,
    rank: key.rank,
    number_value: key.number,
    text_value: key.text,
    row_number: rowNumber,
  };
}

function isAsWanted(indexes: readonly CellIndex[], wanted: readonly Column[]): boolean {
  return (
    indexes.length === wanted.length && wanted.every((column) => indexes.some((index) => isOf(index, column)))
  );
}

function isOf({ cellKey, shape }: CellIndex, column: Column): boolean {
  return cellKey === cellKeyOf(column) && shape === shapeOf(column);
}

function toStored(column: Column): object {
  return { column_key: cellKeyOf(column), shape: shapeOf(column) };
}

/** What the values of the index depend on. */
function shapeOf({ type, data }: Pick<Column, 'type' | 'data'>): string {
  return data.time ? `${type} with time` : type;
}

function readShape(shape: string): Pick<Column, 'type' | 'data'> {
  const [type, ...rest] = shape.split(' ');
  return { type: type as Column['type'], data: rest.length > 0 ? { time: true } : {} };
}
