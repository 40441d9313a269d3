import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const lockFile = 'rowhook.lock';
/** Tells who holds the lock. */
const holderFile = 'rowhook.pid';

/**
 * Keeps a data directory to one process. The lock is SQLite's own on a file of its own, which the
 * operating system releases however the process ends; the file beside it only tells who holds it.
 */
export class DirectoryLock {
  readonly #holderFile: string;
  readonly #database: Database.Database;

  /** Throws when another process holds the directory; the message names it. */
  constructor(directory: string) {
    this.#holderFile = join(directory, holderFile);
    this.#database = openLock(directory);
    try {
      this.#database.exec('BEGIN EXCLUSIVE');
      writeFileSync(this.#holderFile, `${process.pid}\n`);
    } catch (error) {
      this.#database.close();
      if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error;
      throw new Error(
        `The data directory ${directory} is in use by process ${readHolder(this.#holderFile)}. ` +
          'Stop that process, or choose another directory with ROWHOOK_DATA_DIR.',
      );
    }
  }

  release(): void {
    rmSync(this.#holderFile, { force: true });
    this.#database.close();
  }
}

/** The process that holds a directory, as far as it is known; null: none does. Looks only, and takes no lock. */
export function lockHolder(directory: string): string | null {
  const file = join(directory, lockFile);
  if (!existsSync(file)) return null;
  const database = new Database(file, { timeout: 0, readonly: true });
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return null;
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error;
    return readHolder(join(directory, holderFile));
  } finally {
    database.close();
  }
}

function openLock(directory: string): Database.Database {
  try {
    return new Database(join(directory, lockFile), { timeout: 0 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The data directory ${directory} cannot be used (${reason}). ` +
        'Let Rowhook write there, or choose another directory with ROWHOOK_DATA_DIR.',
      { cause: error },
    );
  }
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}
