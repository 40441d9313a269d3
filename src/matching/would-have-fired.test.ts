import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postedEvent, settingsOf } from './testing/events.ts';
import { wouldHaveFired } from './would-have-fired.ts';

const amounts = Array.from({ length: 100 }, (_, index) => index);

test('settings can be tried on past events: how many would have been delivered', () => {
  const events = amounts.map((amount) => postedEvent('invoice.paid', { amount }));
  const trial = wouldHaveFired(events, settingsOf({ filter: 'data.amount >= 88' }));
  assert.deepEqual(trial, { total: 100, fired: 12, failed: 0, firstFailure: null });
});

test('a trial tells for how many events the expression failed, and how', () => {
  const events = amounts.map((amount) => postedEvent('invoice.paid', amount % 10 === 0 ? {} : { amount }));
  const trial = wouldHaveFired(events, settingsOf({ filter: 'data.amount > 50' }));
  assert.deepEqual(trial, {
    total: 100,
    fired: 45,
    failed: 10,
    firstFailure: 'The filter expression could not be evaluated: No such key: amount.',
  });
});

test('a trial without events is no failure', () => {
  assert.deepEqual(wouldHaveFired([], settingsOf()), { total: 0, fired: 0, failed: 0, firstFailure: null });
});
