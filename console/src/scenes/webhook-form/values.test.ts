import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConcurrency, presetBehaviours } from '../../../../src/webhooks/presets.ts';
import type { Preset } from '../../api/types.ts';
import { groupsOf, placeErrors } from './field-places.ts';
import {
  changedSettings,
  emptyValues,
  headerLine,
  knobsThatDiffer,
  newSettings,
  type Presets,
} from './values.ts';

/** As `GET /v1/presets` answers. */
const presets: Presets = new Map(
  Object.entries(presetBehaviours).map(([name, behaviour]) => [
    name as Preset,
    JSON.parse(JSON.stringify({ name, ...behaviour, concurrency: defaultConcurrency(behaviour.order) })),
  ]),
);

const filled = (change: Partial<ReturnType<typeof emptyValues>> = {}) =>
  emptyValues(presets, { name: 'Orders', url: 'https://example.com', ...change });

test('a new webhook leaves to the preset what was not touched', () => {
  assert.deepEqual(newSettings(presets, filled()), {
    name: 'Orders',
    url: 'https://example.com',
    preset: 'plain',
    eventTypes: ['*'],
  });
});

test('knobs that differ from the preset are sent', () => {
  const { retry, headers, timeoutMs } = newSettings(
    presets,
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
  assert.deepEqual(changedSettings(presets, before, { ...before }), {});
  assert.deepEqual(changedSettings(presets, before, { ...before, memo: 'For Ada' }), { memo: 'For Ada' });
  assert.deepEqual(
    changedSettings(presets, before, { ...before, disable: { afterFailures: 5, afterFailingMs: '' } }),
    {
      disable: { afterFailures: 5, afterFailingMs: null },
    },
  );
});

test('another preset is sent with what differs from it', () => {
  const before = filled();
  const sent = changedSettings(presets, before, { ...before, preset: 'codat' });
  assert.equal(sent.preset, 'codat');
  assert.equal(sent.order, 'ordered', 'the preset would make it independent');
});

test('knobs that are not as the preset has them are named', () => {
  assert.deepEqual(knobsThatDiffer(presets, filled()), []);
  assert.deepEqual(
    knobsThatDiffer(presets, filled({ timeoutMs: '15000 ms' })),
    [],
    'written otherwise, the same',
  );
  assert.deepEqual(knobsThatDiffer(presets, filled({ timeoutMs: '1 s', success: '200' })), [
    'success',
    'timeoutMs',
  ]);
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
