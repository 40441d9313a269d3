import type { ColumnKey, TableId } from '../../src/model/ids.ts';
import type { Cells, Row, Table } from '../../src/model/table.ts';
import type { Store } from '../../src/store/port.ts';

export const secretKey = 'the secret key of the kill test';

/** The data of every event that the writer makes. */
export interface ToldChange {
  /** Names this change among all changes of all rounds. */
  readonly mark: string;
  /** The row as it is afterwards; null when it was deleted, or for an event without a row. */
  readonly row: Row | null;
}

const column = { key: 'mark' as ColumnKey, name: 'Mark', type: 'text', data: {} } as const;

export function textCells(text: string): Cells {
  return { [column.key]: text };
}

/** The table that every round writes to; the first one makes it. */
export async function openTable(store: Store): Promise<Table> {
  const [workspace] = await store.workspaces.list();
  const owner = workspace ?? (await store.workspaces.create('acme'));
  const [found] = await store.bases.listBases(owner.number);
  const base = found ?? (await store.bases.createBase(owner.number, 'Books'));
  const [table] = await store.bases.listTables(base.id);
  return table ?? store.bases.createTable(base, 'Kill' as TableId, 'Invoices', [column]);
}
