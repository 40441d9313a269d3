import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { printable, renderFields, renderTable } from './table.ts';

interface Item {
  readonly name: string;
  readonly count: number | null;
}
const columns = [
  { title: 'name', value: ({ name }: Item) => name },
  { title: 'count', value: ({ count }: Item) => count },
];

describe('a printed table', () => {
  it('has its columns aligned under their titles', () => {
    const items = [
      { name: 'a', count: 1 },
      { name: 'longer', count: null },
    ];
    assert.equal(renderTable(items, columns), 'NAME    COUNT\na       1\nlonger  -');
  });

  it('aligns characters that take two places', () => {
    const items = [
      { name: '東京', count: 1 },
      { name: 'e\u0301a', count: 2 },
    ];
    assert.equal(renderTable(items, columns), 'NAME  COUNT\n東京  1\ne\u0301a    2');
  });

  it('shows the titles when it is empty', () => {
    assert.equal(renderTable([], columns), 'NAME  COUNT');
  });

  it('cuts what is long', () => {
    const line = renderTable([{ name: 'x'.repeat(100), count: 1 }], columns).split('\n')[1];
    assert.equal(line, `${'x'.repeat(59)}…  1`);
  });
});

describe('a printed value', () => {
  it('cannot steer the terminal', () => {
    assert.equal(printable('a\u001b[2Jb\nc\u202ed\u009b'), 'a\\u001b[2Jb\\nc\\u202ed\\u009b');
  });

  it('is JSON where it is not text, and a dash where there is none', () => {
    assert.equal(printable({ a: [1, true] }), '{"a":[1,true]}');
    assert.equal(printable(null), '-');
  });
});

describe('printed fields', () => {
  it('are one a line, without those that are not there', () => {
    assert.equal(
      renderFields({ id: 'x', 'a longer name': 2, gone: undefined }),
      'id             x\na longer name  2',
    );
  });
});
