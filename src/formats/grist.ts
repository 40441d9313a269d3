import type { JournalEvent } from '../model/event.ts';
import type { ColumnType, Table } from '../model/table.ts';
import { rowDataOf } from './event-data.ts';
import { columnIdentifiers } from './grist-identifiers.ts';
import { jsonPayload, type Payload } from './payload.ts';

/** Grist: a bare array of whole rows, as they are after the change; a deleted row as it was before. */
export function renderGrist(events: readonly JournalEvent[]): Payload {
  return jsonPayload(events.map(renderEvent), true);
}

/** An event that an application posted has no row: its data stands in for one. */
function renderEvent(event: JournalEvent): string {
  return event.subject === null ? event.dataJson : JSON.stringify(renderRow(event, event.subject.table));
}

function renderRow(event: JournalEvent, table: Table): object {
  const { row, record, previous } = rowDataOf(event);
  const cells = record ?? previous ?? {};
  const names = columnIdentifiers(table);
  // The row sorts where it was made: rows here have no place of their own.
  const members: Array<[string, unknown]> = [
    ['id', row.number],
    ['manualSort', row.number],
  ];
  for (const [position, { name, type }] of table.columns.entries()) {
    members.push([names[position] ?? name, renderCell(type, cells[name] ?? null)]);
  }
  return Object.fromEntries(members);
}

/**
 * Grist's encoding of a cell. Empty cells are what Grist has in a cell that was emptied: null for a number,
 * not the 0 of one that was never filled in, so that the receiver does not take it for a number.
 */
function renderCell(type: ColumnType, value: unknown): unknown {
  switch (type) {
    case 'text':
    case 'long-text':
    case 'email':
    case 'url':
    case 'single-select':
    case 'created-by':
    case 'modified-by':
    case 'auto-number':
      return value ?? '';
    case 'number':
    case 'rating':
    case 'duration':
      return value;
    case 'checkbox':
      return value ?? false;
    case 'date':
    case 'created':
    case 'modified':
      return typeof value === 'string' ? Date.parse(value) / 1_000 : null;
    case 'multiple-select':
    case 'collaborator':
    case 'link':
    case 'image':
      return Array.isArray(value) ? ['L', ...value] : null;
    case 'file':
      return Array.isArray(value) ? ['L', ...value.map((file) => ['O', file])] : null;
    case 'geolocation':
      return value === null ? null : ['O', value];
  }
}
