import type { CellValue, Table } from '../../model/table.ts';
import { readCell } from './cells.ts';
import { type Faults, listed, pointerStep } from './faults.ts';
import { limits } from './limits.ts';
import { type RowValues, rowCharacters } from './row-values.ts';
import { columnPosition } from './table-index.ts';

/** Cells as a caller gives them, by column key or column name. */
export type CellsInput = Readonly<Record<string, unknown>>;

/** New cells by the position of their column; null empties a cell. */
export type CellsPatch = ReadonlyMap<number, CellValue | null>;

/** Reads the cells given for one row; `pointer` leads to them in the request. */
export function readCells(table: Table, input: CellsInput, pointer: string, faults: Faults): CellsPatch {
  const patch = new Map<number, CellValue | null>();
  for (const [keyOrName, given] of Object.entries(input)) {
    const cellPointer = () => `${pointer}/${pointerStep(keyOrName)}`;
    const position = columnPosition(table, keyOrName);
    const column = position === undefined ? undefined : table.columns[position];
    if (position === undefined || !column) {
      faults.add(
        cellPointer(),
        `there is no such column; allowed: ${listed(table.columns.map(({ name }) => name))}`,
      );
    } else if (patch.has(position)) {
      faults.add(cellPointer(), `the column is given twice, by its key "${column.key}" and by its name`);
    } else {
      const reading = readCell(column, given);
      if (reading.ok) patch.set(position, reading.value);
      else faults.add(cellPointer(), reading.fault);
    }
  }
  return patch;
}

/** The row after a patch. */
export function patched(table: Table, values: RowValues, patch: CellsPatch): RowValues {
  return table.columns.map((_, position) => {
    const given = patch.get(position);
    return given === undefined ? values[position] : (given ?? undefined);
  });
}

/** What keeps a row from being stored, or null. */
export function rowFault(values: RowValues): string | null {
  const characters = rowCharacters(values);
  if (characters <= limits.rowCharacters) return null;
  return `a row may have at most ${limits.rowCharacters} characters in all its cells; it has ${characters}`;
}
