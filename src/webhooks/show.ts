import { emailsOf } from '../model/mail-target.ts';
import type { Webhook, WebhookSettings } from '../model/webhook.ts';
import { showHeaders } from './headers.ts';
import { showTls } from './tls.ts';

/** Settings under the names the API has for them; values of secret headers hidden. */
export function showSettings(settings: WebhookSettings) {
  const { name, memo, url, preset, eventTypes, baseId, tableId, tags, readyColumn, filterColumns } = settings;
  const { filter, format, template, signature, headers, tls, success, timeoutMs, connectTimeoutMs } =
    settings;
  const { retry, disable, batch, order, concurrency, ratePerSecond } = settings;
  return {
    name,
    memo,
    url,
    emails: emailsOf(url),
    preset,
    eventTypes,
    base: baseId,
    table: tableId,
    tags,
    readyColumn,
    filterColumns,
    filter,
    format,
    template,
    signature,
    headers: showHeaders(headers),
    tls: showTls(tls),
    success,
    timeoutMs,
    connectTimeoutMs,
    retry,
    disable,
    batch,
    order,
    concurrency,
    ratePerSecond,
  };
}

/** Whether a person or a policy stopped the webhook. */
export function isEnabled(webhook: Webhook): boolean {
  return webhook.health.state !== 'paused' && webhook.health.state !== 'disabled';
}
