import type { JournalEvent, RowEventData, RowEventType } from '../../model/event.ts';
import type { BaseId, ChangeSetId, ColumnKey, RowId, TableId, WebhookId } from '../../model/ids.ts';
import type { Actor, Column, ColumnData, ColumnType, Table } from '../../model/table.ts';
import { plainWebhookSettings } from '../../model/testing/webhook-settings.ts';
import type { Webhook, WebhookSettings } from '../../model/webhook.ts';

/** Cells of a row by column name, as the API shows them. */
export type ShownCells = Readonly<Record<string, unknown>>;

let made = 0;

export function column(name: string, type: ColumnType = 'text', key = name, data: ColumnData = {}): Column {
  return { key: key as ColumnKey, name, type, data };
}

export function tableOf(columns: readonly Column[], place: Partial<Table> = {}): Table {
  return {
    id: '9g8f' as TableId,
    number: 1,
    version: 1,
    baseId: 'fae0a3a42ba94df88e8303fd385e37de' as BaseId,
    workspaceNumber: 1,
    name: 'Opportunities',
    columns,
    createdAtMs: 0,
    ...place,
  };
}

export interface RowEventOptions {
  readonly rowId?: string;
  readonly rowNumber?: number;
  readonly rowName?: string;
  readonly actor?: Actor;
  readonly occurredAtMs?: number;
}

/** The event of a row that changed from `previous` to `record`; null where there was or is no row. */
export function rowEvent(
  table: Table,
  previous: ShownCells | null,
  record: ShownCells | null,
  options: RowEventOptions = {},
): JournalEvent {
  const rowId = (options.rowId ?? 'Fk-i7xZGS5iA5aSvaG5HAA') as RowId;
  const changeSetId = 'chg_1' as ChangeSetId;
  const data: RowEventData = {
    base: table.baseId,
    table: { id: table.id, name: table.name },
    row: { id: rowId, number: options.rowNumber ?? 1, name: options.rowName ?? '' },
    actor: options.actor ?? { user: null, app: null },
    changeSet: changeSetId,
    changes: record ? changesOf(table, previous, record) : [],
    record: record && whole(table, record),
    previous: previous && whole(table, previous),
  };
  return {
    ...journalPlace(table.workspaceNumber, options.occurredAtMs),
    type: typeOf(previous, record),
    dataJson: JSON.stringify(data),
    tags: [],
    subject: { table, rowId, changeSetId },
  };
}

/** An event that an application posted. */
export function postedEvent(
  type: string,
  data: unknown,
  more: Partial<Pick<JournalEvent, 'tags' | 'groups' | 'workspaceNumber' | 'occurredAtMs'>> = {},
): JournalEvent {
  return {
    ...journalPlace(more.workspaceNumber ?? 1, more.occurredAtMs),
    type,
    dataJson: JSON.stringify(data),
    tags: more.tags ?? [],
    subject: null,
    ...(more.groups === undefined ? {} : { groups: more.groups }),
  };
}

/** Settings that let every event through. */
export function settingsOf(settings: Partial<WebhookSettings> = {}): WebhookSettings {
  return { ...plainWebhookSettings, ...settings };
}

export function webhookOf(settings: Partial<WebhookSettings>, more: Partial<Webhook> = {}): Webhook {
  made += 1;
  const number = more.number ?? made;
  return {
    id: `wh_${number}` as WebhookId,
    number,
    workspaceNumber: 1,
    version: 1,
    settings: settingsOf(settings),
    secret: 'whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0',
    previousSecrets: [],
    health: { state: 'active', reason: null, sinceMs: 0, failuresInRow: 0, failingSinceMs: null },
    startsAfterSeq: 0,
    revision: 0,
    interventions: 0,
    createdAtMs: 0,
    updatedAtMs: 0,
    ...more,
  };
}

function journalPlace(
  workspaceNumber: number,
  occurredAtMs = Date.parse('2026-11-24T09:00:00.000Z'),
): Pick<JournalEvent, 'workspaceNumber' | 'seq' | 'acceptedAtMs' | 'occurredAtMs'> {
  made += 1;
  return { workspaceNumber, seq: made, acceptedAtMs: occurredAtMs, occurredAtMs };
}

function typeOf(previous: ShownCells | null, record: ShownCells | null): RowEventType {
  if (previous === null) return 'row.inserted';
  return record === null ? 'row.deleted' : 'row.updated';
}

function changesOf(
  table: Table,
  previous: ShownCells | null,
  record: ShownCells,
): Array<RowEventData['changes'][number]> {
  return table.columns.flatMap(({ key, name, type, data }) => {
    const value = record[name] ?? null;
    const oldValue = previous?.[name] ?? null;
    return JSON.stringify(value) === JSON.stringify(oldValue)
      ? []
      : [{ key, name, type, data, value, oldValue }];
  });
}

function whole(table: Table, cells: ShownCells): ShownCells {
  return Object.fromEntries(table.columns.map(({ name }) => [name, cells[name] ?? null]));
}
