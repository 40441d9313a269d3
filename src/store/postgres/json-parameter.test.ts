import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fromJsonb, jsonParameter, toJsonb } from './json-parameter.ts';

/** Any UTF-16 units, and more often those that matter here. */
const text = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(
        '\u0000',
        '\\',
        '"',
        'u0000',
        '\\ud800',
        '\ud800',
        '\udfff',
        '\u{10ffff}',
        'ffff',
        '😀',
      ),
    ),
  )
  .map((parts) => parts.join(''));

describe('cells as jsonb', () => {
  it('come back as they were, whatever characters they hold', () => {
    fc.assert(
      fc.property(fc.dictionary(text, text), (cells) => {
        const printed = toJsonb(cells);
        assert.ok(!/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/.test(printed), printed);
        assert.deepEqual(fromJsonb(printed), { ...cells });
      }),
    );
  });
});

describe('rows as a parameter', () => {
  it('hold no half of a surrogate pair, and all else as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ text })), (rows) => {
        const expected = rows.map((row) => ({ text: row.text.toWellFormed() }));
        assert.deepEqual(JSON.parse(jsonParameter(rows)), expected);
      }),
    );
  });
});
