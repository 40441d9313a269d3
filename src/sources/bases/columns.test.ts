import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TableId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Column } from '../../model/table.ts';
import {
  type ColumnChange,
  type ColumnInput,
  withChangedColumn,
  withMovedColumn,
  withNewColumns,
} from './columns.ts';

const surroundings = {
  findTable: (idOrName: string) =>
    ['T001', 'Customers'].includes(idOrName) ? { id: 'T001' as TableId } : undefined,
};

function newColumns(inputs: readonly ColumnInput[], present: readonly Column[] = []): readonly Column[] {
  return withNewColumns(present, inputs, (position) => `/columns/${position}`, surroundings);
}

function firstOf(columns: readonly Column[]): Column {
  const [first] = columns;
  assert.ok(first);
  return first;
}

function changed(column: Column, change: ColumnChange): Column {
  return firstOf(withChangedColumn([column], column, change, surroundings));
}

function problemOf(action: () => unknown): Problem {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof Problem);
    return error;
  }
  assert.fail('should be refused');
}

describe('a new column', () => {
  it('gets a key of four characters, or the one the caller chose', () => {
    const [first, second] = newColumns([
      { name: 'Name', type: 'text' },
      { name: 'Due', type: 'date', key: 'due_1' },
    ]);
    assert.match(first?.key ?? '', /^[A-Za-z0-9]{4}$/);
    assert.deepEqual(second, { key: 'due_1', name: 'Due', type: 'date', data: {} });
  });

  it('comes after the present ones', () => {
    const present = newColumns([{ name: 'A', type: 'text' }]);
    const names = newColumns([{ name: 'B', type: 'number' }], present).map(({ name }) => name);
    assert.deepEqual(names, ['A', 'B']);
  });

  it('has a name that can be shown and typed', () => {
    for (const name of ['', '  ', ' a', 'a ', 'a\nb', 'a\0', '\ud800', 'x'.repeat(256)]) {
      const problem = problemOf(() => newColumns([{ name, type: 'text' }]));
      assert.deepEqual(
        problem.errors.map(({ pointer }) => pointer),
        ['/columns/0/name'],
      );
    }
    for (const name of ['x'.repeat(255), 'Straße / €', '__proto__', 'constructor']) {
      assert.equal(firstOf(newColumns([{ name, type: 'text' }])).name, name);
    }
  });

  it('may have a prefix when it numbers the rows', () => {
    const numbered = (prefix: string) => newColumns([{ name: 'No', type: 'auto-number', data: { prefix } }]);
    assert.deepEqual(firstOf(numbered('INV-')).data, { prefix: 'INV-' });
    assert.deepEqual(firstOf(numbered('')).data, {});
    for (const prefix of ['x'.repeat(33), 'a\n']) {
      const [error] = problemOf(() => numbered(prefix)).errors;
      assert.equal(error?.pointer, '/columns/0/data/prefix');
      assert.match(error?.detail ?? '', /text of at most 32 characters without line breaks/);
    }
    const created = [{ name: 'At', type: 'created', data: { prefix: 'x' } }] as const;
    assert.match(problemOf(() => newColumns(created)).message, /does not belong to the type created/);
  });

  it('has a key of letters, digits and underscores', () => {
    for (const key of ['', 'a-b', 'ä', 'a b', 'x'.repeat(65)]) {
      assert.match(
        problemOf(() => newColumns([{ name: 'A', type: 'text', key }])).message,
        /\/columns\/0\/key: must be 1 to 64/,
      );
    }
  });

  it('cannot share its name or key, nor be named as another one is keyed', () => {
    const a: ColumnInput = { name: 'A', key: 'a', type: 'text' };
    const conflicts: ReadonlyArray<[ColumnInput, string]> = [
      [{ name: 'A', type: 'text' }, '/columns/1/name: the table has a column named "A" already'],
      [
        { name: 'B', key: 'a', type: 'text' },
        '/columns/1/key: the table has a column with the key "a" already',
      ],
      [{ name: 'a', type: 'text' }, '/columns/1/name: another column has the key "a"'],
      [{ name: 'B', key: 'A', type: 'text' }, '/columns/1/key: another column is named "A"'],
    ];
    for (const [input, message] of conflicts) {
      const problem = problemOf(() => newColumns([a, input]));
      assert.equal(problem.code, 'conflict');
      assert.equal(problem.message, message);
    }
    assert.equal(newColumns([{ name: 'same', key: 'same', type: 'text' }]).length, 1);
  });

  it('has only the data of its type', () => {
    const problem = problemOf(() =>
      newColumns([
        { name: 'A', type: 'file', data: { indexed: true } },
        { name: 'B', type: 'date', data: { table: 'T001' } },
      ]),
    );
    assert.deepEqual(problem.errors, [
      { pointer: '/columns/0/data/indexed', detail: 'does not belong to the type file, whose data has none' },
      {
        pointer: '/columns/1/data/table',
        detail: 'does not belong to the type date, whose data may have "time", "indexed"',
      },
    ]);
  });

  it('may be indexed, as up to 10 columns of a table are', () => {
    const indexed = (count: number): ColumnInput[] =>
      Array.from({ length: count }, (_, n) => ({ name: `N ${n}`, type: 'number', data: { indexed: true } }));
    const columns = newColumns(indexed(10));
    assert.deepEqual(firstOf(columns).data, { indexed: true });
    assert.match(problemOf(() => newColumns(indexed(11))).message, /at most 10 indexed columns.*have 11\.$/);
    const more = newColumns([{ name: 'More', type: 'number' }], columns);
    const last = more.at(-1) ?? assert.fail();
    const change = () => withChangedColumn(more, last, { data: { indexed: true } }, surroundings);
    assert.match(problemOf(change).message, /at most 10 indexed columns/);
  });

  it('links to a table of the base by its id or name', () => {
    for (const table of ['T001', 'Customers']) {
      const column = firstOf(newColumns([{ name: 'A', type: 'link', data: { table } }]));
      assert.deepEqual(column.data, { table: 'T001' });
    }
    assert.match(
      problemOf(() => newColumns([{ name: 'A', type: 'link' }])).message,
      /\/data\/table: is needed/,
    );
    assert.match(
      problemOf(() => newColumns([{ name: 'A', type: 'link', data: { table: 'X' } }])).message,
      /the base has no table "X"/,
    );
  });

  it('is one of at most 500', () => {
    const inputs = Array.from({ length: 501 }, (_, n): ColumnInput => ({ name: `c ${n}`, type: 'text' }));
    assert.equal(newColumns(inputs.slice(1)).length, 500);
    assert.match(problemOf(() => newColumns(inputs)).message, /at most 500 columns; it would have 501/);
  });
});

describe('the options of a select column', () => {
  function select(options: NonNullable<NonNullable<ColumnInput['data']>['options']>): Column {
    return firstOf(newColumns([{ name: 'State', type: 'single-select', data: { options } }]));
  }

  it('get ids of six digits, or those that the caller chose', () => {
    const { options } = select([{ name: 'Open' }, { id: 'done', name: 'Done', color: '#FFFFff' }]).data;
    assert.match(options?.[0]?.id ?? '', /^\d{6}$/);
    assert.deepEqual(options?.[1], { id: 'done', name: 'Done', color: '#FFFFff' });
  });

  it('are told apart by name and id', () => {
    const problem = problemOf(() =>
      select([
        { id: '1', name: 'A' },
        { id: '1', name: 'A' },
        { id: '2', name: '1', color: 'red' },
      ]),
    );
    assert.deepEqual(problem.errors, [
      { pointer: '/columns/0/data/options/2/color', detail: 'must be a colour as #RRGGBB; got "red"' },
      { pointer: '/columns/0/data/options/1/id', detail: 'the id "1" is used twice' },
      { pointer: '/columns/0/data/options/1/name', detail: 'the option "A" is there twice' },
      { pointer: '/columns/0/data/options/2/name', detail: '"1" is the id of another option' },
    ]);
  });

  it('keep their ids when the list is given again by name, so that cells keep them', () => {
    const column = select([
      { id: 'o1', name: 'Open' },
      { id: 'o2', name: 'Done' },
    ]);
    const { options } = changed(column, {
      data: { options: [{ name: 'Done' }, { name: 'New' }, { id: 'o1', name: 'Opened' }] },
    }).data;
    assert.deepEqual(options?.map(({ id }) => id).toSpliced(1, 1), ['o2', 'o1']);
    assert.match(options?.[1]?.id ?? '', /^\d{6}$/);
  });

  it('are at most 1,000', () => {
    const options = Array.from({ length: 1_001 }, (_, n) => ({ name: `o ${n}` }));
    assert.equal(select(options.slice(1)).data.options?.length, 1_000);
    assert.match(problemOf(() => select(options)).message, /at most 1000 options; it has 1001/);
  });
});

describe('a change of a column', () => {
  const text: Column = firstOf(newColumns([{ name: 'Mail', type: 'text', key: 'mail' }]));

  it('leaves what it does not name', () => {
    assert.deepEqual(changed(text, {}), text);
    assert.deepEqual(changed(text, { name: 'E-mail' }), { ...text, name: 'E-mail' });
  });

  it('turns types of text into each other, and no others', () => {
    assert.equal(changed(text, { type: 'email' }).type, 'email');
    const problem = problemOf(() => changed(text, { type: 'number' }));
    assert.match(
      problem.message,
      /\/type: a column of the type text cannot become number; only "text", "long-text"/,
    );
  });

  it('does not turn a link to another table', () => {
    const link = firstOf(newColumns([{ name: 'A', type: 'link', data: { table: 'T001' } }]));
    const elsewhere = { findTable: () => ({ id: 'T002' as TableId }) };
    assert.match(
      problemOf(() => withChangedColumn([link], link, { data: { table: 'T002' } }, elsewhere)).message,
      /the table that a column links to cannot change/,
    );
  });
});

describe('a moved column', () => {
  it('takes the position counted from 0, the end at most', () => {
    const columns = newColumns(['A', 'B', 'C'].map((name) => ({ name, type: 'text' })));
    const order = (position: number) =>
      withMovedColumn(columns, 'B', position)
        .map(({ name }) => name)
        .join('');
    assert.deepEqual([0, 1, 2, 99].map(order), ['BAC', 'ABC', 'ACB', 'ACB']);
  });
});
