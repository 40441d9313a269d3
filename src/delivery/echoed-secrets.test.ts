import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withoutEchoes } from './echoed-secrets.ts';
import type { AttemptResult } from './outgoing.ts';

const timing = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 1 };

function answered(body: string, headers: Record<string, string> = {}): AttemptResult {
  return { kind: 'response', status: 200, headers, body, bodyTruncated: false, timing };
}

function logged(headers: Record<string, string>, result: AttemptResult): string {
  return JSON.stringify(withoutEchoes(result, headers));
}

describe('a secret header that a consumer repeats', () => {
  it('is not in what is logged of its answer, with the word for its kind or without', () => {
    const headers = {
      authorization: 'Bearer correct-horse',
      'x-api-key': 'battery-staple',
      'x-team': 'shop-team-1',
    };
    const echo = JSON.stringify({ got: headers, token: 'correct-horse' });
    const text = logged(headers, answered(echo, { 'x-got': 'Bearer correct-horse' }));
    assert.doesNotMatch(text, /correct-horse|battery-staple/);
    assert.match(text, /shop-team-1/, 'a header that is no secret stays');
  });

  it('is found as JSON writes it, too', () => {
    const headers = { 'x-secret': 'quo"te\\d-secret' };
    assert.doesNotMatch(logged(headers, answered(JSON.stringify(headers))), /te\\\\/);
  });

  it('of a few characters is left alone: it would be found anywhere', () => {
    const result = answered('a b c');
    assert.deepEqual(withoutEchoes(result, { authorization: 'a' }), result);
  });

  it('costs nothing where there is none, and failures pass as they are', () => {
    const result = answered('text');
    assert.equal(withoutEchoes(result, { 'x-team': 'shop-team-1' }), result);
    const failure: AttemptResult = {
      kind: 'error',
      code: 'TIMEOUT',
      message: 'late',
      mayHaveArrived: true,
      timing,
    };
    assert.equal(withoutEchoes(failure, { authorization: 'Bearer correct-horse' }), failure);
  });
});
