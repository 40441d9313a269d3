import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { filterLimits } from './filter-limits.ts';
import { answers, errorOf, refusalOf } from './testing/answers.ts';
import { postedEvent } from './testing/events.ts';

describe('no expression and no event can hold up the process', () => {
  const numbers = Array.from({ length: filterLimits.listItems }, (_, index) => index);
  const large = postedEvent('a.b', {
    numbers,
    tooMany: Array.from({ length: filterLimits.listItems + 1 }, () => 0),
    few: numbers.slice(0, 40),
    text: 'a'.repeat(900_000),
    sameText: `${'a'.repeat(900_000)}b`,
    // What the search for a text is slowest with.
    needle: `${'a'.repeat(800)}b${'a'.repeat(900)}`,
  });
  const tooMuch = `the expression needs more than ${filterLimits.steps} steps for this event; make it simpler`;

  test('loops in loops run out of steps', () => {
    for (const source of [
      'data.numbers.all(a, data.numbers.all(b, a + b >= 0))',
      'data.few.all(a, data.few.all(b, data.few.all(c, a + b + c >= 0)))',
      'data.numbers.filter(a, data.numbers.exists(b, b < 0)).size() > 0',
      'data.numbers.exists_one(a, data.numbers.exists_one(b, b < 0))',
    ]) {
      assert.equal(errorOf(source, large), tooMuch, source);
    }
  });

  test('an expression cannot swallow that it ran out of steps', () => {
    for (const source of [
      'data.numbers.exists(a, data.numbers.exists(b, b < 0)) || true',
      'data.numbers.all(a, data.numbers.all(b, b >= 0)) && false',
      'data.numbers.exists(a, data.numbers.exists(b, a.x == b))',
    ]) {
      assert.equal(errorOf(source, large), tooMuch, source);
    }
  });

  test('going through long values in a loop runs out of steps', () => {
    for (const source of [
      'data.numbers.exists(a, data.text.contains("b"))',
      'data.numbers.exists(a, data.text == data.sameText)',
      'data.numbers.exists(a, data.text.lowerAscii() == "x")',
      'data.numbers.exists(a, size(data.text) == 1)',
      'data.numbers.exists(a, data == data.few)',
      'data.numbers.exists(a, -1 in data.numbers)',
      'data.numbers.exists(a, event.time.getHours("Europe/Berlin") == 99)',
    ]) {
      assert.equal(errorOf(source, large), tooMuch, source);
    }
  });

  test('texts and lists cannot be grown without end', () => {
    const doubling = (value: string, levels: number): string => {
      const names = Array.from({ length: levels }, (_, level) => `v${level}`);
      const innermost = `size(${names.at(-1)}) < 0`;
      return names.reduceRight((inner, name, level) => {
        const item = level === 0 ? value : `v${level - 1}`;
        return `[${item} + ${item}].exists(${name}, ${inner})`;
      }, innermost);
    };
    assert.equal(errorOf(doubling('data.text', 12), large), tooMuch);
    assert.equal(errorOf(doubling('data.few', 12), large), tooMuch);
    assert.equal(errorOf(`data.text${' + data.text'.repeat(80)} == ""`, large), tooMuch);
  });

  test('lists to go through and texts to look for are bounded', () => {
    assert.equal(
      errorOf('data.tooMany.exists(a, a > 0)', large),
      'a list may have at most 2000 items here, not 2001',
    );
    assert.equal(
      errorOf('data.text.contains(data.needle)', large),
      'contains looks for at most 200 characters, not 1701',
    );
  });

  test('what is in reason is answered', () => {
    answers(large, {
      'data.numbers.all(a, a >= 0)': true,
      'data.text.contains("b")': false,
      'data.text == data.sameText': false,
      'data.few.exists(a, data.few.exists(b, a + b == 78))': true,
    });
  });

  test('expressions are bounded in length, size and depth', () => {
    const long = 'true'.padEnd(filterLimits.sourceCharacters + 1);
    assert.deepEqual(refusalOf(long), { message: 'must have at most 2000 characters', position: 2_000 });
    assert.match(refusalOf(`true${' || true'.repeat(200)}`).message, /maxAstNodes/);
    assert.match(refusalOf(`${'('.repeat(40)}true${')'.repeat(40)}`).message, /maxDepth/);
    assert.match(refusalOf(`${'!'.repeat(1_900)}true`).message, /maxAstNodes/);
  });

  test('one that ran out of steps leaves the next one all of them', () => {
    errorOf('data.numbers.all(a, data.numbers.all(b, true))', large);
    answers(large, { 'data.numbers.all(a, a >= 0)': true });
  });
});
