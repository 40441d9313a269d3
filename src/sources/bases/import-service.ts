import type { Clock } from '../../model/clock.ts';
import { newChangeSetId, type TableId } from '../../model/ids.ts';
import { invalidField, Problem } from '../../model/problem.ts';
import type { Actor, Table } from '../../model/table.ts';
import type { RowStore } from '../../store/port.ts';
import type { TableAddress } from './address.ts';
import type { ColumnInput } from './columns.ts';
import { type CsvRecord, readCsv } from './csv-reader.ts';
import { type ChunkOutcome, decideImport, type FileColumn, type OnError } from './import-chunk.ts';
import { FileFault } from './import-fault.ts';
import { type HeaderColumn, missingColumns, readHeader } from './import-header.ts';
import { ImportLog } from './import-log.ts';
import { ImportCancelled, type ImportProgress, type ImportRun } from './import-run.ts';
import { UploadBrokenOff, uploadedBytes } from './import-source.ts';
import { importLimits } from './limits.ts';
import type { StructureCache } from './structure-cache.ts';
import { findColumn } from './table-index.ts';

export interface ImportOptions {
  /** Chosen by the caller to follow the progress from the start; null: made here. */
  readonly id: string | null;
  /** Between the values of a line: one character. */
  readonly delimiter: string;
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
  delimiter: ',',
  onError: 'stop',
  createColumns: false,
  columnTypes: 'detect',
  bytesTotal: null,
};

/** Adds columns to a table. */
export type AddColumns = (address: TableAddress, columns: readonly ColumnInput[]) => Promise<Table>;

/**
 * Imports CSV files of any length: as the bytes arrive, their rows are inserted in transactions of some
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
   * Imports a file, its first line naming the columns. Resolves when the import has ended, in whatever
   * state: rows committed before a failure stay, and the progress says how many they are.
   */
  async run(
    address: TableAddress,
    source: AsyncIterable<Uint8Array>,
    options: ImportOptions,
    actor: Actor,
  ): Promise<ImportProgress> {
    if (!/^[^"\r\n]$/u.test(options.delimiter)) {
      throw invalidField(
        'delimiter',
        'must be one character, neither a quote nor a line break, or the word tab',
      );
    }
    const table = await this.#table(address);
    const run = this.#log.start(table, options.id, options.bytesTotal, this.#clock.nowMs());
    const file = new FileImport({ ...address, table: table.id }, run, options, {
      table: () => this.#table({ ...address, table: table.id }),
      addColumns: this.#addColumns,
      insert: (columns, records) => this.#insert(address, table.id, columns, records, options.onError, actor),
    });
    try {
      await file.read(source);
      run.finish('done', this.#clock.nowMs());
    } catch (error) {
      this.#finishWith(run, error);
    }
    return run.progress();
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

  #insert(
    address: TableAddress,
    tableId: TableId,
    columns: readonly FileColumn[],
    records: readonly CsvRecord[],
    onError: OnError,
    actor: Actor,
  ): Promise<ChunkOutcome> {
    const context = { actor, changeSetId: newChangeSetId(), nowMs: this.#clock.nowMs() };
    return this.#structures.use(address.workspaceNumber, address.base, async (open) =>
      this.#store.change(open.table(tableId), [], (_current, nextNumber) =>
        decideImport(open.table(tableId), columns, records, onError, nextNumber, context),
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

/** What reading a file needs of the table it goes into. */
interface Target {
  readonly table: () => Promise<Table>;
  readonly addColumns: AddColumns;
  readonly insert: (columns: readonly FileColumn[], records: readonly CsvRecord[]) => Promise<ChunkOutcome>;
}

/** One file on its way into a table. */
class FileImport {
  readonly #address: TableAddress;
  readonly #run: ImportRun;
  readonly #options: ImportOptions;
  readonly #target: Target;
  #header: readonly HeaderColumn[] | null = null;
  /** Known once the columns that the table lacked are there. */
  #columns: readonly FileColumn[] | null = null;
  #waiting: CsvRecord[] = [];
  #waitingCharacters = 0;

  constructor(address: TableAddress, run: ImportRun, options: ImportOptions, target: Target) {
    this.#address = address;
    this.#run = run;
    this.#options = options;
    this.#target = target;
  }

  async read(source: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const records of readCsv(uploadedBytes(source, this.#run), this.#options.delimiter)) {
        for (const record of records) await this.#take(record);
      }
    } catch (error) {
      // What came before a broken record is as good as any.
      if (error instanceof FileFault) await this.#insertWaiting();
      throw error;
    }
    if (!this.#header) {
      throw new FileFault({
        line: null,
        column: null,
        detail: 'it is empty; its first line must name the columns',
      });
    }
    await this.#insertWaiting();
  }

  async #take(record: CsvRecord): Promise<void> {
    if (!this.#header) {
      this.#header = readHeader(await this.#target.table(), record, this.#options.createColumns);
      return;
    }
    this.#waiting.push(record);
    for (const value of record.values) this.#waitingCharacters += value.length;
    const { rowsPerTransaction, charactersPerTransaction } = importLimits;
    const isFull =
      this.#waiting.length >= rowsPerTransaction || this.#waitingCharacters >= charactersPerTransaction;
    if (isFull) await this.#insertWaiting();
  }

  async #insertWaiting(): Promise<void> {
    if (!this.#header) return;
    this.#run.throwIfCancelled();
    const records = this.#waiting;
    this.#waiting = [];
    this.#waitingCharacters = 0;
    this.#columns ??= await this.#fileColumns(this.#header, records);
    if (records.length === 0) return;
    const outcome = await this.#target.insert(this.#columns, records);
    this.#run.addRows(outcome);
    if (outcome.failure) throw new FileFault(outcome.failure);
  }

  async #fileColumns(
    header: readonly HeaderColumn[],
    records: readonly CsvRecord[],
  ): Promise<readonly FileColumn[]> {
    const missing = missingColumns(header, records, this.#options.columnTypes === 'detect');
    const table =
      missing.length > 0 ? await this.#target.addColumns(this.#address, missing) : await this.#target.table();
    return header.map(({ header: name, key }): FileColumn => {
      const column = findColumn(table, key ?? name);
      if (!column) throw new FileFault({ line: 1, column: name, detail: 'the column was deleted meanwhile' });
      return { header: name, key: column.key };
    });
  }
}
