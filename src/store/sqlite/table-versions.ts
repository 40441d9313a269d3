import type { Database, Statement } from 'better-sqlite3';
import type { BaseId, TableId } from '../../model/ids.ts';
import type { Column, Table } from '../../model/table.ts';

interface StoredVersion {
  readonly id: string;
  readonly base_id: string;
  readonly workspace_number: number;
  readonly name: string;
  readonly columns_json: string;
  readonly created_at: number;
}

/** How many structures are kept parsed; a page of the journal seldom names more than a few. */
const cachedVersions = 1_000;

/** Tables as they were when an event was written. A version never changes, so it may be kept in memory. */
export class TableVersions {
  readonly #select: Statement<[number, number], StoredVersion>;
  readonly #cache = new Map<string, Table>();

  constructor(reader: Database) {
    this.#select = reader.prepare('SELECT * FROM table_versions WHERE table_number = ? AND version = ?');
  }

  get(tableNumber: number, version: number): Table {
    const key = `${tableNumber}.${version}`;
    const cached = this.#cache.get(key);
    if (cached) return cached;
    const stored = this.#select.get(tableNumber, version);
    if (!stored)
      throw new Error(`The journal names version ${version} of table ${tableNumber}, which is missing.`);
    const table: Table = {
      id: stored.id as TableId,
      number: tableNumber,
      version,
      baseId: stored.base_id as BaseId,
      workspaceNumber: stored.workspace_number,
      name: stored.name,
      columns: JSON.parse(stored.columns_json) as Column[],
      createdAtMs: stored.created_at,
    };
    if (this.#cache.size >= cachedVersions) this.#cache.clear();
    this.#cache.set(key, table);
    return table;
  }
}
