import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideInsert, decideUpdate } from './row-changes.ts';
import type { ChangeContext } from './row-events.ts';
import { column, context, dataOf, problemOf, StoredTable, tableOf } from './testing/stored-table.ts';

describe('auto columns', () => {
  const table = tableOf([
    column('numb', 'Number', 'auto-number', { prefix: 'T-' }),
    column('name', 'Name', 'text'),
    column('made', 'Created', 'created'),
    column('chan', 'Modified', 'modified'),
    column('maby', 'Creator', 'created-by'),
    column('chby', 'Modifier', 'modified-by'),
  ]);
  const made = '2023-11-14T22:13:20.000Z';
  const inserted = {
    Number: 'T-1',
    Name: 'a',
    Created: made,
    Modified: made,
    Creator: 'ada',
    Modifier: 'ada',
  };

  it('are filled in from what is known of the row, and stored nowhere', () => {
    const stored = new StoredTable(table);
    const [id] = stored.insert({ Name: 'a' });
    assert.ok(id);
    const { record, changes, row } = dataOf(stored.events[0]);
    assert.deepEqual(record, inserted);
    assert.equal(row.name, 'T-1');
    assert.deepEqual(
      changes.map(({ name, value }) => [name, value]),
      Object.entries(inserted),
    );
    assert.deepEqual(Object.keys(stored.current().get(id)?.cells ?? {}), ['name']);
    assert.deepEqual({ ...(stored.shown().get(id) as object) }, inserted);
  });

  it('tell of a change when and by whom it was made, before and after', () => {
    const stored = new StoredTable(table);
    const [id] = stored.insert({ Name: 'a' });
    assert.ok(id);
    const later: ChangeContext = {
      ...context,
      actor: { user: null, app: 'shop' },
      nowMs: context.nowMs + 1_500,
    };
    stored.commit(decideUpdate(table, [{ id, cells: { Name: 'b' } }], stored.current(), later));
    const { record, previous, changes } = dataOf(stored.events.at(-1));
    const changed = { Name: 'b', Modified: '2023-11-14T22:13:21.500Z', Modifier: 'shop' };
    assert.deepEqual(previous, inserted);
    assert.deepEqual(record, { ...inserted, ...changed });
    assert.deepEqual(
      changes.map(({ name, value }) => [name, value]),
      Object.entries(changed),
    );
  });

  it('do not make a change of one that changes nothing', () => {
    const stored = new StoredTable(table);
    const [id] = stored.insert({ Name: 'a' });
    assert.ok(id);
    const later = { ...context, nowMs: context.nowMs + 1 };
    const { events } = decideUpdate(table, [{ id, cells: { Name: 'a' } }], stored.current(), later);
    assert.deepEqual(events, []);
  });

  it('belong to the new row when a row is duplicated', () => {
    const stored = new StoredTable(table);
    const [id] = stored.insert({ Name: 'a' });
    assert.ok(id);
    stored.duplicate(id);
    assert.deepEqual(dataOf(stored.events.at(-1)).record, { ...inserted, Number: 'T-2' });
  });

  it('are empty where it is not known who made the change', () => {
    const nobody = { ...context, actor: { user: null, app: null } };
    const { events } = decideInsert(table, [{ cells: {} }], 1, nobody);
    const { Creator, Modifier } = dataOf(events[0]).record ?? {};
    assert.deepEqual([Creator, Modifier], [null, null]);
  });

  it('refuse to be written', () => {
    const problem = problemOf(() => new StoredTable(table).insert({ Name: 'a', Created: made }));
    assert.deepEqual(problem.errors, [
      {
        pointer: '/rows/0/cells/Created',
        detail: 'cannot be written: Rowhook fills in the cells of a column of the type created',
      },
    ]);
  });
});
