import type { BaseId, ChangeSetId, ColumnKey, RowId, TableId, WebhookId } from './ids.ts';
import type { Actor, ColumnData, ColumnType, Table } from './table.ts';

export const rowEventTypes = ['row.inserted', 'row.updated', 'row.deleted'] as const;
export type RowEventType = (typeof rowEventTypes)[number];

/** Events that Rowhook makes about webhooks themselves; `*` does not stand for them. */
export const systemEventTypes = [
  'webhook.disabled',
  'webhook.recovered',
  'webhook.backlog',
  'webhook.certificateExpiring',
  'delivery.exhausted',
] as const;
export type SystemEventType = (typeof systemEventTypes)[number];

/** The tag of a system event that names the webhook it is about. */
export function webhookTag(webhookId: WebhookId): string {
  return `webhook:${webhookId}`;
}

export function isSystemEventType(type: string): type is SystemEventType {
  return (systemEventTypes as readonly string[]).includes(type);
}

/** A dotted name: `invoice.paid`, `row.inserted`. */
export type EventTypeName = string;

/** What an event of a row change is about; null for an event that an application posted. */
export interface RowSubject {
  /** As it was when the row changed: matching and formats need its columns' keys and types. */
  readonly table: Table;
  readonly rowId: RowId;
  /** Rows changed by one call share it, so that they can be delivered together. */
  readonly changeSetId: ChangeSetId;
}

/** An event on its way into the journal: everything but its place there. */
export interface NewEvent {
  readonly type: EventTypeName;
  readonly occurredAtMs: number;
  /** The `data` member of the standard body, already printed as JSON: it is sent many times, parsed rarely. */
  readonly dataJson: string;
  /** `key:value`, at most 10. */
  readonly tags: readonly string[];
  readonly subject: RowSubject | null;
  /** Set when the event never happened: it goes to this webhook only. */
  readonly simulatedFor?: string;
  /** Groups that its type had in the catalogue when it was accepted; absent when it had none. */
  readonly groups?: readonly string[];
}

/** An immutable fact in the journal of a workspace. */
export interface JournalEvent extends NewEvent {
  readonly workspaceNumber: number;
  /** Strictly increasing within a workspace, in the order of commits. */
  readonly seq: number;
  readonly acceptedAtMs: number;
}

/** A changed cell inside the data of a row event. Values are as the API shows them (select options by name). */
export interface CellChange {
  readonly key: ColumnKey;
  readonly name: string;
  readonly type: ColumnType;
  readonly data: ColumnData;
  readonly value: unknown;
  readonly oldValue: unknown;
}

/** The `data` of `row.inserted`, `row.updated` and `row.deleted`. */
export interface RowEventData {
  readonly base: BaseId;
  readonly table: { readonly id: TableId; readonly name: string };
  readonly row: { readonly id: RowId; readonly number: number; readonly name: string };
  readonly actor: Actor;
  readonly changeSet: ChangeSetId;
  /** Changed cells: all filled ones for an insert, only what differs for an update, none for a delete. */
  readonly changes: readonly CellChange[];
  /** The whole row after the change, by column name; null after a delete. */
  readonly record: Readonly<Record<string, unknown>> | null;
  /** The whole row before the change, by column name; null before an insert. */
  readonly previous: Readonly<Record<string, unknown>> | null;
}
