import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearestWord } from './nearest-word.ts';

describe('the word that was probably meant', () => {
  const known = ['eventTypes', 'timeoutMs', 'url', 'retry'];
  const table: [string, string | null][] = [
    ['eventTypes', 'eventTypes'],
    ['eventtypes', 'eventTypes'],
    ['eventType', 'eventTypes'],
    ['event_types', 'eventTypes'],
    ['timeoutSM', 'timeoutMs'],
    ['timeout', 'timeoutMs'],
    ['ulr', 'url'],
    ['uri', 'url'],
    ['color', null],
    ['', null],
    ['x'.repeat(10_000), null],
  ];
  for (const [given, meant] of table) {
    it(`for "${given.slice(0, 20)}" is ${meant ?? 'none of them'}`, () => {
      assert.equal(nearestWord(given, known), meant);
    });
  }
});
