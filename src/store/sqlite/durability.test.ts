import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, fdatasync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import type { JournalEvent } from '../../model/event.ts';
import { HeldClock } from '../contract/held-clock.ts';
import {
  insertRows,
  newAttempt,
  newDelivery,
  newTable,
  newWebhook,
  numberedEvents,
  workspaceNumber,
} from '../contract/samples.ts';
import { testSecretKey } from '../contract/store-place.ts';
import type { Store } from '../port.ts';
import { openSqliteStore } from './index.ts';
import { SqlitePlace } from './sqlite-place.ts';
import type { SyncFile } from './write-ahead-log.ts';

/** A disk that takes what it is given at once, or when the test says so, or fails. */
class SlowDisk {
  #holding = false;
  #failure: Error | null = null;
  readonly #held: Array<() => void> = [];
  #onHeld: () => void = () => undefined;

  readonly sync: SyncFile = (file, done) => {
    if (this.#failure) return done(this.#failure);
    if (!this.#holding) return fdatasync(file, done);
    this.#held.push(() => fdatasync(file, done));
    this.#onHeld();
  };

  /** From now on syncs do not end; resolves when the first of them has begun. */
  hold(): Promise<void> {
    this.#holding = true;
    return new Promise((resolve) => {
      this.#onHeld = resolve;
    });
  }

  release(): void {
    this.#holding = false;
    for (const sync of this.#held.splice(0)) sync();
  }

  fail(error: Error): void {
    this.#failure = error;
  }
}

const clock = new HeldClock();
const some = 100;
const allBytes = 1_000_000;

let place: SqlitePlace;
let disk: SlowDisk;
let store: Store;
let acme: number;

beforeEach(async () => {
  place = SqlitePlace.create();
  disk = new SlowDisk();
  store = openSqliteStore({
    directory: place.directory,
    clock,
    secretKey: testSecretKey,
    sync: disk.sync,
  });
  acme = await workspaceNumber(store);
});

afterEach(async () => {
  disk.release();
  await store.close();
  await place.remove();
});

/** Waits for whatever can happen while the disk does nothing. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Which of these are answered; none of them fails. */
function answersOf(promises: Readonly<Record<string, Promise<unknown>>>): Set<string> {
  const answered = new Set<string>();
  for (const [name, promise] of Object.entries(promises)) void promise.then(() => answered.add(name));
  return answered;
}

describe('while the disk has not taken a transaction', () => {
  it('nobody hears of it: not who wrote, not who listens, not who reads the journal', async () => {
    const heard: JournalEvent[] = [];
    store.journal.onAppended((events) => heard.push(...events));
    const held = disk.hold();
    const appended = store.journal.append(acme, numberedEvents(3));
    const answered = answersOf({ appended });
    await held;
    await turns();
    assert.deepEqual([...answered], []);
    assert.deepEqual(heard, []);
    assert.equal(store.journal.headSeq(), 0);
    assert.deepEqual(await store.journal.read(acme, 0, some, allBytes), []);
    assert.deepEqual(await store.journal.readAll(0, some, allBytes), []);
    assert.equal(await store.journal.seqBefore(clock.nowMs() + 1), 0);
    disk.release();
    assert.deepEqual(heard, await appended);
    assert.equal(store.journal.headSeq(), 3);
    assert.deepEqual(await store.journal.read(acme, 0, some, allBytes), heard);
  });

  it('whoever read something of it waits for the answer', async () => {
    const table = await newTable(store);
    const webhook = await newWebhook(store, acme);
    const held = disk.hold();
    const writes = Promise.all([
      insertRows(store, table, ['a']),
      store.deliveries.write([
        { kind: 'delivered', delivery: newDelivery(webhook, 1), attempt: newAttempt(1), retry: null },
      ]),
    ]);
    await held;
    const page = { limit: some, cursor: null };
    const reads = {
      rows: store.rows.list(table, page),
      count: store.rows.count(table),
      changeSets: store.rows.changeSets(table),
      events: store.journal.list(acme, {}, page),
      event: store.journal.find(acme, 1),
      deliveries: store.deliveries.list(acme, {}, page),
      attempts: store.deliveries.attempts(newDelivery(webhook, 1)),
      bases: store.bases.listBases(acme),
    };
    const answered = answersOf(reads);
    await turns();
    assert.deepEqual([...answered], []);
    disk.release();
    await writes;
    assert.equal((await reads.rows).items.length, 1);
    assert.equal(await reads.count, 1);
    assert.equal((await reads.event)?.seq, 1);
    assert.equal((await reads.deliveries).items.length, 1);
    assert.equal((await reads.attempts).length, 1);
    assert.equal((await reads.changeSets).length, 1);
    assert.equal((await reads.events).items.length, 1);
    assert.equal((await reads.bases).length, 1);
  });

  it('whoever wrote hears of it before those who read', async () => {
    const table = await newTable(store);
    const order: string[] = [];
    const held = disk.hold();
    const written = insertRows(store, table, ['a']).then(async () => {
      // As many steps as a writer may take before it has noted what it heard.
      for (let step = 0; step < 10; step += 1) await undefined;
      order.push('writer');
    });
    await held;
    const read = store.rows.count(table).then(() => order.push('reader'));
    disk.release();
    await Promise.all([written, read]);
    assert.deepEqual(order, ['writer', 'reader']);
  });

  it('writers gather, of every kind, and share the next sync', async () => {
    const table = await newTable(store);
    const held = disk.hold();
    const first = store.journal.append(acme, numberedEvents(1));
    await held;
    const before = store.counts();
    const others = Array.from({ length: 10 }, () => [
      store.journal.append(acme, numberedEvents(1)),
      insertRows(store, table, ['a']),
    ]).flat();
    const answered = answersOf({ others: Promise.race(others) });
    await turns();
    assert.equal(store.counts().transactions, before.transactions);
    assert.deepEqual([...answered], []);
    disk.release();
    await Promise.all([first, ...others]);
    assert.equal(store.counts().syncs - before.syncs, 1);
    assert.equal(store.counts().transactions - before.transactions, 1);
  });

  it('a change of configuration waits for the disk like any other', async () => {
    const held = disk.hold();
    const created = store.bases.createBase(acme, 'Books');
    const answered = answersOf({ created });
    await held;
    await turns();
    assert.deepEqual([...answered], []);
    disk.release();
    assert.equal((await created).name, 'Books');
  });

  it('closing the store waits, too', async () => {
    const held = disk.hold();
    const appended = store.journal.append(acme, numberedEvents(1));
    await held;
    const closing = store.close();
    const answered = answersOf({ closing });
    await turns();
    assert.deepEqual([...answered], []);
    disk.release();
    await Promise.all([appended, closing]);
    store = await place.open({ clock, secretKey: testSecretKey });
    assert.equal(store.journal.headSeq(), 1);
  });
});

describe('a disk that fails', () => {
  const failure = new Error('EIO: i/o error, fdatasync');
  let copy: SqlitePlace;
  let failed: Error[];

  /** A store whose disk fails at its second event; as a dead process leaves it, in a place of its own. */
  beforeEach(async () => {
    copy = SqlitePlace.create();
    failed = [];
    const broken = new SlowDisk();
    const original = SqlitePlace.create();
    const dying = openSqliteStore({
      directory: original.directory,
      clock,
      secretKey: testSecretKey,
      sync: broken.sync,
      onSyncFailed: (error) => failed.push(error),
    });
    const owner = await workspaceNumber(dying);
    await dying.journal.append(owner, numberedEvents(1));
    broken.fail(failure);
    const answered = answersOf({
      append: dying.journal.append(owner, numberedEvents(1)).catch(() => undefined),
      next: dying.bases.createBase(owner, 'Books').catch(() => undefined),
    });
    await turns();
    assert.deepEqual([...answered], [], 'neither accepted nor refused: nobody knows');
    for (const name of ['rowhook.db', 'rowhook.db-wal', 'rowhook.db-sync-failed']) {
      cpSync(join(original.directory, name), join(copy.directory, name));
    }
    await original.remove();
  });

  afterEach(() => copy.remove());

  it('ends the process, once', () => {
    assert.deepEqual(failed, [failure]);
  });

  it('leaves word for the next process, which writes again what may not be on the disk', async () => {
    const next = await copy.open({ clock, secretKey: testSecretKey });
    assert.ok(!existsSync(join(copy.directory, 'rowhook.db-sync-failed')));
    assert.ok(next.journal.headSeq() >= 1);
    await next.close();
  });

  it('keeps the next process from starting as long as that cannot be written', async () => {
    const other = new Database(copy.databaseFile, { readonly: true });
    other.exec('BEGIN');
    other.prepare('SELECT count(*) FROM events').get();
    await assert.rejects(
      copy.open({ clock, secretKey: testSecretKey }),
      /disk failed while .*rowhook\.db was written/,
    );
    other.close();
    await (await copy.open({ clock, secretKey: testSecretKey })).close();
  });

  it('ends the process by default, before anybody is told anything', () => {
    const program = `
      import { openSqliteStore } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
      import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '../../model/clock.ts'))};
      const store = openSqliteStore({
        directory: ${JSON.stringify(place.directory)} + '/other', clock: systemClock, secretKey: 'key',
        sync: (file, done) => setImmediate(done, new Error('EIO')),
      });
      store.workspaces.create('acme').then(() => console.log('answered'), () => console.log('answered'));`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', program],
      { encoding: 'utf8' },
    );
    assert.notEqual(status, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /EIO/);
  });
});
