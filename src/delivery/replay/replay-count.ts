import { setImmediate } from 'node:timers/promises';
import type { Replay } from '../../model/replay.ts';
import type { Webhook } from '../../model/webhook.ts';
import type { Store } from '../../store/port.ts';
import { readReplayPage } from './replay-reader.ts';

/** What a replay would send, found without sending anything. */
export interface ReplayCount {
  readonly deliveries: number;
  /** Events that these deliveries carry; more than deliveries where the webhook batches. */
  readonly events: number;
  /** Part of the period that was looked at, 0 to 1. Below 1, the counts are lower bounds. */
  readonly counted: number;
}

/**
 * Looks through the period as the replay would, for at most `maxEvents` places of the journal. Other work of
 * the process goes on between the pages.
 */
export async function countReplay(
  store: Store,
  period: Pick<Replay, 'scope' | 'fromSeq' | 'toSeq'>,
  webhook: Webhook,
  maxEvents: number,
): Promise<ReplayCount> {
  const { fromSeq, toSeq } = period;
  const lastSeq = Math.min(toSeq, fromSeq + maxEvents);
  let deliveries = 0;
  let events = 0;
  for (let afterSeq = fromSeq; afterSeq < lastSeq; ) {
    const page = await readReplayPage(store, { ...period, toSeq: lastSeq }, webhook, afterSeq);
    deliveries += page.items.length;
    events += page.items.reduce((sum, item) => sum + item.events.length, 0);
    afterSeq = page.upToSeq;
    await setImmediate();
  }
  return { deliveries, events, counted: toSeq === fromSeq ? 1 : (lastSeq - fromSeq) / (toSeq - fromSeq) };
}
