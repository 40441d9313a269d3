import type { RetrySchedule } from '../model/webhook.ts';

/** A consumer may ask for a pause with `Retry-After`; longer ones than this are cut. */
export const longestRetryAfterMs = 60 * 60 * 1_000;

/** Between probes of a webhook whose delivery has no further attempts of its own. */
const shortestProbeMs = 1_000;
const longestProbeMs = 5 * 60 * 1_000;

/**
 * How long to wait after the `failures`th failed attempt of a delivery, or null when the schedule is
 * exhausted. `random` in [0, 1) spreads the delay between d and d * (1 + jitter).
 */
export function retryDelayMs(schedule: RetrySchedule, failures: number, random: number): number | null {
  const { delaysMs, forever, jitter } = schedule;
  const delay = delaysMs[failures - 1] ?? (forever ? delaysMs.at(-1) : undefined);
  return delay === undefined ? null : Math.round(delay * (1 + jitter * random));
}

/** The longest a delivery can have to wait by its schedule; what a stored due time is held against. */
export function longestDelayMs(schedule: RetrySchedule): number {
  return Math.max(0, ...schedule.delaysMs.map((delay) => delay * (1 + schedule.jitter)));
}

/** How long to wait before trying another event, after `failuresInRow` with nothing left to retry. */
export function probeDelayMs(failuresInRow: number): number {
  return Math.min(longestProbeMs, shortestProbeMs * 2 ** Math.min(failuresInRow - 1, 20));
}

/**
 * The `Retry-After` of a 429 or 503 answer (RFC 9110 section 10.2.3: seconds, or a date), within its
 * bound; null when there is none that makes sense.
 */
export function retryAfterMs(
  httpStatus: number,
  headers: Readonly<Record<string, string>>,
  nowMs: number,
): number | null {
  const value = headers['retry-after']?.trim();
  if (value === undefined || (httpStatus !== 429 && httpStatus !== 503)) return null;
  const delay = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isFinite(delay) && delay > 0 ? Math.min(delay, longestRetryAfterMs) : null;
}
