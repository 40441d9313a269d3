import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { column, postedEvent, rowEvent, tableOf } from '../matching/testing/events.ts';
import type { JournalEvent } from '../model/event.ts';
import type { Column, ColumnType } from '../model/table.ts';
import { renderGrist } from './grist.ts';
import { columnIdentifiers } from './grist-identifiers.ts';

function rowsOf(...events: readonly JournalEvent[]): unknown {
  return JSON.parse(renderGrist(events).body);
}

function cell(of: Column, value: unknown): unknown {
  const [row] = rowsOf(rowEvent(tableOf([of]), null, { [of.name]: value })) as Array<Record<string, unknown>>;
  return Object.values(row ?? {}).at(-1);
}

const identifiers = (...names: readonly string[]): readonly string[] =>
  columnIdentifiers(tableOf(names.map((name) => column(name))));

describe('the Grist format', () => {
  const table = tableOf([column('Title'), column('Price', 'number')]);

  test('is an array of whole rows even for one row, without an envelope', () => {
    const updated = rowEvent(table, { Title: 'a', Price: 1 }, { Title: 'b', Price: 1 }, { rowNumber: 7 });
    assert.deepEqual(rowsOf(updated), [{ id: 7, manualSort: 7, Title: 'b', Price: 1 }]);
    assert.equal(renderGrist([updated]).contentType, 'application/json');
  });

  test('has the row of each event in the order of the events, an addition looking like an update', () => {
    const rows = rowsOf(
      rowEvent(table, null, { Title: 'new' }, { rowNumber: 2 }),
      rowEvent(table, { Title: 'old' }, { Title: 'changed' }, { rowNumber: 1 }),
    );
    assert.deepEqual(rows, [
      { id: 2, manualSort: 2, Title: 'new', Price: null },
      { id: 1, manualSort: 1, Title: 'changed', Price: null },
    ]);
  });

  test('has a deleted row as it was', () => {
    const deleted = rowEvent(table, { Title: 'gone', Price: 3 }, null, { rowNumber: 9 });
    assert.deepEqual(rowsOf(deleted), [{ id: 9, manualSort: 9, Title: 'gone', Price: 3 }]);
  });

  test('encodes cells as Grist does', () => {
    assert.equal(cell(column('C', 'text'), 'x'), 'x');
    assert.equal(cell(column('C', 'number'), 1.5), 1.5);
    assert.equal(cell(column('C', 'checkbox'), true), true);
    assert.equal(cell(column('C', 'date'), '2024-01-10'), 1_704_844_800);
    assert.equal(cell(column('C', 'date', 'c', { time: true }), '2024-01-11T04:05:19.500Z'), 1_704_945_919.5);
    assert.equal(cell(column('C', 'single-select'), 'red'), 'red');
    assert.deepEqual(cell(column('C', 'multiple-select'), ['foo', 'bar']), ['L', 'foo', 'bar']);
    assert.deepEqual(cell(column('C', 'link'), ['rowA', 'rowB']), ['L', 'rowA', 'rowB']);
    assert.deepEqual(cell(column('C', 'collaborator'), ['ada']), ['L', 'ada']);
    const file = { name: 'a.png', url: 'https://example.com/a.png' };
    assert.deepEqual(cell(column('C', 'file'), [file]), ['L', ['O', file]]);
  });

  test('encodes empty cells as Grist does', () => {
    const empties: Readonly<Record<ColumnType, unknown>> = {
      text: '',
      'long-text': '',
      email: '',
      url: '',
      'single-select': '',
      number: null,
      checkbox: false,
      date: null,
      'multiple-select': null,
      collaborator: null,
      link: null,
      file: null,
      image: null,
      duration: null,
      rating: null,
      geolocation: null,
      created: null,
      modified: null,
      'created-by': '',
      'modified-by': '',
      'auto-number': '',
    };
    for (const [type, empty] of Object.entries(empties)) {
      assert.equal(cell(column('C', type as ColumnType), null), empty, type);
    }
  });

  test('lets the data of an event that an application posted stand in for a row', () => {
    assert.deepEqual(rowsOf(postedEvent('invoice.paid', { amount: 1 })), [{ amount: 1 }]);
  });
});

describe('Grist column ids', () => {
  test('are names made into identifiers', () => {
    assert.deepEqual(identifiers('Purchase status', 'Price (CAD)', 'URL', 'Café crème', '2nd', '_hidden'), [
      'Purchase_status',
      'Price_CAD_',
      'URL',
      'Cafe_creme',
      'c2nd',
      'hidden',
    ]);
  });

  test('are no words of Python', () => {
    assert.deepEqual(identifiers('class', 'None', 'Class'), ['cclass', 'cNone', 'Class']);
  });

  test('are told apart by a number, letter case aside', () => {
    assert.deepEqual(identifiers('Name', 'name', 'NAME', 'Q1', 'q1'), [
      'Name',
      'name2',
      'NAME3',
      'Q1',
      'q1_2',
    ]);
  });

  test('never are members that every row has', () => {
    assert.deepEqual(identifiers('id', 'manualSort', 'ID'), ['id2', 'manualSort2', 'ID3']);
  });

  test('are letters where a name has none of its own', () => {
    assert.deepEqual(identifiers('价格', '!', 'B', '?'), ['A', 'B', 'B2', 'C']);
  });

  test('are letters as spreadsheets count them', () => {
    const many = Array.from({ length: 30 }, (_, index) => '?'.repeat(index + 1));
    assert.deepEqual(identifiers(...many).slice(24), ['Y', 'Z', 'AA', 'AB', 'AC', 'AD']);
  });

  test('are found once per version of a table', () => {
    const table = tableOf([column('Name')]);
    assert.equal(columnIdentifiers(table), columnIdentifiers(table));
  });
});
