import type { Server } from '../parts/server.ts';

/** A table of a benchmark, all of whose rows can be edited. */
export interface RowsTable {
  readonly base: string;
  readonly table: string;
  readonly rowIds: readonly string[];
  /** The route of its rows. */
  readonly path: string;
}

const rows = 1_000;
const textCharacters = 250;

/** The column that edits change: a number. */
export const editedColumn = 'Value';

/** A table whose row events have bodies of about 1 KB. */
export async function createRowsTable(server: Server): Promise<RowsTable> {
  const base = await server.call<{ id: string }>('POST', '/v1/bases', { name: 'benchmark' });
  const table = await server.call<{ id: string }>('POST', `/v1/bases/${base.id}/tables`, {
    name: 'measured',
    columns: [
      { name: 'Text', type: 'text' },
      { name: editedColumn, type: 'number' },
    ],
  });
  const path = `/v1/bases/${base.id}/tables/${table.id}/rows`;
  const inserted = await server.call<{ rows: { id: string }[] }>('POST', path, {
    rows: Array.from({ length: rows }, () => ({
      cells: { Text: 'x'.repeat(textCharacters), [editedColumn]: 0 },
    })),
  });
  return { base: base.id, table: table.id, rowIds: inserted.rows.map(({ id }) => id), path };
}
