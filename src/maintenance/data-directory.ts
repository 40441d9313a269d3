import { join } from 'node:path';

/** The files of a data directory, and what may be done with them. */
export interface DataDirectory {
  readonly path: string;
  readonly database: string;
  /** The key that encrypts stored secrets, unless the settings give one. */
  readonly secretKey: string;
  readonly operatorToken: string;
}

/** Where things are in a data directory. */
export function dataDirectory(path: string): DataDirectory {
  return {
    path,
    database: join(path, 'rowhook.db'),
    secretKey: join(path, 'secret-key'),
    operatorToken: join(path, 'operator-token'),
  };
}

/** Files that SQLite keeps beside a database; they belong to it and to no other. */
export const databaseCompanions: readonly string[] = ['-wal', '-shm', '-journal'];
