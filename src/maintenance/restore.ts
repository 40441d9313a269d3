import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ownerOnly, renameDurably, syncDirectory, writeDurably } from '../store/durable-file.ts';
import { type CopyProgress, makeSingleFile } from '../store/sqlite/copy-database.ts';
import { DirectoryLock } from '../store/sqlite/directory-lock.ts';
import { DatabaseInspector } from '../store/sqlite/inspect-database.ts';
import { type RestoreMarker, readRestoreMarker, restoreMarkerFile } from '../store/sqlite/restore-marker.ts';
import { type DataDirectory, databaseCompanions } from './data-directory.ts';
import { requireSpace } from './disk-space.ts';
import { readKeyFile } from './key-file.ts';
import { backupFiles, copyHashed, describeFile, type Manifest, readManifest } from './manifest.ts';

export interface RestoreOptions {
  /** A directory that `rowhook backup` made, or a database file, such as the copy kept before an upgrade. */
  readonly backup: string;
  readonly directory: DataDirectory;
  /** Takes the place of a database that is there; that one is kept. */
  readonly replace: boolean;
  /** From the settings; null: the key is in a key file. */
  readonly secretKey: string | null;
  readonly previousSecretKeys: readonly string[];
  readonly nowMs: number;
  readonly onProgress?: (progress: CopyProgress) => void;
  readonly signal?: AbortSignal;
}

/** What was restored. */
export interface Restored {
  readonly schemaVersion: number;
  readonly bytes: number;
  /** Of the backup; null: it was a database file, which does not say. */
  readonly createdAt: string | null;
  /** Where the files are that were there before; null: there were none. */
  readonly kept: string | null;
  readonly secretKeyRestored: boolean;
}

/**
 * Puts a backup into a data directory whose server does not run. Everything is checked on a copy beside the
 * database before that is touched. From then on a marker keeps servers from starting on half of it; after a
 * crash, the same call finishes what was begun.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { directory } = options;
  const backup = resolve(options.backup);
  if (!existsSync(backup)) throw new Error(`There is no backup at ${backup}.`);
  const manifest = statSync(backup).isDirectory() ? readManifest(backup) : null;
  mkdirSync(directory.path, { recursive: true, mode: ownerOnly.directory });
  const lock = new DirectoryLock(directory.path);
  try {
    const interrupted = readRestoreMarker(directory.path);
    if (existsSync(directory.database) && !options.replace && interrupted === null) {
      throw new Error(
        `${directory.path} has a database already. To put the backup in its place, which keeps the one there, say --replace.`,
      );
    }
    removeUnfinished(directory);
    const copy = `${directory.database}.${process.pid}.restoring`;
    try {
      return await restoreLocked(options, { backup, manifest, copy, interrupted });
    } finally {
      rmSync(copy, { force: true });
    }
  } finally {
    lock.release();
  }
}

interface Preparation {
  readonly backup: string;
  readonly manifest: Manifest | null;
  readonly copy: string;
  readonly interrupted: RestoreMarker | null;
}

async function restoreLocked(options: RestoreOptions, preparation: Preparation): Promise<Restored> {
  const { directory, nowMs } = options;
  const { backup, manifest, copy, interrupted } = preparation;
  const bytes = await copyChecked(options, preparation);
  const keyFile = manifest?.files.some(({ name }) => name === backupFiles.secretKey) === true;
  const restoredKeys = keyFile ? readFileSync(join(backup, backupFiles.secretKey), 'utf8') : null;
  const schemaVersion = await inspect(copy, options, restoredKeys);

  // From here on things are moved.
  const keptIn = `replaced-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`;
  const marker: RestoreMarker = {
    backup,
    keptIn:
      interrupted === null
        ? inPlace(directory, restoredKeys).length > 0
          ? keptIn
          : null
        : interrupted.keptIn,
  };
  writeDurably(restoreMarkerFile(directory.path), JSON.stringify(marker));
  const kept = keep(directory, marker, restoredKeys);
  if (restoredKeys !== null) writeDurably(directory.secretKey, restoredKeys);
  renameDurably(copy, directory.database);
  rmSync(restoreMarkerFile(directory.path));
  syncDirectory(directory.path);
  return { schemaVersion, bytes, createdAt: manifest?.createdAt ?? null, kept, secretKeyRestored: keyFile };
}

/** Copies the database of the backup beside the one in place; every file of the backup must be what it was. */
async function copyChecked(
  { directory, onProgress, signal }: RestoreOptions,
  { backup, manifest, copy }: Preparation,
): Promise<number> {
  const source = manifest === null ? backup : join(backup, backupFiles.database);
  const totalBytes = existsSync(source) ? statSync(source).size : 0;
  requireSpace(directory.path, totalBytes);
  const onBytes = (copiedBytes: number): void => onProgress?.({ copiedBytes, totalBytes });
  if (manifest === null) {
    if (databaseCompanions.some((ending) => ending !== '-shm' && isFilled(backup + ending))) {
      throw new Error(
        `The database ${backup} was not closed: its newest data is in the files beside it. ` +
          'Give a directory that rowhook backup made, or a copy that was made while the server was stopped.',
      );
    }
    await copyHashed(backup, copy, onBytes, signal);
    return totalBytes;
  }
  if (!manifest.files.some(({ name }) => name === backupFiles.database)) {
    throw damaged(backup, `${backupFiles.database} is not in its manifest`);
  }
  for (const { name, sha256 } of manifest.files) {
    const file = join(backup, name);
    if (!existsSync(file)) throw damaged(backup, `${name} is missing`);
    const found =
      name === backupFiles.database
        ? await copyHashed(file, copy, onBytes, signal)
        : (await describeFile(backup, name)).sha256;
    if (found !== sha256) throw damaged(backup, `${name} is not as it was when the backup was made`);
  }
  return totalBytes;
}

/** The copy must be sound, known to this program, and its secrets must open with the keys there will be. */
async function inspect(copy: string, options: RestoreOptions, restoredKeys: string | null): Promise<number> {
  const { directory, backup, secretKey, previousSecretKeys } = options;
  try {
    makeSingleFile(copy);
  } catch (error) {
    throw damaged(backup, error instanceof Error ? error.message : String(error));
  }
  const inspector = new DatabaseInspector(copy);
  try {
    const { schemaVersion, knownVersion, faults } = inspector.inspect();
    if (faults.length > 0) throw damaged(backup, `SQLite finds: ${faults[0]}`);
    if (schemaVersion === 0) throw damaged(backup, 'there is no database of Rowhook in it');
    if (schemaVersion > knownVersion) {
      throw new Error(
        `The backup ${backup} has schema version ${schemaVersion}; this Rowhook knows only ${knownVersion}. ` +
          'Restore it with the newer Rowhook that made it.',
      );
    }
    const inFiles = [
      ...(restoredKeys?.split('\n').filter((line) => line.trim() !== '') ?? []),
      ...(existsSync(directory.secretKey) ? readKeyFile(directory) : []),
    ];
    const keys = [...(secretKey === null ? [] : [secretKey]), ...inFiles, ...previousSecretKeys];
    const secrets = await inspector.secrets(keys[0] ?? '', keys.slice(1));
    if (secrets !== null && secrets.unreadable > 0) {
      throw new Error(
        `${secrets.unreadable} secrets in the backup ${backup} cannot be opened with the keys at hand. They were ` +
          `sealed with: ${[...secrets.sealedBy.keys()].join(', ')}. Put the key file that belongs to it at ` +
          `${directory.secretKey}, or set ROWHOOK_SECRET_KEY, and run this again.`,
      );
    }
    return schemaVersion;
  } finally {
    inspector.close();
  }
}

/** Moves what is in place into the directory that the marker names; answers that, or null if nothing was there. */
function keep(directory: DataDirectory, marker: RestoreMarker, restoredKeys: string | null): string | null {
  if (marker.keptIn === null) return null;
  const kept = join(directory.path, marker.keptIn);
  for (const file of inPlace(directory, restoredKeys)) {
    const to = join(kept, basename(file));
    // What is kept already was there before a restore that was interrupted; what is in place now came from it.
    if (existsSync(to)) continue;
    mkdirSync(kept, { recursive: true, mode: ownerOnly.directory });
    renameDurably(file, to);
  }
  return kept;
}

/** The files that the restored ones take the place of. The database comes last, as it is what all hangs on. */
function inPlace(directory: DataDirectory, restoredKeys: string | null): readonly string[] {
  const files = [...databaseCompanions.map((ending) => directory.database + ending), directory.database];
  const keyFile = directory.secretKey;
  const replacesKey =
    restoredKeys !== null && existsSync(keyFile) && readFileSync(keyFile, 'utf8') !== restoredKeys;
  return [...(replacesKey ? [keyFile] : []), ...files.filter((file) => existsSync(file))];
}

/** Copies that restores have left which were killed before they changed anything. */
function removeUnfinished({ path, database }: DataDirectory): void {
  for (const name of readdirSync(path)) {
    if (name.startsWith(`${basename(database)}.`) && name.includes('.restoring')) rmSync(join(path, name));
  }
}

function isFilled(file: string): boolean {
  return existsSync(file) && statSync(file).size > 0;
}

function damaged(backup: string, reason: string): Error {
  return new Error(`The backup ${backup} is damaged (${reason}). Nothing was changed; take another one.`);
}
