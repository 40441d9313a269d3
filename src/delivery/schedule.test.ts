import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { longestDelayMs, longestRetryAfterMs, probeDelayMs, retryAfterMs, retryDelayMs } from './schedule.ts';

const schedule = { delaysMs: [1_000, 5_000], forever: false, jitter: 0 };

describe('a retry schedule', () => {
  test('gives the delay after each failure, then ends', () => {
    assert.deepEqual(
      [1, 2, 3].map((failures) => retryDelayMs(schedule, failures, 0)),
      [1_000, 5_000, null],
    );
  });

  test('goes on with its last delay when it is for ever', () => {
    assert.equal(retryDelayMs({ ...schedule, forever: true }, 1_000_000, 0), 5_000);
  });

  test('without delays allows one attempt, also when it is for ever', () => {
    assert.equal(retryDelayMs({ delaysMs: [], forever: true, jitter: 0 }, 1, 0), null);
  });

  test('spreads a delay between itself and its jitter, in whole milliseconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2_592_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (delay, jitter, random) => {
          const delayed = retryDelayMs({ delaysMs: [delay], forever: false, jitter }, 1, random) ?? -1;
          assert.ok(Number.isInteger(delayed));
          assert.ok(delayed >= delay && delayed <= Math.ceil(delay * (1 + jitter)));
          assert.ok(delayed <= longestDelayMs({ delaysMs: [delay], forever: false, jitter }) + 1);
        },
      ),
    );
  });
});

describe('Retry-After (RFC 9110)', () => {
  const nowMs = Date.UTC(2026, 0, 1);
  for (const [status, value, expected] of [
    [429, '120', 120_000],
    [503, '1', 1_000],
    [429, 'Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    [429, 'Wed, 31 Dec 2025 00:00:00 GMT', null],
    [429, '0', null],
    [429, '-5', null],
    [429, 'soon', null],
    [429, '1e9', null],
    [429, '999999999', longestRetryAfterMs],
    [500, '120', null],
    [200, '120', null],
  ] as const) {
    test(`${status} with "${value}" asks for ${expected} ms`, () => {
      assert.equal(retryAfterMs(status, { 'retry-after': value }, nowMs), expected);
    });
  }

  test('that is absent asks for nothing', () => assert.equal(retryAfterMs(429, {}, nowMs), null));
});

test('probes come after 1, 2, 4 … seconds, and at least every five minutes, however many failed', () => {
  assert.deepEqual([1, 2, 3].map(probeDelayMs), [1_000, 2_000, 4_000]);
  assert.equal(probeDelayMs(1_000_000), 5 * 60_000);
});
