import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3';
import { settleLog, WriteAheadLog, type WriteAheadLogOptions } from './write-ahead-log.ts';

/** The two connections of a store: everything is written through one, and most is read through the other. */
export interface Connections {
  readonly writer: Database.Database;
  readonly reader: Database.Database;
  readonly log: WriteAheadLog;
}

/** Page cache of the writing and of the reading connection, in KiB each. */
const pageCacheKiB = 16 * 1024;
/** How long a statement waits for another program that is looking into the database, in milliseconds. */
const busyTimeoutMs = 5_000;

/** What `PRAGMA synchronous` answers for NORMAL. */
const synchronousNormal = 1;

/**
 * Opens `file`, lets `prepare` bring it up to date, and only then reads from it. When that fails, nothing
 * stays open, and the error says what to do about a damaged database.
 */
export function openConnections(
  file: string,
  prepare: (writer: Database.Database) => void,
  options: WriteAheadLogOptions = {},
): Connections {
  const opened: Database.Database[] = [];
  try {
    const writer = new Database(file, { timeout: 0 });
    opened.push(writer);
    chmodSync(file, 0o600);
    configure(writer, file);
    settleLog(writer, file);
    writer.pragma(`busy_timeout = ${busyTimeoutMs}`);
    prepare(writer);
    const reader = new Database(file, { timeout: busyTimeoutMs });
    opened.push(reader);
    configure(reader, file);
    reader.pragma('query_only = ON');
    return { writer, reader, log: new WriteAheadLog(file, options) };
  } catch (error) {
    for (const connection of opened) connection.close();
    throw explainFault(file, error);
  }
}

function configure(connection: Database.Database, file: string): void {
  connection.pragma('journal_mode = WAL');
  // NORMAL: commits do not wait for the disk, the commit queue does (I1); folding the log in does, too.
  connection.pragma('synchronous = NORMAL');
  // Where syncing alone reaches the disk's cache only, which is on macOS.
  connection.pragma('checkpoint_fullfsync = ON');
  connection.pragma('foreign_keys = ON');
  connection.pragma(`cache_size = -${pageCacheKiB}`);
  // The checkpointer folds the log into the database.
  connection.pragma('wal_autocheckpoint = 0');
  // SQLite keeps another mode without an error where a file system cannot do what this one needs.
  const journalMode = connection.pragma('journal_mode', { simple: true });
  const synchronous = connection.pragma('synchronous', { simple: true });
  if (journalMode !== 'wal' || synchronous !== synchronousNormal) {
    throw new Error(
      `The file system of ${file} cannot keep a write-ahead log. Choose a directory on a local disk with ROWHOOK_DATA_DIR.`,
    );
  }
}

/** The error itself, or one that says what to do about a database that is damaged, or that others have locked. */
export function explainFault(file: string, error: unknown): unknown {
  if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
    return new Error(
      `Another program has locked the database ${file}, such as a shell that is open on it. End that, and start again.`,
      { cause: error },
    );
  }
  const damaged =
    error instanceof Database.SqliteError &&
    (error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT'));
  if (!damaged) return error;
  return new Error(
    `The database ${file} is damaged (${error.message}). Restore it from a backup with rowhook restore, ` +
      'or move it away together with the files beside it to begin with an empty one.',
    { cause: error },
  );
}
