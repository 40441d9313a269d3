import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { generateSecret, kindOfSecret, publicKeyOf } from '../model/signing-secret.ts';
import { type Signature, secretKindOf, signatures } from '../model/webhook.ts';
import { webhookLimits } from './limits.ts';
import { faultOfSecret, rotatedSecrets, secretFor, secretsAfterChange } from './secret.ts';

const dayMs = 24 * 60 * 60 * 1_000;
const none = { previousSecrets: [] };

describe('a secret that a person chose', () => {
  it('must be of the kind that the signature needs', () => {
    const symmetric = generateSecret();
    const asymmetric = generateSecret('asymmetric');
    for (const signature of ['standard', 'seatable'] as const) {
      assert.equal(faultOfSecret(symmetric, signature), null);
      assert.match(faultOfSecret(asymmetric, signature) ?? '', /must be whsec_/);
    }
    assert.equal(faultOfSecret(asymmetric, 'standardAsymmetric'), null);
    assert.match(faultOfSecret(symmetric, 'standardAsymmetric') ?? '', /must be whsk_/);
    for (const secret of [symmetric, asymmetric]) assert.equal(faultOfSecret(secret, 'none'), null);
  });

  it('is never repeated in what is said about it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), fc.constantFrom(...signatures), (text, signature) => {
        for (const secret of [text, `whsec_${text}`, `whsk_${text}`]) {
          assert.ok(!(faultOfSecret(secret, signature) ?? '').includes(text));
        }
      }),
    );
  });

  it('is completed when only the seed of a private key was given', () => {
    const whole = generateSecret('asymmetric');
    const seed = `whsk_${Buffer.from(whole.slice(5), 'base64').subarray(0, 32).toString('base64')}`;
    assert.equal(faultOfSecret(seed, 'standardAsymmetric'), null);
    assert.equal(secretFor('standardAsymmetric', seed), whole);
  });
});

describe('a rotation', () => {
  it('lets the former secret sign for as long as it says', () => {
    assert.deepEqual(rotatedSecrets({ secret: 'old', ...none }, 'new', 5_000, 1_000), {
      secret: 'new',
      previousSecrets: [{ secret: 'old', untilMs: 6_000 }],
    });
  });

  it('keeps what still signs from rotations before, and drops what does not', () => {
    const before = {
      secret: 'old',
      previousSecrets: [
        { secret: 'older', untilMs: 2_000 },
        { secret: 'oldest', untilMs: 1_000 },
      ],
    };
    assert.deepEqual(rotatedSecrets(before, 'new', 5_000, 1_000).previousSecrets, [
      { secret: 'old', untilMs: 6_000 },
      { secret: 'older', untilMs: 2_000 },
    ]);
  });

  it('without overlap leaves nothing but the new secret', () => {
    const before = { secret: 'old', previousSecrets: [{ secret: 'older', untilMs: 9_000 }] };
    assert.deepEqual(rotatedSecrets(before, 'new', 0, 1_000), { secret: 'new', ...none });
  });

  it('to the present secret, or back to a former one, lists none twice', () => {
    const before = { secret: 'a', previousSecrets: [{ secret: 'b', untilMs: 9_000 }] };
    assert.deepEqual(rotatedSecrets(before, 'a', 5_000, 1_000), before);
    assert.deepEqual(rotatedSecrets(before, 'b', 5_000, 1_000), {
      secret: 'b',
      previousSecrets: [{ secret: 'a', untilMs: 6_000 }],
    });
  });
});

describe('another signature', () => {
  it('of another kind needs another secret; the former one signs, too, for a day', () => {
    const secret = generateSecret();
    const changed = secretsAfterChange({ secret, ...none }, 'standardAsymmetric', 1_000);
    assert.ok(publicKeyOf(changed?.secret ?? ''));
    assert.deepEqual(changed?.previousSecrets, [{ secret, untilMs: 1_000 + dayMs }]);
  });

  it('that goes back takes the secret that still signs', () => {
    const secret = generateSecret();
    const there = secretsAfterChange({ secret, ...none }, 'standardAsymmetric', 1_000);
    assert.ok(there);
    assert.equal(secretsAfterChange(there, 'standard', 2_000)?.secret, secret);
    assert.notEqual(secretsAfterChange(there, 'standard', 1_000 + dayMs)?.secret, secret);
  });

  it('always leaves a secret of the kind it needs, and few that sign besides', () => {
    const change = fc.tuple(fc.constantFrom(...signatures), fc.nat(dayMs));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        let secrets: { secret: string; previousSecrets: readonly { secret: string; untilMs: number }[] } = {
          secret: generateSecret(),
          ...none,
        };
        let nowMs = 0;
        let last: Signature = 'standard';
        for (const [signature, waitMs] of changes) {
          nowMs += waitMs;
          secrets = secretsAfterChange(secrets, signature, nowMs) ?? secrets;
          last = signature;
        }
        const wanted = secretKindOf(last);
        if (wanted !== null) assert.equal(kindOfSecret(secrets.secret), wanted);
        assert.ok(secrets.previousSecrets.length <= webhookLimits.previousSecrets);
        const all = [secrets.secret, ...secrets.previousSecrets.map((previous) => previous.secret)];
        assert.equal(new Set(all).size, all.length);
      }),
      { numRuns: 30 },
    );
  });
});
