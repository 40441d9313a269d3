import type { ColumnKey } from '../../model/ids.ts';
import { type CellValue, type Column, isAutoColumnType, type Table } from '../../model/table.ts';
import { readCellText } from './cell-text.ts';
import type { CsvRecord } from './csv-reader.ts';
import { unguarded } from './formula-guard.ts';
import type { ReadRecord, RecordReader } from './import-chunk.ts';
import { FileFault } from './import-fault.ts';
import { patched, rowFault } from './row-input.ts';
import { columnPosition } from './table-index.ts';

/** A column of the file, and the column of the table that it fills. */
export interface FileColumn {
  readonly header: string;
  readonly key: ColumnKey;
}

/** Reads records of a CSV file as rows; `raw`: an apostrophe before what looks like a formula stays. */
export function csvRecordReader(fileColumns: readonly FileColumn[], raw: boolean): RecordReader<CsvRecord> {
  return (table) => {
    const targets = fileColumns.map((fileColumn) => target(table, fileColumn));
    return (record) => readRecord(table, targets, record, raw);
  };
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

function readRecord(
  table: Table,
  targets: readonly Target[],
  { line, values }: CsvRecord,
  raw: boolean,
): ReadRecord {
  const refuse = (column: string | null, detail: string): ReadRecord => ({
    ok: false,
    fault: { line, column, detail },
  });
  if (values.length !== targets.length) {
    return refuse(null, `the row has ${values.length} values, but the header has ${targets.length}`);
  }
  const patch = new Map<number, CellValue | null>();
  for (const [place, { header, position, column }] of targets.entries()) {
    // An exported file has them; the new rows get their own.
    if (isAutoColumnType(column.type)) continue;
    const value = values[place] ?? '';
    const reading = readCellText(column, raw ? value : unguarded(value));
    if (!reading.ok) return refuse(header, reading.fault);
    patch.set(position, reading.value);
  }
  const row = patched(table, [], patch);
  const fault = rowFault(row);
  return fault === null ? { ok: true, values: row } : refuse(null, fault);
}
