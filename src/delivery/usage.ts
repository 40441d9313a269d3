import type { Delivery } from '../model/delivery.ts';
import type { Webhook } from '../model/webhook.ts';
import type { Store } from '../store/port.ts';
import type { Lane } from './lane.ts';

/** How a webhook is doing. Times are wall-clock milliseconds. */
export interface WebhookUsage {
  /** Events and failed deliveries that are not settled. */
  readonly waiting: number;
  readonly oldestWaitingAtMs: number | null;
  readonly nextAttemptAtMs: number | null;
  readonly lastSuccessAtMs: number | null;
  readonly lastFailureAtMs: number | null;
  readonly lastError: string | null;
  readonly lastHttpStatus: number | null;
}

/** `lane` is null for a webhook that has nothing to do. */
export async function readUsage(store: Store, webhook: Webhook, lane: Lane | null): Promise<WebhookUsage> {
  const waiting = lane?.waiting ?? 0;
  const record = lane?.record ?? null;
  const last =
    record?.lastHttpStatus == null && record?.lastError == null ? await lastDelivery(store, webhook) : null;
  return {
    waiting,
    oldestWaitingAtMs: waiting > 0 && lane ? await oldestWaitingAtMs(store, webhook, lane) : null,
    nextAttemptAtMs: lane?.nextAttemptAtMs ?? null,
    lastSuccessAtMs: record?.lastSuccessAtMs ?? (last?.state === 'succeeded' ? last.finishedAtMs : null),
    lastFailureAtMs:
      record?.lastFailureAtMs ?? (last && last.state !== 'succeeded' ? last.createdAtMs : null),
    lastError: record?.lastError ?? last?.lastErrorCode ?? null,
    lastHttpStatus: record?.lastHttpStatus ?? last?.lastHttpStatus ?? null,
  };
}

async function lastDelivery(store: Store, webhook: Webhook): Promise<Delivery | null> {
  const filter = { webhookNumber: webhook.number };
  const page = await store.deliveries.list(webhook.workspaceNumber, filter, { limit: 1, cursor: null });
  return page.items[0] ?? null;
}

async function oldestWaitingAtMs(store: Store, webhook: Webhook, lane: Lane): Promise<number | null> {
  const failed = await store.deliveries.oldestRetry(webhook.number);
  if (failed) return failed.acceptedAtMs;
  if (lane.oldestInMemory) return lane.oldestInMemory.acceptedAtMs;
  const [next] = await store.journal.read(webhook.workspaceNumber, lane.cursorSeq, 1, 1);
  return next?.acceptedAtMs ?? null;
}
