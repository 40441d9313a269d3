import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { HeldClock } from '../contract/held-clock.ts';
import { testSecretKey } from '../contract/store-place.ts';
import { DirectoryLock } from './directory-lock.ts';
import { SqlitePlace } from './sqlite-place.ts';

const options = { clock: new HeldClock(), secretKey: testSecretKey };

/** A program that opens the store in the directory it is given, says so, and stays. */
const holderProgram = `
  const { openSqliteStore } = await import(${JSON.stringify(import.meta.resolve('./index.ts'))});
  const { systemClock } = await import(${JSON.stringify(import.meta.resolve('../../model/clock.ts'))});
  openSqliteStore({ directory: process.argv[1], clock: systemClock, secretKey: 'key' });
  process.stdout.write('open');
  setInterval(() => undefined, 1_000_000);
`;

let place: SqlitePlace;
let holder: ChildProcess | null;

beforeEach(() => {
  place = SqlitePlace.create();
  holder = null;
});

afterEach(async () => {
  await kill(holder);
  await place.remove();
});

async function holdInAnotherProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', holderProgram, place.directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  holder = child;
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => assert.fail('The holder could not open the store.')),
  ]);
  return child;
}

async function kill(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe('a data directory', () => {
  it('is refused to a second process, which is told the first one’s id', async () => {
    const child = await holdInAnotherProcess();
    await assert.rejects(place.open(options), (error: Error) => {
      assert.ok(error.message.includes(`in use by process ${child.pid}.`), error.message);
      assert.match(error.message, /ROWHOOK_DATA_DIR/);
      return true;
    });
  });

  it('is free again once its holder is killed', async () => {
    const child = await holdInAnotherProcess();
    await kill(child);
    assert.ok(existsSync(join(place.directory, 'rowhook.pid')), 'the killed holder could not clean up');
    const store = await place.open(options);
    await store.close();
  });

  it('is not freed by an attempt that was refused', async () => {
    await holdInAnotherProcess();
    await assert.rejects(place.open(options), /in use by process/);
    await assert.rejects(place.open(options), /in use by process/);
  });

  it('is refused to a second store of the same process', async () => {
    const store = await place.open(options);
    await assert.rejects(place.open(options), new RegExp(`in use by process ${process.pid}\\.`));
    await store.close();
    await (await place.open(options)).close();
    assert.ok(!existsSync(join(place.directory, 'rowhook.pid')));
  });

  it('is refused with its name when the lock cannot be opened', async () => {
    mkdirSync(join(place.directory, 'rowhook.lock'));
    await assert.rejects(place.open(options), (error: Error) => {
      assert.ok(error.message.includes(place.directory), error.message);
      return /cannot be used/.test(error.message);
    });
  });

  it('is made when it does not exist', async () => {
    await place.remove();
    await (await place.open(options)).close();
    assert.ok(existsSync(place.databaseFile));
  });
});

describe('the lock of a data directory', () => {
  it('is not kept when its holder cannot be written down', () => {
    const pidFile = join(place.directory, 'rowhook.pid');
    mkdirSync(pidFile);
    assert.throws(() => new DirectoryLock(place.directory), /EISDIR/);
    rmdirSync(pidFile);
    new DirectoryLock(place.directory).release();
  });
});
