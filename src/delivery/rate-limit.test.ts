import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RateLimit } from './rate-limit.ts';

test('allows a burst of one second, then one request at a time', () => {
  const limit = new RateLimit(2, 0);
  assert.deepEqual([limit.take(0), limit.take(0), limit.take(0)], [0, 0, 500]);
  assert.equal(limit.take(499), 1);
  assert.equal(limit.take(500), 0);
});

test('a rate below one a second still lets one through', () => {
  const limit = new RateLimit(0.1, 0);
  assert.equal(limit.take(0), 0);
  assert.equal(limit.take(0), 10_000);
});

test('a clock that goes back gains nothing and breaks nothing', () => {
  const limit = new RateLimit(1, 1_000);
  assert.equal(limit.take(1_000), 0);
  assert.equal(limit.take(0), 1_000);
  assert.equal(limit.take(1_000), 0);
});

test('over any time, no more go through than the rate and one burst allow', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 200 }),
      (rate, steps) => {
        const limit = new RateLimit(rate, 0);
        let nowMs = 0;
        let taken = 0;
        for (const stepMs of steps) {
          nowMs += stepMs;
          if (limit.take(nowMs) === 0) taken += 1;
        }
        assert.ok(taken <= rate + (rate * nowMs) / 1_000 + 1e-6);
      },
    ),
  );
});
