import type { Database, Statement } from 'better-sqlite3';
import type { RowId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Cells, Row, Table } from '../../model/table.ts';
import { readCursor } from '../cursor.ts';
import type { Page, PageRequest, RowChanges, RowStore } from '../port.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { JournalAppender } from './journal.ts';

interface StoredRow {
  readonly id: string;
  readonly number: number;
  readonly cells: string;
  readonly created_at: number;
  readonly updated_at: number;
}

const columns = 'id, number, cells, created_at, updated_at';
/** Rows removed in one transaction when their table goes, so that nothing else waits long. */
const deletedAtOnce = 2_000;

export class Rows implements RowStore {
  readonly #queue: CommitQueue;
  readonly #appender: JournalAppender;
  readonly #current: Statement<[number, string], StoredRow>;
  readonly #nextNumber: Statement<[number], number>;
  readonly #setNextNumber: Statement<[number, number]>;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #delete: Statement<[number, string]>;
  readonly #deleteSome: Statement<[number, number]>;
  readonly #list: Statement<[number, number, number], StoredRow>;
  readonly #find: Statement<[number, string], StoredRow>;
  readonly #count: Statement<[number], number>;

  constructor(writer: Database, reader: Database, queue: CommitQueue, appender: JournalAppender) {
    this.#queue = queue;
    this.#appender = appender;
    this.#current = writer.prepare(`SELECT ${columns} FROM rows WHERE table_number = ? AND id = ?`);
    this.#nextNumber = writer
      .prepare<[number], number>('SELECT next_row_number FROM base_tables WHERE number = ?')
      .pluck();
    this.#setNextNumber = writer.prepare('UPDATE base_tables SET next_row_number = ? WHERE number = ?');
    this.#insert = writer.prepare(
      'INSERT INTO rows (table_number, id, number, cells, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#update = writer.prepare(
      'UPDATE rows SET cells = ?, updated_at = ? WHERE table_number = ? AND id = ?',
    );
    this.#delete = writer.prepare('DELETE FROM rows WHERE table_number = ? AND id = ?');
    this.#deleteSome = writer.prepare(
      'DELETE FROM rows WHERE rowid IN (SELECT rowid FROM rows WHERE table_number = ? LIMIT ?)',
    );
    this.#list = reader.prepare(
      `SELECT ${columns} FROM rows WHERE table_number = ? AND number > ? ORDER BY number LIMIT ?`,
    );
    this.#find = reader.prepare(`SELECT ${columns} FROM rows WHERE table_number = ? AND id = ?`);
    this.#count = reader
      .prepare<[number], number>('SELECT count(*) FROM rows WHERE table_number = ?')
      .pluck();
  }

  change<Result>(
    table: Table,
    rowIds: readonly RowId[],
    decide: (current: ReadonlyMap<RowId, Row>, nextNumber: number) => RowChanges<Result>,
  ): Promise<Result> {
    return this.#queue.write(() => {
      const current = new Map<RowId, Row>();
      for (const id of rowIds) {
        const stored = this.#current.get(table.number, id);
        if (stored) current.set(id, toRow(stored));
      }
      const nextNumber = this.#nextNumber.get(table.number);
      if (nextNumber === undefined)
        throw new Problem('not-found', `The table "${table.name}" was deleted meanwhile.`);
      const changes = decide(current, nextNumber);
      this.#write(table, changes, nextNumber);
      this.#queue.statements += rowIds.length + 1;
      if (changes.events.length > 0) this.#appender.append(table.workspaceNumber, changes.events);
      return changes.result;
    }, true);
  }

  async list(table: Table, page: PageRequest): Promise<Page<Row>> {
    const after = page.cursor === null ? 0 : readCursor(page.cursor);
    const found = this.#list.all(table.number, after, page.limit + 1);
    const shown = found.slice(0, page.limit);
    return {
      items: shown.map(toRow),
      nextCursor: found.length > page.limit ? String(shown.at(-1)?.number) : null,
    };
  }

  async find(table: Table, id: RowId): Promise<Row | null> {
    const stored = this.#find.get(table.number, id);
    return stored ? toRow(stored) : null;
  }

  async count(table: Table): Promise<number> {
    return this.#count.get(table.number) ?? 0;
  }

  /** Removes every row of a table that is gone, in steps. */
  async deleteAll(tableNumber: number): Promise<void> {
    for (;;) {
      const { changes } = await this.#queue.write(() => this.#deleteSome.run(tableNumber, deletedAtOnce));
      if (changes < deletedAtOnce) return;
    }
  }

  #write(table: Table, changes: RowChanges<unknown>, nextNumber: number): void {
    for (const row of changes.inserts) {
      this.#insert.run(
        table.number,
        row.id,
        row.number,
        JSON.stringify(row.cells),
        row.createdAtMs,
        row.updatedAtMs,
      );
    }
    if (changes.inserts.length > 0)
      this.#setNextNumber.run(nextNumber + changes.inserts.length, table.number);
    for (const row of changes.updates) {
      this.#update.run(JSON.stringify(row.cells), row.updatedAtMs, table.number, row.id);
    }
    for (const id of changes.deletes) this.#delete.run(table.number, id);
    this.#queue.statements += changes.inserts.length + changes.updates.length + changes.deletes.length;
  }
}

function toRow(stored: StoredRow): Row {
  return {
    id: stored.id as RowId,
    number: stored.number,
    cells: JSON.parse(stored.cells) as Cells,
    createdAtMs: stored.created_at,
    updatedAtMs: stored.updated_at,
  };
}
