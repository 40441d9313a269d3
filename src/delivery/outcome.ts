import type { Attempt, Delivery, DeliveryState } from '../model/delivery.ts';
import { isRunning, type Webhook, type WebhookHealth } from '../model/webhook.ts';
import type { DeliveryWrite, Retry } from '../store/port.ts';
import { withoutEchoes } from './echoed-secrets.ts';
import { healthAfter } from './health.ts';
import {
  type AttemptReport,
  type AttemptResult,
  attemptOf,
  deliveryOf,
  judge,
  type Outgoing,
  retryOf,
} from './outgoing.ts';
import { probeDelayMs, retryAfterMs, retryDelayMs } from './schedule.ts';

/** The moment of an answer, in each of the clocks. */
export interface Moment {
  readonly startedAtMs: number;
  readonly nowMs: number;
  /** Steady time, in which due times are reckoned. */
  readonly steadyMs: number;
  /** In [0, 1). */
  readonly random: number;
}

/** What an answer means: what is written down, how the webhook is now, and when it may send again. */
export interface Outcome {
  readonly report: AttemptReport;
  readonly health: WebhookHealth;
  readonly delivery: Delivery;
  readonly attempt: Attempt;
  readonly retry: Retry | null;
  readonly write: DeliveryWrite;
  /** Steady time before which the webhook sends nothing. */
  readonly notBeforeMs: number;
}

/**
 * Pure. `sentAs` is the webhook as it was when the request left, which the log names; `webhook` as it is
 * now, whose schedule and policy count.
 */
export function outcomeOf(
  outgoing: Outgoing,
  sentAs: Webhook,
  webhook: Webhook,
  result: AttemptResult,
  moment: Moment,
): Outcome {
  const { startedAtMs, nowMs, steadyMs } = moment;
  const report = judge(result, sentAs.settings.success);
  const logged = withoutEchoes(result, sentAs.settings.headers);
  const attempt = attemptOf(outgoing, sentAs, startedAtMs, logged, report);
  const health = healthAfter(
    webhook.health,
    report.succeeded
      ? { kind: 'succeeded' }
      : { kind: 'failed', error: report.errorMessage ?? '', gone: report.httpStatus === 410 },
    webhook.settings.disable,
    nowMs,
  );
  const askedMs = result.kind === 'response' ? retryAfterMs(result.status, result.headers, nowMs) : null;
  const dueAtMs = report.succeeded ? null : dueAgainAtMs(outgoing, webhook, health, askedMs ?? 0, moment);
  const state = stateAfter(outgoing, report, dueAtMs);
  const finishedAtMs = state === 'retrying' ? null : nowMs;
  const delivery = deliveryOf(outgoing, sentAs, state, startedAtMs, finishedAtMs, attempt, dueAtMs);
  const retry = dueAtMs === null ? null : retryOf(outgoing, sentAs, dueAtMs);
  const probeMs = mustProbe(report, health, dueAtMs) ? probeDelayMs(health.failuresInRow) : 0;
  return {
    report,
    health,
    delivery,
    attempt,
    retry,
    write: { kind: outgoing.recorded ? 'attempted' : 'delivered', delivery, attempt, retry },
    notBeforeMs: steadyMs + Math.max(askedMs ?? 0, probeMs),
  };
}

function stateAfter(outgoing: Outgoing, report: AttemptReport, dueAtMs: number | null): DeliveryState {
  if (report.succeeded) return 'succeeded';
  if (dueAtMs !== null) return 'retrying';
  // A delivery that arrived once has arrived, whatever a second sending comes to.
  return outgoing.origin.kind === 'again' ? (outgoing.origin.before?.state ?? 'exhausted') : 'exhausted';
}

/** Steady time of the next attempt of a delivery that has just failed, or null when there is none. */
function dueAgainAtMs(
  outgoing: Outgoing,
  webhook: Webhook,
  health: WebhookHealth,
  askedMs: number,
  { steadyMs, random }: Moment,
): number | null {
  // What cannot be sent now cannot be sent later: a person must mend the webhook first.
  if (outgoing.origin.kind === 'again' || outgoing.unsendable !== null) return null;
  // Held for a webhook that has just been disabled: due as soon as it runs again.
  if (!isRunning(health.state)) return Math.round(steadyMs);
  const delayMs = retryDelayMs(webhook.settings.retry, outgoing.scheduleStep + 1, random);
  return delayMs === null ? null : Math.round(steadyMs + Math.max(delayMs, askedMs));
}

/** A failing webhook with nothing left to retry would otherwise use up one event after the other. */
function mustProbe(report: AttemptReport, health: WebhookHealth, dueAtMs: number | null): boolean {
  return !report.succeeded && health.state === 'degraded' && dueAtMs === null;
}
