import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Webhook } from '../../model/webhook.ts';
import type { Store } from '../port.ts';
import { keptDeliveries, sum, sweepLeftovers } from './retention-sweep.ts';
import {
  failedAttempt,
  newAttempt,
  newDelivery,
  newRetry,
  newWebhook,
  retrying,
  workspaceNumber,
} from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const now = Date.UTC(2026, 0, 1);

/** A webhook that has one of everything: cursor, retry, batch on its way, delivery with attempts, versions. */
async function busyWebhook(store: Store, owner: number): Promise<Webhook> {
  const created = await newWebhook(store, owner, { headers: { authorization: 'Bearer x' } });
  const webhook = await store.webhooks.saveSettings(created, { ...created.settings, memo: 'changed' });
  const failed = retrying(newDelivery(webhook, 1), 2, now);
  const sending = newDelivery(webhook, 2, { state: 'sending', batchSeqs: [2, 3], finishedAtMs: null });
  await store.deliveries.write([
    { kind: 'delivered', delivery: failed, attempt: failedAttempt(1), retry: newRetry(failed) },
    { kind: 'attempted', delivery: failed, attempt: failedAttempt(2), retry: newRetry(failed) },
    { kind: 'sending', delivery: sending },
    { kind: 'delivered', delivery: newDelivery(webhook, 4), attempt: newAttempt(1), retry: null },
    { kind: 'cursor', webhookNumber: webhook.number, seq: 4, waiting: 0 },
    { kind: 'checkpoint', seq: 4 },
  ]);
  return webhook;
}

/** Everything that the store has of a webhook, beside its deliveries. */
async function belongingsOf(store: Store, webhook: Webhook) {
  const { cursors } = await store.deliveries.positions();
  const summaries = await store.deliveries.retrySummaries();
  const history = await store.webhooks.healthHistory(webhook.number, { limit: 10, cursor: null });
  const attempts = await store.deliveries.attempts(newDelivery(webhook, 1));
  return {
    cursor: cursors.has(webhook.number),
    retries: summaries.filter(({ webhookNumber }) => webhookNumber === webhook.number).length,
    furtherAttempts: attempts.filter(({ number }) => number > 1).length,
    firstVersion: (await store.webhooks.version(webhook.number, 1)) !== null,
    lastVersion: (await store.webhooks.version(webhook.number, webhook.version)) !== null,
    healthChanges: history.items.length,
  };
}

const everything = {
  cursor: true,
  retries: 1,
  furtherAttempts: 1,
  firstVersion: true,
  lastVersion: true,
  healthChanges: 1,
};
const nothing = {
  cursor: false,
  retries: 0,
  furtherAttempts: 0,
  firstVersion: false,
  lastVersion: false,
  healthChanges: 0,
};

export function retentionOfLeftoversContract(createPlace: CreatePlace): void {
  describe('retention removes what a deleted webhook has left', () => {
    storeTest(createPlace, 'and nothing of one that exists', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const deleted = await busyWebhook(store, acme);
      const other = await busyWebhook(store, acme);
      assert.deepEqual(await sweepLeftovers(store), [0]);
      await store.webhooks.delete(deleted);
      await sweepLeftovers(store);
      assert.deepEqual(await belongingsOf(store, deleted), nothing);
      assert.deepEqual(await belongingsOf(store, other), everything);
      assert.equal((await store.deliveries.positions()).checkpointSeq, 4);
      assert.deepEqual(await sweepLeftovers(store), [0]);
    });

    storeTest(createPlace, 'but its deliveries stay; those not finished are discarded', async (bench) => {
      const { store } = bench;
      const acme = await workspaceNumber(store);
      const webhook = await busyWebhook(store, acme);
      await store.webhooks.delete(webhook);
      bench.clock.timeMs = now + 77;
      await sweepLeftovers(store);
      assert.deepEqual(await keptDeliveries(store, webhook), [1, 2, 4]);
      for (const seq of [1, 2]) {
        const delivery = await store.deliveries.find(acme, webhook.number, seq);
        assert.equal(delivery?.state, 'discarded');
        assert.equal(delivery?.discardedBy, 'the deletion of the webhook');
        assert.equal(delivery?.finishedAtMs, now + 77);
        assert.equal(delivery?.nextAttemptAtMs, null);
      }
      assert.equal((await store.deliveries.find(acme, webhook.number, 4))?.state, 'succeeded');
      assert.deepEqual(await store.deliveries.interrupted(), []);
    });

    storeTest(createPlace, 'in steps of bounded size', async ({ store }) => {
      const webhook = await newWebhook(store, await workspaceNumber(store));
      await store.deliveries.write(
        Array.from({ length: 20 }, (_, index) => {
          const delivery = retrying(newDelivery(webhook, index + 1), 1, now);
          const retry = newRetry(delivery);
          return { kind: 'delivered', delivery, attempt: failedAttempt(1), retry } as const;
        }),
      );
      await store.webhooks.delete(webhook);
      const removed = await sweepLeftovers(store, 6);
      assert.ok(Math.max(...removed) <= 6);
      // 20 retries, 20 deliveries discarded, a version, a health change.
      assert.equal(sum(removed), 42);
      assert.deepEqual(await store.deliveries.retrySummaries(), []);
    });

    storeTest(
      createPlace,
      'however many webhooks there are, looking at a few in a step',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        for (let count = 0; count < 12; count += 1) await newWebhook(store, acme);
        const last = await busyWebhook(store, acme);
        await store.webhooks.delete(last);
        const removed = await sweepLeftovers(store, 5);
        assert.ok(removed.length > 5);
        assert.deepEqual(await belongingsOf(store, last), nothing);
      },
    );
  });
}
