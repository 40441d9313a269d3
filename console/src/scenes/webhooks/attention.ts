import type { Webhook, WebhookState } from '../../api/types.ts';

const urgency: Readonly<Record<WebhookState, number>> = {
  disabled: 0,
  invalid: 1,
  degraded: 2,
  paused: 3,
  active: 4,
};

/** Whether a person should look at the webhook. */
export function needsAttention({ status }: Pick<Webhook, 'status'>): boolean {
  return status.state !== 'active' && status.state !== 'paused';
}

/** What needs attention comes first, then by name. */
export function byAttention(
  one: Pick<Webhook, 'status' | 'name'>,
  other: Pick<Webhook, 'status' | 'name'>,
): number {
  return urgency[one.status.state] - urgency[other.status.state] || one.name.localeCompare(other.name);
}
