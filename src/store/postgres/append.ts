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
  /** The key of a call, which is claimed by now and gets to know where its events are. */
  readonly key?: string;
  /** Number of the scheduled event that this one is. */
  readonly scheduledNumber?: number;
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
  table_version, row_id, change_set_id, simulated_for, groups`;

/**
 * Takes as many places as there are events from the counter of each shard and puts the events there. The
 * counters' rows are locked in ascending order, so that two appends never wait for each other, and from
 * then on to the end of the transaction: so nobody commits a later place first.
 */
const appendText = `
  WITH incoming AS MATERIALIZED (
    SELECT * FROM ROWS FROM (json_to_recordset($1::json) AS (
      shard smallint, workspace_number bigint, type text, occurred_at bigint, accepted_at bigint, data text,
      tags jsonb, table_number bigint, table_version bigint, row_id text, change_set_id text,
      simulated_for text, groups jsonb
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
/** What else learns of the places that were taken, each from a parameter of its own. */
const followers = {
  changeSets: (parameter: string) => `remembered AS (
    INSERT INTO change_sets (shard, table_number, id, first_seq, last_seq, changed_at, deleted_rows, undoes)
    SELECT taken.shard, change.table_number, change.id, taken.before + change.first, taken.before + change.last,
      change.changed_at, change.deleted_rows, change.undoes
    FROM json_to_recordset(${parameter}::json) AS change (shard smallint, table_number bigint, id text, first bigint,
      last bigint, changed_at bigint, deleted_rows text, undoes text) JOIN taken USING (shard)
    ORDER BY change.first)`,
  keys: (parameter: string) => `keyed AS (
    UPDATE idempotency_keys SET places_json = (
      SELECT coalesce(json_agg(json_build_object('seq', taken.before + place, 'acceptedAtMs', used.accepted_at) ORDER BY place), '[]')::text
      FROM generate_series(used.first, used.last) AS place)
    FROM json_to_recordset(${parameter}::json) AS used (shard smallint, workspace_number bigint, key text, first bigint,
      last bigint, accepted_at bigint) JOIN taken USING (shard)
    WHERE idempotency_keys.workspace_number = used.workspace_number AND idempotency_keys.key = used.key)`,
  scheduled: (parameter: string) => `published AS (
    UPDATE scheduled_events SET state = 'published', finished_at = due.accepted_at,
      event_seq = taken.before + due.first, event_accepted_at = due.accepted_at
    FROM json_to_recordset(${parameter}::json) AS due (shard smallint, number bigint, first bigint, accepted_at bigint)
      JOIN taken USING (shard)
    WHERE scheduled_events.number = due.number)`,
} as const;
type Follower = keyof typeof followers;

const statements = new Map<string, Statement>();

/** The statement that appends and lets these followers know. */
function appendStatement(wanted: readonly Follower[]): Statement {
  const known = statements.get(wanted.join());
  if (known) return known;
  const parts = wanted.map((follower, index) => followers[follower](`$${index + 3}`));
  const made = statement(`${[appendText, ...parts].join(', ')} SELECT shard, before FROM taken`);
  statements.set(wanted.join(), made);
  return made;
}

/** The call that appends. */
export function appendCall(appends: readonly Append[], today: number): Call {
  const events = appends.flatMap(rowsOf);
  const rows = followerRows(appends);
  const wanted = (Object.keys(followers) as Follower[]).filter((follower) => rows[follower].length > 0);
  const shards = new Set(appends.map(({ shard }) => shard)).size;
  return {
    statement: appendStatement(wanted),
    values: [jsonParameter(events), today, ...wanted.map((follower) => jsonParameter(rows[follower]))],
    rowsWritten: wanted.reduce((sum, follower) => sum + rows[follower].length, events.length + shards),
  };
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
    groups: event.groups,
  }));
}

/** First and last are counted from the place before the shard's first event of the call. */
function followerRows(appends: readonly Append[]): Record<Follower, object[]> {
  const rows: Record<Follower, object[]> = { changeSets: [], keys: [], scheduled: [] };
  const counted = new Map<number, number>();
  for (const append of appends) {
    const { shard, events, changeSet, key, scheduledNumber, acceptedAtMs } = append;
    const before = counted.get(shard) ?? 0;
    counted.set(shard, before + events.length);
    const range = { shard, first: before + 1, last: before + events.length, accepted_at: acceptedAtMs };
    if (changeSet) rows.changeSets.push({ ...range, ...changeSetRow(changeSet) });
    if (key !== undefined) rows.keys.push({ ...range, workspace_number: append.workspaceNumber, key });
    if (scheduledNumber !== undefined) rows.scheduled.push({ ...range, number: scheduledNumber });
  }
  return rows;
}

function changeSetRow({ tableNumber, id, changedAtMs, deletedRows, undoes }: NewChangeSet): object {
  return {
    table_number: tableNumber,
    id,
    changed_at: changedAtMs,
    deleted_rows: deletedRows.length > 0 ? JSON.stringify(deletedRows) : null,
    undoes,
  };
}
