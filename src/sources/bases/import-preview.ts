import type { Table } from '../../model/table.ts';
import type { ColumnInput } from './columns.ts';
import { type CsvRecord, readCsv } from './csv-reader.ts';
import { unguarded } from './formula-guard.ts';
import { FileFault } from './import-fault.ts';
import { missingColumns, readHeader } from './import-header.ts';
import type { ImportOptions } from './import-service.ts';
import { type JsonRecord, missingJsonColumns, readJsonLines } from './json-lines.ts';
import { importLimits } from './limits.ts';
import { findColumn } from './table-index.ts';

/** A column of a file, and where it would go. */
export interface PreviewedColumn {
  readonly name: string;
  /** Key of the table's column; null when the table has none yet. */
  readonly key: string | null;
  /** As it is, or as it would be made. */
  readonly type: ColumnInput['type'];
  readonly time: boolean;
  /** The first filled values. */
  readonly examples: readonly string[];
}

export interface ImportPreview {
  readonly columns: readonly PreviewedColumn[];
  /** Rows of the file that were looked at. */
  readonly rows: number;
}

export type PreviewOptions = Pick<ImportOptions, 'format' | 'delimiter' | 'raw'> & {
  /** Whether the bytes are only the beginning of the file, so that the last row may be cut off. */
  readonly partial: boolean;
};

/**
 * What an import would make of a file, by its first rows: nothing is changed, and no more is read than is
 * needed. A file that cannot be read throws a FileFault.
 */
export async function previewImport(
  table: Table,
  source: AsyncIterable<Uint8Array>,
  options: PreviewOptions,
): Promise<ImportPreview> {
  if (options.format === 'jsonLines') {
    const records = await firstOf(readJsonLines(source), importLimits.rowsPerTransaction, options.partial);
    return previewJson(table, records);
  }
  const records = await firstOf(
    readCsv(source, options.delimiter),
    importLimits.rowsPerTransaction + 1,
    options.partial,
  );
  return previewCsv(table, records, options.raw);
}

/** The first records of a file. */
async function firstOf<FileRecord>(
  groups: AsyncGenerator<readonly FileRecord[]>,
  count: number,
  partial: boolean,
): Promise<readonly FileRecord[]> {
  const records: FileRecord[] = [];
  try {
    for await (const group of groups) {
      records.push(...group);
      if (records.length > count) return records.slice(0, count);
    }
  } catch (error) {
    // A beginning may end inside of quotes, or of a letter.
    if (!(error instanceof FileFault) || !partial || records.length === 0) throw error;
    return records;
  }
  return partial && records.length > 1 ? records.slice(0, -1) : records;
}

function previewCsv(table: Table, records: readonly CsvRecord[], raw: boolean): ImportPreview {
  const [first, ...rows] = records;
  if (!first) {
    throw new FileFault({
      line: null,
      column: null,
      detail: 'it is empty; its first line must name the columns',
    });
  }
  const header = readHeader(table, first, { createColumns: true, raw });
  const missing = new Map(missingColumns(header, rows, true).map((column) => [column.name, column]));
  return {
    rows: rows.length,
    columns: header.map(({ header: name, key }, place) => {
      const values = rows.map(({ values: cells }) => cells[place] ?? '');
      return previewed(table, name, key, missing, raw ? values : values.map(unguarded));
    }),
  };
}

function previewJson(table: Table, records: readonly JsonRecord[]): ImportPreview {
  const isThere = (name: string): boolean => findColumn(table, name) !== undefined;
  const missing = new Map(missingJsonColumns(isThere, records, true).map((column) => [column.name, column]));
  const values = new Map<string, string[]>();
  for (const record of records) {
    if ('fault' in record) continue;
    for (const [name, value] of Object.entries(record.cells)) {
      const text = value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
      values.set(name, [...(values.get(name) ?? []), text]);
    }
  }
  return {
    rows: records.length,
    columns: [...values].map(([name, texts]) =>
      previewed(table, name, findColumn(table, name)?.key ?? null, missing, texts),
    ),
  };
}

function previewed(
  table: Table,
  name: string,
  key: string | null,
  missing: ReadonlyMap<string, ColumnInput>,
  values: readonly string[],
): PreviewedColumn {
  const column = key === null ? missing.get(name) : findColumn(table, key);
  const examples = values.filter((value) => value.trim() !== '').slice(0, importLimits.examplesPerColumn);
  return {
    name,
    key,
    type: column?.type ?? 'text',
    time: column?.data?.time ?? false,
    examples: examples.map((value) => value.slice(0, importLimits.exampleCharacters)),
  };
}
