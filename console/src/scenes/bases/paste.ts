import type { CellChange } from '../../api/queries/rows.ts';
import type { Column } from '../../api/types.ts';
import { cellText, cellValue, type GridRow } from './cells.ts';

/** What a paste comes to. */
export interface PastedBlock {
  readonly changes: readonly CellChange[];
  /** Rows of the block below the last row of the table. */
  readonly inserts: readonly Record<string, unknown>[];
  /** Rows of the block that have no place: the table goes on below what is loaded. */
  readonly left: number;
}

/** A rectangle of cells, both ends included. */
export interface CellRange {
  readonly x: number;
  readonly y: number;
  readonly x1: number;
  readonly y1: number;
}

interface Target {
  readonly columns: readonly Column[];
  readonly rows: readonly GridRow[];
  /** Whether there are more rows than are loaded. */
  readonly hasMore: boolean;
}

/** Lays a block of texts on a table: on the selected range when it is a single value, or else from a cell on. */
export function blockAt(
  { columns, rows, hasMore }: Target,
  block: readonly (readonly string[])[],
  cell: { readonly x: number; readonly y: number },
  range: CellRange | null,
): PastedBlock {
  const [firstLine = []] = block;
  const isSingle = block.length === 1 && firstLine.length === 1;
  const lines = isSingle && range ? filled(firstLine[0] ?? '', range) : block;
  const top = range ? Math.min(range.y, range.y1) : cell.y;
  const left = range ? Math.min(range.x, range.x1) : cell.x;
  const cellsOf = (line: readonly string[], row: GridRow | null): Record<string, unknown> => {
    const cells: Record<string, unknown> = {};
    for (const [offset, text] of line.entries()) {
      const column = columns[left + offset];
      const value = column && cellValue(column, text);
      if (!column || value === undefined) continue;
      const before = row === null ? '' : cellText(column.type, row[column.key]);
      if (cellText(column.type, value) !== before) cells[column.key] = value;
    }
    return cells;
  };
  const changes: CellChange[] = [];
  const below: Record<string, unknown>[] = [];
  for (const [offset, line] of lines.entries()) {
    const row = rows[top + offset];
    const cells = cellsOf(line, row ?? null);
    if (!row) below.push(cells);
    else if (Object.keys(cells).length > 0) changes.push({ id: row.$id, cells });
  }
  return { changes, inserts: hasMore ? [] : below, left: hasMore ? below.length : 0 };
}

function filled(text: string, range: CellRange): readonly (readonly string[])[] {
  const width = Math.abs(range.x1 - range.x) + 1;
  const height = Math.abs(range.y1 - range.y) + 1;
  return Array.from({ length: height }, () => new Array<string>(width).fill(text));
}
