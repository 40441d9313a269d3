import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3';
import { ownerOnly } from '../durable-file.ts';
import { explainFault } from './connection.ts';

export interface CopyProgress {
  readonly copiedBytes: number;
  readonly totalBytes: number;
}

interface CopyOptions {
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Gives the copy up; what was written of it is the caller's to remove. */
  readonly signal?: AbortSignal;
}

/** Pages copied before others get a turn: 4 MiB. */
const pagesPerStep = 1_024;

/**
 * Copies a database that may be in use, also by another process, into a new file: one consistent state, that
 * of the moment when the copy begins. Writers are not held up; the write-ahead log of the database grows
 * until the copy is done. The copy is a single file, without a log of its own.
 */
export async function copyDatabase(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  const { onProgress, signal } = options;
  const source = new Database(from, { readonly: true, fileMustExist: true });
  try {
    const pageBytes = Number(source.pragma('page_size', { simple: true }));
    // Held to the end: the copy reads this state, and does not start again whenever somebody writes.
    source.exec('BEGIN');
    source.prepare('SELECT count(*) FROM sqlite_schema').get();
    await source.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        signal?.throwIfAborted();
        onProgress?.({
          copiedBytes: (totalPages - remainingPages) * pageBytes,
          totalBytes: totalPages * pageBytes,
        });
        return pagesPerStep;
      },
    });
    source.exec('COMMIT');
  } catch (error) {
    throw explainFault(from, error);
  } finally {
    source.close();
  }
  chmodSync(to, ownerOnly.file);
  makeSingleFile(to);
}

/** Lets a database that nobody uses do without files beside it, until it is opened as a store again. */
export function makeSingleFile(file: string): void {
  const database = new Database(file, { fileMustExist: true });
  try {
    database.pragma('journal_mode = DELETE');
  } finally {
    database.close();
  }
}
