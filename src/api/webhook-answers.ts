import type { WebhookUsage } from '../delivery/index.ts';
import type { Webhook } from '../model/webhook.ts';
import { differsFromPreset } from '../webhooks/settings.ts';
import { isEnabled, showSettings } from '../webhooks/show.ts';
import { showMaybeTime, showTime } from './times.ts';

/** A webhook as the API answers it: no secret, and values of secret headers hidden. */
export function showWebhook(webhook: Webhook, usage: WebhookUsage) {
  const { settings, health } = webhook;
  return {
    id: webhook.id,
    version: webhook.version,
    ...showSettings(settings),
    differsFromPreset: differsFromPreset(settings),
    enabled: isEnabled(webhook),
    status: { state: health.state, reason: health.reason, since: showTime(health.sinceMs) },
    usage: {
      waiting: usage.waiting,
      oldestWaitingAt: showMaybeTime(usage.oldestWaitingAtMs),
      nextAttemptAt: showMaybeTime(usage.nextAttemptAtMs),
      lastSuccessAt: showMaybeTime(usage.lastSuccessAtMs),
      lastFailureAt: showMaybeTime(usage.lastFailureAtMs),
      lastError: usage.lastError,
      lastHttpStatus: usage.lastHttpStatus,
    },
    createdAt: showTime(webhook.createdAtMs),
    updatedAt: showTime(webhook.updatedAtMs),
  };
}
