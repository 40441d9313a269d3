import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fairShare, tryOrder } from './shares.ts';

test('shares add up to all shards, and differ by one at most, whatever order the processes are seen in', () => {
  const processes = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(processes, fc.integer({ min: 1, max: 1_024 }), (ids, shardCount) => {
      const shares = ids.map((id) => fairShare([...ids].reverse(), id, shardCount));
      assert.equal(
        shares.reduce((sum, share) => sum + share, 0),
        shardCount,
      );
      assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
    }),
  );
});

test('a process that the others do not see has no share', () => {
  assert.equal(fairShare(['a', 'b'], 'c', 256), 0);
});

test('every shard is tried once, from a place that depends on the process', () => {
  const order = tryOrder('pro_x', 256);
  assert.deepEqual(
    [...order].sort((one, other) => one - other),
    Array.from({ length: 256 }, (_, shard) => shard),
  );
  assert.notEqual(tryOrder('pro_y', 256)[0], order[0]);
});
