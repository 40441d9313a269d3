import type { ColumnKey } from '../../model/ids.ts';
import type { CellValue, Column, Table } from '../../model/table.ts';
import type { RowChanges } from '../../store/port.ts';
import { readCellText } from './cell-text.ts';
import type { CsvRecord } from './csv-reader.ts';
import { FileFault, type ImportFault } from './import-fault.ts';
import { insertedRows } from './row-changes.ts';
import type { ChangeContext } from './row-events.ts';
import { patched, rowFault } from './row-input.ts';
import type { RowValues } from './row-values.ts';
import { columnPosition } from './table-index.ts';

/** A column of the file, and the column of the table that it fills. */
export interface FileColumn {
  readonly header: string;
  readonly key: ColumnKey;
}

export type OnError = 'stop' | 'skip';

/** What became of some records of the file. */
export interface ChunkOutcome {
  readonly imported: number;
  readonly skipped: readonly ImportFault[];
  /** The record at which to stop; those before it are imported. */
  readonly failure: ImportFault | null;
}

/** Decides what becomes of a table when some records of a file are imported into it. */
export function decideImport(
  table: Table,
  fileColumns: readonly FileColumn[],
  records: readonly CsvRecord[],
  onError: OnError,
  nextNumber: number,
  context: ChangeContext,
): RowChanges<ChunkOutcome> {
  const targets = fileColumns.map((fileColumn) => target(table, fileColumn));
  const rows: RowValues[] = [];
  const skipped: ImportFault[] = [];
  let failure: ImportFault | null = null;
  for (const record of records) {
    const row = readRecord(table, targets, record);
    if (row.ok) {
      rows.push(row.values);
    } else if (onError === 'skip') {
      skipped.push(row.fault);
    } else {
      failure = row.fault;
      break;
    }
  }
  const changes = insertedRows(table, rows, nextNumber, context);
  return { ...changes, result: { imported: rows.length, skipped, failure } };
}

interface Target {
  readonly header: string;
  readonly position: number;
  readonly column: Column;
}

function target(table: Table, { header, key }: FileColumn): Target {
  const position = columnPosition(table, key);
  const column = position === undefined ? undefined : table.columns[position];
  if (position === undefined || !column) {
    throw new FileFault({
      line: null,
      column: header,
      detail: 'the column was deleted while the import ran',
    });
  }
  return { header, position, column };
}

type ReadRecord =
  | { readonly ok: true; readonly values: RowValues }
  | { readonly ok: false; readonly fault: ImportFault };

function readRecord(table: Table, targets: readonly Target[], record: CsvRecord): ReadRecord {
  const { line, values } = record;
  const refuse = (column: string | null, detail: string): ReadRecord => ({
    ok: false,
    fault: { line, column, detail },
  });
  if (values.length !== targets.length) {
    return refuse(null, `the row has ${values.length} values, but the header has ${targets.length}`);
  }
  const patch = new Map<number, CellValue | null>();
  for (const [place, { header, position, column }] of targets.entries()) {
    const reading = readCellText(column, values[place] ?? '');
    if (!reading.ok) return refuse(header, reading.fault);
    patch.set(position, reading.value);
  }
  const row = patched(table, [], patch);
  const fault = rowFault(row);
  return fault === null ? { ok: true, values: row } : refuse(null, fault);
}
