import type { EventTypeName, JournalEvent, RowSubject } from '../../model/event.ts';
import type { ChangeSetId, RowId } from '../../model/ids.ts';
import type { TableVersions } from './table-versions.ts';

/** An event as its table has it. */
export interface StoredEvent {
  readonly shard: number;
  readonly seq: number;
  readonly workspace_number: number;
  readonly type: string;
  readonly occurred_at: number;
  readonly accepted_at: number;
  readonly data: string;
  readonly tags: string | null;
  readonly table_number: number | null;
  readonly table_version: number | null;
  readonly row_id: string | null;
  readonly change_set_id: string | null;
  readonly simulated_for: string | null;
  readonly groups: string | null;
}

/** The columns of a `StoredEvent`. */
export const storedEventColumns = `shard, seq, workspace_number, type, occurred_at, accepted_at, data, tags,
  table_number, table_version, row_id, change_set_id, simulated_for, groups`;

/** Reads stored events, with the structure that their tables had. */
export async function toEvents(
  stored: readonly StoredEvent[],
  versions: TableVersions,
): Promise<readonly JournalEvent[]> {
  const tableOf = await versions.load(stored);
  return stored.map((event) => ({
    workspaceNumber: event.workspace_number,
    seq: event.seq,
    type: event.type as EventTypeName,
    occurredAtMs: event.occurred_at,
    acceptedAtMs: event.accepted_at,
    dataJson: event.data,
    tags: event.tags === null ? [] : (JSON.parse(event.tags) as string[]),
    subject: subjectOf(event, tableOf),
    ...(event.simulated_for === null ? {} : { simulatedFor: event.simulated_for }),
    ...(event.groups === null ? {} : { groups: JSON.parse(event.groups) as string[] }),
  }));
}

function subjectOf(
  event: StoredEvent,
  tableOf: (tableNumber: number, version: number) => RowSubject['table'],
): RowSubject | null {
  if (event.table_number === null || event.table_version === null) return null;
  return {
    table: tableOf(event.table_number, event.table_version),
    rowId: event.row_id as RowId,
    changeSetId: event.change_set_id as ChangeSetId,
  };
}
