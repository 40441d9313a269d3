import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { DisablePolicy, WebhookHealth } from '../model/webhook.ts';
import { type AttemptOutcome, degradedAfterFailures, healthAfter } from './health.ts';

const healthy: WebhookHealth = {
  state: 'active',
  reason: null,
  sinceMs: 0,
  failuresInRow: 0,
  failingSinceMs: null,
};
const never: DisablePolicy = { afterFailures: null, afterFailingMs: null };
const succeeded: AttemptOutcome = { kind: 'succeeded' };
const failed: AttemptOutcome = { kind: 'failed', error: 'no answer', gone: false };
const gone: AttemptOutcome = { kind: 'failed', error: 'HTTP 410', gone: true };

function after(outcomes: readonly AttemptOutcome[], policy = never, stepMs = 1_000): WebhookHealth {
  return outcomes.reduce(
    (health, outcome, index) => healthAfter(health, outcome, policy, (index + 1) * stepMs),
    healthy,
  );
}
const times = (count: number): AttemptOutcome[] => Array.from({ length: count }, () => failed);

describe('the health of a webhook', () => {
  test('does not change while everything arrives', () => {
    assert.equal(healthAfter(healthy, succeeded, never, 1), healthy);
  });

  test(`is degraded from the ${degradedAfterFailures}rd failure in a row on, with the last error as its reason`, () => {
    assert.equal(after(times(degradedAfterFailures - 1)).state, 'active');
    const degraded = after(times(degradedAfterFailures + 2));
    assert.deepEqual(
      [degraded.state, degraded.reason, degraded.sinceMs, degraded.failingSinceMs],
      ['degraded', 'no answer', degradedAfterFailures * 1_000, 1_000],
    );
  });

  test('is active again with the first success', () => {
    const recovered = after([...times(5), succeeded]);
    assert.deepEqual(recovered, { ...healthy, sinceMs: 6_000 });
  });

  test('is disabled after N failures in a row, not N in all', () => {
    const policy = { afterFailures: 3, afterFailingMs: null };
    assert.equal(after([...times(2), succeeded, ...times(2)], policy).state, 'active');
    assert.equal(after(times(3), policy).state, 'disabled');
  });

  test('is disabled once it has failed for so long, but never with its first failure', () => {
    const policy = { afterFailures: null, afterFailingMs: 5_000 };
    assert.equal(after(times(5), policy).state, 'degraded');
    assert.equal(after(times(6), policy).state, 'disabled');
    assert.equal(after(times(1), { ...policy, afterFailingMs: 0 }).state, 'active');
  });

  test('is disabled at once when the consumer says 410', () => {
    assert.equal(after([gone]).state, 'disabled');
  });

  for (const state of ['paused', 'disabled', 'invalid'] as const) {
    test(`${state} is left only by a person, whatever a request under way comes to`, () => {
      const stopped = { ...healthy, state, reason: 'because' };
      for (const outcome of [succeeded, failed, gone]) {
        const now = healthAfter({ ...stopped, failuresInRow: 2 }, outcome, { ...never, afterFailures: 1 }, 9);
        assert.deepEqual([now.state, now.reason], [state, 'because']);
      }
    });
  }

  test('counts exactly the failures since the last success', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 50 }), (outcomes) => {
        const health = after(outcomes.map((good) => (good ? succeeded : failed)));
        const since = outcomes.length - 1 - outcomes.lastIndexOf(true);
        assert.equal(health.failuresInRow, since);
        assert.equal(health.failingSinceMs === null, since === 0);
        assert.equal(health.state, since >= degradedAfterFailures ? 'degraded' : 'active');
      }),
    );
  });
});
