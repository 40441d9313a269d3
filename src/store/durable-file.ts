import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Only their owner may read what Rowhook keeps. */
export const ownerOnly = { file: 0o600, directory: 0o700 } as const;

/**
 * Puts a text into a file so that, whenever power fails, the file has either what it had before or the whole
 * text. Only its owner may read it.
 */
export function writeDurably(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(temporary, text, { mode: ownerOnly.file, flush: true });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectory(dirname(file));
}

/** Renames a file or a directory within its directory, for good. */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  syncDirectory(dirname(to));
  if (dirname(from) !== dirname(to)) syncDirectory(dirname(from));
}

/** Waits until a file's content is on the disk. */
export function syncFile(file: string): void {
  sync(file, 'r+');
}

/** Waits until the names in a directory are on the disk. */
export function syncDirectory(directory: string): void {
  // Windows has no such call, and needs none.
  if (process.platform !== 'win32') sync(directory, 'r');
}

function sync(path: string, flags: string): void {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
