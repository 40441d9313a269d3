import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DirectoryLock } from '../store/sqlite/directory-lock.ts';
import { restoreMarkerFile } from '../store/sqlite/restore-marker.ts';
import { dataDirectory } from './data-directory.ts';
import { Installation } from './testing/installation.ts';

const secrets = ['whsec_hidden', 'Bearer hidden-in-a-header'];

let installation: Installation;

beforeEach(async () => {
  installation = new Installation();
  await installation.fill('first', 'second');
  await installation.backUp('copy', { includeSecretKey: true });
  await installation.backUp('without-key');
  await installation.append('third');
});

afterEach(() => installation.remove());

describe('a restore', () => {
  it('brings back what there was, into a directory that need not exist', async () => {
    installation.destroy();
    const restored = await installation.restore('copy');
    assert.deepEqual([restored.kept, restored.secretKeyRestored], [null, true]);
    assert.equal(restored.createdAt, '2026-01-31T12:00:00.000Z');
    assert.deepEqual(await installation.contents(), { types: ['first', 'second'], secrets });
    const { path, database, secretKey } = installation.directory;
    assert.equal(statSync(path).mode & 0o777, 0o700);
    for (const file of [database, secretKey]) assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('does not touch a database that is there', async () => {
    await assert.rejects(installation.restore('copy'), /has a database already.*say --replace/);
    assert.deepEqual((await installation.contents()).types, ['first', 'second', 'third']);
  });

  it('replaces it when told to, and keeps it whole', async () => {
    const { kept } = await installation.restore('copy', { replace: true });
    assert.equal(kept, join(installation.directory.path, 'replaced-2026-02-01T12-00-00-000Z'));
    assert.deepEqual((await installation.contents()).types, ['first', 'second']);
    assert.equal(statSync(kept).mode & 0o777, 0o700);
    // The kept one is a database as any other, and the key did not change.
    copyFileSync(join(kept, 'rowhook.db'), installation.place('old.db'));
    await installation.restore('old.db', { replace: true, nowMs: 0 });
    assert.deepEqual(await installation.contents(), { types: ['first', 'second', 'third'], secrets });
  });

  it('keeps the log of a database that was not closed with it, and reads none of it into the new one', async () => {
    const crashed = installation.open();
    const { database } = installation.directory;
    for (const ending of ['', '-wal'])
      copyFileSync(database + ending, installation.place(`crashed${ending}`));
    await crashed.close();
    for (const ending of ['', '-wal']) renameSync(installation.place(`crashed${ending}`), database + ending);
    const { kept } = await installation.restore('copy', { replace: true });
    assert.ok(existsSync(join(kept ?? '', 'rowhook.db-wal')));
    assert.deepEqual((await installation.contents()).types, ['first', 'second']);
  });

  it('keeps a key file that is another one', async () => {
    const other = `${'z'.repeat(44)}\n`;
    writeFileSync(installation.directory.secretKey, other);
    const { kept } = await installation.restore('copy', { replace: true });
    assert.equal(readFileSync(join(kept ?? '', 'secret-key'), 'utf8'), other);
    assert.deepEqual((await installation.contents()).secrets, secrets);
  });

  it('takes a database file alone, such as the copy kept before an upgrade', async () => {
    const { database } = installation.directory;
    installation.execute(`VACUUM INTO '${installation.place('kept.db')}'`);
    await installation.append('fourth');
    await installation.restore('kept.db', { replace: true });
    assert.deepEqual((await installation.contents()).types, ['first', 'second', 'third']);
    assert.ok(existsSync(database));
  });

  it('is refused while a server has the directory, and says which', async () => {
    const lock = new DirectoryLock(installation.directory.path);
    try {
      await assert.rejects(
        installation.restore('copy', { replace: true }),
        new RegExp(`in use by process ${process.pid}`),
      );
    } finally {
      lock.release();
    }
  });

  it('leaves no copy behind, whether it works or not', async () => {
    await installation.restore('copy', { replace: true });
    appendFileSync(join(installation.place('without-key'), 'rowhook.db'), 'x');
    await assert.rejects(installation.restore('without-key', { replace: true }));
    assert.deepEqual(installation.files('rowhook.db.'), []);
  });

  it('is given up when somebody stops it before it changes anything', async () => {
    const onProgress = () => stop.abort(new Error('enough'));
    const stop = new AbortController();
    await assert.rejects(installation.restore('copy', { replace: true, signal: stop.signal, onProgress }));
    assert.deepEqual((await installation.contents()).types, ['first', 'second', 'third']);
  });
});

describe('the key of a backup without one', () => {
  it('is the one in the data directory', async () => {
    rmSync(installation.directory.database);
    await installation.restore('without-key');
    assert.deepEqual((await installation.contents()).secrets, secrets);
  });

  it('may come from the settings', async () => {
    const secretKey = readFileSync(installation.directory.secretKey, 'utf8').trim();
    installation.destroy();
    await installation.restore('without-key', { secretKey });
    assert.ok(existsSync(installation.directory.database));
  });

  it('must be at hand: a restore whose secrets nobody could read is refused', async () => {
    installation.destroy();
    await assert.rejects(
      installation.restore('without-key'),
      /2 secrets .*|3 secrets .* cannot be opened with the keys at hand.*Put the key file/,
    );
    await assert.rejects(
      installation.restore('without-key', { secretKey: 'x'.repeat(40) }),
      /ROWHOOK_SECRET_KEY/,
    );
    assert.equal(existsSync(installation.directory.database), false);
  });
});

describe('a backup that is not what it was', () => {
  /** Each spoils the backup `copy`. */
  const faults: Record<string, (path: string) => void> = {
    'one byte changed': (path) => {
      const content = readFileSync(join(path, 'rowhook.db'));
      content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
      writeFileSync(join(path, 'rowhook.db'), content);
    },
    'the end cut off': (path) => {
      const content = readFileSync(join(path, 'rowhook.db'));
      writeFileSync(join(path, 'rowhook.db'), content.subarray(0, content.length - 4096));
    },
    'the database missing': (path) => rmSync(join(path, 'rowhook.db')),
    'the key changed': (path) => appendFileSync(join(path, 'secret-key'), 'x'),
    'the key missing': (path) => rmSync(join(path, 'secret-key')),
    'the manifest missing': (path) => rmSync(join(path, 'manifest.json')),
    'the manifest no JSON': (path) => appendFileSync(join(path, 'manifest.json'), '}'),
    'a manifest of another format': (path) =>
      changeManifest(path, (manifest) => ({ ...manifest, formatVersion: 2 })),
    'a manifest without files': (path) => changeManifest(path, (manifest) => ({ ...manifest, files: [] })),
    'a manifest that leads out of its directory': (path) =>
      changeManifest(path, (manifest) => ({
        ...manifest,
        files: [{ name: '../data/secret-key', bytes: 0, sha256: '0'.repeat(64) }],
      })),
  };
  for (const [fault, spoil] of Object.entries(faults)) {
    it(`is refused, and nothing is changed: ${fault}`, async () => {
      spoil(installation.place('copy'));
      await assert.rejects(
        installation.restore('copy', { replace: true }),
        /The backup .*copy is damaged|copy is no backup/,
      );
      assert.deepEqual(await installation.contents(), { types: ['first', 'second', 'third'], secrets });
    });
  }

  it('is refused: no database, one of something else, one that was not closed, one of a newer Rowhook', async () => {
    writeFileSync(
      installation.place('text'),
      'no database at all, but longer than a header of one would be, by far',
    );
    await assert.rejects(installation.restore('text', { replace: true }), /is damaged/);
    const other = dataDirectory(installation.place('other'));
    mkdirSync(other.path);
    writeFileSync(installation.place('empty.db'), '');
    await assert.rejects(installation.restore('empty.db', { replace: true }), /no database of Rowhook/);
    copyFileSync(join(installation.place('copy'), 'rowhook.db'), installation.place('open.db'));
    writeFileSync(installation.place('open.db-wal'), 'newest data');
    await assert.rejects(installation.restore('open.db', { replace: true }), /was not closed/);
    installation.execute('PRAGMA user_version = 99');
    copyFileSync(installation.directory.database, installation.place('newer.db'));
    installation.execute('PRAGMA user_version = 1');
    await assert.rejects(
      installation.restore('newer.db', { replace: true }),
      /schema version 99; this Rowhook knows only 1/,
    );
    await assert.rejects(installation.restore('nowhere', { replace: true }), /There is no backup at/);
    assert.deepEqual((await installation.contents()).types, ['first', 'second', 'third']);
  });
});

describe('a restore that was interrupted', () => {
  /** As a crash leaves it: the marker is there, and so many of its moves were made. */
  async function interrupt(moves: number): Promise<void> {
    const { path, database } = installation.directory;
    const kept = join(path, 'replaced-before');
    writeFileSync(
      restoreMarkerFile(path),
      JSON.stringify({ backup: installation.place('copy'), keptIn: 'replaced-before' }),
    );
    if (moves >= 1) {
      mkdirSync(kept);
      renameSync(database, join(kept, 'rowhook.db'));
    }
    if (moves >= 2) copyFileSync(join(installation.place('copy'), 'rowhook.db'), database);
  }

  for (const [moves, moment] of [
    [0, 'before anything was moved'],
    [1, 'when the old database was moved away'],
    [2, 'when the new database was in place'],
  ] as const) {
    it(`keeps the server from starting, and is finished by the same command: ${moment}`, async () => {
      await interrupt(moves);
      assert.throws(
        () => installation.open(),
        /restore into .* was interrupted. Run it again: rowhook restore .*copy --data-dir/,
      );
      const { kept } = await installation.restore('copy');
      assert.deepEqual(await installation.contents(), { types: ['first', 'second'], secrets });
      copyFileSync(join(kept ?? '', 'rowhook.db'), installation.place('old.db'));
      await installation.restore('old.db', { replace: true });
      assert.deepEqual((await installation.contents()).types, ['first', 'second', 'third']);
    });
  }

  it('is not backed up', async () => {
    await interrupt(0);
    await assert.rejects(installation.backUp('another'), /was interrupted/);
  });
});

function changeManifest(path: string, change: (manifest: Record<string, unknown>) => unknown): void {
  const file = join(path, 'manifest.json');
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));
}
