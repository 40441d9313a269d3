import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { column, settingsOf, tableOf } from '../matching/testing/events.ts';
import type { JournalEvent, NewEvent, RowEventData } from '../model/event.ts';
import type { ChangeSetId, RowId } from '../model/ids.ts';
import type { CellValue, Column, Row } from '../model/table.ts';
import type { PayloadFormat } from '../model/webhook.ts';
import { deletedEvent, insertedEvent, updatedEvent } from '../sources/bases/row-events.ts';
import { type RowValues, shownCells } from '../sources/bases/row-values.ts';
import { columnIdentifiers } from './grist-identifiers.ts';
import { tryRender } from './index.ts';

const choices = {
  options: [
    { id: '111', name: 'new' },
    { id: '222', name: 'big' },
    { id: '333', name: '333' },
  ],
};
const table = tableOf([
  column('Name', 'text', 'name'),
  column('Price (CAD)', 'number', 'cad1'),
  column('Done', 'checkbox', 'done'),
  column('Day', 'date', 'day1'),
  column('Moment', 'date', 'mom1', { time: true }),
  column('Prio', 'single-select', 'prio', choices),
  column('Tags', 'multiple-select', 'tags', choices),
  column('Linked', 'link', 'link'),
]);

/** Rows by the number of the row, as the API shows them. */
type Rows = Map<number, Readonly<Record<string, unknown>>>;

const optional = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined });
const optionIds = fc.constantFrom('111', '222', '333');
const moment = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
const values: fc.Arbitrary<RowValues> = fc.tuple(
  optional(fc.string({ minLength: 1 })),
  optional(fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0)),
  fc.boolean(),
  optional(moment.map((date) => date.toISOString().slice(0, 10))),
  optional(moment.map((date) => date.toISOString())),
  optional(optionIds),
  optional(fc.uniqueArray(optionIds, { minLength: 1 })),
  optional(fc.uniqueArray(fc.constantFrom('a'.repeat(22), 'b'.repeat(22)), { minLength: 1 })),
);
const steps = fc.array(fc.record({ row: fc.nat({ max: 4 }), values, deletes: fc.boolean() }), {
  maxLength: 20,
});

/** What happens to rows one step after the other, with the events of the table itself. */
function historyOf(
  happened: ReadonlyArray<{ row: number; values: RowValues; deletes: boolean }>,
  deletions: boolean,
): { events: JournalEvent[]; rows: Rows } {
  const current = new Map<number, RowValues>();
  const events: JournalEvent[] = [];
  const append = (event: NewEvent): void => {
    events.push({ ...event, workspaceNumber: 1, seq: events.length + 1, acceptedAtMs: event.occurredAtMs });
  };
  for (const { row: number, values: after, deletes } of happened) {
    const context = {
      actor: { user: 'ada', app: null },
      changeSetId: 'chg_1' as ChangeSetId,
      nowMs: 1_764_000_000_123,
    };
    const row: Row = {
      id: rowId(number),
      number,
      cells: {},
      createdAtMs: 0,
      updatedAtMs: 0,
      createdBy: null,
      updatedBy: null,
    };
    const before = current.get(number);
    if (before === undefined) append(insertedEvent(table, row, after, context));
    else if (deletes && deletions) append(deletedEvent(table, row, before, context));
    else append(updatedEvent(table, row, before, after, context));
    if (before !== undefined && deletes && deletions) current.delete(number);
    else current.set(number, after);
  }
  const rows: Rows = new Map();
  for (const [number, cells] of current) rows.set(number, shownCells(table, cells, 'name'));
  return { events, rows };
}

const rowId = (number: number): RowId => String(number).padStart(22, 'r') as RowId;

/** The table that a consumer has who applies every body to an empty one. */
function replayed(
  events: readonly JournalEvent[],
  format: PayloadFormat,
  apply: (body: unknown, rows: Rows) => void,
): Rows {
  const rows: Rows = new Map();
  for (const event of events) {
    const rendering = tryRender([event], settingsOf({ format }));
    assert.ok(!('failure' in rendering));
    apply(JSON.parse(rendering.body), rows);
  }
  return rows;
}

/** By whole rows. */
function applyRecord({ row, record }: RowEventData, rows: Rows): void {
  if (record === null) rows.delete(row.number);
  else rows.set(row.number, record);
}

/** By what changed. */
function applyChanges({ row, record, changes }: RowEventData, rows: Rows): void {
  if (record === null) {
    rows.delete(row.number);
    return;
  }
  const cells = { ...(rows.get(row.number) ?? emptyRow()) };
  for (const change of changes) cells[change.name] = change.value;
  rows.set(row.number, cells);
}

function emptyRow(): Record<string, unknown> {
  return Object.fromEntries(table.columns.map(({ name }) => [name, null]));
}

interface SeaTableBody {
  readonly data: {
    readonly row_id: string;
    readonly op_type: string;
    readonly row_data: ReadonlyArray<{
      readonly column_name: string;
      readonly column_type: string;
      readonly value: unknown;
    }>;
  };
}

function applySeaTable({ data }: SeaTableBody, rows: Rows): void {
  const number = Number(data.row_id.replace(/^r+/, ''));
  if (data.op_type === 'delete_row') {
    rows.delete(number);
    return;
  }
  const cells = { ...(rows.get(number) ?? emptyRow()) };
  for (const { column_name, column_type, value } of data.row_data) {
    cells[column_name] = isEmpty(value) ? null : optionNames(column_type, value);
  }
  rows.set(number, cells);
}

const isEmpty = (value: unknown): boolean => value === '' || (Array.isArray(value) && value.length === 0);
const nameOfOption = (id: unknown): unknown => choices.options.find((option) => option.id === id)?.name;

function optionNames(type: string, value: unknown): unknown {
  if (type === 'single-select') return nameOfOption(value);
  return type === 'multiple-select' ? (value as unknown[]).map(nameOfOption) : value;
}

function applyGrist(body: ReadonlyArray<Readonly<Record<string, unknown>>>, rows: Rows): void {
  const names = columnIdentifiers(table);
  for (const row of body) {
    const cells = table.columns.map((of, place) => [of.name, fromGrist(of, row[names[place] ?? ''])]);
    rows.set(row.id as number, Object.fromEntries(cells));
  }
}

function fromGrist(of: Column, value: unknown): CellValue | null {
  if (value === null || value === '') return null;
  if (of.type === 'date') {
    const iso = new Date(Math.round((value as number) * 1_000)).toISOString();
    return of.data.time ? iso : iso.slice(0, 10);
  }
  return Array.isArray(value) ? value.slice(1) : (value as CellValue);
}

describe('replaying what was delivered into an empty table yields the same table', () => {
  const consumers: Readonly<
    Record<string, { format: PayloadFormat; apply: (body: never, rows: Rows) => void }>
  > = {
    'standard, by whole rows': {
      format: 'standard',
      apply: (body: { data: RowEventData }, rows) => applyRecord(body.data, rows),
    },
    'standard, by changes': {
      format: 'standard',
      apply: (body: { data: RowEventData }, rows) => applyChanges(body.data, rows),
    },
    cloudevents: {
      format: 'cloudevents',
      apply: (body: { data: RowEventData }, rows) => applyRecord(body.data, rows),
    },
    codat: {
      format: 'codat',
      apply: (body: { payload: RowEventData }, rows) => applyRecord(body.payload, rows),
    },
    seatable: { format: 'seatable', apply: applySeaTable },
  };
  for (const [name, { format, apply }] of Object.entries(consumers)) {
    test(name, () => {
      fc.assert(
        fc.property(steps, (happened) => {
          const { events, rows } = historyOf(happened, true);
          assert.deepEqual(plain(replayed(events, format, apply as never)), plain(rows));
        }),
      );
    });
  }

  test('grist, whose bodies do not tell deletions', () => {
    fc.assert(
      fc.property(steps, (happened) => {
        const { events, rows } = historyOf(happened, false);
        assert.deepEqual(plain(replayed(events, 'grist', applyGrist as never)), plain(rows));
      }),
    );
  });
});

/** For comparing: objects without a prototype are equal to others, and rows have no order. */
function plain(rows: Rows): unknown {
  return Object.fromEntries([...rows].map(([number, cells]) => [number, { ...cells }]));
}
