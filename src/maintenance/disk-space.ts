import { statfsSync } from 'node:fs';

/** Bytes that this user may still write into a directory. */
export function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** Throws when a directory has no room for so many bytes, before anything is written. */
export function requireSpace(directory: string, bytes: number): void {
  const free = freeBytes(directory);
  if (free >= bytes) return;
  throw new Error(
    `The disk of ${directory} has ${megabytes(free)} MB left; ${megabytes(bytes)} MB are needed.`,
  );
}

/** `12.3`, in millions of bytes. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
