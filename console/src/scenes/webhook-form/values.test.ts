import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupsOf, placeErrors } from './field-places.ts';
import { changedSettings, emptyValues, headerLine, newSettings } from './values.ts';

const filled = (change: Partial<ReturnType<typeof emptyValues>> = {}) =>
  emptyValues({ name: 'Orders', url: 'https://example.com', ...change });

test('a new webhook leaves to the preset what was not touched', () => {
  assert.deepEqual(newSettings(filled()), {
    name: 'Orders',
    url: 'https://example.com',
    preset: 'plain',
    eventTypes: ['*'],
  });
});

test('knobs that differ from the preset are sent', () => {
  const { retry, headers, timeoutMs } = newSettings(
    filled({
      timeoutMs: '5 s',
      headers: [headerLine('X-Team', 'erp'), headerLine('', 'lost')],
      retry: { delaysMs: '1 s, 2 min', jitter: 0, forever: true },
    }),
  );
  assert.deepEqual(retry, { delaysMs: [1_000, 120_000], jitter: 0, forever: true });
  assert.deepEqual(headers, { 'x-team': 'erp' });
  assert.equal(timeoutMs, 5_000);
});

test('an edit sends only what changed', () => {
  const before = filled();
  assert.deepEqual(changedSettings(before, { ...before }), {});
  assert.deepEqual(changedSettings(before, { ...before, memo: 'For Ada' }), { memo: 'For Ada' });
  assert.deepEqual(
    changedSettings(before, { ...before, disable: { afterFailures: 5, afterFailingMs: '' } }),
    {
      disable: { afterFailures: 5, afterFailingMs: null },
    },
  );
});

test('another preset is sent with what differs from it', () => {
  const before = filled();
  const sent = changedSettings(before, { ...before, preset: 'codat' });
  assert.equal(sent.preset, 'codat');
  assert.equal(sent.order, 'ordered', 'the preset would make it independent');
});

test('an error shows at the field it is about, in a group that opens', () => {
  const { placed, unplaced } = placeErrors({ 'retry.delaysMs.2': 'too long', 'headers.host': 'not allowed' });
  assert.deepEqual(placed, { 'retry.delaysMs': '2: too long', headers: 'host: not allowed' });
  assert.equal(unplaced, false);
  assert.deepEqual([...groupsOf(Object.keys(placed))].sort(), ['how', 'retry']);
});

test('an error of no field is shown by itself', () => {
  assert.equal(placeErrors({ secret: 'too short' }).unplaced, true);
  assert.equal(placeErrors({}).unplaced, true);
});
