import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliverySearch, eventSearch, newWebhookSearch } from './filters.ts';

test('an address becomes the filter of deliveries it names', () => {
  assert.deepEqual(
    deliverySearch({ webhook: 'wh_1', state: 'retrying', httpStatus: '503', since: '2026-03-01T00:00:00Z' }),
    { webhook: 'wh_1', state: 'retrying', httpStatus: 503, since: '2026-03-01T00:00:00.000Z' },
  );
});

test('what makes no sense in an address is dropped', () => {
  assert.deepEqual(
    deliverySearch({ state: 'lost', httpStatus: 42, since: 'yesterday', until: '', other: 1 }),
    {},
  );
  assert.deepEqual(eventSearch({ type: '', tag: ['a'] }), {});
});

test('a number in an address is a text where texts are meant', () => {
  assert.deepEqual(eventSearch({ type: 42 }), { type: '42' });
  assert.deepEqual(newWebhookSearch({ base: 'b', inbox: 7 }), { base: 'b', inbox: '7' });
});
