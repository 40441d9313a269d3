import type { CellChange, JournalEvent, RowEventType } from '../model/event.ts';
import type { ColumnData, ColumnType, SelectOption } from '../model/table.ts';
import { rowDataOf } from './event-data.ts';
import { jsonPayload, type Payload } from './payload.ts';

const operations: Readonly<Record<RowEventType, string>> = {
  'row.inserted': 'insert_row',
  'row.updated': 'modify_row',
  'row.deleted': 'delete_row',
};

/** SeaTable: `{event: "update", data}`, one change per request, with its names and its values of cells. */
export function renderSeaTable(events: readonly JournalEvent[], batched: boolean): Payload {
  return jsonPayload(events.map(renderEvent), batched);
}

function renderEvent(event: JournalEvent): string {
  if (event.subject === null) return renderPosted(event);
  const { base, table, row, actor, changes } = rowDataOf(event);
  const type = event.type as RowEventType;
  return JSON.stringify({
    event: 'update',
    data: {
      dtable_uuid: base,
      row_id: row.id,
      op_user: actor.user ?? '',
      op_type: operations[type],
      op_time: event.occurredAtMs / 1_000,
      ...(actor.app === null ? {} : { op_app: actor.app }),
      table_id: table.id,
      table_name: table.name,
      row_name: row.name,
      row_data: changes.map((change) => renderChange(change, type)),
    },
  });
}

/**
 * SeaTable has no events but those of rows, and says that `event` may get other values than "update": an
 * event that an application posted gives it its type.
 */
function renderPosted(event: JournalEvent): string {
  return `{"event":${JSON.stringify(event.type)},"data":${event.dataJson}}`;
}

/** A new row has no old values. */
function renderChange(change: CellChange, type: RowEventType): object {
  const { key, name, data, value, oldValue } = change;
  return {
    column_key: key,
    column_name: name,
    column_type: change.type,
    column_data: renderColumnData(change.type, data),
    value: renderCell(change, value),
    ...(type === 'row.updated' ? { old_value: renderCell(change, oldValue) } : {}),
  };
}

function renderColumnData(type: ColumnType, data: ColumnData): object | null {
  if (data.options) return { options: data.options.map(renderOption) };
  if (type === 'date') return { format: data.time ? 'YYYY-MM-DD HH:mm' : 'YYYY-MM-DD' };
  return null;
}

/** The members in SeaTable's order. */
function renderOption({ id, name, color, textColor }: SelectOption): object {
  return { name, color, textColor, id };
}

/** Select options by their id; a cell that is empty has the empty value of its type. */
function renderCell(change: CellChange, value: unknown): unknown {
  const { type, data } = change;
  if (value === null || value === undefined) return emptyCells[type];
  if (type === 'single-select') return optionId(data, value);
  if (type === 'multiple-select' && Array.isArray(value)) return value.map((name) => optionId(data, name));
  return value;
}

function optionId(data: ColumnData, name: unknown): unknown {
  return data.options?.find((option) => option.name === name)?.id ?? name;
}

const emptyCells: Readonly<Record<ColumnType, unknown>> = {
  text: '',
  'long-text': '',
  number: null,
  checkbox: false,
  date: '',
  'single-select': '',
  'multiple-select': [],
  email: '',
  url: '',
  collaborator: [],
  file: [],
  link: [],
  image: [],
  duration: null,
  rating: null,
  geolocation: null,
  created: '',
  modified: '',
  'created-by': '',
  'modified-by': '',
  'auto-number': '',
};
