import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RowId } from '../../model/ids.ts';
import { columnTypes, isAutoColumnType } from '../../model/table.ts';
import { decideUpdate } from './row-changes.ts';
import {
  column,
  context,
  dataOf,
  options,
  problemOf,
  StoredTable,
  tableOf,
  tasks,
} from './testing/stored-table.ts';

describe('an inserted row', () => {
  it('makes an event with its filled cells as changes and the whole row as record', () => {
    const stored = new StoredTable(tasks);
    const [id] = stored.insert({ Name: 'Write', State: 'Open' });
    const [event] = stored.events;
    assert.equal(event?.type, 'row.inserted');
    assert.equal(event?.occurredAtMs, context.nowMs);
    assert.deepEqual(event?.subject, { table: tasks, rowId: id, changeSetId: 'chg_1' });
    assert.deepEqual(dataOf(event), {
      base: tasks.baseId,
      table: { id: 'T001', name: 'Tasks' },
      row: { id, number: 1, name: 'Write' },
      actor: { user: 'ada', app: 'shop' },
      changeSet: 'chg_1',
      changes: [
        { key: 'name', name: 'Name', type: 'text', data: {}, value: 'Write', oldValue: null },
        {
          key: 'stat',
          name: 'State',
          type: 'single-select',
          data: { options },
          value: 'Open',
          oldValue: null,
        },
      ],
      record: { Name: 'Write', State: 'Open', Paid: null },
      previous: null,
    });
  });

  it('is numbered on, and events come in the order of the rows', () => {
    const stored = new StoredTable(tasks);
    stored.insert({ Name: 'a' }, { Name: 'b' });
    stored.insert({ Name: 'c' });
    assert.deepEqual(
      stored.events.map((event) => [dataOf(event).row.number, dataOf(event).row.name]),
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ],
    );
  });

  it('may be empty, and has no name then', () => {
    const stored = new StoredTable(tasks);
    stored.insert({});
    const data = dataOf(stored.events[0]);
    assert.deepEqual([data.row.name, data.changes], ['', []]);
  });

  it('is refused as a whole call, naming every bad cell', () => {
    const stored = new StoredTable(tasks);
    const problem = problemOf(() =>
      stored.insert({ Name: 'a' }, { State: 'x', 'a/b~c': 1 }, { Paid: 'yes' }),
    );
    assert.equal(problem.code, 'invalid-input');
    assert.deepEqual(problem.errors, [
      {
        pointer: '/rows/1/cells/State',
        detail: '"x" is not an option of this column; allowed: "Open", "Done"',
      },
      {
        pointer: '/rows/1/cells/a~1b~0c',
        detail: 'there is no such column; allowed: "Name", "State", "Paid"',
      },
      { pointer: '/rows/2/cells/Paid', detail: 'must be true or false; got "yes"' },
    ]);
    assert.equal(stored.events.length + stored.rows.size, 0);
  });

  it('names at most 100 bad cells and counts the others', () => {
    const rows = Array.from({ length: 150 }, () => ({ Paid: 1 }));
    const problem = problemOf(() => new StoredTable(tasks).insert(...rows));
    assert.equal(problem.errors.length, 100);
    assert.match(problem.message, /^150 faults; the first: \/rows\/0\/cells\/Paid: must be true or false/);
  });

  it('takes cells by key or by name, but not both of one column', () => {
    const stored = new StoredTable(tasks);
    stored.insert({ name: 'by key', Paid: true });
    assert.deepEqual(dataOf(stored.events[0]).record, { Name: 'by key', State: null, Paid: true });
    assert.match(
      problemOf(() => stored.insert({ name: 'x', Name: 'y' })).message,
      /\/Name: the column is given twice/,
    );
  });

  it('is not longer than 4,000,000 characters', () => {
    const columns = ['a', 'b', 'c', 'd', 'e'].map((key) => column(key, key.toUpperCase(), 'long-text'));
    const long = 'x'.repeat(1_000_000);
    const stored = new StoredTable(tableOf(columns));
    stored.insert({ a: long, b: long, c: long, d: long });
    const problem = problemOf(() => stored.insert({ a: long, b: long, c: long, d: long, e: 'x' }));
    assert.equal(
      problem.message,
      '/rows/0/cells: a row may have at most 4000000 characters in all its cells; it has 4000001',
    );
  });
});

describe('an updated row', () => {
  it('makes an event with what differs, the row after and the row before', () => {
    const stored = new StoredTable(tasks);
    const [id] = stored.insert({ Name: 'Write', State: 'Open', Paid: false });
    assert.ok(id);
    stored.update({ id, cells: { State: 'Done', Name: 'Write', Paid: null } });
    const event = stored.events.at(-1);
    assert.equal(event?.type, 'row.updated');
    const data = dataOf(event);
    assert.deepEqual(data.changes, [
      {
        key: 'stat',
        name: 'State',
        type: 'single-select',
        data: { options },
        value: 'Done',
        oldValue: 'Open',
      },
      { key: 'paid', name: 'Paid', type: 'checkbox', data: {}, value: null, oldValue: false },
    ]);
    assert.deepEqual(data.record, { Name: 'Write', State: 'Done', Paid: null });
    assert.deepEqual(data.previous, { Name: 'Write', State: 'Open', Paid: false });
  });

  it('makes no event, and is not written, when nothing differs', () => {
    const stored = new StoredTable(tasks);
    const [id] = stored.insert({ Name: 'Write', State: 'Open' });
    assert.ok(id);
    const rows = [{ id, cells: { State: 'o1', Name: 'Write', Paid: '' } }];
    const changes = decideUpdate(tasks, rows, stored.current(), { ...context, nowMs: context.nowMs + 1 });
    assert.deepEqual([changes.updates, changes.events], [[], []]);
    assert.equal(changes.result.rows[0]?.updatedAtMs, context.nowMs);
  });

  it('is refused with all others of its call when one does not exist or is named twice', () => {
    const stored = new StoredTable(tasks);
    const [id] = stored.insert({ Name: 'a' });
    assert.ok(id);
    const missing = problemOf(() =>
      stored.update({ id, cells: { Name: 'b' } }, { id: 'nope', cells: {} }, { id: 'no', cells: {} }),
    );
    assert.equal(missing.code, 'not-found');
    assert.deepEqual(
      missing.errors.map(({ pointer }) => pointer),
      ['/rows/1/id', '/rows/2/id'],
    );
    const twice = problemOf(() => stored.update({ id, cells: { Name: 'b' } }, { id, cells: { Name: 'c' } }));
    assert.match(twice.message, /\/rows\/1\/id: the row "\S+" is named already at \/rows\/0\/id/);
    assert.deepEqual(
      [...stored.shown().values()].map((cells) => (cells as { Name: string }).Name),
      ['a'],
    );
  });

  it('does not bring back an option that was deleted, nor fire because of it', () => {
    const stored = new StoredTable(tasks);
    const [id] = stored.insert({ Name: 'a', State: 'Done' });
    assert.ok(id);
    const withoutDone = tableOf([
      column('name', 'Name', 'text'),
      column('stat', 'State', 'single-select', { options: options.slice(0, 1) }),
    ]);
    const nothing = decideUpdate(withoutDone, [{ id, cells: { State: null } }], stored.current(), context);
    assert.deepEqual(nothing.events, []);
    const renamed = decideUpdate(withoutDone, [{ id, cells: { Name: 'b' } }], stored.current(), context);
    assert.deepEqual(dataOf(renamed.events[0]).previous, { Name: 'a', State: null });
    assert.deepEqual(
      dataOf(renamed.events[0]).changes.map(({ key }) => key),
      ['name'],
    );
  });
});

describe('a deleted row', () => {
  it('makes an event with the row as it was', () => {
    const stored = new StoredTable(tasks);
    const [id] = stored.insert({ Name: 'Write', State: 'Open' });
    assert.ok(id);
    stored.delete(id);
    const event = stored.events.at(-1);
    assert.equal(event?.type, 'row.deleted');
    const data = dataOf(event);
    assert.deepEqual([data.changes, data.record, data.row.name], [[], null, 'Write']);
    assert.deepEqual(data.previous, { Name: 'Write', State: 'Open', Paid: null });
    assert.equal(stored.rows.size, 0);
  });

  it('is refused with all others of its call when one does not exist', () => {
    const stored = new StoredTable(tasks);
    const [id] = stored.insert({ Name: 'a' });
    assert.ok(id);
    const problem = problemOf(() => stored.delete(id, 'nope' as RowId));
    assert.deepEqual([problem.code, problem.errors.map(({ pointer }) => pointer)], ['not-found', ['/ids/1']]);
    assert.equal(stored.rows.size, 1);
  });
});

describe('a duplicated row', () => {
  it('is an inserted row with the same cells under a new id and number', () => {
    const stored = new StoredTable(tasks);
    const [id] = stored.insert({ Name: 'a', State: 'Open' });
    assert.ok(id);
    stored.duplicate(id);
    const event = stored.events.at(-1);
    assert.equal(event?.type, 'row.inserted');
    assert.notEqual(event?.subject?.rowId, id);
    assert.equal(dataOf(event).row.number, 2);
    assert.deepEqual(dataOf(event).record, { Name: 'a', State: 'Open', Paid: null });
  });
});

describe('columns named like members of every object', () => {
  it('are columns like any other', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const stored = new StoredTable(tableOf(names.map((name) => column(name, name, 'text'))));
    const [empty] = stored.insert({});
    assert.ok(empty);
    assert.deepEqual(dataOf(stored.events[0]).changes, []);
    const cells = JSON.parse('{"__proto__":"p","constructor":"c","toString":"t"}') as Record<string, unknown>;
    stored.update({ id: empty, cells });
    const { record, changes } = dataOf(stored.events.at(-1));
    assert.equal(
      JSON.stringify(record),
      '{"__proto__":"p","constructor":"c","toString":"t","hasOwnProperty":null}',
    );
    assert.deepEqual(
      changes.map(({ key, value }) => [key, value]),
      [
        ['__proto__', 'p'],
        ['constructor', 'c'],
        ['toString', 't'],
      ],
    );
    assert.equal(Object.getPrototypeOf({}), Object.prototype);
  });
});

describe('events of a random history', () => {
  const everyType = tableOf(
    [...columnTypes].map((type) =>
      column(type, `The ${type}`, type, type.endsWith('select') ? { options } : {}),
    ),
  );
  const inputs: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    text: fc.string(),
    'long-text': fc.string({ unit: 'grapheme' }),
    number: fc.double({ noNaN: true, noDefaultInfinity: true }),
    checkbox: fc.boolean(),
    date: fc.constantFrom('2024-02-29', '1999-12-31'),
    'single-select': fc.constantFrom('Open', 'o2'),
    'multiple-select': fc.array(fc.constantFrom('Open', 'Done', 'o1')),
    email: fc.constantFrom('a@b.c', 'd@e.f'),
    url: fc.webUrl(),
    collaborator: fc.array(fc.constantFrom('ada', 'bob')),
    file: fc.array(fc.record({ name: fc.constantFrom('a', 'b'), url: fc.webUrl() })),
    image: fc.array(fc.webUrl(), { maxLength: 2 }),
    duration: fc.integer({ min: -90_000, max: 90_000 }),
    rating: fc.nat({ max: 10 }),
    geolocation: fc.record({ lat: fc.double({ min: -90, max: 90, noNaN: true }), lng: fc.nat({ max: 9 }) }),
    link: fc.array(fc.constantFrom('A'.repeat(22), 'B'.repeat(22))),
  };
  const cells = fc.record(
    Object.fromEntries(
      columnTypes
        .filter((type) => !isAutoColumnType(type))
        .map((type) => [type, fc.oneof(fc.constant(null), inputs[type] ?? fc.constant(null))]),
    ),
    { requiredKeys: [] },
  );
  type Step =
    | { kind: 'insert'; rows: Record<string, unknown>[] }
    | { kind: 'update'; row: number; cells: Record<string, unknown> }
    | { kind: 'delete' | 'duplicate'; row: number };
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      kind: fc.constant('insert' as const),
      rows: fc.array(cells, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('update' as const), row: fc.nat(), cells }),
    fc.record({ kind: fc.constant('delete' as const), row: fc.nat() }),
    fc.record({ kind: fc.constant('duplicate' as const), row: fc.nat() }),
  );

  function play(stored: StoredTable, taken: Step): void {
    if (taken.kind === 'insert') {
      stored.insert(...taken.rows);
      return;
    }
    const ids = [...stored.rows.keys()];
    const id = ids[taken.row % ids.length];
    if (id === undefined) return;
    if (taken.kind === 'update') stored.update({ id, cells: taken.cells });
    else if (taken.kind === 'delete') stored.delete(id);
    else stored.duplicate(id);
  }

  it('make the same table again, whether by whole rows or by changed cells', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const stored = new StoredTable(everyType);
        for (const taken of steps) play(stored, taken);
        const byRecord = new Map<string, unknown>();
        const byChanges = new Map<string, Record<string, unknown>>();
        for (const event of stored.events) {
          const { row, record, previous, changes } = dataOf(event);
          assert.deepEqual(byRecord.get(row.id) ?? null, previous, 'previous is the row as it was known');
          if (record === null) {
            byRecord.delete(row.id);
            byChanges.delete(row.id);
            continue;
          }
          assert.notDeepEqual(record, previous, 'an event tells of a difference');
          byRecord.set(row.id, record);
          const known =
            byChanges.get(row.id) ?? Object.fromEntries(everyType.columns.map(({ name }) => [name, null]));
          for (const { name, value, oldValue } of changes) {
            assert.deepEqual(known[name], oldValue);
            known[name] = value;
          }
          byChanges.set(row.id, known);
        }
        const truth = JSON.parse(JSON.stringify([...stored.shown()]));
        assert.deepEqual([...byRecord], truth);
        assert.deepEqual([...byChanges], truth);
      }),
      { numRuns: 300 },
    );
  });
});
