import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { keyIdOf, SecretBox } from './secret-box.ts';

const box = new SecretBox('the right key');

describe('a secret box', () => {
  it('opens what it sealed, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(new SecretBox('the right key').open(box.seal(text)), text);
      }),
    );
  });

  it('does not show the text, nor that two texts are the same', () => {
    const first = box.seal('whsec_hidden');
    assert.ok(!first.includes('hidden'));
    assert.ok(!payloadOf(first).includes('hidden'));
    assert.notEqual(first, box.seal('whsec_hidden'));
  });

  it('says which setting to mend when the key is another one', () => {
    const other = new SecretBox('another key');
    assert.throws(
      () => other.open(box.seal('whsec_hidden')),
      (error: Error) => {
        assert.match(error.message, /ROWHOOK_SECRET_KEY/);
        assert.ok(!error.message.includes('hidden'));
        return true;
      },
    );
  });

  it('refuses a sealed text in which any byte was changed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const bytes = payloadOf(box.seal('some secret'));
        const index = place % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ change;
        assert.throws(() => box.open(withPayload(bytes)), /changed since it was sealed/);
      }),
    );
  });

  it('refuses a sealed text of which an end was cut off', () => {
    const bytes = payloadOf(box.seal('some secret'));
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = withPayload(bytes.subarray(0, length));
      assert.throws(() => box.open(cut), /changed since|cut short/, `${length} bytes`);
    }
  });

  it('refuses what it never sealed', () => {
    for (const text of ['', 'whsec_plain', 'v1', 'v1.abc', 'v2.abc.def']) {
      assert.throws(() => box.open(text), /Not a sealed secret of a known version/, text);
    }
  });

  it('opens what a previous key has sealed, and seals with the current one', () => {
    const rotated = new SecretBox('the next key', ['some older key', 'the right key']);
    const before = box.seal('whsec_hidden');
    assert.equal(rotated.open(before), 'whsec_hidden');
    assert.equal(rotated.isCurrent(before), false);
    const after = rotated.seal(rotated.open(before));
    assert.equal(rotated.isCurrent(after), true);
    assert.equal(new SecretBox('the next key').open(after), 'whsec_hidden');
    assert.throws(() => box.open(after), /ROWHOOK_PREVIOUS_SECRET_KEYS/);
  });

  it('tells keys apart by ids that do not contain them', () => {
    assert.equal(keyIdOf(box.seal('')), box.keyId);
    assert.notEqual(new SecretBox('another key').keyId, box.keyId);
    assert.match(box.keyId, /^[\w-]{8}$/);
  });
});

function payloadOf(sealed: string): Buffer {
  return Buffer.from(sealed.split('.')[2] ?? '', 'base64url');
}

function withPayload(bytes: Buffer): string {
  return `v1.${box.keyId}.${bytes.toString('base64url')}`;
}
