import assert from 'node:assert/strict';
import { sign, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  completeSecret,
  generateSecret,
  kindOfSecret,
  privateKeyOf,
  publicKeyOf,
  readPublicKey,
  secretsAt,
  symmetricBytes,
} from './signing-secret.ts';

// Of the tests of Svix, who wrote the specification.
const privateKey =
  'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const publicKey = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';

describe('a generated secret', () => {
  it('is whsec_ and 32 random bytes, or whsk_ and 64', () => {
    const secrets = Array.from({ length: 100 }, () => generateSecret());
    assert.equal(new Set(secrets).size, secrets.length);
    for (const secret of secrets) {
      assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
      assert.equal(symmetricBytes(secret).length, 32);
    }
    assert.match(generateSecret('asymmetric'), /^whsk_[A-Za-z0-9+/]{86}==$/);
    assert.notEqual(generateSecret('asymmetric'), generateSecret('asymmetric'));
  });

  it('signs what its public key verifies', () => {
    const secret = generateSecret('asymmetric');
    const key = readPublicKey(publicKeyOf(secret) ?? '');
    assert.ok(key);
    const text = Buffer.from('text');
    assert.ok(verify(null, text, key, sign(null, text, privateKeyOf(secret))));
    assert.ok(!verify(null, text, key, sign(null, text, privateKeyOf(generateSecret('asymmetric')))));
  });
});

describe('a private key', () => {
  it('tells its public key', () => {
    assert.equal(publicKeyOf(privateKey), publicKey);
    assert.equal(publicKeyOf(generateSecret()), null);
    assert.equal(kindOfSecret(privateKey), 'asymmetric');
  });

  it('may be given as its seed alone', () => {
    const seed = `whsk_${Buffer.from(privateKey.slice(5), 'base64').subarray(0, 32).toString('base64')}`;
    assert.equal(publicKeyOf(seed), publicKey);
    assert.equal(completeSecret(seed), privateKey);
    assert.equal(completeSecret(privateKey), privateKey);
  });

  it('is refused when its halves do not belong together, or it is none', () => {
    const other = Buffer.from(generateSecret('asymmetric').slice(5), 'base64').subarray(32);
    const mixed = Buffer.concat([Buffer.from(privateKey.slice(5), 'base64').subarray(0, 32), other]);
    for (const secret of [
      `whsk_${mixed.toString('base64')}`,
      `whsk_${Buffer.alloc(31).toString('base64')}`,
      `${privateKey} `,
      'whsk_',
      generateSecret(),
    ]) {
      assert.throws(() => privateKeyOf(secret), TypeError, secret);
    }
  });
});

it('a public key is read only as it is written', () => {
  assert.ok(readPublicKey(publicKey));
  for (const text of [privateKey, publicKey.slice(5), `${publicKey}=`, 'whpk_', 'whpk_AAAA']) {
    assert.equal(readPublicKey(text), null, text);
  }
});

it('a former secret signs until its time, and no longer', () => {
  const secrets = {
    secret: 'new',
    previousSecrets: [
      { secret: 'former', untilMs: 2_000 },
      { secret: 'older', untilMs: 1_000 },
    ],
  };
  assert.deepEqual(secretsAt(secrets, 999), ['new', 'former', 'older']);
  assert.deepEqual(secretsAt(secrets, 1_000), ['new', 'former']);
  assert.deepEqual(secretsAt(secrets, 2_000), ['new']);
});
