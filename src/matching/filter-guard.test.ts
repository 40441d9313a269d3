import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compileFilter } from './filter.ts';
import { filterContextOf } from './filter-context.ts';
import { language } from './filter-language.ts';
import { answers } from './testing/answers.ts';
import { column, rowEvent, tableOf } from './testing/events.ts';

const table = tableOf([
  column('Status', 'single-select'),
  column('Amount', 'number'),
  column('Done', 'checkbox'),
  column('Due', 'date'),
  column('Tags', 'multiple-select'),
]);
const updated = rowEvent(
  table,
  { Status: 'open', Amount: 10.5, Tags: ['new'] },
  { Status: 'paid', Amount: 60, Due: '2026-05-01', Tags: ['new', 'big'] },
);

describe('guarding an expression', () => {
  const { condition } = fc.letrec<{ number: string; text: string; condition: string }>((tie) => ({
    number: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom('record.Amount', 'previous.Amount', 'size(record.Tags)', '1', '2.5', '60', '-3'),
      fc
        .tuple(tie('number'), fc.constantFrom('+', '-', '*', '/', '%'), tie('number'))
        .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      fc
        .tuple(tie('condition'), tie('number'), tie('number'))
        .map(([asked, left, right]) => `(${asked} ? ${left} : ${right})`),
    ),
    text: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom('record.Status', 'previous.Status', 'record.Nope', 'record.Due', '"paid"', '"p"'),
      fc.tuple(tie('text'), tie('text')).map(([left, right]) => `(${left} + ${right})`),
      tie('text').map((text) => `${text}.upperAscii()`),
    ),
    condition: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom('"Status" in changedColumns', 'true', 'false', 'record.Done', 'has(record.Due)'),
      fc
        .tuple(tie('number'), fc.constantFrom('<', '<=', '>', '>=', '==', '!='), tie('number'))
        .map(([left, operator, right]) => `${left} ${operator} ${right}`),
      fc.tuple(tie('text'), tie('text')).map(([left, right]) => `${left}.contains(${right})`),
      fc.tuple(tie('text'), tie('text')).map(([left, right]) => `${left} == ${right}`),
      fc
        .tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition'))
        .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      tie('condition').map((asked) => `!(${asked})`),
      fc
        .tuple(fc.constantFrom('all', 'exists', 'exists_one'), tie('text'), tie('condition'))
        .map(([macro, text, asked]) => `record.Tags.${macro}(t, t != ${text} && ${asked})`),
    ),
  }));

  /** What the language itself says, without guards. */
  const unguarded = (source: string): unknown => {
    try {
      return language.parse(source)(filterContextOf(updated));
    } catch {
      return 'error';
    }
  };

  test('does not change its meaning', () => {
    fc.assert(
      fc.property(condition, (source) => {
        const compiled = compileFilter(source);
        if (!compiled.ok) {
          assert.equal(unguarded(source), 'error', compiled.message);
          return;
        }
        const given = compiled.filter.matches(updated);
        assert.equal(typeof given === 'object' ? 'error' : given, unguarded(source), source);
      }),
      { numRuns: 2_000 },
    );
  });

  test('keeps every kind of constant', () => {
    answers(updated, {
      '"é\\n\\"\\\\" == "\\u00e9\\n" + "\\"\\\\"': true,
      "'it\\'s' == r'it' + '\\'s'": true,
      '-9223372036854775808 < 0': true,
      '1e21 > 5.0 && -1.5e-12 < 0.0': true,
      '0x10 == 16': true,
      'true != false && null == null': true,
      '[1, 2.5, "x", true, null].size() == 5': true,
      '(1 < 2 ? "a" : "b") == "a"': true,
    });
  });
});
