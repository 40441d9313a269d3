import { Problem } from '../../model/problem.ts';
import type { Column, Row, Table } from '../../model/table.ts';
import type { TableAddress } from './address.ts';
import { printCellText } from './cell-text.ts';
import { guarded } from './formula-guard.ts';
import { limits } from './limits.ts';
import { allRows } from './row-query.ts';
import type { RowService } from './row-service.ts';
import { type CellsBy, rowValues, shownCells } from './row-values.ts';

export interface ExportOptions {
  readonly format: 'csv' | 'jsonl';
  /** Whether columns are named by name or key. */
  readonly cellsBy: CellsBy;
  /** CSV: values that spreadsheets would take for formulas get no apostrophe. */
  readonly raw: boolean;
  /** As for lists of rows. */
  readonly filters: readonly string[];
}

/** The rows of a table as text, in pieces; the next rows are read when the next piece is asked for. */
export async function* exportRows(
  rows: Pick<RowService, 'list'>,
  address: TableAddress,
  options: ExportOptions,
): AsyncGenerator<string> {
  const query = { ...allRows, filters: options.filters };
  let first: Table | null = null;
  let cursor: string | null = null;
  do {
    const page = await rows.list(address, { limit: limits.rowsPerExportPiece, cursor }, query);
    const lines: string[] =
      first === null && options.format === 'csv' ? [csvHeader(page.table, options)] : [];
    first ??= page.table;
    requireSameTypes(first, page.table);
    for (const row of page.rows) lines.push(printRow(first, row, options));
    if (lines.length > 0) yield lines.join('');
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** Columns that came meanwhile are left out; one whose cells are something else now cannot be printed on. */
function requireSameTypes(first: Table, now: Table): void {
  if (first.version === now.version) return;
  const typesNow = new Map(now.columns.map(({ key, type }) => [key, type]));
  const changed = first.columns.find(({ key, type }) => (typesNow.get(key) ?? type) !== type);
  if (changed) throw new Problem('conflict', `The column "${changed.name}" got another type meanwhile.`);
}

function printRow(table: Table, row: Row, { format, cellsBy, raw }: ExportOptions): string {
  const values = rowValues(table, row);
  if (format === 'jsonl') return `${JSON.stringify(shownCells(table, values, cellsBy))}\n`;
  return csvLine(
    table.columns.map((column, position) => printCellText(column, values[position])),
    raw,
  );
}

function csvHeader({ columns }: Table, { cellsBy, raw }: ExportOptions): string {
  return csvLine(
    columns.map((column: Column) => (cellsBy === 'key' ? column.key : column.name)),
    raw,
  );
}

function csvLine(values: readonly string[], raw: boolean): string {
  const printed = values.map((value) => quotedValue(raw ? value : guarded(value)));
  // An empty line would be no row when it is read again.
  return printed.length === 1 && printed[0] === '' ? '""\r\n' : `${printed.join(',')}\r\n`;
}

function quotedValue(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
