import { type CellValue, type Column, isAutoColumnType, type Row, type Table } from '../../model/table.ts';

/** What is known of a row beyond its cells. */
export type RowFacts = Omit<Row, 'id' | 'cells'>;

// Tables are replaced, never changed.
const autoPositions = new WeakMap<Table, readonly number[]>();

/** Places in `table.columns` of the columns that nobody writes. */
export function autoColumnPositions(table: Table): readonly number[] {
  let positions = autoPositions.get(table);
  if (!positions) {
    positions = table.columns.flatMap(({ type }, position) => (isAutoColumnType(type) ? [position] : []));
    autoPositions.set(table, positions);
  }
  return positions;
}

/** The cell of an auto column; undefined for a column that is written. */
export function autoCell({ type, data }: Column, row: RowFacts): CellValue | undefined {
  switch (type) {
    case 'created':
      return new Date(row.createdAtMs).toISOString();
    case 'modified':
      return new Date(row.updatedAtMs).toISOString();
    case 'created-by':
      return row.createdBy ?? undefined;
    case 'modified-by':
      return row.updatedBy ?? undefined;
    case 'auto-number':
      return `${data.prefix ?? ''}${row.number}`;
    default:
      return undefined;
  }
}
