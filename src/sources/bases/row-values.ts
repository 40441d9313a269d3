import type { ColumnKey } from '../../model/ids.ts';
import {
  type Cells,
  type CellValue,
  cellKeyOf,
  isAutoColumnType,
  type Row,
  type Table,
} from '../../model/table.ts';
import { autoCell, autoColumnPositions, type RowFacts } from './auto-cells.ts';
import { cellCharacters, cellText, type ShownValue, sameCell, showCell } from './cells.ts';
import { convertedCell } from './conversion.ts';
import { storedCell } from './stored-cells.ts';

/** The cells of a row by the position of their column; undefined is an empty cell. */
export type RowValues = readonly (CellValue | undefined)[];

/** A row as the API shows it. */
export interface ShownRow {
  readonly id: string;
  readonly number: number;
  readonly cells: Readonly<Record<string, ShownValue>>;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string | null;
  readonly updatedBy: string | null;
}

/** How shown cells are named. */
export type CellsBy = 'name' | 'key';

/** The cells of a stored row, as the table's columns are now. */
export function rowValues(table: Table, row: Row): RowValues {
  const values = table.columns.map((column) => storedCell(column, row));
  return withAutoCells(table, values, row);
}

/** The cells with those of auto columns as they are for a row. */
export function withAutoCells(table: Table, values: RowValues, row: RowFacts): RowValues {
  const positions = autoColumnPositions(table);
  if (positions.length === 0) return values;
  const filled = [...values];
  for (const position of positions) {
    const column = table.columns[position];
    filled[position] = column && autoCell(column, row);
  }
  return filled;
}

/** The cells to store. */
export function storedCells(table: Table, values: RowValues): Cells {
  const cells: Record<ColumnKey, CellValue> = {};
  for (const [position, column] of table.columns.entries()) {
    const value = values[position];
    if (value === undefined || isAutoColumnType(column.type)) continue;
    setMember(cells, cellKeyOf(column), value);
    const converted = column.becomes && convertedCell(column, column.becomes, value);
    if (column.becomes && converted !== undefined) setMember(cells, column.becomes.cellKey, converted);
  }
  return cells;
}

/** The whole row, an empty cell as null, so that who copies it member by member also empties cells. */
export function shownCells(
  table: Table,
  values: RowValues,
  by: CellsBy,
): Readonly<Record<string, ShownValue>> {
  const record: Record<string, ShownValue> = {};
  for (const [position, column] of table.columns.entries()) {
    setMember(record, by === 'key' ? column.key : column.name, showCell(column, values[position]));
  }
  return record;
}

/** A stored row as the API shows it. */
export function showRow(table: Table, row: Row, by: CellsBy): ShownRow {
  return { ...row, cells: shownCells(table, rowValues(table, row), by) };
}

/** The text of the first column. */
export function rowName(table: Table, values: RowValues): string {
  const [first] = table.columns;
  return first ? cellText(first, values[0]) : '';
}

/** Whether two rows of one table hold the same. */
export function sameValues(left: RowValues, right: RowValues): boolean {
  return left.every((value, position) => sameCell(value, right[position]));
}

/** About how many characters a row takes. */
export function rowCharacters(values: RowValues): number {
  let characters = 0;
  for (const value of values) if (value !== undefined) characters += cellCharacters(value);
  return characters;
}

/** Sets a member of whatever name: assigning to `__proto__` would set the prototype instead. */
function setMember<Value>(record: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__') {
    Object.defineProperty(record, name, { value, configurable: true, enumerable: true, writable: true });
  } else {
    record[name] = value;
  }
}
