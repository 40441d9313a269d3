import type { Delivery } from '../model/delivery.ts';
import type { JournalEvent } from '../model/event.ts';
import type { Webhook } from '../model/webhook.ts';
import type { Replays } from './replay/replays.ts';
import type { TriedOut } from './try-out.ts';
import type { WebhookUsage } from './usage.ts';

/** Called with each attempt's outcome, and the webhook as it then is. */
export type DeliveryListener = (webhook: Webhook, delivery: Delivery) => void;

/** What the API asks of delivery. The engine answers itself; in a cluster, the engine of whoever owns the webhook. */
export interface Deliveries {
  /** Events of the past, sent again on request. */
  readonly replays: Pick<Replays, 'start' | 'count' | 'find' | 'pause' | 'cancel' | 'continue'>;
  usage(webhook: Webhook): Promise<WebhookUsage>;
  /** Gives up everything that waits for the webhook; answers how many events and failed deliveries that was. */
  clearQueue(webhook: Webhook, by: string): Promise<number>;
  /**
   * Sends one delivery again, now: a failed one its next attempt, any other one more attempt. Throws a Problem
   * when the webhook does not run, or the delivery is under way.
   */
  resend(webhook: Webhook, delivery: Delivery): Promise<void>;
  /** One exchange with a consumer, to see what it does; the webhook need not be saved. */
  tryOut(webhook: Webhook, event: JournalEvent): Promise<TriedOut>;
  /**
   * Follows the attempts made for a workspace, in whatever process; some may be left out when there are many.
   * Answers how to stop.
   */
  watch(workspaceNumber: number, listener: DeliveryListener): () => void;
}
