import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../delivery/testing/manual-clock.ts';
import { PublicationRetention } from './publication-retention.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('old keys and scheduled events go in steps, until none is left, and again later', async () => {
  const clock = new ManualClock();
  const calls: Array<readonly [number, number | null]> = [];
  const left = [500, 500, 0, 7, 0];
  let failures = 0;
  const retention = new PublicationRetention({
    publications: {
      removeOld: async (keysBeforeMs, endedBeforeMs) => {
        calls.push([
          clock.nowMs() - keysBeforeMs,
          endedBeforeMs === null ? null : clock.nowMs() - endedBeforeMs,
        ]);
        if (calls.length === 4) throw new Error('the disk is full');
        return left.shift() ?? 0;
      },
    },
    clock,
    keysMs: 1_000,
    endedMs: 5_000,
    suspended: () => false,
    onError: () => {
      failures += 1;
    },
  });
  retention.start();
  assert.equal(calls.length, 0);
  await clock.advance(600_000, settle);
  await clock.advance(100, settle);
  assert.deepEqual(calls, [
    [1_000, 5_000],
    [1_000, 5_000],
    [1_000, 5_000],
  ]);
  await clock.advance(600_000, settle);
  assert.deepEqual([calls.length, failures], [4, 1]);
  await clock.advance(600_000, settle);
  assert.equal(calls.length, 6);
  await retention.stop();
  await clock.advance(6_000_000, settle);
  assert.equal(calls.length, 6);
});
