import type { JournalEvent, NewEvent } from '../../model/event.ts';
import type { ChangeSetId, RowId } from '../../model/ids.ts';
import { jsonParameter } from './json-parameter.ts';
import { type Call, type Statement, statement } from './statement.ts';

/** Events of one workspace that are to be appended, all or none. */
export interface Append {
  readonly shard: number;
  readonly workspaceNumber: number;
  readonly events: readonly NewEvent[];
  readonly acceptedAtMs: number;
  /** The change of rows that the events tell of, to be remembered. */
  readonly changeSet?: NewChangeSet;
}

export interface NewChangeSet {
  readonly tableNumber: number;
  readonly id: ChangeSetId;
  readonly changedAtMs: number;
  readonly deletedRows: ReadonlyArray<readonly [RowId, number, string | null]>;
  readonly undoes: ChangeSetId | null;
}

/** The last place before those that an append took in a shard. */
interface Taken {
  readonly shard: number;
  readonly before: number;
}

const eventColumns = `workspace_number, type, occurred_at, accepted_at, data, tags, table_number,
  table_version, row_id, change_set_id, simulated_for`;

/**
 * Takes as many places as there are events from the counter of each shard and puts the events there. The
 * counters' rows are locked in ascending order, so that two appends never wait for each other, and from
 * then on to the end of the transaction: so nobody commits a later place first.
 */
const appendText = `
  WITH incoming AS MATERIALIZED (
    SELECT * FROM ROWS FROM (json_to_recordset($1::json) AS (
      shard smallint, workspace_number bigint, type text, occurred_at bigint, accepted_at bigint, data text,
      tags jsonb, table_number bigint, table_version bigint, row_id text, change_set_id text, simulated_for text
    )) WITH ORDINALITY AS incoming (shard, ${eventColumns}, place)
  ), counted AS MATERIALIZED (
    SELECT shard, count(*) AS events FROM incoming GROUP BY shard
  ), locked AS MATERIALIZED (
    SELECT shard, day FROM shards WHERE shard IN (SELECT shard FROM counted) ORDER BY shard FOR UPDATE
  ), taken AS MATERIALIZED (
    UPDATE shards SET head_seq = shards.head_seq + counted.events, day = greatest(shards.day, $2)
    FROM locked JOIN counted USING (shard) WHERE shards.shard = locked.shard
    RETURNING shards.shard, shards.head_seq - counted.events AS before, shards.day, locked.day AS day_before
  ), begun AS (
    INSERT INTO shard_days (shard, day, first_seq)
    SELECT shard, day, before + 1 FROM taken WHERE day > day_before
  ), appended AS (
    INSERT INTO events (shard, seq, day, ${eventColumns})
    SELECT incoming.shard, taken.before + row_number() OVER (PARTITION BY incoming.shard ORDER BY place),
      taken.day, ${eventColumns}
    FROM incoming JOIN taken USING (shard)
  )`;
const takenText = 'SELECT shard, before FROM taken';

const append = statement(`${appendText} ${takenText}`);
const appendAndRemember = statement(`${appendText}, remembered AS (
    INSERT INTO change_sets (shard, table_number, id, first_seq, last_seq, changed_at, deleted_rows, undoes)
    SELECT taken.shard, change.table_number, change.id, taken.before + change.first, taken.before + change.last,
      change.changed_at, change.deleted_rows, change.undoes
    FROM json_to_recordset($3::json) AS change (table_number bigint, id text, first bigint, last bigint,
      changed_at bigint, deleted_rows text, undoes text) CROSS JOIN taken
    ORDER BY change.first
  ) ${takenText}`);

/** The call that appends. Change sets are remembered when all appends are of one shard. */
export function appendCall(appends: readonly Append[], today: number): Call {
  const events = appends.flatMap(rowsOf);
  const changeSets = changeSetsOf(appends);
  const shards = new Set(appends.map(({ shard }) => shard)).size;
  const values = [jsonParameter(events), today];
  const rowsWritten = events.length + shards + changeSets.length;
  if (changeSets.length === 0) return callOf(append, values, rowsWritten);
  return callOf(appendAndRemember, [...values, jsonParameter(changeSets)], rowsWritten);
}

/** The events as they are in the journal now: one list for each append. */
export function appendedEvents(appends: readonly Append[], rows: readonly unknown[]): JournalEvent[][] {
  const last = new Map((rows as readonly Taken[]).map(({ shard, before }) => [shard, before]));
  return appends.map(({ shard, workspaceNumber, events, acceptedAtMs }) => {
    const before = last.get(shard) ?? 0;
    last.set(shard, before + events.length);
    return events.map((event, index) => ({
      ...event,
      workspaceNumber,
      seq: before + index + 1,
      acceptedAtMs,
    }));
  });
}

/** About how many bytes an append sends. */
export function bytesOf({ events }: Append): number {
  return events.reduce((bytes, { dataJson }) => bytes + (dataJson?.length ?? 0) + 200, 0);
}

function callOf(asked: Statement, values: readonly unknown[], rowsWritten: number): Call {
  return { statement: asked, values, rowsWritten };
}

function rowsOf({ shard, workspaceNumber, events, acceptedAtMs }: Append): object[] {
  return events.map((event) => ({
    shard,
    workspace_number: workspaceNumber,
    type: event.type,
    occurred_at: event.occurredAtMs,
    accepted_at: acceptedAtMs,
    data: event.dataJson,
    tags: event.tags.length > 0 ? event.tags : undefined,
    table_number: event.subject?.table.number,
    table_version: event.subject?.table.version,
    row_id: event.subject?.rowId,
    change_set_id: event.subject?.changeSetId,
    simulated_for: event.simulatedFor,
  }));
}

function changeSetsOf(appends: readonly Append[]): object[] {
  let before = 0;
  return appends.flatMap(({ changeSet, events }) => {
    const first = before + 1;
    before += events.length;
    if (changeSet === undefined) return [];
    const { deletedRows } = changeSet;
    return {
      table_number: changeSet.tableNumber,
      id: changeSet.id,
      first,
      last: before,
      changed_at: changeSet.changedAtMs,
      deleted_rows: deletedRows.length > 0 ? JSON.stringify(deletedRows) : null,
      undoes: changeSet.undoes,
    };
  });
}
