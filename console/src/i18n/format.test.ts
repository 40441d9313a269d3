import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFor } from './format.ts';

const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

test('a duration is told in the unit that suits it', () => {
  const { duration } = formatFor('en');
  assert.deepEqual([0.4, 350, 2_500, 90_000, 7_200_000, 5 * 86_400_000].map(duration), [
    '0.4 ms',
    '350 ms',
    '2.5 sec',
    '1.5 min',
    '2 hr',
    '5 days',
  ]);
});

test('a time is told from where the reader stands', () => {
  const now = Date.parse('2026-03-01T12:00:00.000Z');
  const { relative } = formatFor('fr');
  assert.equal(plain(relative('2026-03-01T11:57:00.000Z', now)), 'il y a 3 min');
  assert.equal(plain(relative('2026-03-01T12:00:05.000Z', now)), 'dans 5 s');
  assert.equal(plain(relative('2026-02-27T12:00:00.000Z', now)), 'avant-hier');
});

test('numbers and sizes follow the language', () => {
  assert.equal(plain(formatFor('fr').number(1234.5)), '1 234,5');
  assert.equal(formatFor('en').bytes(512), '512 bytes');
  assert.equal(plain(formatFor('fr').bytes(2_400_000)), '2,4 Mo');
});
