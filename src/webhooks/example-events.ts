import { type JournalEvent, type RowEventData, rowEventTypes } from '../model/event.ts';
import { newChangeSetId, newRowId, type RowId } from '../model/ids.ts';
import type { Column, Table } from '../model/table.ts';

/** What an example event is made from. */
export interface ExampleRequest {
  readonly workspaceNumber: number;
  readonly type: string;
  /** The table whose row changes; needed for the types of row events. */
  readonly table: Table | null;
  /** Data of the type's example in the catalogue; null: there is none. */
  readonly example: Readonly<Record<string, unknown>> | null;
  readonly nowMs: number;
}

/** Where an example stands in the journal, which it is not in. */
const exampleSeq = 0;

/**
 * An event of a type as it could have happened, or null when there is nothing to make it from: the types of
 * row events need a table, all others an example in the catalogue.
 */
export function exampleEvent({
  workspaceNumber,
  type,
  table,
  example,
  nowMs,
}: ExampleRequest): JournalEvent | null {
  const common = {
    type,
    occurredAtMs: nowMs,
    acceptedAtMs: nowMs,
    tags: [],
    workspaceNumber,
    seq: exampleSeq,
  };
  if (!(rowEventTypes as readonly string[]).includes(type)) {
    return example && { ...common, dataJson: JSON.stringify(example), subject: null };
  }
  if (table === null) return null;
  const rowId = newRowId();
  const changeSetId = newChangeSetId();
  const data = exampleRowData(type, table, rowId, changeSetId);
  return { ...common, dataJson: JSON.stringify(data), subject: { table, rowId, changeSetId } };
}

function exampleRowData(
  type: string,
  table: Table,
  id: RowId,
  changeSet: RowEventData['changeSet'],
): RowEventData {
  const after = Object.fromEntries(table.columns.map((column) => [column.name, exampleValue(column)]));
  const changed =
    type === 'row.inserted' ? table.columns : type === 'row.updated' ? table.columns.slice(0, 1) : [];
  const [first] = table.columns;
  return {
    base: table.baseId,
    table: { id: table.id, name: table.name },
    row: { id, number: 1, name: first ? String(exampleValue(first)) : '' },
    actor: { user: 'ann@example.com', app: null },
    changeSet,
    changes: changed.map((column) => ({
      key: column.key,
      name: column.name,
      type: column.type,
      data: column.data,
      value: exampleValue(column),
      oldValue: null,
    })),
    record: type === 'row.deleted' ? null : after,
    previous:
      type === 'row.inserted'
        ? null
        : { ...after, ...Object.fromEntries(changed.map((column) => [column.name, null])) },
  };
}

function exampleValue(column: Column): unknown {
  switch (column.type) {
    case 'number':
      return 42;
    case 'rating':
      return 4;
    case 'duration':
      return 5_400;
    case 'geolocation':
      return { lat: 47.37, lng: 8.54 };
    case 'image':
      return ['https://example.com/example.png'];
    case 'created':
    case 'modified':
      return '2026-01-31T12:00:00.000Z';
    case 'created-by':
    case 'modified-by':
      return 'ann@example.com';
    case 'auto-number':
      return `${column.data.prefix ?? ''}1`;
    case 'checkbox':
      return true;
    case 'date':
      return column.data.time ? '2026-01-31T12:00:00.000Z' : '2026-01-31';
    case 'single-select':
      return column.data.options?.[0]?.name ?? null;
    case 'multiple-select':
      return column.data.options?.slice(0, 2).map((option) => option.name) ?? [];
    case 'email':
      return 'ann@example.com';
    case 'url':
      return 'https://example.com/';
    case 'collaborator':
      return ['ann@example.com'];
    case 'file':
      return [
        { name: 'example.pdf', url: 'https://example.com/example.pdf', size: 1024, type: 'application/pdf' },
      ];
    case 'link':
      return ['AAAAAAAAAAAAAAAAAAAAAA'];
    case 'text':
    case 'long-text':
      return `Example of ${column.name}`;
  }
}
