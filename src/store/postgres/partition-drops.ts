/** How a partition goes, and what of it must stay. */
export interface PartitionDrop {
  /** Counts what would have to be moved. */
  readonly movable: string;
  /** Whether that is little enough. */
  readonly isMovable: (rows: number) => boolean;
  /** Moves it to the default partition, and drops the rest; in one transaction. */
  readonly drop: string;
}

/**
 * While rows are moved, nobody reads or writes the table, so only a few are. A partition in which more must
 * stay is left alone until they may go; meanwhile the others go row by row.
 */
const mostMoved = 10_000;

const isMovable = (rows: number): boolean => rows <= mostMoved;

/** Up to where each workspace's events are needed by nobody, for workspaces that anything holds back. */
const neededBy = `
  SELECT workspace_number, min(seq) AS seq FROM (
    SELECT webhooks.workspace_number, cursors.seq FROM cursors
    JOIN webhooks ON webhooks.number = cursors.webhook_number
    UNION ALL
    SELECT workspace_number, seq - 1 FROM deliveries WHERE state IN ('retrying', 'sending')
    UNION ALL
    SELECT replays.workspace_number, replays.from_seq FROM replays
    JOIN webhooks ON webhooks.number = replays.webhook_number WHERE replays.state IN ('running', 'paused')
  ) AS holders GROUP BY workspace_number`;

/** The events of a partition that somebody still needs. */
const neededEvents = (partition: string): string => `
  FROM ${partition} AS event
  LEFT JOIN cursors AS checkpoint ON checkpoint.shard = event.shard AND checkpoint.webhook_number = 0
  LEFT JOIN (${neededBy}) AS needed ON needed.workspace_number = event.workspace_number
  WHERE event.seq > least(coalesce(checkpoint.seq, 0), needed.seq)`;

/** Drops a partition of events that are all old. */
export function dropEvents(partition: string): PartitionDrop {
  return {
    movable: `SELECT count(*) AS count FROM (SELECT 1 ${neededEvents(partition)} LIMIT ${mostMoved + 1}) AS counted`,
    isMovable,
    drop: `
      ALTER TABLE events DETACH PARTITION ${partition};
      INSERT INTO events SELECT event.* ${neededEvents(partition)};
      DROP TABLE ${partition}`,
  };
}

/** The deliveries of a partition that are not finished, ended late, or have events that are still kept. */
const keptDeliveries = (partition: string, endedBeforeMs: number): string => `
  FROM ${partition} AS delivery
  LEFT JOIN (
    SELECT workspaces.number, (
      SELECT min(seq) FROM events
      WHERE events.shard = workspaces.number % (SELECT shard_count FROM installation)
        AND events.workspace_number = workspaces.number
    ) AS seq FROM workspaces
  ) AS oldest ON oldest.number = delivery.workspace_number
  WHERE delivery.state IN ('retrying', 'sending') OR coalesce(delivery.finished_at, delivery.created_at) >= ${endedBeforeMs}
    OR coalesce(delivery.batch_seqs[array_upper(delivery.batch_seqs, 1)], delivery.seq) >= oldest.seq`;

/** Drops a partition of deliveries that were all created before a time, but for those that ended after it. */
export function dropDeliveries(partition: string, endedBeforeMs: number): PartitionDrop {
  const kept = keptDeliveries(partition, endedBeforeMs);
  return {
    movable: `SELECT count(*) AS count FROM (SELECT 1 ${kept} LIMIT ${mostMoved + 1}) AS counted`,
    isMovable,
    // What must stay is found before the table is locked. A delivery so old changes only if it is sent again.
    drop: `
      CREATE TEMPORARY TABLE kept_deliveries ON COMMIT DROP AS SELECT delivery.shard, delivery.webhook_number, delivery.seq, delivery.day ${kept};
      ALTER TABLE deliveries DETACH PARTITION ${partition};
      INSERT INTO deliveries SELECT delivery.* FROM ${partition} AS delivery
        JOIN kept_deliveries USING (shard, webhook_number, seq, day);
      DROP TABLE ${partition}`,
  };
}
