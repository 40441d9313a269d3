import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { describe, it } from 'node:test';
import { faultOfPassword, Passwords } from './passwords.ts';

describe('passwords', () => {
  const passwords = new Passwords();

  it('are known again, and others are not', async () => {
    const hash = await passwords.hash('correct horse');
    assert.equal(await passwords.verify('correct horse', hash), true);
    assert.equal(await passwords.verify('correct horsE', hash), false);
    assert.equal(await passwords.verify('', hash), false);
  });

  it('are hashed with Argon2id, 19 MiB, two passes, and a salt of their own', async () => {
    const [one, other] = await Promise.all([
      passwords.hash('correct horse'),
      passwords.hash('correct horse'),
    ]);
    assert.notEqual(one, other);
    const [, algorithm, version, parameters, salt = '', hash = ''] = one.split('$');
    assert.deepEqual([algorithm, version, parameters], ['argon2id', 'v=19', 'm=19456,t=2,p=1']);
    const again = argon2Sync('argon2id', {
      message: 'correct horse',
      nonce: Buffer.from(salt, 'base64'),
      memory: 19_456,
      passes: 2,
      parallelism: 1,
      tagLength: 32,
    });
    assert.equal(again.toString('base64').replace(/=+$/, ''), hash);
  });

  it('are the same however their characters were typed', async () => {
    const hash = await passwords.hash('Zoë and the café');
    assert.equal(await passwords.verify('Zoë and the café'.normalize('NFD'), hash), true);
  });

  it('are none where there is no hash, or one that cannot be read', async () => {
    assert.equal(await passwords.verify('correct horse', null), false);
    assert.equal(await passwords.verify('correct horse', 'correct horse'), false);
    assert.equal(await passwords.verify('', ''), false);
  });

  it('hashed with weaker parameters are known, and known to be weaker', async () => {
    const nonce = Buffer.from('sixteen bytes ..');
    const weak = argon2Sync('argon2id', {
      message: 'correct horse',
      nonce,
      memory: 64,
      passes: 1,
      parallelism: 1,
      tagLength: 32,
    });
    const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
    const stored = `$argon2id$v=19$m=64,t=1,p=1$${unpadded(nonce)}$${unpadded(weak)}`;
    assert.equal(await passwords.verify('correct horse', stored), true);
    assert.equal(passwords.isOutdated(stored), true);
    assert.equal(passwords.isOutdated(await passwords.hash('correct horse')), false);
  });

  const weak: [string, string][] = [
    ['short', 'must have at least 10 characters'],
    ['x'.repeat(201), 'must have at most 200 characters'],
    ['aaaaaaaaaaaaaaa', 'must have at least 4 different characters'],
    ['Ada.Lovelace@example.com', 'must not be your e-mail address'],
    ['ada.lovelace1815', 'must not be your e-mail address'],
    ['🙂🙂🙂🙂🙂', 'must have at least 10 characters'],
  ];
  for (const [password, fault] of weak) {
    it(`may not be ${JSON.stringify(password.slice(0, 24))}`, () => {
      assert.equal(faultOfPassword(password, 'ada.lovelace@example.com'), fault);
    });
  }

  it('may be any other text that is long enough', () => {
    for (const password of ['correct horse', 'ÄÖÜäöü1234', '🙂🙃😀😁😂🤣😃😄😅😆']) {
      assert.equal(faultOfPassword(password, 'ada@example.com'), null, password);
    }
  });
});
