import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ColumnType } from '../model/table.ts';
import type { TableAnswer } from './answers.ts';
import { readCells } from './cell.ts';

const types: ColumnType[] = [
  'text',
  'number',
  'checkbox',
  'multiple-select',
  'file',
  'date',
  'rating',
  'image',
  'geolocation',
  'duration',
];
const table: TableAnswer = {
  id: 'Abcd',
  base: 'b',
  name: 'All types',
  columns: types.map((type) => ({ key: `k-${type}`, name: `A ${type}`, type, data: {} })),
  createdAt: '2026-01-01T00:00:00.000Z',
};

describe('COLUMN=VALUE', () => {
  it('is read as the type of the column needs it', () => {
    assert.deepEqual(
      readCells(table, [
        'A text=1',
        'A number=12.5',
        'A checkbox=yes',
        'A multiple-select=a, b',
        'A file=[{"name":"a.txt","url":"https://example.com/a"}]',
        'A date=2026-05-31',
        'A rating=4',
        'A image=https://example.com/a.png',
        'A geolocation=47.37, 8.54',
        'A duration=1:30',
      ]),
      {
        'A text': '1',
        'A number': 12.5,
        'A checkbox': true,
        'A multiple-select': ['a', 'b'],
        'A file': [{ name: 'a.txt', url: 'https://example.com/a' }],
        'A date': '2026-05-31',
        'A rating': 4,
        'A image': ['https://example.com/a.png'],
        'A geolocation': { lat: 47.37, lng: 8.54 },
        'A duration': '1:30',
      },
    );
  });

  it('takes a place as JSON, or as the name of a region', () => {
    assert.deepEqual(readCells(table, ['A geolocation={"lat":1,"lng":2}']), {
      'A geolocation': { lat: 1, lng: 2 },
    });
    assert.deepEqual(readCells(table, ['A geolocation=Switzerland']), {
      'A geolocation': { country_region: 'Switzerland' },
    });
  });

  it('finds a column by its key, too', () => {
    assert.deepEqual(readCells(table, ['k-number=7']), { 'k-number': 7 });
  });

  it('keeps further equals signs, and empties a cell with nothing', () => {
    assert.deepEqual(readCells(table, ['A text=a=b', 'A number=']), { 'A text': 'a=b', 'A number': null });
  });

  it('takes items with commas as a JSON list', () => {
    assert.deepEqual(readCells(table, ['A multiple-select=["a,b"]']), { 'A multiple-select': ['a,b'] });
  });

  it('leaves to the server what it cannot read', () => {
    assert.deepEqual(readCells(table, ['A number=x', 'A checkbox=maybe', 'Another=1']), {
      'A number': 'x',
      'A checkbox': 'maybe',
      Another: '1',
    });
  });

  it('is refused without an equals sign', () => {
    assert.throws(() => readCells(table, ['A text']), /"A text" is no cell; write it as COLUMN=VALUE/);
  });
});
