import { type DisablePolicy, isRunning, type WebhookHealth } from '../model/webhook.ts';

/** Failures in a row, over all deliveries of a webhook, from which on it is only probed. */
export const degradedAfterFailures = 3;

/** What an attempt says about the webhook's health. */
export type AttemptOutcome =
  | { readonly kind: 'succeeded' }
  /** `gone`: the consumer answered 410, which asks for no more. */
  | { readonly kind: 'failed'; readonly error: string; readonly gone: boolean };

/**
 * The health after an attempt. States and what moves between them:
 *
 *     active ──N failures in a row──> degraded ──policy, or 410──> disabled
 *       ^  └────────────────────policy, or 410─────────────────────^   │
 *       └──success── degraded                                          │
 *       └───────────────── a person enables or saves ──────────────────┘
 *
 * `paused` and `invalid` are left only by a person; an attempt that was under way when the webhook was
 * stopped counts, but does not start it again.
 */
export function healthAfter(
  health: WebhookHealth,
  outcome: AttemptOutcome,
  policy: DisablePolicy,
  nowMs: number,
): WebhookHealth {
  if (outcome.kind === 'succeeded') {
    if (health.failuresInRow === 0) return health;
    const recovered = { ...health, failuresInRow: 0, failingSinceMs: null };
    return health.state === 'degraded'
      ? { ...recovered, state: 'active', reason: null, sinceMs: nowMs }
      : recovered;
  }
  const failuresInRow = health.failuresInRow + 1;
  const failingSinceMs = health.failingSinceMs ?? nowMs;
  const failing = { ...health, failuresInRow, failingSinceMs };
  if (!isRunning(health.state)) return failing;
  const cause = disablingCause(outcome, policy, failuresInRow, nowMs - failingSinceMs);
  if (cause !== null) return { ...failing, state: 'disabled', reason: cause, sinceMs: nowMs };
  if (failuresInRow >= degradedAfterFailures) {
    const sinceMs = health.state === 'degraded' ? health.sinceMs : nowMs;
    return { ...failing, state: 'degraded', reason: outcome.error, sinceMs };
  }
  return failing;
}

function disablingCause(
  outcome: AttemptOutcome & { kind: 'failed' },
  policy: DisablePolicy,
  failuresInRow: number,
  failingMs: number,
): string | null {
  if (outcome.gone) return 'The consumer answered 410 Gone.';
  if (policy.afterFailures !== null && failuresInRow >= policy.afterFailures) {
    return `${failuresInRow} attempts failed in a row; the last one: ${outcome.error}`;
  }
  if (policy.afterFailingMs !== null && failuresInRow > 1 && failingMs >= policy.afterFailingMs) {
    return `Every attempt failed for ${Math.round(failingMs / 1_000)} s; the last one: ${outcome.error}`;
  }
  return null;
}
