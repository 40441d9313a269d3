import type { RowId } from '../../model/ids.ts';
import type { Cells, Row } from '../../model/table.ts';
import { fromJsonb, toJsonb } from './json-parameter.ts';

/** A row as its table has it. */
export interface StoredRow {
  readonly id: string;
  readonly number: number;
  readonly cells: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly created_by: string | null;
  readonly updated_by: string | null;
}

/** The columns of a `StoredRow`. */
export const storedRowColumns = 'id, number, cells, created_at, updated_at, created_by, updated_by';

export function toRow(stored: StoredRow): Row {
  return {
    id: stored.id as RowId,
    number: stored.number,
    cells: fromJsonb(stored.cells) as Cells,
    createdAtMs: stored.created_at,
    updatedAtMs: stored.updated_at,
    createdBy: stored.created_by,
    updatedBy: stored.updated_by,
  };
}

/** The row as a parameter; its cells are printed once more, since they become jsonb. */
export function fromRow(row: Row): StoredRow {
  return {
    id: row.id,
    number: row.number,
    cells: toJsonb(row.cells),
    created_at: row.createdAtMs,
    updated_at: row.updatedAtMs,
    created_by: row.createdBy,
    updated_by: row.updatedBy,
  };
}
