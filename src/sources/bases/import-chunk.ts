import type { NewEvent } from '../../model/event.ts';
import type { Table } from '../../model/table.ts';
import type { RowChanges } from '../../store/port.ts';
import type { ImportFault } from './import-fault.ts';
import { insertedRows } from './row-changes.ts';
import type { ChangeContext } from './row-events.ts';
import type { RowValues } from './row-values.ts';

/** What to do at a row that does not fit the table. */
export type OnError = 'stop' | 'skip';

export type ReadRecord =
  | { readonly ok: true; readonly values: RowValues }
  | { readonly ok: false; readonly fault: ImportFault };

/** Reads the records of a file as rows of a table, as it is in that moment. */
export type RecordReader<FileRecord> = (table: Table) => (record: FileRecord) => ReadRecord;

/** What became of some records of the file. */
export interface ChunkOutcome {
  readonly imported: number;
  readonly skipped: readonly ImportFault[];
  /** The record at which to stop; those before it are imported. */
  readonly failure: ImportFault | null;
}

/** How an import goes about the rows of its file. */
export interface ChunkOptions {
  readonly onError: OnError;
  /** Whether the rows make events. */
  readonly fire: boolean;
}

const silence: readonly NewEvent[] = [];

/** Decides what becomes of a table when some records of a file are imported into it. */
export function decideImport<FileRecord>(
  table: Table,
  reader: RecordReader<FileRecord>,
  records: readonly FileRecord[],
  { onError, fire }: ChunkOptions,
  nextNumber: number,
  context: ChangeContext,
): RowChanges<ChunkOutcome> {
  const read = reader(table);
  const rows: RowValues[] = [];
  const skipped: ImportFault[] = [];
  let failure: ImportFault | null = null;
  for (const record of records) {
    const row = read(record);
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
  return {
    ...changes,
    events: fire ? changes.events : silence,
    result: { imported: rows.length, skipped, failure },
  };
}
