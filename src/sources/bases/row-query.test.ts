import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BaseId, ColumnKey, TableId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import { type Column, columnTypes, type Table } from '../../model/table.ts';
import type { RowCondition, RowQuery } from '../../store/port.ts';
import { allRows, readRowQuery } from './row-query.ts';

const column = (key: string, name: string, type: Column['type'], data: Column['data'] = {}): Column => ({
  key: key as ColumnKey,
  name,
  type,
  data,
});
const options = [
  { id: 'o1', name: 'Open' },
  { id: 'o2', name: 'Done' },
];
const table: Table = {
  id: 'T001' as TableId,
  number: 1,
  version: 1,
  baseId: 'b'.repeat(32) as BaseId,
  workspaceNumber: 1,
  name: 'Things',
  createdAtMs: 0,
  columns: [
    column('name', 'Name', 'text'),
    column('cost', 'Price', 'number'),
    column('paid', 'Paid', 'checkbox'),
    column('days', 'Day', 'date'),
    column('mome', 'At', 'date', { time: true }),
    column('time', 'Takes', 'duration'),
    column('stat', 'State', 'single-select', { options }),
    column('tags', 'Tags', 'multiple-select', { options }),
    column('link', 'Links', 'link'),
    column('file', 'Files', 'file'),
    column('made', 'Created', 'created'),
    column('maby', 'Creator', 'created-by'),
    column('numb', 'No', 'auto-number', { prefix: 'T-' }),
    column('odd1', 'a=b', 'text'),
    column('odd2', 'a', 'text'),
  ],
};

function query(...filters: string[]): readonly RowCondition[] {
  return readRowQuery(table, { ...allRows, filters }).conditions;
}

function sorted(sort: string, descending = false): RowQuery['sort'] {
  return readRowQuery(table, { filters: [], sort, descending }).sort;
}

function faultOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, 'invalid-input');
    return error.message;
  }
  assert.fail('should be refused');
}

const cell = (key: string, shape = 'plain') => ({ kind: 'cell', key, shape });
const is = (key: string, operator: string, value: unknown, shape = 'plain') => ({
  kind: 'compare',
  field: cell(key, shape),
  operator,
  value,
});
const not = (condition: unknown) => ({ kind: 'not', condition });

describe('a filter', () => {
  it('compares a cell with a value of its type', () => {
    const filters = {
      'Name=Ada Lovelace': is('name', '=', 'Ada Lovelace'),
      'name >= b': is('name', '>=', ' b'),
      'Price>=10': is('cost', '>=', 10),
      'Price < 1e3': is('cost', '<', 1_000),
      'Day<=2026-01-31': is('days', '<=', '2026-01-31', 'day'),
      'At>2026-01-31': is('mome', '>', '2026-01-31T00:00:00.000Z', 'moment'),
      'Takes>1:30': is('time', '>', 5_400),
      'State=Done': is('stat', '=', 'o2'),
      'Paid=true': is('paid', '=', true),
    };
    for (const [filter, condition] of Object.entries(filters)) {
      assert.deepEqual(query(filter), [condition], filter);
    }
  });

  it('is one of several that must all hold', () => {
    assert.deepEqual(query('Price>=10', 'Price<20'), [is('cost', '>=', 10), is('cost', '<', 20)]);
    assert.match(
      faultOf(() => query(...Array(21).fill('Price=1'))),
      /at most 20 filters; got 21/,
    );
  });

  it('holds with != for all rows for which it does not hold with =, empty cells included', () => {
    assert.deepEqual(query('State!=Done'), [not(is('stat', '=', 'o2'))]);
    assert.deepEqual(query('Paid!=true'), [not(is('paid', '=', true))]);
  });

  it('takes an empty checkbox for an unticked one', () => {
    assert.deepEqual(query('Paid=false'), [not(is('paid', '=', true))]);
    assert.deepEqual(query('Paid!=no'), [not(not(is('paid', '=', true)))]);
  });

  it('asks with ~ for a part of a text, or an item of a list', () => {
    assert.deepEqual(query('Name~ada'), [{ kind: 'contains', field: cell('name'), text: 'ada' }]);
    assert.deepEqual(query('Tags~Open'), [{ kind: 'has', key: 'tags', item: 'o1' }]);
    assert.deepEqual(query('Tags!~o2'), [not({ kind: 'has', key: 'tags', item: 'o2' })]);
    assert.deepEqual(query('Links~abc'), [{ kind: 'has', key: 'link', item: 'abc' }]);
  });

  it('asks without a value whether the cell is empty', () => {
    assert.deepEqual(query('Name='), [{ kind: 'empty', field: cell('name'), known: null }]);
    assert.deepEqual(query('Files!='), [not({ kind: 'empty', field: cell('file'), known: null })]);
    const deletedOptionsAreEmpty = { kind: 'empty', field: cell('stat'), known: ['o1', 'o2'] };
    assert.deepEqual(query('State='), [deletedOptionsAreEmpty]);
    assert.match(
      faultOf(() => query('Price>')),
      /a value must follow >/,
    );
  });

  it('asks for what Rowhook fills in', () => {
    const fact = (name: string, operator: string, value: unknown) => ({
      kind: 'compare',
      field: { kind: 'fact', fact: name },
      operator,
      value,
    });
    assert.deepEqual(query('Created>=2026-01-31'), [fact('createdAtMs', '>=', Date.UTC(2026, 0, 31))]);
    assert.deepEqual(query('Creator=ada'), [fact('createdBy', '=', 'ada')]);
    assert.deepEqual(query('No<=T-12', 'No<=12'), [fact('number', '<=', 12), fact('number', '<=', 12)]);
    assert.match(
      faultOf(() => query('No=x')),
      /must be a number of a row such as T-1; got "x"/,
    );
  });

  it('finds the longest name that fits when names have operators in them', () => {
    assert.deepEqual(query('a=b=c'), [is('odd1', '=', 'c')]);
    assert.deepEqual(query('a=c'), [is('odd2', '=', 'c')]);
  });

  it('is refused with what is wrong and what is allowed', () => {
    const faults: Readonly<Record<string, RegExp>> = {
      'Prize>10': /^filter\/0: "Prize>10": there is no column "Prize"; allowed: "Name", "Price"/,
      Price: /must be a column, one of != >= <= !~ = > < ~ and a value, such as Price>=10/,
      'Price is 10': /must be a column, one of/,
      'Price>ten': /must be a number; got "ten"/,
      'Paid=maybe': /must be true, false, yes, no, 1 or 0; got "maybe"/,
      'Paid>true': /> is not for a column of the type checkbox; allowed: = !=/,
      'State=Gone': /"Gone" is not an option of this column; allowed: "Open", "Done"/,
      'Tags~Gone': /"Gone" is not an option/,
      'Tags=Open': /multiple-select can only be compared with nothing, for an empty cell/,
      'Day=31.1.2026': /must be a day of the calendar/,
      'Price~1': /~ is not for a column of the type number/,
    };
    for (const [filter, fault] of Object.entries(faults))
      assert.match(
        faultOf(() => query(filter)),
        fault,
      );
  });
});

describe('an order', () => {
  it('is by a column, named by key or name', () => {
    assert.deepEqual(sorted('Price'), { field: cell('cost'), descending: false, order: null });
    assert.deepEqual(sorted('cost', true), { field: cell('cost'), descending: true, order: null });
    assert.deepEqual(sorted('No')?.field, { kind: 'fact', fact: 'number' });
  });

  it('of options is the one in which the column has them', () => {
    assert.deepEqual(sorted('State')?.order, ['o1', 'o2']);
  });

  it('cannot be by a list, a file or a place, nor by a column that is not there', () => {
    assert.match(
      faultOf(() => sorted('Tags')),
      /^sort: rows cannot be sorted by "Tags", whose type is multi/,
    );
    assert.match(
      faultOf(() => sorted('Prize')),
      /^sort: there is no column "Prize"; allowed: "Name"/,
    );
    const everyType = { ...table, columns: columnTypes.map((type) => column(type, type, type)) };
    const refused = columnTypes.filter((sort) => {
      try {
        return readRowQuery(everyType, { filters: [], sort, descending: false }) === null;
      } catch {
        return true;
      }
    });
    assert.deepEqual(refused, ['multiple-select', 'collaborator', 'file', 'image', 'link', 'geolocation']);
  });
});
