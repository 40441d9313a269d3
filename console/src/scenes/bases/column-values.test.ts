import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnTypes as serverTypes } from '../../../../src/model/table.ts';
import {
  columnData,
  columnTypes,
  columnValues,
  emptyColumn,
  newOption,
  textColorOn,
} from './column-values.ts';

test('every type of the server is offered', () => {
  assert.deepEqual([...columnTypes].sort(), [...serverTypes].sort());
});

test('only what belongs to the type is sent', () => {
  assert.deepEqual(columnData({ ...emptyColumn, time: true, prefix: 'A-' }), {});
  assert.deepEqual(columnData({ ...emptyColumn, type: 'date', time: true, indexed: true }), {
    time: true,
    indexed: true,
  });
  assert.deepEqual(columnData({ ...emptyColumn, type: 'geolocation', indexed: true }), {});
  const options = [newOption('open', '#FFE8CC'), newOption(' '), newOption('done')];
  assert.deepEqual(columnData({ ...emptyColumn, type: 'single-select', options }), {
    options: [{ name: 'open', color: '#FFE8CC', textColor: '#000000' }, { name: 'done' }],
  });
});

test('an option keeps its id when it is renamed', () => {
  const column = {
    key: 'a',
    name: 'A',
    type: 'single-select' as const,
    data: { options: [{ id: 'o1', name: 'x' }] },
  };
  const values = columnValues(column);
  const [first] = values.options;
  assert.ok(first);
  values.options = [{ ...first, name: 'y' }];
  assert.deepEqual(columnData(values), { options: [{ id: 'o1', name: 'y' }] });
});

test('text on a colour can be read', () => {
  assert.equal(textColorOn('#FFFFFF'), '#000000');
  assert.equal(textColorOn('#1E3A8A'), '#FFFFFF');
});
