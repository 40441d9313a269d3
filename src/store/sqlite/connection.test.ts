import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { HeldClock } from '../contract/held-clock.ts';
import { numberedEvents, workspaceNumber } from '../contract/samples.ts';
import { testSecretKey } from '../contract/store-place.ts';
import { openConnections } from './connection.ts';
import { SqlitePlace } from './sqlite-place.ts';

const options = { clock: new HeldClock(), secretKey: testSecretKey };
const nothing = () => undefined;

let place: SqlitePlace;

beforeEach(() => {
  place = SqlitePlace.create();
});

afterEach(() => place.remove());

/** A closed store with some hundred pages. */
async function fillStore(): Promise<void> {
  const store = await place.open(options);
  const owner = await workspaceNumber(store);
  await store.journal.append(owner, numberedEvents(500, { dataJson: JSON.stringify('x'.repeat(1_000)) }));
  await store.close();
}

describe('the connections of a store', () => {
  it('write to a write-ahead log, and wait for the disk when it is folded into the database', () => {
    const { writer, reader, log } = openConnections(place.databaseFile, nothing);
    assert.equal(writer.pragma('journal_mode', { simple: true }), 'wal');
    assert.equal(writer.pragma('synchronous', { simple: true }), 1, '1 is NORMAL');
    log.close();
    reader.close();
    writer.close();
  });

  it('read through one that cannot write', () => {
    const { writer, reader, log } = openConnections(place.databaseFile, nothing);
    assert.throws(() => reader.exec('CREATE TABLE notes (text TEXT)'), /readonly/);
    log.close();
    reader.close();
    writer.close();
  });

  it('are closed again when the database cannot be brought up to date', () => {
    const failure = new Error('Not like this.');
    const opened: Array<{ open: boolean }> = [];
    const open = () =>
      openConnections(place.databaseFile, (writer) => {
        opened.push(writer);
        throw failure;
      });
    assert.throws(open, (error) => error === failure);
    assert.deepEqual(
      opened.map((writer) => writer.open),
      [false],
    );
  });
});

describe('the files of a store', () => {
  it('are for the owner’s eyes only, as long as it is open and afterwards', async () => {
    const store = await place.open(options);
    await workspaceNumber(store);
    const databaseFiles = () => readdirSync(place.directory).filter((name) => name.startsWith('rowhook.db'));
    assert.deepEqual(databaseFiles().sort(), ['rowhook.db', 'rowhook.db-shm', 'rowhook.db-wal']);
    for (const name of databaseFiles()) {
      assert.equal(statSync(join(place.directory, name)).mode & 0o777, 0o600, name);
    }
    await store.close();
    assert.deepEqual(databaseFiles(), ['rowhook.db']);
  });
});

describe('a damaged database', () => {
  it('is refused when it is no database at all', async () => {
    writeFileSync(place.databaseFile, 'This is a letter to my aunt. '.repeat(500));
    await assert.rejects(place.open(options), /rowhook\.db is damaged.*Restore it from a backup/);
  });

  it('is refused when it was cut short', async () => {
    await fillStore();
    truncateSync(place.databaseFile, 8_192);
    await assert.rejects(place.open(options), /rowhook\.db is damaged/);
  });

  it('is refused when its schema is overwritten', async () => {
    await fillStore();
    const bytes = readFileSync(place.databaseFile);
    bytes.fill(0xa5, 100, 4_096);
    writeFileSync(place.databaseFile, bytes);
    await assert.rejects(place.open(options), /rowhook\.db is damaged/);
  });

  it('can be replaced by a good one without starting the process anew', async () => {
    await fillStore();
    const good = readFileSync(place.databaseFile);
    writeFileSync(place.databaseFile, 'garbage '.repeat(1_000));
    await assert.rejects(place.open(options), /damaged/);
    writeFileSync(place.databaseFile, good);
    const store = await place.open(options);
    assert.equal(store.journal.headSeq(), 500);
    await store.close();
  });
});
