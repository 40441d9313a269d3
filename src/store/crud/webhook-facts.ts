import type { WebhookSettings } from '../../model/webhook.ts';
import type { Facts } from './audit-facts.ts';

/** Settings that everybody who may see a webhook sees. Whatever is not among them counts as secret in the log. */
const plainSettings: ReadonlySet<string> = new Set<keyof WebhookSettings>([
  'name',
  'memo',
  'url',
  'preset',
  'eventTypes',
  'baseId',
  'tableId',
  'tags',
  'readyColumn',
  'filterColumns',
  'filter',
  'format',
  'template',
  'signature',
  'success',
  'timeoutMs',
  'connectTimeoutMs',
  'retry',
  'disable',
  'batch',
  'order',
  'concurrency',
  'ratePerSecond',
]);

/** What the audit log tells of a webhook's settings: of headers only the names. */
export function webhookFacts(settings: WebhookSettings): Facts {
  const shown: Record<string, unknown> = {};
  const secret: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(settings)) {
    if (plainSettings.has(name)) shown[name] = value;
    else if (name !== 'headers') secret[name] = value;
  }
  for (const [name, value] of Object.entries(settings.headers)) secret[`headers.${name}`] = value;
  return { shown, secret };
}
