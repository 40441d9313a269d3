import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationListText, durationText, parseDuration, parseDurationList } from './duration-text.ts';

test('a typed duration is understood with its unit, and in seconds without one', () => {
  const understood = {
    '500ms': 500,
    '5 s': 5_000,
    '5': 5_000,
    '90 min': 5_400_000,
    '2m': 120_000,
    '2h': 7_200_000,
    '1,5 h': 5_400_000,
    '3 j': 259_200_000,
    '1 D': 86_400_000,
  };
  for (const [text, ms] of Object.entries(understood)) assert.equal(parseDuration(text), ms, text);
});

test('what is no duration is refused', () => {
  for (const text of ['', 'soon', '5 parsecs', '-5 s', '5 s 3', 's'])
    assert.equal(parseDuration(text), null, text);
});

test('a list takes commas or semicolons, and one bad item spoils it', () => {
  assert.deepEqual(parseDurationList('5 s, 5min;2 h'), [5_000, 300_000, 7_200_000]);
  assert.deepEqual(parseDurationList('1,5 s, 2,5 s'), [1_500, 2_500]);
  assert.deepEqual(parseDurationList(' '), []);
  assert.equal(parseDurationList('5 s, later'), null);
});

test('what is shown is understood again as the same', () => {
  const delay = fc.integer({ min: 0, max: 30 * 86_400_000 });
  fc.assert(fc.property(delay, (ms) => parseDuration(durationText(ms)) === ms));
  fc.assert(
    fc.property(fc.array(delay, { maxLength: 12 }), (list) => {
      assert.deepEqual(parseDurationList(durationListText(list)), list);
    }),
  );
});
