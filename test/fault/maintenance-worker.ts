/**
 * The program that maintenance-kill.test.ts kills: backs up, restores, changes the key or upgrades, and dies by
 * kill -9 right before one of its file operations, or is killed from outside once it has printed `begun`.
 *
 *     node maintenance-worker.ts OPERATION DIRECTORY OTHER KILL_BEFORE
 *
 * KILL_BEFORE counts the file operations from 1; 0: it is left alive.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { upgradeSteps } from './maintenance-kill-data.ts';

/** What writes, moves or flushes a file from JavaScript; SQLite's own writing is cut by kills from outside. */
const operations = [
  'writeFileSync',
  'renameSync',
  'fsyncSync',
  'rmSync',
  'mkdirSync',
  'copyFileSync',
  'chmodSync',
] as const;

function dieBefore(count: number): void {
  let done = 0;
  for (const name of operations) {
    const original = fs[name] as (...args: unknown[]) => unknown;
    Object.assign(fs, {
      [name]: (...args: unknown[]): unknown => {
        done += 1;
        if (done === count) process.kill(process.pid, 'SIGKILL');
        return original(...args);
      },
    });
  }
  syncBuiltinESMExports();
}

const [, , operation, path = '', other = '', killBefore = '0'] = process.argv;
const unset = { secretKey: null, previousSecretKeys: [] };
const { dataDirectory } = await import('../../src/maintenance/data-directory.ts');
const { backUp } = await import('../../src/maintenance/backup.ts');
const { restore } = await import('../../src/maintenance/restore.ts');
const { rotateKey } = await import('../../src/maintenance/rotate-key.ts');
const { secretKeysOf } = await import('../../src/maintenance/key-file.ts');
const { migrate } = await import('../../src/store/sqlite/migrate.ts');
const { systemClock } = await import('../../src/model/clock.ts');
const { default: Database } = await import('better-sqlite3');

const directory = dataDirectory(path);
dieBefore(Number(killBefore));
fs.writeSync(1, 'begun\n');
if (operation === 'backup') {
  await backUp({
    directory,
    destination: other,
    keys: secretKeysOf(directory, unset),
    includeSecretKey: true,
    rowhookVersion: '0.0.0',
    nowMs: Date.now(),
  });
} else if (operation === 'restore') {
  await restore({ backup: other, directory, replace: true, ...unset, nowMs: Date.now() });
} else if (operation === 'rotate-key') {
  await rotateKey({ directory, ...unset });
} else if (operation === 'first-start') {
  secretKeysOf(directory, unset);
} else if (operation === 'upgrade') {
  const file = join(path, 'old.db');
  const database = new Database(file);
  database.pragma('synchronous = FULL');
  migrate(database, systemClock, file, upgradeSteps);
  database.close();
} else {
  throw new Error(`There is no operation ${operation}.`);
}
