import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../delivery/testing/manual-clock.ts';
import { Fence } from './fence.ts';

const settle = async (): Promise<void> => undefined;

test('a process may deliver for half of the time after which it is taken for dead, from when it asked', async () => {
  const clock = new ManualClock();
  const fence = new Fence(clock, 10_000);
  assert.equal(fence.isOpen, false);
  const asked = fence.asked();
  await clock.advance(4_000, settle);
  fence.confirm(asked);
  assert.equal(fence.isOpen, true);
  await clock.advance(999, settle);
  assert.equal(fence.isOpen, true);
  await clock.advance(1, settle);
  assert.equal(fence.isOpen, false, 'five seconds after it asked, not after the answer');
});

test('a machine that was suspended does not deliver, though its monotonic clock stood still', () => {
  const clock = new ManualClock();
  const fence = new Fence(clock, 10_000);
  fence.confirm(fence.asked());
  clock.jump(60_000);
  assert.equal(fence.isOpen, false);
  fence.confirm(fence.asked());
  assert.equal(fence.isOpen, true);
  fence.shut();
  assert.equal(fence.isOpen, false);
});
