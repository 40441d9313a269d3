import type { Database, Statement } from 'better-sqlite3';
import type { RowId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Row, Table } from '../../model/table.ts';
import type { ChangeSet, Page, PageRequest, RowChanges, RowQuery, RowStore } from '../port.ts';
import { CellIndexes } from './cell-indexes.ts';
import { ChangeSets } from './change-sets.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { JournalAppender } from './journal.ts';
import { RowQueries } from './row-queries.ts';
import { type StoredRow, storedRowColumns, toRow } from './stored-row.ts';

/** A change set is written down, and an old one forgotten. */
const changeSetStatements = 2;
/** Rows removed in one transaction when their table goes, so that nothing else waits long. */
const deletedAtOnce = 2_000;

export class Rows implements RowStore {
  readonly #queue: CommitQueue;
  readonly #appender: JournalAppender;
  readonly #changeSets: ChangeSets;
  readonly #indexes: CellIndexes;
  readonly #queries: RowQueries;
  readonly #current: Statement<[number, string], StoredRow>;
  readonly #nextNumber: Statement<[number], number>;
  readonly #setNextNumber: Statement<[number, number]>;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #delete: Statement<[number, string]>;
  readonly #deleteSome: Statement<[number, number]>;
  readonly #find: Statement<[number, string], StoredRow>;
  readonly #count: Statement<[number], number>;

  constructor(writer: Database, reader: Database, queue: CommitQueue, appender: JournalAppender) {
    this.#queue = queue;
    this.#appender = appender;
    this.#changeSets = new ChangeSets(writer, reader);
    this.#indexes = new CellIndexes(writer, queue);
    this.#queries = new RowQueries(reader, this.#indexes, queue);
    this.#current = writer.prepare(`SELECT ${storedRowColumns} FROM rows WHERE table_number = ? AND id = ?`);
    this.#nextNumber = writer
      .prepare<[number], number>('SELECT next_row_number FROM base_tables WHERE number = ?')
      .pluck();
    this.#setNextNumber = writer.prepare('UPDATE base_tables SET next_row_number = ? WHERE number = ?');
    this.#insert = writer.prepare(
      `INSERT INTO rows (table_number, ${storedRowColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = writer.prepare(
      'UPDATE rows SET cells = ?, updated_at = ?, updated_by = ? WHERE table_number = ? AND id = ?',
    );
    this.#delete = writer.prepare('DELETE FROM rows WHERE table_number = ? AND id = ?');
    this.#deleteSome = writer.prepare(
      'DELETE FROM rows WHERE rowid IN (SELECT rowid FROM rows WHERE table_number = ? LIMIT ?)',
    );
    this.#find = reader.prepare(`SELECT ${storedRowColumns} FROM rows WHERE table_number = ? AND id = ?`);
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
      if (this.#indexes.hasIndexes(table.number)) this.#writeIndexes(table, changes, current);
      this.#queue.statements += rowIds.length + 1;
      if (changes.events.length > 0) {
        const appended = this.#appender.append(table.workspaceNumber, changes.events);
        this.#changeSets.remember(table.number, changes, current, appended);
        this.#queue.statements += changeSetStatements;
      }
      return changes.result;
    }, true);
  }

  list(table: Table, page: PageRequest): Promise<Page<Row>> {
    return this.#queries.page(table, { conditions: [], sort: null }, page);
  }

  query(table: Table, query: RowQuery, page: PageRequest): Promise<Page<Row>> {
    return this.#queries.page(table, query, page);
  }

  async changeSets(table: Table): Promise<readonly ChangeSet[]> {
    return this.#queue.durable(this.#changeSets.list(table.number));
  }

  followColumns(table: Table): Promise<void> {
    return this.#indexes.follow(table);
  }

  async find(table: Table, id: RowId): Promise<Row | null> {
    const stored = this.#find.get(table.number, id);
    return this.#queue.durable(stored ? toRow(stored) : null);
  }

  async count(table: Table): Promise<number> {
    return this.#queue.durable(this.#count.get(table.number) ?? 0);
  }

  /** Removes every row of a table that is gone, in steps. */
  async deleteAll(tableNumber: number): Promise<void> {
    await this.#indexes.dropTable(tableNumber);
    await this.#queue.write(() => this.#changeSets.forget(tableNumber));
    for (;;) {
      const { changes } = await this.#queue.write(() => this.#deleteSome.run(tableNumber, deletedAtOnce));
      if (changes < deletedAtOnce) return;
    }
  }

  /** Work in the background ends after its step. */
  stop(): Promise<void> {
    return this.#indexes.stop();
  }

  #writeIndexes(table: Table, changes: RowChanges<unknown>, current: ReadonlyMap<RowId, Row>): void {
    for (const row of changes.inserts) this.#indexes.changed(table.number, null, row);
    for (const row of changes.updates) {
      this.#indexes.changed(table.number, current.get(row.id) ?? null, row);
    }
    for (const id of changes.deletes) this.#indexes.changed(table.number, current.get(id) ?? null, null);
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
        row.createdBy,
        row.updatedBy,
      );
    }
    const next = changes.inserts.reduce((most, { number }) => Math.max(most, number + 1), nextNumber);
    if (next > nextNumber) this.#setNextNumber.run(next, table.number);
    for (const row of changes.updates) {
      this.#update.run(JSON.stringify(row.cells), row.updatedAtMs, row.updatedBy, table.number, row.id);
    }
    for (const id of changes.deletes) this.#delete.run(table.number, id);
    this.#queue.statements += changes.inserts.length + changes.updates.length + changes.deletes.length;
  }
}
