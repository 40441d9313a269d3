import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lockHolder } from '../../store/sqlite/directory-lock.ts';
import { readRestoreMarker } from '../../store/sqlite/restore-marker.ts';
import type { DataDirectory } from '../data-directory.ts';
import { freeBytes, megabytes } from '../disk-space.ts';
import { type Finding, failed, ok, skipped, warning } from './finding.ts';

/** Less free space than this stops the server soon. */
const leastFreeBytes = 100 * 1_000_000;
/** A write-ahead log of this size was not folded into the database for long. */
const longLogBytes = 1_000 * 1_000_000;
/** Files that nobody but their owner may read. */
const privateFiles = /^(?:rowhook\.db.*|secret-key|operator-token|replaced-.*)$/;

/** The data directory: whether it can be used, who may read it, how much room there is, and who has it. */
export function checkFiles(directory: DataDirectory, embedded: boolean): readonly Finding[] {
  const { path } = directory;
  if (!existsSync(path))
    return [skipped('data directory', `${path} does not exist; the first start makes it`)];
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [
      failed(
        'data directory',
        `${path} cannot be written by this user.`,
        'Run this as the user of the server, or let that user write there.',
      ),
    ];
  }
  return [
    ok('data directory', path),
    ...(embedded ? [checkLock(path), ...checkRestore(path), ...checkSpace(directory)] : []),
    ...checkPermissions(path),
  ];
}

function checkLock(path: string): Finding {
  const holder = lockHolder(path);
  return ok(
    'lock',
    holder === null ? 'free: no server runs on it' : `held by process ${holder}, a server that runs`,
  );
}

function checkRestore(path: string): readonly Finding[] {
  const marker = readRestoreMarker(path);
  if (marker === null) return [];
  return [
    failed(
      'restore',
      'A restore was interrupted; the server does not start.',
      `Finish it: rowhook restore ${marker.backup} --data-dir ${path}`,
    ),
  ];
}

function checkSpace({ path, database }: DataDirectory): readonly Finding[] {
  const free = freeBytes(path);
  const size = sizeOf(database);
  const log = sizeOf(`${database}-wal`);
  const summary = `${megabytes(free)} MB free; the database has ${megabytes(size)} MB, its log ${megabytes(log)} MB`;
  const findings = [
    free < leastFreeBytes
      ? failed('disk space', summary, 'Make room: without it every write is refused with 507.')
      : free < size
        ? warning('disk space', summary, 'Make room: an upgrade keeps a copy of the database beside it.')
        : ok('disk space', summary),
  ];
  if (log > longLogBytes) {
    findings.push(
      warning(
        'write-ahead log',
        `It has grown to ${megabytes(log)} MB: something reads the database without an end.`,
        'End what has the database open for long, such as a copy or a query by hand.',
      ),
    );
  }
  return findings;
}

function checkPermissions(path: string): readonly Finding[] {
  if (process.platform === 'win32') return [];
  const open = readdirSync(path).filter((name) => privateFiles.test(name) && isOpen(join(path, name)));
  if (isOpen(path)) open.unshift('.');
  if (open.length === 0) return [ok('permissions', 'only the owner can read what is in there')];
  return [
    warning(
      'permissions',
      `Other users of this machine can read: ${open.join(', ')}`,
      `chmod go= ${open.map((name) => join(path, name)).join(' ')}`,
    ),
  ];
}

function isOpen(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0;
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}
