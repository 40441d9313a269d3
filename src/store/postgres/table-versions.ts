import type { BaseId, TableId } from '../../model/ids.ts';
import type { Column, Table } from '../../model/table.ts';
import type { Connections } from './connections.ts';
import { statement } from './statement.ts';

interface StoredVersion {
  readonly table_number: number;
  readonly version: number;
  readonly id: string;
  readonly base_id: string;
  readonly workspace_number: number;
  readonly name: string;
  readonly columns_json: string;
  readonly created_at: number;
}

/** How many structures are kept parsed; a page of the journal seldom names more than a few. */
const cachedVersions = 1_000;

const select = statement(`
  SELECT table_number, version, id, base_id, workspace_number, name, columns_json, created_at
  FROM table_versions JOIN unnest($1::bigint[], $2::bigint[]) AS wanted (table_number, version)
    USING (table_number, version)`);

/** Tables as they were when an event was written. A version never changes, so it may be kept in memory. */
export class TableVersions {
  readonly #connections: Connections;
  readonly #cache = new Map<string, Table>();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Answers how to look up each of the versions that `named` names. */
  async load(
    named: Iterable<{ readonly table_number: number | null; readonly table_version: number | null }>,
  ): Promise<(tableNumber: number, version: number) => Table> {
    const found = new Map<string, Table>();
    const missing = new Map<string, readonly [tableNumber: number, version: number]>();
    for (const { table_number: tableNumber, table_version: version } of named) {
      if (tableNumber === null || version === null) continue;
      const key = keyOf(tableNumber, version);
      const cached = this.#cache.get(key);
      if (cached) found.set(key, cached);
      else missing.set(key, [tableNumber, version]);
    }
    if (missing.size > 0) {
      for (const table of await this.#read([...missing.values()])) {
        found.set(keyOf(table.number, table.version), table);
        this.#keep(table);
      }
    }
    return (tableNumber, version) => {
      const table = found.get(keyOf(tableNumber, version));
      if (table) return table;
      throw new Error(`The journal names version ${version} of table ${tableNumber}, which is missing.`);
    };
  }

  async #read(wanted: ReadonlyArray<readonly [number, number]>): Promise<readonly Table[]> {
    const stored = await this.#connections.read<StoredVersion>(select, [
      wanted.map(([tableNumber]) => tableNumber),
      wanted.map(([, version]) => version),
    ]);
    return stored.map((one) => ({
      id: one.id as TableId,
      number: one.table_number,
      version: one.version,
      baseId: one.base_id as BaseId,
      workspaceNumber: one.workspace_number,
      name: one.name,
      columns: JSON.parse(one.columns_json) as Column[],
      createdAtMs: one.created_at,
    }));
  }

  #keep(table: Table): void {
    if (this.#cache.size >= cachedVersions) this.#cache.clear();
    this.#cache.set(keyOf(table.number, table.version), table);
  }
}

function keyOf(tableNumber: number, version: number): string {
  return `${tableNumber}.${version}`;
}
