import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { median } from './figures.ts';

/** Where the figures were measured; without it they say nothing. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Load average of the minute before: other work on the machine. */
  readonly loadBefore: number;
  /** Median time to append 4 KiB to a file and sync it, in the directory of the databases. */
  readonly syncMs: number;
}

const syncs = 50;
const syncedBytes = 4_096;

/** `directory` is where the servers will keep their databases. */
export function describeMachine(directory: string): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    syncMs: Math.round(syncTime(directory) * 100) / 100,
  };
}

function syncTime(directory: string): number {
  const path = join(directory, 'sync-probe');
  const file = openSync(path, 'a');
  const block = Buffer.alloc(syncedBytes, 1);
  try {
    return median(
      Array.from({ length: syncs }, () => {
        const startedAt = performance.now();
        writeSync(file, block);
        fsyncSync(file);
        return performance.now() - startedAt;
      }),
    );
  } finally {
    closeSync(file);
    rmSync(path);
  }
}
