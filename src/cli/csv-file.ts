import { createReadStream } from 'node:fs';
import type { ColumnInput } from '../sources/bases/columns.ts';
import { type CsvRecord, readCsv } from '../sources/bases/csv-reader.ts';
import { FileFault, placeOf } from '../sources/bases/import-fault.ts';
import { missingColumns } from '../sources/bases/import-header.ts';
import { Failure } from './failure.ts';

/** Rows at the beginning of a file from which the types of its columns are told. */
const sampledRows = 500;

/** The columns that a table for this file needs, typed as the server types the columns it adds. */
export async function fileColumns(file: string, delimiter: string): Promise<readonly ColumnInput[]> {
  const [header, ...rows] = await firstRecords(file, delimiter === 'tab' ? '\t' : delimiter);
  if (!header) throw new Failure(`${file} is empty; its first line must name the columns.`);
  const names = header.values.map((value) => value.trim());
  for (const [index, name] of names.entries()) {
    if (name === '') throw badHeader(header, `the column ${index + 1} has no name`);
    if (names.indexOf(name) < index) throw badHeader(header, `two columns are named ${JSON.stringify(name)}`);
  }
  return missingColumns(
    names.map((name) => ({ header: name, key: null })),
    rows,
    true,
  );
}

async function firstRecords(file: string, delimiter: string): Promise<readonly CsvRecord[]> {
  const first: CsvRecord[] = [];
  const source = createReadStream(file);
  try {
    for await (const records of readCsv(source, delimiter)) {
      first.push(...records.slice(0, sampledRows + 1 - first.length));
      if (first.length > sampledRows) break;
    }
  } catch (error) {
    if (error instanceof FileFault) throw new Failure(`${placeOf(error.fault)}: ${error.fault.detail}.`);
    throw error;
  } finally {
    source.destroy();
  }
  return first;
}

function badHeader({ line }: CsvRecord, detail: string): Failure {
  return new Failure(`line ${line}: ${detail}; the first line must name every column, each by its own name.`);
}
