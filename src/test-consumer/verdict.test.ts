import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sign } from '../egress/index.ts';
import { generateSecret, publicKeyOf } from '../model/signing-secret.ts';
import { limits } from './limits.ts';
import { judge } from './verdict.ts';

const secret = generateSecret();
const now = Math.floor(Date.now() / 1000);

function signed(body: string) {
  return { body: Buffer.from(body), headers: { ...sign(secret, 'msg_1', now, body) } };
}

describe('the verdict on a signature', () => {
  it('names the secret that fits', () => {
    const { body, headers } = signed('{}');
    assert.deepEqual(judge(body, headers, [generateSecret(), secret]), { verdict: 'verified', secret });
  });

  it('accepts any of several signatures, as while a secret is rotated', () => {
    const headers = { ...sign([generateSecret(), secret], 'msg_1', now, '{}') };
    assert.equal(judge(Buffer.from('{}'), headers, [secret]).verdict, 'verified');
  });

  it('is on an asymmetric signature by its key pair, or by its public key alone', () => {
    const pair = generateSecret('asymmetric');
    const publicKey = publicKeyOf(pair) ?? '';
    const body = Buffer.from('{}');
    const headers = { ...sign([pair, secret], 'msg_1', now, body) };
    for (const known of [pair, publicKey, secret]) {
      assert.deepEqual(judge(body, headers, [known]), { verdict: 'verified', secret: known });
    }
    const foreign = publicKeyOf(generateSecret('asymmetric')) ?? '';
    assert.equal(judge(body, headers, [foreign]).verdict, 'wrong signature');
    assert.equal(judge(Buffer.from('{ }'), headers, [publicKey]).verdict, 'wrong signature');
    const at = (seconds: number) =>
      judge(body, { ...sign(pair, 'msg_1', seconds, body) }, [publicKey]).verdict;
    assert.equal(at(now - 400), 'timestamp too old');
    assert.equal(at(now + 400), 'timestamp too new');
  });

  it('is on an empty body as on any other', () => {
    const { body, headers } = signed('');
    assert.equal(judge(body, headers, [secret]).verdict, 'verified');
  });

  it('needs all three headers', () => {
    const { body, headers } = signed('{}');
    for (const name of Object.keys(headers)) {
      assert.equal(judge(body, { ...headers, [name]: '' }, [secret]).verdict, 'no signature', name);
    }
  });

  it('is wrong for a timestamp that is none', () => {
    const { body, headers } = signed('{}');
    const verdict = judge(body, { ...headers, 'webhook-timestamp': 'yesterday' }, [secret]).verdict;
    assert.equal(verdict, 'wrong signature');
  });

  it('tries so many secrets only, and does not call wrong what it did not try', () => {
    const { body, headers } = signed('{}');
    const others = Array.from({ length: limits.triedSecrets }, () => generateSecret());
    assert.equal(judge(body, headers, others).verdict, 'wrong signature');
    assert.equal(judge(body, headers, [...others, secret]).verdict, 'not checked');
  });

  it('tries the fewer secrets the larger the body is', () => {
    const { body, headers } = signed('x'.repeat(limits.bodyBytes));
    const others = [generateSecret(), generateSecret()];
    assert.equal(limits.hashedBytes / limits.bodyBytes, 2);
    assert.equal(judge(body, headers, [...others, secret]).verdict, 'not checked');
    assert.equal(judge(body, headers, [secret, ...others]).verdict, 'verified');
  });
});
