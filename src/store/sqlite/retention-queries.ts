/**
 * Every statement with which retention looks for what may go. None reads more than its LIMIT, however large
 * the tables are (`lastUnneeded`: no more than there are webhooks behind); each names the index that makes
 * it so, and a test holds SQLite's plans to that.
 */
export const retentionQueries = {
  /** `events_by_workspace` has the places of a workspace in order; the oldest are always the next to go. */
  oldestEvents: `
    SELECT seq, octet_length(data) AS bytes FROM events
    WHERE workspace_number = ? AND seq <= ? ORDER BY seq LIMIT ?`,

  oldestEvent: 'SELECT seq, accepted_at FROM events WHERE workspace_number = ? ORDER BY seq LIMIT 1',

  /**
   * Delivery needs no event up to this place. A webhook without a cursor of its own shares the checkpoint
   * (row 0), so of the webhooks only those that are behind are looked at, through `webhooks_by_workspace`;
   * `deliveries_unfinished` and `replays_unfinished` have the least place first.
   */
  lastUnneeded: `
    SELECT min(
      coalesce((SELECT seq FROM cursors WHERE webhook_number = 0), 0),
      coalesce((
        SELECT min(seq) FROM cursors WHERE webhook_number > 0 AND EXISTS (
          SELECT 1 FROM webhooks
          WHERE webhooks.workspace_number = :workspaceNumber AND webhooks.number = cursors.webhook_number)
      ), :endless),
      coalesce((
        SELECT min(seq) - 1 FROM deliveries
        WHERE workspace_number = :workspaceNumber AND state IN ('retrying', 'sending')
      ), :endless),
      coalesce((
        SELECT from_seq FROM replays
        WHERE workspace_number = :workspaceNumber AND state IN ('running', 'paused')
          AND EXISTS (SELECT 1 FROM webhooks WHERE webhooks.number = replays.webhook_number)
        ORDER BY from_seq LIMIT 1
      ), :endless))`,

  /** `deliveries_by_workspace` has a workspace's deliveries in the order in which they were written down. */
  deliveries: `
    SELECT id, webhook_number, seq, coalesce(json_extract(batch_seqs, '$[#-1]'), seq) AS last_seq,
      state IN ('retrying', 'sending') AS unfinished, attempts, created_at,
      coalesce(finished_at, created_at) AS ended_at
    FROM deliveries WHERE workspace_number = ? AND id > ? ORDER BY id LIMIT ?`,

  /** The table itself is in the order in which attempts were written down. */
  oldestAttempts: `
    SELECT rowid AS id, octet_length(attempt) AS bytes, json_extract(attempt, '$.startedAtMs') AS started_at
    FROM attempts WHERE rowid > 0 ORDER BY rowid LIMIT ?`,

  /** Again the order of the table itself. The JSON is read only where the delivery is old enough. */
  firstAttempts: `
    SELECT id, attempts, created_at, coalesce(octet_length(first_attempt), 0) AS bytes,
      CASE WHEN created_at < :startedBeforeMs
        THEN json_extract(first_attempt, '$.startedAtMs') END AS started_at
    FROM deliveries WHERE id > :afterId ORDER BY id LIMIT :limit`,
} as const;
