import { type CellValue, type Column, cellKeyOf, type Row } from '../../model/table.ts';
import { currentValue } from './cells.ts';

/** The cell of a row, as the column is now; undefined when it is empty. */
export function storedCell(column: Column, { cells }: Pick<Row, 'cells'>): CellValue | undefined {
  const key = cellKeyOf(column);
  // A column may be named as a member of every object, such as `constructor`.
  return Object.hasOwn(cells, key) ? currentValue(column, cells[key]) : undefined;
}
