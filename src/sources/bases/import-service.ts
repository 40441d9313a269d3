import type { Clock } from '../../model/clock.ts';
import { newChangeSetId, type TableId } from '../../model/ids.ts';
import { invalidField, Problem } from '../../model/problem.ts';
import type { Actor, Table } from '../../model/table.ts';
import type { RowStore } from '../../store/port.ts';
import type { TableAddress } from './address.ts';
import type { ColumnInput } from './columns.ts';
import { type ChunkOutcome, decideImport, type OnError, type RecordReader } from './import-chunk.ts';
import { FileFault, placeOf } from './import-fault.ts';
import { importFile } from './import-file.ts';
import { csvFormat, jsonLinesFormat } from './import-formats.ts';
import { ImportLog } from './import-log.ts';
import { type ImportPreview, type PreviewOptions, previewImport } from './import-preview.ts';
import { ImportCancelled, type ImportProgress, type ImportRun } from './import-run.ts';
import { UploadBrokenOff } from './import-source.ts';
import type { StructureCache } from './structure-cache.ts';

export interface ImportOptions {
  /** Chosen by the caller to follow the progress from the start; null: made here. */
  readonly id: string | null;
  readonly format: 'csv' | 'jsonLines';
  /** Between the values of a line of CSV: one character. */
  readonly delimiter: string;
  /** Whether an apostrophe before what looks like a formula stays in a value of CSV. */
  readonly raw: boolean;
  /** Whether the rows make events. */
  readonly fire: boolean;
  /** At a row that does not fit the table: stop, or go on without it. */
  readonly onError: OnError;
  /** Add the columns of the file that the table lacks. */
  readonly createColumns: boolean;
  /** Types of added columns: detected from the first rows, or text. */
  readonly columnTypes: 'detect' | 'text';
  /** Length of the file in bytes, if announced. */
  readonly bytesTotal: number | null;
}

export const defaultImportOptions: ImportOptions = {
  id: null,
  format: 'csv',
  delimiter: ',',
  raw: false,
  fire: true,
  onError: 'stop',
  createColumns: false,
  columnTypes: 'detect',
  bytesTotal: null,
};

/** Adds columns to a table. */
export type AddColumns = (address: TableAddress, columns: readonly ColumnInput[]) => Promise<Table>;

/**
 * Imports files of any length, CSV or JSON lines: as the bytes arrive, their rows are inserted in transactions of some
 * hundred, each one change set, and each row with its event. Only then more is asked for, so that memory
 * does not grow with the file.
 */
export class ImportService {
  readonly #store: RowStore;
  readonly #structures: StructureCache;
  readonly #clock: Clock;
  readonly #addColumns: AddColumns;
  readonly #log = new ImportLog();

  constructor(store: RowStore, structures: StructureCache, clock: Clock, addColumns: AddColumns) {
    this.#store = store;
    this.#structures = structures;
    this.#clock = clock;
    this.#addColumns = addColumns;
  }

  /**
   * Imports a file; the first line of CSV names the columns. Resolves when the import has ended, in whatever
   * state: rows committed before a failure stay, and the progress says how many they are.
   */
  async run(
    address: TableAddress,
    source: AsyncIterable<Uint8Array>,
    options: ImportOptions,
    actor: Actor,
  ): Promise<ImportProgress> {
    requireDelimiter(options.delimiter);
    const table = await this.#table(address);
    const run = this.#log.start(table, options.id, options.bytesTotal, this.#clock.nowMs());
    const target = {
      table: () => this.#table({ ...address, table: table.id }),
      addColumns: (columns: readonly ColumnInput[]) =>
        this.#addColumns({ ...address, table: table.id }, columns),
    };
    const insert = <FileRecord>(reader: RecordReader<FileRecord>, records: readonly FileRecord[]) =>
      this.#insert(address, table.id, reader, records, options, actor);
    try {
      if (options.format === 'csv') await importFile(csvFormat(target, options), source, run, insert);
      else await importFile(jsonLinesFormat(target, options), source, run, insert);
      run.finish('done', this.#clock.nowMs());
    } catch (error) {
      this.#finishWith(run, error);
    }
    return run.progress();
  }

  /** What an import would make of a file: where its columns go, and of which types new ones are. */
  async preview(
    address: TableAddress,
    source: AsyncIterable<Uint8Array>,
    options: PreviewOptions,
  ): Promise<ImportPreview> {
    requireDelimiter(options.delimiter);
    try {
      return await previewImport(await this.#table(address), source, options);
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      throw invalidField(placeOf(error.fault), error.fault.detail);
    }
  }

  /** An import that runs or ran lately; this process remembers the last ones. */
  async find(address: TableAddress, id: string): Promise<ImportProgress> {
    return this.#find(await this.#table(address), id).progress();
  }

  /** The last one first. */
  async list(address: TableAddress): Promise<readonly ImportProgress[]> {
    return this.#log.list(await this.#table(address)).map((run) => run.progress());
  }

  /** Ends an import where it is; its rows so far stay. */
  async cancel(address: TableAddress, id: string): Promise<ImportProgress> {
    const run = this.#find(await this.#table(address), id);
    if (run.isRunning) {
      run.cancel();
      await run.finished;
    }
    return run.progress();
  }

  /** Cancels every import, as the process is about to end. */
  async stop(): Promise<void> {
    const running = this.#log.running();
    for (const run of running) run.cancel();
    await Promise.all(running.map((run) => run.finished));
  }

  #find(table: Table, id: string): ImportRun {
    const run = this.#log.find(table, id);
    if (run) return run;
    throw new Problem('not-found', `There is no import with the id "${id}" into the table "${table.name}".`);
  }

  #table(address: TableAddress): Promise<Table> {
    return this.#structures.use(address.workspaceNumber, address.base, async (open) =>
      open.table(address.table),
    );
  }

  #insert<FileRecord>(
    address: TableAddress,
    tableId: TableId,
    reader: RecordReader<FileRecord>,
    records: readonly FileRecord[],
    options: ImportOptions,
    actor: Actor,
  ): Promise<ChunkOutcome> {
    const context = { actor, changeSetId: newChangeSetId(), nowMs: this.#clock.nowMs() };
    return this.#structures.use(address.workspaceNumber, address.base, async (open) =>
      this.#store.change(open.table(tableId), [], (_current, nextNumber) =>
        decideImport(open.table(tableId), reader, records, options, nextNumber, context),
      ),
    );
  }

  #finishWith(run: ImportRun, error: unknown): void {
    const nowMs = this.#clock.nowMs();
    const place = { line: null, column: null };
    if (error instanceof ImportCancelled) {
      run.finish('cancelled', nowMs);
    } else if (error instanceof FileFault) {
      run.finish('failed', nowMs, { code: 'invalid-input', ...error.fault });
    } else if (error instanceof UploadBrokenOff) {
      run.finish('failed', nowMs, { code: 'invalid-input', ...place, detail: error.message });
    } else if (error instanceof Problem) {
      run.finish('failed', nowMs, { code: error.code, ...place, detail: error.message });
    } else {
      run.finish('failed', nowMs, { code: 'internal', ...place, detail: 'something unexpected went wrong' });
      throw error;
    }
  }
}

function requireDelimiter(delimiter: string): void {
  if (/^[^"\r\n]$/u.test(delimiter)) return;
  throw invalidField('delimiter', 'must be one character, neither a quote nor a line break, or the word tab');
}
