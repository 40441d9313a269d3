import { readUsage, type WebhookUsage } from '../delivery/index.ts';
import type { Webhook } from '../model/webhook.ts';
import type { PostgresStore } from '../store/postgres/shard-store.ts';

interface Waiting {
  /** Events counted when the cursor was last written. */
  readonly events: number;
  readonly retries: number;
  readonly next_due_at: number | null;
  readonly oldest_at: number | null;
}

const waiting = `
  SELECT coalesce((SELECT waiting FROM cursors WHERE shard = $1 AND webhook_number = $2), 0) AS events,
    count(*) AS retries, min(due_at) AS next_due_at, min(accepted_at) AS oldest_at
  FROM retries WHERE shard = $1 AND webhook_number = $2`;

/** How a webhook is doing as far as the database knows, which is about a second behind its owner. */
export async function storedUsage(store: PostgresStore, webhook: Webhook): Promise<WebhookUsage> {
  const [usage, [found]] = await Promise.all([
    readUsage(store, webhook, null),
    store.query<Waiting>(waiting, [store.shardOfWebhook(webhook.number), webhook.number]),
  ]);
  if (!found) return usage;
  return {
    ...usage,
    waiting: found.events + found.retries,
    oldestWaitingAtMs: found.oldest_at,
    nextAttemptAtMs: found.next_due_at,
  };
}
