import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Delivery } from '../../model/delivery.ts';
import type { Webhook, WebhookHealth } from '../../model/webhook.ts';
import type { Store } from '../port.ts';
import {
  activeHealth,
  failedAttempt,
  newAttempt,
  newDelivery,
  newRetry,
  newWebhook,
  numberedEvents,
  retrying,
  workspaceNumber,
} from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const now = Date.UTC(2026, 0, 1);

async function oneWebhook(store: Store): Promise<Webhook> {
  return newWebhook(store, await workspaceNumber(store));
}

/** What the store says of a delivery that was handed to it. */
function stored(store: Store, delivery: Delivery): Promise<Delivery | null> {
  return store.deliveries.find(delivery.workspaceNumber, delivery.webhookNumber, delivery.seq);
}

export function deliveriesContract(createPlace: CreatePlace): void {
  describe('a delivery', () => {
    storeTest(createPlace, 'is recorded with its first attempt', async (bench) => {
      const webhook = await oneWebhook(bench.store);
      const delivery = newDelivery(webhook, 1, { simulated: true });
      const attempt = newAttempt(1);
      await bench.store.deliveries.write([{ kind: 'delivered', delivery, attempt, retry: null }]);
      const store = await bench.reopen();
      assert.deepEqual(await stored(store, delivery), delivery);
      assert.deepEqual(await store.deliveries.attempts(delivery), [attempt]);
      assert.deepEqual(await store.deliveries.dueRetries(webhook.number, 10), []);
    });

    storeTest(createPlace, 'that failed is recorded with its retry', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const delivery = retrying(newDelivery(webhook, 1), 1, now + 5_000);
      const retry = newRetry(delivery, { body: Uint8Array.from([0, 255, 128, 13]), contentType: 'text/odd' });
      await store.deliveries.write([{ kind: 'delivered', delivery, attempt: failedAttempt(1), retry }]);
      assert.deepEqual(await stored(store, delivery), delivery);
      const [kept] = await store.deliveries.dueRetries(webhook.number, 10);
      assert.ok(kept);
      assert.deepEqual({ ...kept, body: Uint8Array.from(kept.body) }, retry);
    });

    storeTest(createPlace, 'gets further attempts until it succeeds', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const first = retrying(newDelivery(webhook, 1), 1, now + 5);
      const second = retrying(first, 2, now + 300);
      const third = newDelivery(webhook, 1, { attempts: 3, finishedAtMs: now + 301, webhookVersion: 2 });
      const attempts = [failedAttempt(1), failedAttempt(2), newAttempt(3)] as const;
      await store.deliveries.write([
        { kind: 'delivered', delivery: first, attempt: attempts[0], retry: newRetry(first) },
      ]);
      await store.deliveries.write([
        { kind: 'attempted', delivery: second, attempt: attempts[1], retry: newRetry(second) },
      ]);
      assert.deepEqual(await stored(store, first), second);
      assert.equal((await store.deliveries.oldestRetry(webhook.number))?.dueAtMs, now + 300);
      await store.deliveries.write([
        { kind: 'attempted', delivery: third, attempt: attempts[2], retry: null },
      ]);
      assert.deepEqual(await stored(store, first), third);
      assert.deepEqual(await store.deliveries.attempts(third), attempts);
      assert.equal(await store.deliveries.oldestRetry(webhook.number), null);
    });

    storeTest(createPlace, 'keeps many attempts in order, also past the tenth', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const delivery = retrying(newDelivery(webhook, 1), 1, now);
      const attempts = Array.from({ length: 12 }, (_, index) => failedAttempt(index + 1));
      await store.deliveries.write(
        attempts.map((attempt) => ({
          kind: attempt.number === 1 ? 'delivered' : 'attempted',
          delivery: { ...delivery, attempts: attempt.number },
          attempt,
          retry: newRetry(delivery, { attempts: attempt.number }),
        })),
      );
      assert.deepEqual(await store.deliveries.attempts(delivery), attempts);
    });

    storeTest(createPlace, 'settles without an attempt when a person discards it', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const failed = retrying(newDelivery(webhook, 1), 1, now + 5);
      const discarded: Delivery = {
        ...failed,
        state: 'discarded',
        finishedAtMs: now + 9,
        nextAttemptAtMs: null,
        discardedBy: 'ada',
      };
      await store.deliveries.write([
        { kind: 'delivered', delivery: failed, attempt: failedAttempt(1), retry: newRetry(failed) },
        { kind: 'settled', delivery: discarded, retry: null },
      ]);
      assert.deepEqual(await stored(store, failed), discarded);
      assert.deepEqual(await store.deliveries.attempts(failed), [failedAttempt(1)]);
      assert.deepEqual(await store.deliveries.retrySummaries(), []);
    });

    storeTest(
      createPlace,
      'waits again without an attempt when a person asks for it again',
      async ({ store }) => {
        const webhook = await oneWebhook(store);
        const exhausted = newDelivery(webhook, 1, { state: 'exhausted', attempts: 9, lastHttpStatus: 503 });
        const again = retrying(exhausted, 9, now + 1);
        const retry = newRetry(again, { scheduleStep: 0 });
        await store.deliveries.write([
          { kind: 'delivered', delivery: exhausted, attempt: failedAttempt(1), retry: null },
          { kind: 'settled', delivery: again, retry },
        ]);
        assert.deepEqual(await stored(store, exhausted), again);
        const kept = await store.deliveries.oldestRetry(webhook.number);
        assert.deepEqual([kept?.scheduleStep, kept?.attempts], [0, 9]);
      },
    );

    storeTest(createPlace, 'is found in its own workspace only', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const other = await workspaceNumber(store, 'other');
      const delivery = newDelivery(webhook, 1);
      await store.deliveries.write([{ kind: 'delivered', delivery, attempt: newAttempt(1), retry: null }]);
      assert.equal(await store.deliveries.find(other, webhook.number, 1), null);
      assert.equal(await store.deliveries.find(webhook.workspaceNumber, webhook.number + 1, 1), null);
      assert.equal(await store.deliveries.find(webhook.workspaceNumber, webhook.number, 2), null);
    });
  });

  describe('a batch', () => {
    storeTest(
      createPlace,
      'is recorded before it leaves, and found interrupted until it is attempted',
      async (bench) => {
        const webhook = await oneWebhook(bench.store);
        const sending = newDelivery(webhook, 3, {
          batchSeqs: [3, 5, 8],
          state: 'sending',
          attempts: 0,
          finishedAtMs: null,
          lastHttpStatus: null,
        });
        await bench.store.deliveries.write([{ kind: 'sending', delivery: sending }]);
        const store = await bench.reopen();
        assert.deepEqual(await store.deliveries.interrupted(), [sending]);
        assert.deepEqual(await store.deliveries.attempts(sending), []);

        const done = newDelivery(webhook, 3, { batchSeqs: [3, 5, 8] });
        await store.deliveries.write([
          { kind: 'attempted', delivery: done, attempt: newAttempt(1), retry: null },
        ]);
        assert.deepEqual(await store.deliveries.interrupted(), []);
        assert.deepEqual(await stored(store, done), done);
        assert.deepEqual(await store.deliveries.attempts(done), [newAttempt(1)]);
      },
    );

    storeTest(createPlace, 'is found interrupted, of every webhook, in order', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const first = await newWebhook(store, acme);
      const second = await newWebhook(store, acme);
      const batches = [
        newDelivery(second, 2, { state: 'sending', batchSeqs: [2, 3] }),
        newDelivery(first, 9, { state: 'sending', batchSeqs: [9, 11] }),
        newDelivery(first, 4, { state: 'sending', batchSeqs: [4, 7] }),
      ];
      await store.deliveries.write(batches.map((delivery) => ({ kind: 'sending', delivery })));
      assert.deepEqual(await store.deliveries.interrupted(), [...batches].reverse().sort(byWebhook));
    });

    storeTest(createPlace, 'records the places of all its events', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const other = await newWebhook(store, webhook.workspaceNumber);
      const attempt = newAttempt(1);
      await store.deliveries.write([
        { kind: 'delivered', delivery: newDelivery(webhook, 2), attempt, retry: null },
        { kind: 'sending', delivery: newDelivery(webhook, 4, { state: 'sending', batchSeqs: [4, 6, 9] }) },
        { kind: 'delivered', delivery: newDelivery(webhook, 12), attempt, retry: null },
        { kind: 'delivered', delivery: newDelivery(other, 5), attempt, retry: null },
      ]);
      const { deliveries } = store;
      assert.deepEqual(await deliveries.recordedSeqs(webhook.number, 0, 100), new Set([2, 4, 6, 9, 12]));
      assert.deepEqual(await deliveries.recordedSeqs(webhook.number, 9, 100), new Set([12]));
      assert.deepEqual(await deliveries.recordedSeqs(webhook.number, 12, 100), new Set());
    });

    storeTest(
      createPlace,
      'that begins at or before a place still records its events after it',
      async ({ store }) => {
        const webhook = await oneWebhook(store);
        const batch = newDelivery(webhook, 4, { state: 'sending', batchSeqs: [4, 6, 9] });
        await store.deliveries.write([{ kind: 'sending', delivery: batch }]);
        const recorded = await store.deliveries.recordedSeqs(webhook.number, 5, 100);
        assert.deepEqual(recorded, new Set([6, 9]));
        assert.deepEqual(await store.deliveries.recordedSeqs(webhook.number, 0, 6), new Set([4, 6]));
      },
    );
  });

  describe('discarding all that a webhook has waiting', () => {
    storeTest(createPlace, 'ends its retries and batches, and nothing else', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const other = await newWebhook(store, webhook.workspaceNumber);
      const waiting = retrying(newDelivery(webhook, 1), 1, now + 5);
      const sending = newDelivery(webhook, 2, { state: 'sending', batchSeqs: [2, 3], finishedAtMs: null });
      const ended = [newDelivery(webhook, 4), newDelivery(webhook, 5, { state: 'exhausted' })];
      const foreign = retrying(newDelivery(other, 6), 1, now + 5);
      const attempt = failedAttempt(1);
      await store.deliveries.write([
        { kind: 'delivered', delivery: waiting, attempt, retry: newRetry(waiting) },
        { kind: 'sending', delivery: sending },
        ...ended.map((delivery) => ({ kind: 'delivered', delivery, attempt, retry: null }) as const),
        { kind: 'delivered', delivery: foreign, attempt, retry: newRetry(foreign) },
        { kind: 'discarded', webhookNumber: webhook.number, by: 'ada', atMs: now + 9 },
      ]);
      for (const delivery of [waiting, sending]) {
        assert.deepEqual(await stored(store, delivery), {
          ...delivery,
          state: 'discarded',
          discardedBy: 'ada',
          finishedAtMs: now + 9,
          nextAttemptAtMs: null,
        });
      }
      for (const delivery of [...ended, foreign]) assert.deepEqual(await stored(store, delivery), delivery);
      assert.deepEqual(await store.deliveries.interrupted(), []);
      assert.deepEqual(await store.deliveries.retrySummaries(), [
        { webhookNumber: other.number, count: 1, nextDueAtMs: now + 5 },
      ]);
    });
  });

  describe('writes of one call', () => {
    storeTest(createPlace, 'are kept all or not at all', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const delivery = newDelivery(webhook, 1);
      const attempt = newAttempt(1);
      const delivered = { kind: 'delivered', delivery, attempt, retry: null } as const;
      await assert.rejects(store.deliveries.write([{ kind: 'checkpoint', seq: 7 }, delivered, delivered]));
      assert.equal(await stored(store, delivery), null);
      assert.equal((await store.deliveries.positions()).checkpointSeq, 0);
    });

    storeTest(createPlace, 'that fail leave the other writers of the moment alone', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const attempt = newAttempt(1);
      const delivered = (seq: number) =>
        ({ kind: 'delivered', delivery: newDelivery(webhook, seq), attempt, retry: null }) as const;
      await store.deliveries.write([delivered(1)]);
      const outcomes = await Promise.allSettled([
        store.journal.append(webhook.workspaceNumber, numberedEvents(2)),
        store.deliveries.write([delivered(1)]),
        store.deliveries.write([delivered(2)]),
      ]);
      assert.deepEqual(
        outcomes.map((outcome) => outcome.status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      assert.equal((await store.journal.read(webhook.workspaceNumber, 0, 10, 1_000_000)).length, 2);
      assert.deepEqual(await store.deliveries.recordedSeqs(webhook.number, 0, 10), new Set([1, 2]));
    });

    storeTest(createPlace, 'may be none', async ({ store }) => {
      await store.deliveries.write([]);
      assert.deepEqual(await store.deliveries.positions(), { checkpointSeq: 0, cursors: new Map() });
    });
  });

  describe('positions', () => {
    storeTest(
      createPlace,
      'are a checkpoint, and a cursor for each webhook that is behind',
      async (bench) => {
        await bench.store.deliveries.write([
          { kind: 'checkpoint', seq: 5 },
          { kind: 'cursor', webhookNumber: 1, seq: 2, waiting: 1 },
          { kind: 'cursor', webhookNumber: 2, seq: 3, waiting: 0 },
          { kind: 'checkpoint', seq: 9 },
          { kind: 'cursor', webhookNumber: 1, seq: 4, waiting: 33 },
          { kind: 'caughtUp', webhookNumber: 2 },
          { kind: 'caughtUp', webhookNumber: 3 },
        ]);
        const expected = { checkpointSeq: 9, cursors: new Map([[1, { seq: 4, waiting: 33 }]]) };
        assert.deepEqual(await bench.store.deliveries.positions(), expected);
        assert.deepEqual(await (await bench.reopen()).deliveries.positions(), expected);
      },
    );
  });

  describe('the health that delivery writes', () => {
    storeTest(
      createPlace,
      'is the webhook’s, and its history holds the changes of state',
      async ({ store }) => {
        const webhook = await oneWebhook(store);
        const failing: WebhookHealth = {
          state: 'degraded',
          reason: 'The answer was 503.',
          sinceMs: now + 50,
          failuresInRow: 2,
          failingSinceMs: now + 40,
        };
        const change = {
          webhookNumber: webhook.number,
          atMs: now + 50,
          state: 'degraded',
          reason: failing.reason,
        } as const;
        const worse = { ...failing, failuresInRow: 3 };
        await store.deliveries.write([
          { kind: 'health', webhookNumber: webhook.number, interventions: 0, health: failing, change },
          { kind: 'health', webhookNumber: webhook.number, interventions: 0, health: worse, change: null },
        ]);
        const [saved] = await store.webhooks.all(0, 10);
        assert.deepEqual(saved, { ...webhook, health: worse });
        const history = await store.webhooks.healthHistory(webhook.number, { limit: 10, cursor: null });
        assert.deepEqual(history.items, [
          change,
          { webhookNumber: webhook.number, atMs: activeHealth.sinceMs, state: 'active', reason: null },
        ]);
      },
    );

    storeTest(createPlace, 'does not undo what a person has changed meanwhile', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const paused: WebhookHealth = { ...activeHealth, state: 'paused', reason: 'by ann', sinceMs: now + 1 };
      const saved = await store.webhooks.saveHealth(webhook, paused, 'unchanged');
      assert.equal(saved.interventions, webhook.interventions + 1);
      const health: WebhookHealth = {
        ...activeHealth,
        state: 'degraded',
        sinceMs: now + 2,
        failuresInRow: 3,
      };
      const { number: webhookNumber } = webhook;
      const change = { webhookNumber, atMs: now + 2, state: 'degraded', reason: null } as const;
      const { interventions } = webhook;
      await store.deliveries.write([{ kind: 'health', webhookNumber, interventions, health, change }]);
      assert.deepEqual(await store.webhooks.findMany([webhookNumber]), [saved]);
      const history = await store.webhooks.healthHistory(webhookNumber, { limit: 10, cursor: null });
      assert.deepEqual(
        history.items.map(({ state }) => state),
        ['paused', 'active'],
      );
    });
  });
}

function byWebhook(a: Delivery, b: Delivery): number {
  return a.webhookNumber - b.webhookNumber || a.seq - b.seq;
}
