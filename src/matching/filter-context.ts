import type { JournalEvent, RowEventData } from '../model/event.ts';
import { eventId } from '../model/ids.ts';
import type { Column, Table } from '../model/table.ts';
import { dataOf } from './event-data.ts';

/** What a filter expression can name, with the type the expression language checks it against. */
export const filterVariables = {
  record: 'map<string, dyn>',
  previous: 'map<string, dyn>',
  changes: 'list<map<string, dyn>>',
  changedColumns: 'list<string>',
  row: 'map<string, dyn>',
  table: 'map<string, dyn>',
  actor: 'map<string, dyn>',
  event: { id: 'string', type: 'string', time: 'google.protobuf.Timestamp', tags: 'list<string>' },
  data: 'dyn',
} as const;

export type FilterContext = Readonly<Record<keyof typeof filterVariables, unknown>>;

let lastEvent: JournalEvent | null = null;
let lastContext: FilterContext | null = null;

/** The variables for one event, put together once however many filters ask. */
export function filterContextOf(event: JournalEvent): FilterContext {
  if (event !== lastEvent || lastContext === null) {
    const { subject } = event;
    lastContext = subject === null ? contextOfPosted(event) : contextOfRow(event, subject.table);
    lastEvent = event;
  }
  return lastContext;
}

/** A row that did not exist has the same columns, all empty, as in Grist: an expression need not ask. */
function contextOfRow(event: JournalEvent, table: Table): FilterContext {
  const data = dataOf(event) as RowEventData;
  return {
    record: cellsOf(table, data.record),
    previous: cellsOf(table, data.previous),
    changes: data.changes,
    changedColumns: data.changes.map(({ name }) => name),
    row: data.row,
    table: data.table,
    actor: data.actor,
    event: metadataOf(event),
    data,
  };
}

function contextOfPosted(event: JournalEvent): FilterContext {
  const nothing = {};
  return {
    record: nothing,
    previous: nothing,
    changes: [],
    changedColumns: [],
    row: nothing,
    table: nothing,
    actor: nothing,
    event: metadataOf(event),
    data: postedData(event),
  };
}

function metadataOf(event: JournalEvent): object {
  return {
    id: eventId(event.acceptedAtMs, event.seq),
    type: event.type,
    time: new Date(event.occurredAtMs),
    tags: event.tags,
  };
}

/** Cells by column name, in a map: a column may be named `constructor`, which objects have, too. */
function cellsOf(table: Table, cells: RowEventData['record']): ReadonlyMap<string, unknown> {
  return new Map(table.columns.map((column) => [column.name, cells?.[column.name] ?? emptyCell(column)]));
}

/** A checkbox that was never ticked is false, so that it can be asked for by its name alone. */
function emptyCell(column: Column): false | null {
  return column.type === 'checkbox' ? false : null;
}

/** The language takes an object with a member `constructor` for something else, but not a map. */
function postedData(event: JournalEvent): unknown {
  const data = dataOf(event);
  return event.dataJson.includes('"constructor"') ? withMaps(data) : data;
}

function withMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMaps);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([name, member]) => [name, withMaps(member)]));
}
