import { printScheduled } from '../crud/scheduled-events.ts';
import type { NewScheduledEvent, PublicationKey } from '../port.ts';
import { jsonParameter } from './json-parameter.ts';
import { type Call, call, statement } from './statement.ts';

export interface StoredKey {
  readonly workspace_number: number;
  readonly key: string;
  readonly fingerprint: string;
  readonly note: string;
  readonly places_json: string;
}

/** A key that a call wants to use now. */
export interface KeyUse extends PublicationKey {
  readonly workspace_number: number;
  readonly nowMs: number;
}

// In order, so that two groups with the same keys do not wait for each other.
const claim = statement(`
  INSERT INTO idempotency_keys (workspace_number, key, fingerprint, note, places_json, created_at)
  SELECT workspace_number, key, fingerprint, note, '[]', now_ms
  FROM json_to_recordset($1::json) AS used (workspace_number bigint, key text, fingerprint text, note text,
    now_ms bigint) ORDER BY workspace_number, key
  ON CONFLICT (workspace_number, key) DO UPDATE SET fingerprint = excluded.fingerprint, note = excluded.note,
    places_json = excluded.places_json, created_at = excluded.created_at
  WHERE idempotency_keys.created_at < (
    SELECT kept_since FROM json_to_recordset($1::json) AS used (workspace_number bigint, key text, kept_since bigint)
    WHERE used.workspace_number = excluded.workspace_number AND used.key = excluded.key)
  RETURNING workspace_number, key`);
const find = statement(`
  SELECT workspace_number, key, fingerprint, note, places_json FROM idempotency_keys
  JOIN json_to_recordset($1::json) AS used (workspace_number bigint, key text) USING (workspace_number, key)`);
const schedule = statement(`
  INSERT INTO scheduled_events (id, workspace_number, due_at, type, event_json, state, created_at)
  SELECT id, workspace_number, due_at, type, event_json, 'scheduled', $2
  FROM json_to_recordset($1::json) AS incoming (id text, workspace_number bigint, due_at bigint, type text,
    event_json text)`);

/** Keeps the keys that are new, or no longer kept; answers which. */
export function claimKeys(uses: readonly KeyUse[]): Call {
  const rows = uses.map(({ workspace_number, key, fingerprint, note, keptSinceMs, nowMs }) => ({
    workspace_number,
    key,
    fingerprint,
    note,
    kept_since: keptSinceMs,
    now_ms: nowMs,
  }));
  return call(claim, jsonParameter(rows));
}

/** The keys as they are kept now. */
export function keysNow(uses: readonly KeyUse[]): Call {
  return call(find, jsonParameter(uses.map(({ workspace_number, key }) => ({ workspace_number, key }))));
}

export function insertScheduled(
  events: ReadonlyArray<{ readonly workspaceNumber: number; readonly scheduled: NewScheduledEvent }>,
  nowMs: number,
): Call {
  const rows = events.map(({ workspaceNumber, scheduled }) => ({
    id: scheduled.id,
    workspace_number: workspaceNumber,
    due_at: scheduled.dueAtMs,
    type: scheduled.event.type,
    event_json: printScheduled(scheduled),
  }));
  return call(schedule, jsonParameter(rows), nowMs);
}
