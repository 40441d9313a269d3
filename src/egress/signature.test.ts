import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { generateSecret } from '../model/signing-secret.ts';
import { sign } from './index.ts';

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

describe('Standard Webhooks signature', () => {
  it('is accepted by the standardwebhooks library, whatever the body', () => {
    fc.assert(
      fc.property(fc.json(), fc.stringMatching(/^[\w-]{1,40}$/), (body, id) => {
        const secret = generateSecret();
        const verified = new Webhook(secret).verify(body, { ...sign(secret, id, nowSeconds(), body) });
        assert.deepEqual(verified, JSON.parse(body));
      }),
    );
  });

  it('is the same for text and for its bytes', () => {
    const secret = generateSecret();
    const body = '{"grüße":"😀"}';
    assert.deepEqual(sign(secret, 'msg_1', 1, Buffer.from(body)), sign(secret, 'msg_1', 1, body));
  });

  it('matches the example of the specification', () => {
    const headers = sign(
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330,
      '{"test": 2432232314}',
    );
    assert.deepEqual(headers, {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('takes secrets with and without prefix', () => {
    const secret = generateSecret();
    assert.deepEqual(sign(secret.replace('whsec_', ''), 'msg_1', 1, '{}'), sign(secret, 'msg_1', 1, '{}'));
  });

  it('signs with each secret while one is being rotated, so that either verifies', () => {
    const [fresh, old] = [generateSecret(), generateSecret()];
    const headers = { ...sign([fresh, old], 'msg_1', nowSeconds(), '{"a":1}') };
    for (const secret of [fresh, old])
      assert.deepEqual(new Webhook(secret).verify('{"a":1}', headers), { a: 1 });
    assert.throws(() => new Webhook(generateSecret()).verify('{"a":1}', headers));
  });

  it('changes with the body, the id and the time', () => {
    const secret = generateSecret();
    const signatures = [
      sign(secret, 'msg_1', 1, '{}'),
      sign(secret, 'msg_1', 1, '{} '),
      sign(secret, 'msg_2', 1, '{}'),
      sign(secret, 'msg_1', 2, '{}'),
    ].map((headers) => headers['webhook-signature']);
    assert.equal(new Set(signatures).size, 4);
  });

  it('refuses a secret that is no base64', () => {
    for (const secret of ['', 'whsec_', 'whsec_***', 'pass word', 'whsec_=']) {
      assert.throws(() => sign(secret, 'msg_1', 1, '{}'), { name: 'TypeError' }, secret);
    }
  });
});

describe('asymmetric signature', () => {
  it("matches the example of Svix's own tests", () => {
    const headers = sign(
      'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==',
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330,
      '{"test": 2432232314}',
    );
    assert.equal(
      headers['webhook-signature'],
      'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
    );
  });

  it('is the same for text and for its bytes', () => {
    const secret = generateSecret('asymmetric');
    const body = '{"grüße":"😀"}';
    assert.deepEqual(sign(secret, 'msg_1', 1, Buffer.from(body)), sign(secret, 'msg_1', 1, body));
  });

  it('stands beside a symmetric one while the kind of signature is being changed', () => {
    const [fresh, old] = [generateSecret('asymmetric'), generateSecret()];
    const headers = { ...sign([fresh, old], 'msg_1', nowSeconds(), '{"a":1}') };
    assert.match(headers['webhook-signature'], /^v1a,\S+ v1,\S+$/);
    assert.deepEqual(new Webhook(old).verify('{"a":1}', headers), { a: 1 });
  });
});
