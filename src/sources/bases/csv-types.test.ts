import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ColumnKey } from '../../model/ids.ts';
import { type Column, columnTypes, isAutoColumnType } from '../../model/table.ts';
import { readCellText } from './cell-text.ts';
import { detectType } from './csv-types.ts';

describe('detectType', () => {
  const examples: ReadonlyArray<[string, readonly string[], string]> = [
    ['numbers', ['1', '-2.5', '0', '0.10', ' 7 ', ''], 'number'],
    ['numbers with 15 digits', ['123456789012345'], 'number'],
    ['numbers that print as they are read', ['0.30000000000000004'], 'number'],
    ['true and false', ['true', 'FALSE', ''], 'checkbox'],
    ['days', ['2024-02-29', '2023-01-01'], 'date'],
    ['prose, by its line breaks', ['a\nb', 'c'], 'long-text'],
    ['prose, by its length', ['x'.repeat(256)], 'long-text'],
    ['codes with leading zeros', ['007', '012'], 'text'],
    ['numbers with more digits than are kept', ['12345678901234567890'], 'text'],
    ['numbers with signs or exponents that would be lost', ['+1', '1e5'], 'text'],
    ['days that are not in the calendar', ['2023-02-30'], 'text'],
    ['numbers with one that is none', ['1', '2', 'N/A'], 'text'],
    ['0 and 1, which are numbers', ['0', '1'], 'number'],
    ['nothing', ['', ' '], 'text'],
  ];
  for (const [name, values, type] of examples) {
    it(`takes ${name} for ${type}`, () => assert.equal(detectType(values).type, type));
  }

  it('takes moments, or days and moments mixed, for a date with a time', () => {
    assert.deepEqual(detectType(['2024-02-29', '2024-02-29 10:00']), { type: 'date', data: { time: true } });
  });

  it('finds a type in which all of the values can be read', () => {
    const values = fc.oneof(
      fc.array(fc.string()),
      fc.array(fc.double().map(String)),
      fc.array(fc.constantFrom('true', '0')),
    );
    fc.assert(
      fc.property(values, (texts) => {
        const { type, data } = detectType(texts);
        const column: Column = { key: 'k' as ColumnKey, name: 'k', type, data };
        for (const text of texts)
          assert.equal(readCellText(column, text.replaceAll('\0', '')).ok, true, `${text} as ${type}`);
      }),
    );
  });
});

describe('readCellText', () => {
  const options = [
    { id: 'o1', name: 'Red' },
    { id: 'o2', name: 'Blue, dark' },
  ];
  function read(type: Column['type'], text: string): unknown {
    const data = type.endsWith('select') ? { options } : {};
    const reading = readCellText({ key: 'k' as ColumnKey, name: 'k', type, data }, text);
    return reading.ok ? reading.value : reading.fault;
  }

  it('takes an empty value for an empty cell of any type', () => {
    for (const type of columnTypes.filter((one) => !isAutoColumnType(one)))
      assert.equal(read(type, ''), null);
  });

  it('reads durations, ratings, images and places', () => {
    assert.equal(read('duration', ' 1:30 '), 5_400);
    assert.equal(read('rating', '7'), 7);
    assert.deepEqual(read('image', 'https://a.b/c, https://a.b/d'), ['https://a.b/c', 'https://a.b/d']);
    assert.deepEqual(read('geolocation', '47.37, -8.5'), { lat: 47.37, lng: -8.5 });
    assert.deepEqual(read('geolocation', '{"lat":1,"lng":2}'), { lat: 1, lng: 2 });
    assert.deepEqual(read('geolocation', 'France'), { country_region: 'France' });
  });

  it('reads numbers as people and programs write them', () => {
    const numbers = { '5': 5, ' -2.50 ': -2.5, '+7': 7, '1e3': 1_000, '.5': 0.5, '007': 7 };
    for (const [text, number] of Object.entries(numbers)) assert.equal(read('number', text), number);
    for (const text of ['1,000', '0x10', 'Infinity', 'NaN', '1e999', '5 km']) {
      assert.match(String(read('number', text)), /must be a number/);
    }
  });

  it('reads checkboxes from words and digits', () => {
    for (const text of ['true', 'TRUE', 'yes', '1']) assert.equal(read('checkbox', text), true);
    for (const text of ['false', 'No', '0']) assert.equal(read('checkbox', text), false);
    assert.equal(read('checkbox', 'x'), 'must be true, false, yes, no, 1 or 0; got "x"');
  });

  it('reads lists from texts with commas, or JSON', () => {
    assert.deepEqual(read('multiple-select', 'Blue, dark'), ['o2']);
    assert.deepEqual(read('multiple-select', 'Red, o2'), ['o1', 'o2']);
    assert.deepEqual(read('multiple-select', '["Blue, dark","Red"]'), ['o2', 'o1']);
    assert.deepEqual(read('collaborator', 'ada, bob'), ['ada', 'bob']);
    assert.deepEqual(read('file', '[{"name":"a","url":"https://a.b/c"}]'), [
      { name: 'a', url: 'https://a.b/c' },
    ]);
    assert.match(String(read('file', 'a.pdf')), /must be a JSON list of \{name, url\}/);
    assert.match(String(read('multiple-select', '["Red"')), /must be a JSON list/);
  });

  it('takes off blanks around values that are no free text', () => {
    assert.equal(read('single-select', ' Red '), 'o1');
    assert.equal(read('date', ' 2024-02-29'), '2024-02-29');
    assert.equal(read('text', ' a '), ' a ');
  });
});
