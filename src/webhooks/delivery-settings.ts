import type { RetrySchedule, WebhookSettings } from '../model/webhook.ts';
import { type FieldReader, shown } from './field-reader.ts';
import { webhookLimits } from './limits.ts';
import { type Behaviour, defaultConcurrency, type RetryName, retrySchedules } from './presets.ts';

const retryNames = Object.keys(retrySchedules) as RetryName[];

/** A retry schedule: the name of a known one, or its members. */
export function readRetry(reader: FieldReader, fallback: RetrySchedule): RetrySchedule {
  const given = reader.raw('retry');
  if (typeof given === 'string') {
    const name = retryNames.find((candidate) => candidate === given);
    if (name !== undefined) return retrySchedules[name];
    reader.fail('retry', `must be an object or one of ${retryNames.join(', ')}, not ${shown(given)}`);
    return fallback;
  }
  const members = reader.object('retry');
  if (!members) return fallback;
  members.allowOnly(['delaysMs', 'jitter', 'forever']);
  const delaysMs =
    members.list<number>('delaysMs', 0, webhookLimits.retryDelays, faultOfDelay) ?? fallback.delaysMs;
  const forever = members.flag('forever') ?? fallback.forever;
  if (forever && (delaysMs.at(-1) ?? 0) < webhookLimits.minForeverDelayMs) {
    members.fail(
      'delaysMs',
      `must end with at least ${webhookLimits.minForeverDelayMs} when the schedule goes on for ever`,
    );
  }
  return { delaysMs, forever, jitter: members.number('jitter', 0, 1) ?? fallback.jitter };
}

function faultOfDelay(delay: unknown): string | null {
  const fine =
    Number.isInteger(delay) && (delay as number) >= 0 && (delay as number) <= webhookLimits.maxRetryDelayMs;
  return fine
    ? null
    : `must be a whole number from 0 to ${webhookLimits.maxRetryDelayMs}, not ${shown(delay)}`;
}

type DeliverySettings = Pick<
  WebhookSettings,
  'timeoutMs' | 'connectTimeoutMs' | 'disable' | 'batch' | 'order' | 'concurrency' | 'ratePerSecond'
>;

/** Everything else that says how requests are made. */
export function readDelivery(reader: FieldReader, behaviour: Behaviour): DeliverySettings {
  const { minTimeoutMs, maxTimeoutMs, minRatePerSecond, maxRatePerSecond } = webhookLimits;
  const timeoutMs = reader.wholeNumber('timeoutMs', minTimeoutMs, maxTimeoutMs) ?? behaviour.timeoutMs;
  const order = reader.word('order', ['ordered', 'independent']) ?? behaviour.order;
  const concurrency =
    reader.wholeNumber('concurrency', 1, webhookLimits.concurrency) ?? defaultConcurrency(order);
  if (order === 'ordered' && concurrency > 1) {
    reader.fail(
      'concurrency',
      `must be 1 for an ordered webhook, not ${concurrency}; or set order to independent`,
    );
  }
  return {
    timeoutMs,
    connectTimeoutMs:
      reader.wholeNumber('connectTimeoutMs', minTimeoutMs, maxTimeoutMs) ?? behaviour.connectTimeoutMs,
    disable: readDisable(reader, behaviour.disable),
    batch: readBatch(reader, behaviour.batch),
    order,
    concurrency,
    ratePerSecond:
      reader.number('ratePerSecond', minRatePerSecond, maxRatePerSecond) ?? behaviour.ratePerSecond,
  };
}

/** Members that are given hold, `null` for never; members that are absent are as the preset has them. */
function readDisable(reader: FieldReader, fallback: WebhookSettings['disable']): WebhookSettings['disable'] {
  const members = reader.object('disable');
  if (!members) return fallback;
  members.allowOnly(['afterFailures', 'afterFailingMs']);
  const { maxDisableFailures, minDisableFailingMs, maxDisableFailingMs } = webhookLimits;
  return {
    afterFailures: members.has('afterFailures')
      ? (members.wholeNumber('afterFailures', 1, maxDisableFailures) ?? null)
      : fallback.afterFailures,
    afterFailingMs: members.has('afterFailingMs')
      ? (members.wholeNumber('afterFailingMs', minDisableFailingMs, maxDisableFailingMs) ?? null)
      : fallback.afterFailingMs,
  };
}

function readBatch(reader: FieldReader, fallback: WebhookSettings['batch']): WebhookSettings['batch'] {
  const members = reader.object('batch');
  if (!members) return fallback;
  members.allowOnly(['maxEvents', 'maxWaitMs']);
  return {
    maxEvents: members.wholeNumber('maxEvents', 1, webhookLimits.batchEvents) ?? fallback.maxEvents,
    maxWaitMs: members.wholeNumber('maxWaitMs', 0, webhookLimits.maxBatchWaitMs) ?? fallback.maxWaitMs,
  };
}
