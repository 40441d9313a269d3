import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { newEvent } from '../store/contract/samples.ts';
import { writeKeyFile } from './key-file.ts';
import { Installation } from './testing/installation.ts';

let installation: Installation;

beforeEach(async () => {
  installation = new Installation();
  await installation.fill('invoice.paid', 'invoice.sent');
});

afterEach(() => installation.remove());

describe('a backup', () => {
  it('is one file and a manifest, for the owner’s eyes only, without the key', async () => {
    const { path, manifest } = await installation.backUp('copy');
    assert.equal(path, installation.place('copy'));
    assert.deepEqual(readdirSync(path).sort(), ['manifest.json', 'rowhook.db']);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    for (const name of readdirSync(path)) assert.equal(statSync(join(path, name)).mode & 0o777, 0o600, name);
    assert.deepEqual(JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')), manifest);
    const { createdAt, schemaVersion, secretKeyIds, files } = manifest;
    assert.deepEqual([createdAt, schemaVersion, secretKeyIds?.length], ['2026-01-31T12:00:00.000Z', 1, 1]);
    assert.equal(files[0]?.bytes, statSync(join(path, 'rowhook.db')).size);
  });

  it('has the whole state, though its newest part is in the write-ahead log of a store in use', async () => {
    const store = installation.open();
    const [workspace] = await store.workspaces.list();
    const owner = workspace?.number ?? 0;
    await store.journal.append(owner, [newEvent({ type: 'before.backup' })]);
    await installation.backUp('copy', { includeSecretKey: true });
    await store.journal.append(owner, [newEvent({ type: 'after.backup' })]);
    await store.close();
    installation.destroy();
    await installation.restore('copy');
    assert.deepEqual((await installation.contents()).types, [
      'invoice.paid',
      'invoice.sent',
      'before.backup',
    ]);
  });

  it('is the state of one moment, however much is written meanwhile', async () => {
    const store = installation.open();
    const [workspace] = await store.workspaces.list();
    const owner = workspace?.number ?? 0;
    const large = newEvent({ dataJson: JSON.stringify('x'.repeat(100_000)) });
    for (let count = 0; count < 100; count += 1) await store.journal.append(owner, [large]);
    const head = store.journal.headSeq();
    let steps = 0;
    const writing: Promise<unknown>[] = [];
    const { manifest } = await installation.backUp('copy', {
      includeSecretKey: true,
      onProgress: () => {
        steps += 1;
        writing.push(store.journal.append(owner, [large]));
      },
    });
    await Promise.all(writing);
    assert.ok(steps > 1, 'the copy took several steps');
    assert.ok(store.journal.headSeq() > head, 'writing went on');
    await store.close();
    assert.equal(manifest.files[0]?.name, 'rowhook.db');
    await installation.restore('copy', { replace: true });
    assert.equal((await installation.contents()).types.length, head);
  });

  it('has the key file in it when that is asked for', async () => {
    const { path, manifest } = await installation.backUp('copy', { includeSecretKey: true });
    assert.deepEqual(
      manifest.files.map(({ name }) => name),
      ['rowhook.db', 'secret-key'],
    );
    assert.deepEqual(readFileSync(join(path, 'secret-key')), readFileSync(installation.directory.secretKey));
    assert.equal(statSync(join(path, 'secret-key')).mode & 0o777, 0o600);
  });

  it('shows no secret to who has no key', async () => {
    const { path } = await installation.backUp('copy');
    for (const name of readdirSync(path)) {
      const content = readFileSync(join(path, name));
      for (const secret of ['whsec_hidden', 'hidden-in-a-header']) assert.ok(!content.includes(secret));
      assert.ok(!content.includes(readFileSync(installation.directory.secretKey, 'utf8').trim()));
    }
  });

  it('tells how far it is', async () => {
    const seen: number[] = [];
    await installation.backUp('copy', {
      onProgress: ({ copiedBytes, totalBytes }) => {
        assert.ok(copiedBytes <= totalBytes);
        seen.push(copiedBytes);
      },
    });
    assert.deepEqual(
      seen,
      seen.toSorted((one, other) => one - other),
    );
  });

  it('is not made where something is already, and that stays as it is', async () => {
    mkdirSync(installation.place('copy'));
    writeFileSync(installation.place('file'), 'precious');
    await assert.rejects(installation.backUp('copy'), /copy exists already; a backup never overwrites/);
    await assert.rejects(installation.backUp('file'), /exists already/);
    assert.deepEqual(readdirSync(installation.place('copy')), []);
    assert.equal(readFileSync(installation.place('file'), 'utf8'), 'precious');
  });

  it('is refused where there is nothing to back up, or nowhere to put it', async () => {
    await assert.rejects(installation.backUp('no/such/copy'), /The directory .*no\/such does not exist/);
    installation.destroy();
    mkdirSync(installation.directory.path);
    await assert.rejects(
      installation.backUp('copy', { keys: null }),
      /There is no database in .*data\. Say with --data-dir/,
    );
  });

  it('with a key that is in no file is refused, as it would not open its own secrets', async () => {
    const keys = { current: 'x'.repeat(32), previous: [], fromFile: false };
    await assert.rejects(
      installation.backUp('copy', { includeSecretKey: true, keys }),
      /no key file to include.*ROWHOOK_SECRET_KEY/,
    );
  });

  it('is given up when somebody stops it, and leaves nothing', async () => {
    const stop = new AbortController();
    const store = installation.open();
    const [workspace] = await store.workspaces.list();
    const large = newEvent({ dataJson: JSON.stringify('x'.repeat(100_000)) });
    for (let count = 0; count < 100; count += 1) await store.journal.append(workspace?.number ?? 0, [large]);
    await store.close();
    const onProgress = () => stop.abort(new Error('enough'));
    await assert.rejects(installation.backUp('copy', { signal: stop.signal, onProgress }), /enough/);
    assert.deepEqual(readdirSync(installation.parent), ['data']);
  });

  it('of a damaged database is refused, so that it takes no good one’s place', async () => {
    const content = readFileSync(installation.directory.database);
    content.fill(0x5a, content.length - 2 * 4096, content.length - 4096);
    writeFileSync(installation.directory.database, content);
    await assert.rejects(installation.backUp('copy'), /is damaged .*no backup was made/);
    assert.deepEqual(readdirSync(installation.parent), ['data']);
    truncateSync(installation.directory.database, 5_000);
    await assert.rejects(installation.backUp('copy'), /is damaged/);
  });

  it('removes what backups to the same place have left that were killed, and nothing else', async () => {
    const { pid: gone } = spawnSync(process.execPath, ['-e', '']);
    const alive = process.ppid;
    for (const name of [
      `copy.${gone}.partial`,
      `copy.${alive}.partial`,
      'copy.partial',
      `other.${gone}.partial`,
    ]) {
      mkdirSync(installation.place(name));
    }
    await installation.backUp('copy');
    assert.deepEqual(
      readdirSync(installation.parent).sort(),
      ['copy', `copy.${alive}.partial`, 'copy.partial', 'data', `other.${gone}.partial`].sort(),
    );
  });

  it('of a key file that is being changed has all of its keys', async () => {
    const key = readFileSync(installation.directory.secretKey, 'utf8').trim();
    writeKeyFile(installation.directory, ['y'.repeat(44), key]);
    await installation.backUp('copy', { includeSecretKey: true });
    rmSync(installation.directory.path, { recursive: true });
    await installation.restore('copy');
    assert.deepEqual((await installation.contents()).secrets, ['whsec_hidden', 'Bearer hidden-in-a-header']);
  });
});
