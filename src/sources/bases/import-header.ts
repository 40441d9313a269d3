import type { ColumnKey } from '../../model/ids.ts';
import type { Table } from '../../model/table.ts';
import type { ColumnInput } from './columns.ts';
import type { CsvRecord } from './csv-reader.ts';
import { detectType } from './csv-types.ts';
import { listed, quoted } from './faults.ts';
import { unguarded } from './formula-guard.ts';
import { FileFault, faultColumn } from './import-fault.ts';
import { findColumn } from './table-index.ts';

/** A column of the file; `key` is null when the table has no column for it yet. */
export interface HeaderColumn {
  readonly header: string;
  readonly key: ColumnKey | null;
}

/**
 * Finds the table's column for each column of the file, by key or by name. Blanks around a name do not
 * count.
 */
export function readHeader(
  table: Table,
  record: CsvRecord,
  { createColumns, raw }: { readonly createColumns: boolean; readonly raw: boolean },
): readonly HeaderColumn[] {
  const seen = new Map<string, string>();
  return record.values.map((value, place): HeaderColumn => {
    const header = (raw ? value : unguarded(value)).trim();
    const column = faultColumn(header);
    const refuse = (detail: string) => new FileFault({ line: record.line, column, detail });
    if (header === '') throw refuse(`the column ${place + 1} has no name in the header`);
    const key = findColumn(table, header)?.key ?? null;
    if (key === null && !createColumns) {
      const names = listed(table.columns.map(({ name }) => name));
      throw refuse(
        `the table has no such column; it has ${names}. With createColumns=true it would be added`,
      );
    }
    const other = seen.get(key ?? header);
    if (other !== undefined) throw refuse(`the column is there twice, the other time as ${quoted(other)}`);
    seen.set(key ?? header, header);
    return { header, key };
  });
}

/** Definitions of the columns that the table lacks, with types that the first records of the file have. */
export function missingColumns(
  header: readonly HeaderColumn[],
  records: readonly CsvRecord[],
  detectTypes: boolean,
): readonly ColumnInput[] {
  return header.flatMap(({ header: name, key }, place): readonly ColumnInput[] => {
    if (key !== null) return [];
    if (!detectTypes) return [{ name, type: 'text' }];
    const { type, data } = detectType(records.map(({ values }) => values[place] ?? ''));
    return [{ name, type, ...(data.time ? { data: { time: true } } : {}) }];
  });
}
