import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import type { ColumnInput } from '../sources/bases/columns.ts';
import { FileFault, placeOf } from '../sources/bases/import-fault.ts';
import { type JsonRecord, missingJsonColumns, readJsonLines } from '../sources/bases/json-lines.ts';
import { Failure } from './failure.ts';

/** Rows at the beginning of a file from which the types of its columns are told. */
const sampledRows = 500;

/** Whether a file is named as JSON lines are. */
export function isJsonLinesFile(file: string): boolean {
  return ['.jsonl', '.ndjson'].includes(extname(file).toLowerCase());
}

/** The columns that a table for this file needs, typed as the server types the columns it adds. */
export async function jsonLinesColumns(file: string): Promise<readonly ColumnInput[]> {
  const columns = missingJsonColumns(() => false, await firstRecords(file), true);
  if (columns.length === 0) throw new Failure(`${file} has no rows from which columns could be made.`);
  return columns;
}

async function firstRecords(file: string): Promise<readonly JsonRecord[]> {
  const first: JsonRecord[] = [];
  const source = createReadStream(file);
  try {
    for await (const records of readJsonLines(source)) {
      first.push(...records.slice(0, sampledRows - first.length));
      if (first.length >= sampledRows) break;
    }
  } catch (error) {
    if (error instanceof FileFault) throw new Failure(`${placeOf(error.fault)}: ${error.fault.detail}.`);
    throw error;
  } finally {
    source.destroy();
  }
  return first;
}
