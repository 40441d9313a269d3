import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countByMinute } from './minutes.ts';

const at = (time: string): string => `2026-03-01T12:${time}.000Z`;

test('deliveries are counted in the minute of their first sending, without gaps', () => {
  const minutes = countByMinute(
    [
      { createdAt: at('00:59'), state: 'succeeded' },
      { createdAt: at('02:00'), state: 'exhausted' },
      { createdAt: at('02:30'), state: 'succeeded' },
      { createdAt: '2026-03-01T11:59:59.999Z', state: 'succeeded' },
    ],
    Date.parse(at('00:00')),
    Date.parse(at('02:45')),
  );
  assert.deepEqual(minutes.all, [1, 0, 2]);
  assert.deepEqual(minutes.succeeded, [1, 0, 1]);
  assert.equal(minutes.total, 3);
  assert.equal(minutes.perMinute, 1.1);
});

test('without deliveries there is a minute with none', () => {
  const now = Date.parse(at('00:10'));
  assert.deepEqual(countByMinute([], now, now).all, [0]);
});
