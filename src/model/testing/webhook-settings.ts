import type { WebhookSettings } from '../webhook.ts';

/** Settings of a webhook that wants everything, sends it plainly and in order, and does not retry. */
export const plainWebhookSettings: WebhookSettings = {
  name: 'test',
  memo: '',
  url: 'https://consumer.example/hook',
  preset: 'plain',
  eventTypes: ['*'],
  baseId: null,
  tableId: null,
  tags: [],
  readyColumn: null,
  filterColumns: [],
  filter: null,
  format: 'standard',
  template: null,
  signature: 'standard',
  headers: {},
  success: '2xx',
  timeoutMs: 15_000,
  connectTimeoutMs: 5_000,
  retry: { delaysMs: [], forever: false, jitter: 0 },
  disable: { afterFailures: null, afterFailingMs: null },
  batch: { maxEvents: 1, maxWaitMs: 0 },
  order: 'ordered',
  concurrency: 1,
  ratePerSecond: null,
};
