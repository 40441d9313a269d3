import { match, type SubscriptionIndex } from '../matching/index.ts';
import { isRunning, type Webhook } from '../model/webhook.ts';
import type { Store } from '../store/port.ts';
import type { EngineWebhooks } from './engine.ts';
import type { Lane } from './lane.ts';
import type { Prepare } from './prepare.ts';
import { longestDelayMs } from './schedule.ts';

/** The journal between checkpoint and head is looked through in pages. */
const pageEvents = 1_000;
const pageBytes = 4 * 1024 * 1024;

/**
 * Puts the lanes where the last process left off. Costs by the number of webhooks that were not caught up
 * and by what was accepted since the last checkpoint, not by the size of any backlog.
 */
export async function resumeLanes(
  store: Store,
  registry: EngineWebhooks,
  index: SubscriptionIndex,
  laneOf: (webhook: Webhook) => Lane,
  headSeq: number,
  nowMs: number,
  prepare: Prepare,
): Promise<void> {
  const { checkpointSeq, cursors } = await store.deliveries.positions();
  const resumed = new Set<number>();
  const resume = (webhook: Webhook, seq: number, waiting: number): void => {
    laneOf(webhook).resumeAt(seq, waiting, headSeq);
    resumed.add(webhook.number);
  };
  for (const [number, cursor] of cursors) {
    const webhook = registry.byNumber(number);
    if (!webhook) continue;
    resume(webhook, cursor.seq, cursor.waiting);
    laneOf(webhook).storedCursor = cursor;
  }
  for (const webhook of registry.all()) {
    if (!isRunning(webhook.health.state) && !resumed.has(webhook.number)) resume(webhook, checkpointSeq, 0);
  }
  for (const summary of await store.deliveries.retrySummaries()) {
    const webhook = registry.byNumber(summary.webhookNumber);
    if (!webhook) continue;
    // A clock that was set back while no process ran must not hold retries up for longer than any delay.
    const latestDueAtMs = nowMs + longestDelayMs(webhook.settings.retry);
    await store.deliveries.limitDueTimes(webhook.number, latestDueAtMs);
    const nextDueAtMs = Math.min(summary.nextDueAtMs, latestDueAtMs);
    laneOf(webhook).restoreRetries({ ...summary, nextDueAtMs });
  }
  await resumeInterrupted(store, registry, laneOf, prepare);

  // What was accepted after the checkpoint may not have been delivered, whoever had it in memory.
  for (let afterSeq = checkpointSeq; afterSeq < headSeq; ) {
    const page = await store.journal.readAll(afterSeq, pageEvents, pageBytes);
    for (const event of page) {
      // Appended since: it will be told of like everything new.
      if (event.seq > headSeq) break;
      index.forEachCandidate(event, (webhook) => {
        if (!match(event, webhook).fires) return;
        if (!resumed.has(webhook.number)) resume(webhook, checkpointSeq, 0);
        laneOf(webhook).offer(event);
      });
    }
    afterSeq = page.at(-1)?.seq ?? headSeq;
  }
}

/** Batches that were on their way go out again, with the same events, under the same id. */
async function resumeInterrupted(
  store: Store,
  registry: EngineWebhooks,
  laneOf: (webhook: Webhook) => Lane,
  prepare: Prepare,
): Promise<void> {
  for (const delivery of await store.deliveries.interrupted()) {
    const webhook = registry.byNumber(delivery.webhookNumber);
    if (!webhook) continue;
    const settings = await store.webhooks.version(webhook.number, delivery.webhookVersion);
    const events = await store.journal.findMany(
      webhook.workspaceNumber,
      delivery.batchSeqs ?? [delivery.seq],
    );
    const payload = prepare(events, settings ?? webhook.settings);
    laneOf(webhook).repeat({
      ...delivery,
      contentType: payload.contentType,
      body: payload.body,
      unsendable: payload.unsendable,
      attempts: 0,
      scheduleStep: 0,
      origin: { kind: 'new' },
      mark: null,
      recorded: true,
      entries: [],
    });
  }
}
