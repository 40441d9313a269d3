import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { filterText, operators, operatorsOf, readFilter } from './row-filter.ts';

test('a filter in an address is read as it was written', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Za-z0-9_]{1,12}$/),
      fc.constantFrom(...operators),
      // The value must not lengthen the sign.
      fc.string().filter((value) => !/^[=~]/.test(value)),
      (column, operator, value) => {
        assert.deepEqual(readFilter(filterText({ column, operator, value })), { column, operator, value });
      },
    ),
  );
});

test('what is no filter is passed over', () => {
  for (const text of ['', 'amount', '=5', 'a b=5']) assert.equal(readFilter(text), null);
});

test('a checkbox is only compared as a whole', () => {
  assert.deepEqual(operatorsOf('checkbox'), ['=', '!=']);
  assert.ok(operatorsOf('text').includes('~'));
});
