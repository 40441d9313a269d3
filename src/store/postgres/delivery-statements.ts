import { statement } from './statement.ts';

/** Each takes its rows as one JSON parameter, however many they are. */

const deliveryFields = `shard smallint, webhook_number bigint, seq bigint, day integer, workspace_number bigint,
  accepted_at bigint, batch_seqs bigint[], event_type text, webhook_version bigint, state text, simulated boolean,
  attempts integer, created_at bigint, finished_at bigint, next_attempt_at bigint, http_status integer,
  error_code text, discarded_by text, first_attempt text, first_started_at bigint`;

export const insertDeliveries = statement(`
  INSERT INTO deliveries (shard, webhook_number, seq, day, workspace_number, accepted_at, batch_seqs, event_type,
    webhook_version, state, simulated, attempts, created_at, finished_at, next_attempt_at, http_status, error_code,
    discarded_by, first_attempt, first_started_at)
  SELECT shard, webhook_number, seq, day, workspace_number, accepted_at, batch_seqs, event_type,
    webhook_version, state, simulated, attempts, created_at, finished_at, next_attempt_at, http_status, error_code,
    discarded_by, first_attempt, first_started_at
  FROM json_to_recordset($1::json) AS incoming (${deliveryFields})`);

/** Not by the day: a retry does not know when its delivery was created. */
export const updateDeliveries = statement(`
  UPDATE deliveries SET webhook_version = incoming.webhook_version, state = incoming.state,
    attempts = incoming.attempts, finished_at = incoming.finished_at, next_attempt_at = incoming.next_attempt_at,
    http_status = incoming.http_status, error_code = incoming.error_code, discarded_by = incoming.discarded_by,
    first_attempt = coalesce(incoming.first_attempt, deliveries.first_attempt),
    first_started_at = coalesce(incoming.first_started_at, deliveries.first_started_at)
  FROM json_to_recordset($1::json) AS incoming (${deliveryFields})
  WHERE deliveries.shard = incoming.shard AND deliveries.webhook_number = incoming.webhook_number
    AND deliveries.seq = incoming.seq`);

export const insertAttempts = statement(`
  INSERT INTO attempts (shard, webhook_number, seq, number, day, started_at, attempt)
  SELECT shard, webhook_number, seq, number, day, started_at, attempt
  FROM json_to_recordset($1::json) AS incoming (shard smallint, webhook_number bigint, seq bigint, number integer,
    day integer, started_at bigint, attempt text)`);

export const saveRetries = statement(`
  INSERT INTO retries (shard, webhook_number, seq, accepted_at, batch_seqs, event_type, simulated, attempts,
    schedule_step, due_at, content_type, body)
  SELECT shard, webhook_number, seq, accepted_at, batch_seqs, event_type, simulated, attempts,
    schedule_step, due_at, content_type, body
  FROM json_to_recordset($1::json) AS incoming (shard smallint, webhook_number bigint, seq bigint,
    accepted_at bigint, batch_seqs bigint[], event_type text, simulated boolean, attempts integer,
    schedule_step integer, due_at bigint, content_type text, body bytea)
  ON CONFLICT (shard, webhook_number, seq) DO UPDATE SET attempts = excluded.attempts,
    schedule_step = excluded.schedule_step, due_at = excluded.due_at`);

export const removeRetries = statement(`
  DELETE FROM retries USING json_to_recordset($1::json) AS incoming (shard smallint, webhook_number bigint, seq bigint)
  WHERE retries.shard = incoming.shard AND retries.webhook_number = incoming.webhook_number
    AND retries.seq = incoming.seq`);

/** The condition on 'succeeded' lets the index deliveries_not_succeeded answer. */
export const discard = statement(`
  UPDATE deliveries SET state = 'discarded', discarded_by = $3, finished_at = $4, next_attempt_at = NULL
  WHERE shard = $1 AND webhook_number = $2 AND state <> 'succeeded' AND state IN ('retrying', 'sending')`);

export const removeRetriesOf = statement('DELETE FROM retries WHERE shard = $1 AND webhook_number = $2');

export const saveCursors = statement(`
  INSERT INTO cursors (shard, webhook_number, seq, waiting)
  SELECT shard, webhook_number, seq, waiting
  FROM json_to_recordset($1::json) AS incoming (shard smallint, webhook_number bigint, seq bigint, waiting bigint)
  ON CONFLICT (shard, webhook_number) DO UPDATE SET seq = excluded.seq, waiting = excluded.waiting`);

export const removeCursors = statement(`
  DELETE FROM cursors USING json_to_recordset($1::json) AS incoming (shard smallint, webhook_number bigint)
  WHERE cursors.shard = incoming.shard AND cursors.webhook_number = incoming.webhook_number`);

export const saveHealth = statement(`
  UPDATE webhooks SET state = incoming.state, reason = incoming.reason, since = incoming.since,
    failures_in_row = incoming.failures_in_row, failing_since = incoming.failing_since
  FROM json_to_recordset($1::json) AS incoming (number bigint, interventions bigint, state text, reason text, since bigint,
    failures_in_row bigint, failing_since bigint)
  WHERE webhooks.number = incoming.number AND webhooks.interventions = incoming.interventions`);

/** After the health itself: only of webhooks whose state nobody has changed since. */
export const insertHealthChanges = statement(`
  INSERT INTO health_changes (webhook_number, at, state, reason)
  SELECT incoming.webhook_number, incoming.at, incoming.state, incoming.reason
  FROM ROWS FROM (json_to_recordset($1::json) AS (webhook_number bigint, interventions bigint, at bigint, state text,
    reason text)) WITH ORDINALITY AS incoming (webhook_number, interventions, at, state, reason, place)
  JOIN webhooks ON webhooks.number = incoming.webhook_number AND webhooks.interventions = incoming.interventions
  ORDER BY place`);
