import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column } from '../../api/types.ts';
import type { GridRow } from './cells.ts';
import { blockAt } from './paste.ts';

const columns: Column[] = [
  { key: 'a', name: 'A', type: 'text', data: {} },
  { key: 'n', name: 'N', type: 'number', data: {} },
  { key: 'm', name: 'Made', type: 'created', data: {} },
];
const rows: GridRow[] = [
  { $id: 'r1', $number: 1, a: 'one', n: 1, m: 'then' },
  { $id: 'r2', $number: 2, a: 'two', n: 2, m: 'then' },
];
const table = { columns, rows, hasMore: false };

test('a block changes the cells that differ, from a cell on', () => {
  const { changes, inserts } = blockAt(table, [['one', '5'], ['2b']], { x: 0, y: 0 }, null);
  assert.deepEqual(changes, [
    { id: 'r1', cells: { n: 5 } },
    { id: 'r2', cells: { a: '2b' } },
  ]);
  assert.deepEqual(inserts, []);
});

test('what reaches below the last row becomes new rows, and what reaches beyond the columns is passed over', () => {
  const { changes, inserts } = blockAt(table, [['9'], ['10', 'x', 'y', 'z']], { x: 1, y: 1 }, null);
  assert.deepEqual(changes, [{ id: 'r2', cells: { n: 9 } }]);
  assert.deepEqual(inserts, [{ n: 10 }]);
});

test('a single value fills the selection, whichever corner it began at', () => {
  const { changes } = blockAt(table, [['7']], { x: 1, y: 1 }, { x: 1, y: 1, x1: 0, y1: 0 });
  assert.deepEqual(changes, [
    { id: 'r1', cells: { a: '7', n: 7 } },
    { id: 'r2', cells: { a: '7', n: 7 } },
  ]);
});

test('below what is loaded nothing is made up: the rest is counted', () => {
  const { inserts, left } = blockAt({ ...table, hasMore: true }, [['x'], ['y'], ['z']], { x: 0, y: 1 }, null);
  assert.deepEqual([inserts, left], [[], 2]);
});
