import { closeSync, existsSync, fdatasync, openSync, rmSync, writeFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { SqliteError } from 'better-sqlite3';

/** Brings what was written to an open file to the disk, as `fdatasync` does. */
export type SyncFile = (file: number, done: (error: Error | null) => void) => void;

export interface WriteAheadLogOptions {
  readonly sync?: SyncFile | undefined;
  /**
   * The disk did not keep what it was given. What the kernel has in memory no longer tells what is on the disk,
   * and asking again would be answered as if all were well: the process has to end. By default it is made to.
   */
  readonly onSyncFailed?: ((error: Error) => void) | undefined;
}

/**
 * The file that commits are written to. SQLite writes it without waiting for the disk; that is done here, on
 * a thread beside the event loop, and nobody hears of a commit before. Before the log is folded
 * into the database, and when it begins anew, SQLite waits for the disk itself.
 */
export class WriteAheadLog {
  readonly #file: number;
  readonly #sync: SyncFile;
  readonly #onSyncFailed: (error: Error) => void;
  readonly #doubtFile: string;
  /** Syncs so far. */
  syncs = 0;

  /** `databaseFile`: it must be open, and have a log. */
  constructor(databaseFile: string, { sync = fdatasync, onSyncFailed = endProcess }: WriteAheadLogOptions) {
    this.#file = openSync(`${databaseFile}-wal`, 'r+');
    this.#sync = sync;
    this.#onSyncFailed = onSyncFailed;
    this.#doubtFile = doubtFileOf(databaseFile);
  }

  /** Resolves once everything in the log is on the disk; never, if the disk fails. */
  sync(): Promise<void> {
    this.syncs += 1;
    return new Promise((resolve) => {
      this.#sync(this.#file, (error) => {
        if (error === null) resolve();
        else void this.fail(error);
      });
    });
  }

  /** Leaves word for the next process that the log cannot be trusted, and ends this one. Never resolves. */
  fail(error: Error): Promise<never> {
    try {
      writeFileSync(this.#doubtFile, '');
    } catch {
      // The next process then sees what this one saw: an error of the disk, or none.
    }
    this.#onSyncFailed(error);
    return new Promise(() => undefined);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Whether an error's code says that SQLite waited for the disk by itself, and the disk failed. */
export function isFailedSync(code: string): boolean {
  return code === 'SQLITE_IOERR_FSYNC' || code === 'SQLITE_IOERR_DIR_FSYNC';
}

/**
 * Folds what the last process left in the log into the database, and empties it. When a sync had failed, what
 * is read from the log may not be on the disk: then it must be written again, before anything is added behind it.
 */
export function settleLog(writer: Database, databaseFile: string): void {
  const doubtFile = doubtFileOf(databaseFile);
  if (isFolded(writer)) rmSync(doubtFile, { force: true });
  else if (existsSync(doubtFile)) {
    throw new Error(
      `The disk failed while ${databaseFile} was written, and what was left unfinished cannot be written again: ` +
        'make sure that the disk is sound and has space, and that no other program has the database open.',
    );
  }
}

/** Without an error on a full disk: then the log stays as it is, and reading goes on. */
function isFolded(writer: Database): boolean {
  try {
    const [outcome] = writer.pragma('wal_checkpoint(TRUNCATE)') as Array<{ busy: number }>;
    return outcome?.busy === 0;
  } catch (error) {
    if (error instanceof SqliteError && /^SQLITE_(FULL|IOERR)/.test(error.code)) return false;
    throw error;
  }
}

/** It lies beside the database from a failed sync to the next start that has put things right. */
function doubtFileOf(databaseFile: string): string {
  return `${databaseFile}-sync-failed`;
}

function endProcess(error: Error): never {
  throw error;
}
