import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Clock } from '../../model/clock.ts';
import { ownerOnly, renameDurably, syncFile } from '../durable-file.ts';
import { migrations } from '../migrations/index.ts';

/** In order; the version of a database is how many of them it has been through. */
export const sqliteMigrations: readonly string[] = migrations.map(({ sqlite }) => sqlite);

/** The schema version of this program. */
export const newestSchemaVersion = migrations.length;

/**
 * Brings the database to the schema of this program, each step in a transaction of its own. Before the
 * first step on a database with content, a copy is kept beside it: `rowhook.db.before-<version>-<time>`.
 */
export function migrate(database: Database, clock: Clock, file: string, steps = sqliteMigrations): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > steps.length) {
    throw new Error(
      `The database ${file} has schema version ${version}; this Rowhook knows only ${steps.length}. ` +
        'Start the newer Rowhook that wrote it, or restore the copy kept before the upgrade.',
    );
  }
  if (version === steps.length) return;
  removeUnfinishedCopies(file);
  if (version > 0) keepCopy(database, `${file}.before-${version + 1}-${clock.nowMs()}`);
  for (const [index, step] of steps.slice(version).entries()) {
    database.transaction(() => {
      database.exec(step);
      database.pragma(`user_version = ${version + index + 1}`);
    })();
  }
}

/**
 * Without the write-ahead log, which `VACUUM INTO` has read, and for the owner's eyes only, like the database.
 * It gets its name when it is complete and on the disk: what a crash leaves is not taken for a copy.
 */
function keepCopy(database: Database, file: string): void {
  const partial = `${file}.partial`;
  database.exec(`VACUUM INTO '${partial.replaceAll("'", "''")}'`);
  chmodSync(partial, ownerOnly.file);
  syncFile(partial);
  renameDurably(partial, file);
}

/** Those that a crash has left, of this database and no other. */
function removeUnfinishedCopies(file: string): void {
  const start = `${basename(file)}.before-`;
  for (const name of readdirSync(dirname(file))) {
    if (name.startsWith(start) && name.endsWith('.partial')) rmSync(join(dirname(file), name));
  }
}
