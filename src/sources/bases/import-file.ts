import type { ChunkOutcome, RecordReader } from './import-chunk.ts';
import { FileFault } from './import-fault.ts';
import type { FileFormat } from './import-formats.ts';
import type { ImportRun } from './import-run.ts';
import { uploadedBytes } from './import-source.ts';
import { importLimits } from './limits.ts';

/** Inserts some records of a file in one transaction. */
export type InsertRecords = <FileRecord>(
  reader: RecordReader<FileRecord>,
  records: readonly FileRecord[],
) => Promise<ChunkOutcome>;

/** Reads a file to its end and inserts its records in transactions; throws where it cannot go on. */
export async function importFile<FileRecord>(
  format: FileFormat<FileRecord>,
  source: AsyncIterable<Uint8Array>,
  run: ImportRun,
  insert: InsertRecords,
): Promise<void> {
  const file = new FileImport(format, run, insert);
  try {
    for await (const records of format.records(uploadedBytes(source, run))) {
      for (const record of records) await file.take(record);
    }
  } catch (error) {
    // What came before a broken record is as good as any.
    if (error instanceof FileFault) await file.insertWaiting();
    throw error;
  }
  await file.end();
}

/** One file on its way into a table. */
class FileImport<FileRecord> {
  readonly #format: FileFormat<FileRecord>;
  readonly #run: ImportRun;
  readonly #insert: InsertRecords;
  /** Known once the columns that the table lacked are there. */
  #reader: RecordReader<FileRecord> | null = null;
  #waiting: FileRecord[] = [];
  #waitingCharacters = 0;

  constructor(format: FileFormat<FileRecord>, run: ImportRun, insert: InsertRecords) {
    this.#format = format;
    this.#run = run;
    this.#insert = insert;
  }

  async take(record: FileRecord): Promise<void> {
    this.#waiting.push(record);
    this.#waitingCharacters += this.#format.characters(record);
    const { rowsPerTransaction, charactersPerTransaction } = importLimits;
    const isFull =
      this.#waiting.length >= rowsPerTransaction || this.#waitingCharacters >= charactersPerTransaction;
    if (isFull) await this.insertWaiting();
  }

  async insertWaiting(): Promise<void> {
    if (this.#waiting.length > 0) await this.#insertAll();
  }

  /** Also a file without rows makes the columns that it names. */
  async end(): Promise<void> {
    if (this.#waiting.length > 0 || this.#reader === null) await this.#insertAll();
  }

  async #insertAll(): Promise<void> {
    this.#run.throwIfCancelled();
    const records = this.#waiting;
    this.#waiting = [];
    this.#waitingCharacters = 0;
    this.#reader ??= await this.#format.prepare(records);
    if (records.length === 0) return;
    const outcome = await this.#insert(this.#reader, records);
    this.#run.addRows(outcome);
    if (outcome.failure) throw new FileFault(outcome.failure);
  }
}
