import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { systemClock } from '../model/clock.ts';
import { SecretBox } from '../store/secret-box.ts';
import { openSqliteStore } from '../store/sqlite/index.ts';
import { writeKeyFile } from './key-file.ts';
import { rotateKey } from './rotate-key.ts';
import { Installation } from './testing/installation.ts';

const unset = { secretKey: null, previousSecretKeys: [] };
const secrets = ['whsec_hidden', 'Bearer hidden-in-a-header'];
/** Of one webhook: its secret, its headers, and the headers of its first version. */
const secretCount = 3;

let installation: Installation;

beforeEach(async () => {
  installation = new Installation();
  await installation.fill('first');
});

afterEach(() => installation.remove());

const keyFile = (): string => readFileSync(installation.directory.secretKey, 'utf8');

describe('a change of the key in the key file', () => {
  it('makes another one, and seals everything with it alone', async () => {
    const before = keyFile();
    const {
      resealed,
      keyId,
      keyFile: file,
    } = await rotateKey({ directory: installation.directory, ...unset });
    assert.equal(resealed, secretCount);
    assert.equal(file, installation.directory.secretKey);
    assert.notEqual(keyFile(), before);
    assert.equal(keyFile().split('\n').length, 2, 'one key and a line break');
    assert.equal(new SecretBox(keyFile().trim()).keyId, keyId);
    assert.deepEqual((await installation.contents()).secrets, secrets);
  });

  it('leaves nothing in the live data that the key before could open', async () => {
    const before = new SecretBox(keyFile().trim());
    await rotateKey({ directory: installation.directory, ...unset });
    // Every table and column, also those that nobody thought of: only what is in use is in such a copy.
    installation.execute(`VACUUM INTO '${installation.place('live.db')}'`);
    assert.ok(!readFileSync(installation.place('live.db')).includes(`v1.${before.keyId}.`));
  });

  it('is finished by the next one, or read by the next server, when it was interrupted', async () => {
    // What a crash leaves after the first step: both keys in the file, and everything sealed with the older one.
    writeKeyFile(installation.directory, ['n'.repeat(44), keyFile().trim()]);
    assert.deepEqual((await installation.contents()).secrets, secrets);
    assert.equal((await rotateKey({ directory: installation.directory, ...unset })).resealed, secretCount);
    assert.equal(keyFile().trim().split('\n').length, 1);
    assert.deepEqual((await installation.contents()).secrets, secrets);
  });

  it('is refused while a server runs, and changes nothing', async () => {
    const store = installation.open();
    const before = keyFile();
    await assert.rejects(rotateKey({ directory: installation.directory, ...unset }), /in use by process/);
    assert.equal(keyFile(), before);
    await store.close();
  });

  it('that meets a secret which no key opens keeps every key', async () => {
    const before = keyFile();
    writeFileSync(installation.directory.secretKey, `${'w'.repeat(44)}\n`);
    await assert.rejects(
      rotateKey({ directory: installation.directory, ...unset }),
      /sealed with another key/,
    );
    assert.ok(keyFile().includes('w'.repeat(44)));
    assert.ok(!keyFile().includes(before.trim()));
  });
});

describe('a change of the key in the settings', () => {
  it('seals with the new one what the one before has sealed', async () => {
    const secretKey = 'k'.repeat(40);
    const directory = installation.directory;
    // The file that is there counts as the one before.
    assert.equal((await rotateKey({ directory, secretKey, previousSecretKeys: [] })).resealed, secretCount);
    const next = 'l'.repeat(40);
    const rotated = await rotateKey({ directory, secretKey: next, previousSecretKeys: [secretKey] });
    assert.deepEqual([rotated.resealed, rotated.keyFile], [secretCount, null]);
    const store = openSqliteStore({ directory: directory.path, clock: systemClock, secretKey: next });
    assert.equal((await store.webhooks.all(0, 1))[0]?.secret, 'whsec_hidden');
    await store.close();
  });
});
