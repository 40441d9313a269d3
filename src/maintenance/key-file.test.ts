import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type DataDirectory, dataDirectory } from './data-directory.ts';
import { newSecretKey, secretKeysOf, writeKeyFile } from './key-file.ts';

const unset = { secretKey: null, previousSecretKeys: [] };
const oneKey = 'one key that is long enough to be one';
const otherKey = 'another key that is long enough to be one';

let parent: string;
let directory: DataDirectory;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'rowhook-key-'));
  directory = dataDirectory(join(parent, 'data'));
});

afterEach(() => rmSync(parent, { recursive: true }));

describe('the secret key', () => {
  it('is made at the first start, for the owner’s eyes only, and is the same from then on', () => {
    const made = secretKeysOf(directory, unset);
    assert.ok(made.fromFile);
    assert.equal(Buffer.from(made.current, 'base64').length, 32);
    assert.equal(statSync(directory.secretKey).mode & 0o777, 0o600);
    assert.equal(statSync(directory.path).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(directory.path), ['secret-key'], 'no temporary file is left');
    assert.deepEqual(secretKeysOf(directory, unset), made);
  });

  it('is that of the settings where they give one, and no file is made', () => {
    const keys = secretKeysOf(directory, { secretKey: oneKey, previousSecretKeys: [otherKey] });
    assert.deepEqual(keys, { current: oneKey, previous: [otherKey], fromFile: false });
    assert.deepEqual(readdirSync(parent), []);
  });

  it('may move from the file into the settings: the one in the file becomes a previous one', () => {
    const { current } = secretKeysOf(directory, unset);
    assert.deepEqual(secretKeysOf(directory, { secretKey: oneKey, previousSecretKeys: [] }).previous, [
      current,
    ]);
    assert.deepEqual(secretKeysOf(directory, { secretKey: current, previousSecretKeys: [] }).previous, []);
  });

  it('has those before it below it in the file while it is changed', () => {
    secretKeysOf(directory, unset);
    writeKeyFile(directory, [oneKey, otherKey]);
    assert.deepEqual(secretKeysOf(directory, unset), {
      current: oneKey,
      previous: [otherKey],
      fromFile: true,
    });
    assert.equal(statSync(directory.secretKey).mode & 0o777, 0o600);
  });

  it('is not made anew beside a database, which another key would not open', () => {
    secretKeysOf(directory, unset);
    writeFileSync(directory.database, '');
    rmSync(directory.secretKey);
    assert.throws(
      () => secretKeysOf(directory, unset),
      /secret-key is missing.*Put it back, or set ROWHOOK_SECRET_KEY/,
    );
  });

  it('is refused when its file is empty or cut short, without being shown', () => {
    secretKeysOf(directory, unset);
    for (const text of ['', '\n', 'cut-short', `${newSecretKey()}\ncut-short\n`]) {
      writeFileSync(directory.secretKey, text);
      assert.throws(
        () => secretKeysOf(directory, unset),
        ({ message }: Error) => /secret-key is damaged/.test(message) && !message.includes('cut-short'),
      );
    }
  });

  it('stays what it was when the new file cannot be written', () => {
    const { current } = secretKeysOf(directory, unset);
    const blocked = { ...directory, secretKey: join(directory.path, 'not', 'there') };
    assert.throws(() => writeKeyFile(blocked, [oneKey]), /ENOENT/);
    assert.equal(readFileSync(directory.secretKey, 'utf8').trim(), current);
  });
});
