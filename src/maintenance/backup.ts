import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ownerOnly, renameDurably, syncDirectory, syncFile, writeDurably } from '../store/durable-file.ts';
import { type CopyProgress, copyDatabase } from '../store/sqlite/copy-database.ts';
import { DatabaseInspector } from '../store/sqlite/inspect-database.ts';
import { refuseUnfinishedRestore } from '../store/sqlite/restore-marker.ts';
import type { DataDirectory } from './data-directory.ts';
import { requireSpace } from './disk-space.ts';
import type { SecretKeys } from './key-file.ts';
import { backupFiles, describeFile, type Manifest, manifestOf } from './manifest.ts';

export interface BackupOptions {
  readonly directory: DataDirectory;
  /** Where the backup shall be: a directory that does not exist yet. */
  readonly destination: string;
  /** What opens the secrets, to see that it does; null: not at hand. */
  readonly keys: SecretKeys | null;
  /** Puts the key file into the backup, which then opens its own secrets. */
  readonly includeSecretKey: boolean;
  readonly rowhookVersion: string;
  readonly nowMs: number;
  readonly onProgress?: (progress: CopyProgress) => void;
  readonly signal?: AbortSignal;
}

/** A backup that was made. */
export interface Backup {
  readonly path: string;
  readonly manifest: Manifest;
}

/**
 * Backs up an installation on the embedded store, whether its server runs or not: one consistent state of the
 * database, checked, with a manifest of what belongs to it. The backup gets its name only when all of it is on
 * the disk; what a crash leaves is named otherwise and removed by the next backup to the same place.
 */
export async function backUp(options: BackupOptions): Promise<Backup> {
  const { directory, includeSecretKey, keys } = options;
  const path = resolve(options.destination);
  if (existsSync(path)) throw new Error(`${path} exists already; a backup never overwrites anything.`);
  if (!existsSync(directory.database)) {
    throw new Error(
      `There is no database in ${directory.path}. Say with --data-dir where the data of the server is.`,
    );
  }
  refuseUnfinishedRestore(directory.path);
  if (includeSecretKey && keys?.fromFile !== true) {
    throw new Error(
      `There is no key file to include: ${directory.secretKey} does not exist or is not in use. ` +
        'The key is the one in ROWHOOK_SECRET_KEY; keep it yourself.',
    );
  }
  if (!existsSync(dirname(path))) throw new Error(`The directory ${dirname(path)} does not exist.`);
  removeUnfinished(path);
  requireSpace(dirname(path), statSync(directory.database).size);

  const partial = `${path}.${process.pid}.partial`;
  mkdirSync(partial, { mode: ownerOnly.directory });
  try {
    const manifest = await fill(partial, options);
    writeDurably(manifestOf(partial), `${JSON.stringify(manifest, null, 2)}\n`);
    options.signal?.throwIfAborted();
    renameDurably(partial, path);
    return { path, manifest };
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

async function fill(partial: string, options: BackupOptions): Promise<Manifest> {
  const { directory, keys, includeSecretKey, rowhookVersion, nowMs, onProgress, signal } = options;
  const database = join(partial, backupFiles.database);
  await copyDatabase(directory.database, database, {
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  syncFile(database);
  const { schemaVersion, secretKeyIds } = await check(database, directory, keys);
  const names: string[] = [backupFiles.database];
  if (includeSecretKey) {
    copyFileSync(directory.secretKey, join(partial, backupFiles.secretKey));
    syncFile(join(partial, backupFiles.secretKey));
    names.push(backupFiles.secretKey);
  }
  syncDirectory(partial);
  return {
    format: 'rowhook-backup',
    formatVersion: 1,
    createdAt: new Date(nowMs).toISOString(),
    rowhookVersion,
    schemaVersion,
    secretKeyIds,
    files: await Promise.all(names.map((name) => describeFile(partial, name))),
  };
}

/** A backup of a damaged database would push a good one out of somebody's rotation. */
async function check(
  copy: string,
  directory: DataDirectory,
  keys: SecretKeys | null,
): Promise<Pick<Manifest, 'schemaVersion' | 'secretKeyIds'>> {
  const inspector = new DatabaseInspector(copy);
  try {
    const { schemaVersion, faults } = inspector.inspect();
    if (faults.length > 0) {
      throw new Error(
        `The database ${directory.database} is damaged (${faults[0]}), so no backup was made of it. ` +
          'Run rowhook doctor, and restore the last good backup.',
      );
    }
    const secrets = await inspector.secrets(keys?.current ?? '', keys?.previous ?? []);
    return { schemaVersion, secretKeyIds: secrets === null ? null : [...secrets.sealedBy.keys()] };
  } finally {
    inspector.close();
  }
}

/** What backups to the same place have left that were killed. */
function removeUnfinished(path: string): void {
  const start = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    const pid = name.startsWith(start) ? /^(\d+)\.partial$/.exec(name.slice(start.length))?.[1] : undefined;
    if (pid !== undefined && !isRunning(Number(pid))) {
      rmSync(join(dirname(path), name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
