import type { Delivery } from '../model/delivery.ts';
import { isSystemEventType, type NewEvent, type SystemEventType, webhookTag } from '../model/event.ts';
import { deliveryId } from '../model/ids.ts';
import { isRunning, type Webhook } from '../model/webhook.ts';

/**
 * The events that Rowhook makes of an attempt: `webhook.disabled`, `webhook.recovered`,
 * `delivery.exhausted`. None is made of a delivery that carries such an event itself.
 */
export function systemEventsOf(
  before: Webhook,
  after: Webhook,
  delivery: Delivery,
  nowMs: number,
): readonly NewEvent[] {
  const events: NewEvent[] = [];
  const was = before.health;
  const is = after.health;
  if (isRunning(was.state) && is.state === 'disabled') {
    events.push(
      systemEvent('webhook.disabled', after, nowMs, {
        reason: is.reason,
        failuresInRow: is.failuresInRow,
        failingSince: is.failingSinceMs === null ? null : new Date(is.failingSinceMs).toISOString(),
      }),
    );
  }
  if (was.state === 'degraded' && is.state === 'active') {
    events.push(
      systemEvent('webhook.recovered', after, nowMs, {
        failuresInRow: was.failuresInRow,
        failingSince: was.failingSinceMs === null ? null : new Date(was.failingSinceMs).toISOString(),
      }),
    );
  }
  if (delivery.state === 'exhausted' && !isSystemEventType(delivery.eventType)) {
    events.push(
      systemEvent('delivery.exhausted', after, nowMs, {
        delivery: deliveryId(delivery.acceptedAtMs, delivery.seq, delivery.webhookNumber),
        eventType: delivery.eventType,
        attempts: delivery.attempts,
        lastErrorCode: delivery.lastErrorCode,
        lastHttpStatus: delivery.lastHttpStatus,
      }),
    );
  }
  return events;
}

/** `webhook.backlog`: more waits for the webhook than the bound. */
export function backlogEvent(webhook: Webhook, waiting: number, bound: number, nowMs: number): NewEvent {
  return systemEvent('webhook.backlog', webhook, nowMs, { waiting, bound });
}

function systemEvent(
  type: SystemEventType,
  webhook: Webhook,
  occurredAtMs: number,
  facts: Readonly<Record<string, unknown>>,
): NewEvent {
  const { id, settings } = webhook;
  return {
    type,
    occurredAtMs,
    dataJson: JSON.stringify({ webhook: { id, name: settings.name, url: settings.url }, ...facts }),
    tags: [webhookTag(id)],
    subject: null,
  };
}
