import assert from 'node:assert/strict';
import { cpSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import type { NewEvent } from '../../model/event.ts';
import { HeldClock } from '../contract/held-clock.ts';
import { newEvent, workspaceNumber } from '../contract/samples.ts';
import { testSecretKey } from '../contract/store-place.ts';
import type { Store } from '../port.ts';
import { SqlitePlace } from './sqlite-place.ts';

const options = { clock: new HeldClock(), secretKey: testSecretKey };
const mebibyte = 1024 ** 2;
/** The log is folded at 4,000 pages of 4 KiB, which is a little less than this. */
const foldedAtBytes = 16 * mebibyte;
const eventBytes = 20_000;
const eventsPerTransaction = 10;

let place: SqlitePlace;
let store: Store;
let acme: number;

beforeEach(async () => {
  place = SqlitePlace.create();
  store = await place.open(options);
  acme = await workspaceNumber(store);
});

afterEach(async () => {
  await store.close();
  await place.remove();
});

function largeEvents(): NewEvent[] {
  const dataJson = JSON.stringify('x'.repeat(eventBytes));
  return Array.from({ length: eventsPerTransaction }, () => newEvent({ dataJson }));
}

/** Appends so much data, a transaction after the other. */
async function append(bytes: number): Promise<void> {
  for (let written = 0; written < bytes; written += eventBytes * eventsPerTransaction) {
    await store.journal.append(acme, largeEvents());
  }
}

function bytesOf(name: string): number {
  return statSync(join(place.directory, name)).size;
}

describe('the write-ahead log', () => {
  it('is folded into the database as it grows, and begins anew while writing goes on', async () => {
    await append(8 * foldedAtBytes);
    assert.ok(bytesOf('rowhook.db-wal') < 4 * foldedAtBytes, `${bytesOf('rowhook.db-wal')} bytes of log`);
    assert.ok(bytesOf('rowhook.db') > 4 * foldedAtBytes, `${bytesOf('rowhook.db')} bytes of database`);
  });

  it('holds with the database every event, when the process dies at any moment of it', async () => {
    const after = SqlitePlace.create();
    await append(3 * foldedAtBytes);
    // A copy of files in use is what a dying process leaves only if nothing is written meanwhile.
    const names = ['rowhook.db', 'rowhook.db-wal'];
    for (const name of names) cpSync(join(place.directory, name), join(after.directory, name));
    const next = await after.open(options);
    assert.equal(next.journal.headSeq(), store.journal.headSeq());
    const last = await next.journal.find(acme, next.journal.headSeq());
    assert.equal(last?.dataJson.length, eventBytes + 2);
    await next.close();
    await after.remove();
  });

  it('grows while another program reads an older state, and begins anew when it is done', async () => {
    const other = new Database(place.databaseFile, { readonly: true });
    other.exec('BEGIN');
    other.prepare('SELECT count(*) FROM events').get();
    await append(3 * foldedAtBytes);
    assert.ok(bytesOf('rowhook.db-wal') > 3 * foldedAtBytes);
    other.close();
    await append(2 * foldedAtBytes);
    const longest = bytesOf('rowhook.db-wal');
    await append(2 * foldedAtBytes);
    assert.equal(bytesOf('rowhook.db-wal'), longest, 'from now on the log is used again');
  });

  it('is folded to its end when the store is closed, also while that is under way', async () => {
    await append(foldedAtBytes);
    await store.close();
    assert.throws(() => bytesOf('rowhook.db-wal'), /ENOENT/);
    store = await place.open(options);
    assert.equal(store.journal.headSeq() % eventsPerTransaction, 0);
  });
});
