import type { Preset, RetrySchedule, WebhookSettings } from '../model/webhook.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The settings that say how a webhook behaves; a preset fills in all of them. */
export type Behaviour = Pick<
  WebhookSettings,
  | 'eventTypes'
  | 'format'
  | 'signature'
  | 'success'
  | 'timeoutMs'
  | 'connectTimeoutMs'
  | 'retry'
  | 'disable'
  | 'batch'
  | 'order'
  | 'ratePerSecond'
>;

/** Retry schedules that have a name. */
export const retrySchedules = {
  /** Every attempt is the only one. */
  none: { delaysMs: [], forever: false, jitter: 0 },
  /** SeaTable does not retry at all; with this one, the fifth failure in a row comes after 12 minutes. */
  seatable: { delaysMs: [5 * second, 30 * second, 2 * minute, 10 * minute], forever: false, jitter: 0 },
  /** Grist doubles its wait up to 64 s and never gives up. */
  grist: {
    delaysMs: [1, 2, 4, 8, 16, 32, 64].map((seconds) => seconds * second),
    forever: true,
    jitter: 0,
  },
  /** Codat's first period, "immediately", is the first attempt itself: eight attempts within 27 h 35 min 5 s. */
  codat: {
    delaysMs: [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 10 * hour],
    forever: false,
    jitter: 0,
  },
} as const satisfies Readonly<Record<string, RetrySchedule>>;
export type RetryName = keyof typeof retrySchedules;

/** Time within which a connection must be there, unless the creator says otherwise. */
const connectTimeoutMs = 10 * second;

/** How a webhook behaves when its creator leaves it to the preset. */
export const presetBehaviours: Readonly<Record<Preset, Behaviour>> = {
  plain: {
    eventTypes: ['*'],
    format: 'standard',
    signature: 'standard',
    success: '2xx',
    timeoutMs: 15 * second,
    connectTimeoutMs,
    // Quick at first, as most faults are short; then ever slower, for a good three days in all.
    retry: {
      delaysMs: [
        5 * second,
        30 * second,
        2 * minute,
        10 * minute,
        30 * minute,
        2 * hour,
        5 * hour,
        10 * hour,
        14 * hour,
        20 * hour,
        24 * hour,
      ],
      forever: false,
      jitter: 0.1,
    },
    disable: { afterFailures: null, afterFailingMs: 5 * day },
    batch: { maxEvents: 1, maxWaitMs: 0 },
    order: 'ordered',
    ratePerSecond: null,
  },
  seatable: {
    eventTypes: ['row.*'],
    format: 'seatable',
    signature: 'seatable',
    success: '200',
    timeoutMs: 30 * second,
    connectTimeoutMs,
    retry: retrySchedules.seatable,
    disable: { afterFailures: 5, afterFailingMs: null },
    batch: { maxEvents: 1, maxWaitMs: 0 },
    order: 'ordered',
    ratePerSecond: null,
  },
  grist: {
    eventTypes: ['row.inserted', 'row.updated'],
    format: 'grist',
    signature: 'none',
    success: '2xx',
    timeoutMs: 60 * second,
    connectTimeoutMs,
    retry: retrySchedules.grist,
    disable: { afterFailures: null, afterFailingMs: null },
    batch: { maxEvents: 100, maxWaitMs: 0 },
    order: 'ordered',
    ratePerSecond: null,
  },
  codat: {
    eventTypes: ['*'],
    format: 'codat',
    signature: 'standard',
    success: '2xx',
    timeoutMs: 15 * second,
    connectTimeoutMs,
    retry: retrySchedules.codat,
    disable: { afterFailures: null, afterFailingMs: 5 * day },
    batch: { maxEvents: 1, maxWaitMs: 0 },
    order: 'independent',
    ratePerSecond: null,
  },
};

/** Requests under way at once where neither the creator nor the order says another number. */
const independentConcurrency = 10;

/** An ordered webhook waits for each answer before it sends the next request. */
export function defaultConcurrency(order: WebhookSettings['order']): number {
  return order === 'ordered' ? 1 : independentConcurrency;
}
