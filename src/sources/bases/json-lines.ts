import { type CellValue, isAutoColumnType, type Table } from '../../model/table.ts';
import { readCell } from './cells.ts';
import type { ColumnInput } from './columns.ts';
import { utf8Pieces } from './csv-reader.ts';
import { detectType } from './csv-types.ts';
import { listed, quoted } from './faults.ts';
import type { ReadRecord, RecordReader } from './import-chunk.ts';
import { FileFault, faultColumn } from './import-fault.ts';
import { importLimits } from './limits.ts';
import { patched, rowFault } from './row-input.ts';
import { columnPosition } from './table-index.ts';

/** One line of a file of JSON lines: an object with cells by key or name, or what is wrong with it. */
export type JsonRecord =
  | { readonly line: number; readonly characters: number; readonly cells: Readonly<Record<string, unknown>> }
  | { readonly line: number; readonly characters: number; readonly fault: string };

/**
 * Reads JSON lines (one object a line; empty lines and a byte order mark are passed over) and yields them in
 * groups as they arrive. A line that is not an object is a bad row, no bad file.
 */
export async function* readJsonLines(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly JsonRecord[]> {
  let line = 1;
  let rest = '';
  for await (const piece of utf8Pieces(source, () => line)) {
    const texts = (rest + Buffer.from(piece).toString('utf8')).split('\n');
    rest = texts.pop() ?? '';
    if (rest.length > importLimits.recordBytes) {
      const detail = `the line has more than ${importLimits.recordBytes} characters`;
      throw new FileFault({ line: line + texts.length, column: null, detail });
    }
    const records = texts.flatMap((text, place) => readLine(text, line + place));
    line += texts.length;
    if (records.length > 0) yield records;
  }
  const last = readLine(rest, line);
  if (last.length > 0) yield last;
}

function readLine(text: string, line: number): readonly JsonRecord[] {
  const json = line === 1 ? text.replace(/^\ufeff/, '') : text;
  if (json.trim() === '') return [];
  const characters = json.length;
  try {
    const cells: unknown = JSON.parse(json);
    if (typeof cells === 'object' && cells !== null && !Array.isArray(cells)) {
      if (isDeeper(cells, importLimits.jsonDepth)) {
        return [
          { line, characters, fault: `must not be nested deeper than ${importLimits.jsonDepth} levels` },
        ];
      }
      return [{ line, characters, cells: cells as Readonly<Record<string, unknown>> }];
    }
    return [{ line, characters, fault: `must be an object with cells by column; got ${quoted(cells)}` }];
  } catch {
    return [{ line, characters, fault: `must be JSON; got ${quoted(json)}` }];
  }
}

/** Whether lists and objects are nested deeper than so many levels; a value without any has none. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}

/** Reads records of a file of JSON lines as rows. */
export const jsonRecordReader: RecordReader<JsonRecord> = (table) => (record) => readRecord(table, record);

function readRecord(table: Table, record: JsonRecord): ReadRecord {
  const { line } = record;
  const refuse = (column: string | null, detail: string): ReadRecord => ({
    ok: false,
    fault: { line, column, detail },
  });
  if ('fault' in record) return refuse(null, record.fault);
  const patch = new Map<number, CellValue | null>();
  for (const [name, given] of Object.entries(record.cells)) {
    const position = columnPosition(table, name);
    const column = position === undefined ? undefined : table.columns[position];
    if (position === undefined || !column) {
      return refuse(
        faultColumn(name),
        `there is no such column; allowed: ${listed(table.columns.map((one) => one.name))}`,
      );
    }
    // An exported file has them; the new rows get their own.
    if (isAutoColumnType(column.type)) continue;
    if (patch.has(position)) return refuse(name, 'the column is there twice, by its key and by its name');
    const reading = readCell(column, given);
    if (!reading.ok) return refuse(name, reading.fault);
    patch.set(position, reading.value);
  }
  const row = patched(table, [], patch);
  const fault = rowFault(row);
  return fault === null ? { ok: true, values: row } : refuse(null, fault);
}

/** A value as text; an object's own `toString` is a member like any other, and no function. */
function printed(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Definitions of the columns that are not there for some records, with types that their values have. */
export function missingJsonColumns(
  isThere: (name: string) => boolean,
  records: readonly JsonRecord[],
  detectTypes: boolean,
): readonly ColumnInput[] {
  const valuesByName = new Map<string, unknown[]>();
  for (const record of records) {
    if ('fault' in record) continue;
    for (const [name, value] of Object.entries(record.cells)) {
      if (isThere(name)) continue;
      const values = valuesByName.get(name);
      if (values) values.push(value);
      else valuesByName.set(name, [value]);
    }
  }
  return [...valuesByName].map(([name, values]): ColumnInput => {
    const filled = values.filter((value) => value !== null && value !== '');
    if (!detectTypes || filled.length === 0) return { name, type: 'text' };
    if (filled.every((value) => typeof value === 'number')) return { name, type: 'number' };
    if (filled.every((value) => typeof value === 'boolean')) return { name, type: 'checkbox' };
    const { type, data } = detectType(filled.map(printed));
    // "5" in quotes is a text: whoever wrote the file knew of numbers.
    if (type === 'number' || type === 'checkbox') return { name, type: 'text' };
    return { name, type, ...(data.time ? { data: { time: true } } : {}) };
  });
}
