import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cellText, cellValue, parseBlock } from './cells.ts';

test('typed texts become values of the column', () => {
  assert.equal(cellValue({ type: 'number' }, '1,234.5'), 1234.5);
  assert.equal(cellValue({ type: 'number' }, '1 234,5'), 1234.5);
  assert.equal(cellValue({ type: 'number' }, '12,5'), 12.5);
  assert.equal(cellValue({ type: 'checkbox' }, 'Yes'), true);
  assert.equal(cellValue({ type: 'checkbox' }, ''), false);
  assert.deepEqual(cellValue({ type: 'multiple-select' }, 'red, blue,'), ['red', 'blue']);
  assert.equal(cellValue({ type: 'email' }, ' a@b.c '), 'a@b.c');
  assert.equal(cellValue({ type: 'text' }, ' kept '), ' kept ');
  assert.equal(cellValue({ type: 'text' }, ''), null);
});

test('what cannot be read goes to the server as it is, which says what is wrong', () => {
  assert.equal(cellValue({ type: 'number' }, 'twelve'), 'twelve');
  assert.equal(cellValue({ type: 'checkbox' }, 'maybe'), 'maybe');
});

test('a file cell cannot be typed', () => {
  assert.equal(cellValue({ type: 'file' }, 'a.png'), undefined);
  assert.equal(cellText('file', [{ name: 'a.png', url: 'x' }]), 'a.png');
});

test('a place is typed as it is shown', () => {
  for (const place of [{ lat: 48.85, lng: -2.35 }, { country_region: 'France' }]) {
    assert.deepEqual(cellValue({ type: 'geolocation' }, cellText('geolocation', place)), place);
  }
});

test('a duration is typed as hours and minutes, or as seconds', () => {
  assert.equal(cellValue({ type: 'duration' }, '1:30'), 5_400);
  assert.equal(cellValue({ type: 'duration' }, '-0:00:05'), -5);
  assert.equal(cellValue({ type: 'duration' }, '90'), 90);
  fc.assert(
    fc.property(fc.integer({ min: -360_000, max: 360_000 }), (seconds) => {
      assert.equal(cellValue({ type: 'duration' }, cellText('duration', seconds)), seconds);
    }),
  );
});

test('what the server fills in by itself cannot be typed', () => {
  for (const type of ['created', 'modified-by', 'auto-number'] as const) {
    assert.equal(cellValue({ type }, 'x'), undefined);
  }
});

test('what a cell shows is understood again as the same value', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      assert.equal(cellValue({ type: 'number' }, cellText('number', number)), number === 0 ? 0 : number);
    }),
  );
  for (const value of [true, false])
    assert.equal(cellValue({ type: 'checkbox' }, cellText('checkbox', value)), value);
});

test('a pasted block is cut at tabs and lines, quotes keep both', () => {
  assert.deepEqual(parseBlock('a\tb\r\nc\td\n'), [
    ['a', 'b'],
    ['c', 'd'],
  ]);
  assert.deepEqual(parseBlock('"two\nlines"\t"say ""hi"""'), [['two\nlines', 'say "hi"']]);
  assert.deepEqual(parseBlock('one'), [['one']]);
});
