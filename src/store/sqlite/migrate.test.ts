import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { HeldClock } from '../contract/held-clock.ts';
import { workspaceNumber } from '../contract/samples.ts';
import { testSecretKey } from '../contract/store-place.ts';
import { migrate } from './migrate.ts';
import { SqlitePlace } from './sqlite-place.ts';

const clock = new HeldClock();
const first = 'CREATE TABLE notes (text TEXT NOT NULL) STRICT;';
const second = "ALTER TABLE notes ADD COLUMN author TEXT NOT NULL DEFAULT 'nobody';";

function version(database: Database.Database): unknown {
  return database.pragma('user_version', { simple: true });
}

describe('migrate', () => {
  let place: SqlitePlace;
  let database: Database.Database;
  let file: string;

  beforeEach(() => {
    place = SqlitePlace.create();
    file = join(place.directory, "it's a database.db");
    database = new Database(file);
  });

  afterEach(async () => {
    database.close();
    await place.remove();
  });

  it('takes an empty database through every step, and keeps no copy of it', () => {
    migrate(database, clock, file, [first, second]);
    assert.equal(version(database), 2);
    database.exec("INSERT INTO notes VALUES ('hello', 'ada')");
    assert.equal(readdirSync(place.directory).filter((name) => name.includes('before')).length, 0);
  });

  it('takes an older database through the steps it lacks, and keeps a private copy of it as it was', () => {
    migrate(database, clock, file, [first]);
    database.exec("INSERT INTO notes VALUES ('hello')");
    migrate(database, clock, file, [first, second]);
    assert.deepEqual(database.prepare('SELECT * FROM notes').all(), [{ text: 'hello', author: 'nobody' }]);

    const copyFile = `${file}.before-2-${clock.nowMs()}`;
    assert.equal(statSync(copyFile).mode & 0o777, 0o600);
    const copy = new Database(copyFile, { readonly: true });
    assert.equal(version(copy), 1);
    assert.deepEqual(copy.prepare('SELECT * FROM notes').all(), [{ text: 'hello' }]);
    copy.close();
  });

  it('undoes a step that fails half-way, and keeps the steps before it', () => {
    const broken = 'CREATE TABLE half (done INTEGER); CREATE TABLE notes (again INTEGER);';
    assert.throws(() => migrate(database, clock, file, [first, broken]), /notes already exists/);
    assert.equal(version(database), 1);
    assert.equal(database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").pluck().get(), 0);
  });

  it('leaves a database alone that is up to date', () => {
    migrate(database, clock, file, [first, second]);
    const before = readdirSync(place.directory);
    migrate(database, clock, file, [first, second]);
    assert.deepEqual(readdirSync(place.directory), before);
  });

  it('refuses a database of a newer Rowhook, and says which version it has', () => {
    database.pragma('user_version = 3');
    assert.throws(
      () => migrate(database, clock, file, [first, second]),
      /schema version 3; this Rowhook knows only 2.*Start the newer Rowhook/,
    );
  });
});

describe('a store that a newer Rowhook wrote', () => {
  it('is refused and left as it is', async () => {
    const place = SqlitePlace.create();
    try {
      const options = { clock, secretKey: testSecretKey };
      const store = await place.open(options);
      await workspaceNumber(store, 'acme');
      await store.close();
      setVersion(place.databaseFile, 99);
      await assert.rejects(place.open(options), /schema version 99/);
      setVersion(place.databaseFile, 1);
      const again = await place.open(options);
      assert.equal((await again.workspaces.list()).length, 1);
      await again.close();
    } finally {
      await place.remove();
    }
  });
});

function setVersion(file: string, to: number): void {
  const database = new Database(file);
  database.pragma(`user_version = ${to}`);
  database.close();
}
