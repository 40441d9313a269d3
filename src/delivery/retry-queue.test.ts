import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeliveryStore, Retry } from '../store/port.ts';
import { RetryQueue } from './retry-queue.ts';
import { ManualClock } from './testing/manual-clock.ts';

describe('the retries of a webhook', () => {
  it('are not sent again by a reading that began before their attempt was written down', async () => {
    const stored = { webhookNumber: 1, seq: 7, dueAtMs: 0 } as Retry;
    const answers: Array<() => void> = [];
    // A database at a distance: each answer comes when the test says so, with what was there when it was asked.
    const dueRetries = () =>
      new Promise<readonly Retry[]>((resolve) => answers.push(() => resolve([stored])));
    const store = { dueRetries } as unknown as DeliveryStore;
    const queue = new RetryQueue(
      store,
      1,
      new ManualClock(),
      () => undefined,
      (error) => assert.fail(String(error)),
    );
    queue.restore({ webhookNumber: 1, count: 1, nextDueAtMs: 0 });
    const answer = async (): Promise<void> => {
      answers.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    };
    queue.loadDue(1, 1);
    await answer();
    assert.equal(queue.take()?.seq, 7);
    queue.loadDue(1, 1);
    queue.attempted(7, true);
    await answer();
    assert.equal(queue.take(), null);
    assert.equal(queue.nextDueAtMs, 0, 'and the store is asked once more');
  });
});
