import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SecretBox } from './secret-box.ts';

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
    assert.ok(!Buffer.from(first.slice(3), 'base64url').includes('hidden'));
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
        const bytes = Buffer.from(box.seal('some secret').slice(3), 'base64url');
        const index = place % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ change;
        assert.throws(() => box.open(`v1.${bytes.toString('base64url')}`), /ROWHOOK_SECRET_KEY/);
      }),
    );
  });

  it('refuses a sealed text of which an end was cut off', () => {
    const bytes = Buffer.from(box.seal('some secret').slice(3), 'base64url');
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = `v1.${bytes.subarray(0, length).toString('base64url')}`;
      assert.throws(() => box.open(cut), /ROWHOOK_SECRET_KEY|cut short/, `${length} bytes`);
    }
  });

  it('refuses what it never sealed', () => {
    for (const text of ['', 'whsec_plain', 'v1', 'v2.abc']) {
      assert.throws(() => box.open(text), /Not a sealed secret of a known version/, text);
    }
  });
});
