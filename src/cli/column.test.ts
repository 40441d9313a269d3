import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { columnTypes } from '../model/table.ts';
import { readColumn } from './column.ts';
import { Failure } from './failure.ts';

describe('--column', () => {
  it('is a name and a type', () => {
    assert.deepEqual(readColumn('Total:number'), { name: 'Total', type: 'number' });
    assert.deepEqual(readColumn('Note:Long-Text'), { name: 'Note', type: 'long-text' });
  });

  it('has the options of a select behind the type', () => {
    assert.deepEqual(readColumn('State:single-select:open | done'), {
      name: 'State',
      type: 'single-select',
      data: { options: [{ name: 'open' }, { name: 'done' }] },
    });
  });

  it('has the time of a date and the table of a link behind the type', () => {
    assert.deepEqual(readColumn('Due:date:time'), { name: 'Due', type: 'date', data: { time: true } });
    assert.deepEqual(readColumn('Of:link:Customers'), {
      name: 'Of',
      type: 'link',
      data: { table: 'Customers' },
    });
  });

  it('keeps every name as it is, with its colons', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.constantFrom(...columnTypes), (name, type) => {
        assert.deepEqual(readColumn(`${name}:${type}`), { name, type });
      }),
    );
  });

  it('is refused with what is allowed', () => {
    const refusals: [string, RegExp][] = [
      ['Total', /has no type; write it as NAME:TYPE/],
      ['Total:', /has no type/],
      ['Total:numbr', /unknown type "numbr"; did you mean "number"\?/],
      [':text', /has no name/],
      ['Total:number:5', /nothing may follow the type number/],
      ['Due:date:day', /after date only "time" may follow/],
    ];
    for (const [text, message] of refusals) {
      assert.throws(
        () => readColumn(text),
        (error) => error instanceof Failure && error.exitCode === 2 && message.test(error.message),
        text,
      );
    }
  });
});
