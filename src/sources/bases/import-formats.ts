import type { Table } from '../../model/table.ts';
import type { ColumnInput } from './columns.ts';
import { type CsvRecord, readCsv } from './csv-reader.ts';
import { csvRecordReader, type FileColumn } from './csv-rows.ts';
import type { RecordReader } from './import-chunk.ts';
import { FileFault } from './import-fault.ts';
import { type HeaderColumn, missingColumns, readHeader } from './import-header.ts';
import { type JsonRecord, jsonRecordReader, missingJsonColumns, readJsonLines } from './json-lines.ts';
import { findColumn } from './table-index.ts';

/** The table that a file goes into. */
export interface ImportTarget {
  readonly table: () => Promise<Table>;
  readonly addColumns: (columns: readonly ColumnInput[]) => Promise<Table>;
}

/** How files of one kind are read. */
export interface FileFormat<FileRecord> {
  /** The rows of the file, in groups as they arrive. */
  records(source: AsyncIterable<Uint8Array>): AsyncGenerator<readonly FileRecord[]>;
  /** About how much memory a record takes. */
  characters(record: FileRecord): number;
  /** Makes the columns that the table lacks, by the first rows; answers how to read all of them. */
  prepare(first: readonly FileRecord[]): Promise<RecordReader<FileRecord>>;
}

export interface CsvOptions {
  readonly delimiter: string;
  readonly raw: boolean;
  readonly createColumns: boolean;
  readonly columnTypes: 'detect' | 'text';
}

/** CSV, its first line naming the columns. */
export function csvFormat(target: ImportTarget, options: CsvOptions): FileFormat<CsvRecord> {
  let header: readonly HeaderColumn[] | null = null;
  return {
    async *records(source) {
      for await (const records of readCsv(source, options.delimiter)) {
        const [first] = records;
        const isHeader = header === null && first !== undefined;
        if (isHeader) header = readHeader(await target.table(), first, options);
        yield isHeader ? records.slice(1) : records;
      }
      if (header === null) {
        const detail = 'it is empty; its first line must name the columns';
        throw new FileFault({ line: null, column: null, detail });
      }
    },
    characters: ({ values }) => values.reduce((sum, value) => sum + value.length, 0),
    prepare: async (first) => {
      const columns = await fileColumns(target, header ?? [], first, options.columnTypes === 'detect');
      return csvRecordReader(columns, options.raw);
    },
  };
}

async function fileColumns(
  target: ImportTarget,
  header: readonly HeaderColumn[],
  records: readonly CsvRecord[],
  detectTypes: boolean,
): Promise<readonly FileColumn[]> {
  const missing = missingColumns(header, records, detectTypes);
  const table = missing.length > 0 ? await target.addColumns(missing) : await target.table();
  return header.map(({ header: name, key }): FileColumn => {
    const column = findColumn(table, key ?? name);
    if (!column) throw new FileFault({ line: 1, column: name, detail: 'the column was deleted meanwhile' });
    return { header: name, key: column.key };
  });
}

/** JSON lines: an object a line, with cells by key or name of their column. */
export function jsonLinesFormat(
  target: ImportTarget,
  { createColumns, columnTypes }: Pick<CsvOptions, 'createColumns' | 'columnTypes'>,
): FileFormat<JsonRecord> {
  return {
    records: readJsonLines,
    characters: ({ characters }) => characters,
    prepare: async (first) => {
      const table = await target.table();
      const missing = createColumns
        ? missingJsonColumns((name) => findColumn(table, name) !== undefined, first, columnTypes === 'detect')
        : [];
      if (missing.length > 0) await target.addColumns(missing);
      return jsonRecordReader;
    },
  };
}
