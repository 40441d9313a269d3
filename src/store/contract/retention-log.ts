import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Delivery } from '../../model/delivery.ts';
import type { Webhook } from '../../model/webhook.ts';
import type { DeliveryWrite, Store } from '../port.ts';
import {
  keptDeliveries,
  settledEvents,
  sum,
  sweepDeliveries,
  sweepEvents,
  sweepExchanges,
} from './retention-sweep.ts';
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

const day = 24 * 60 * 60 * 1_000;
/** When the cut is made: what ended or began before is old. */
const cutMs = Date.UTC(2026, 0, 1);
const oldMs = cutMs - day;
const youngMs = cutMs + day;

const old: Partial<Delivery> = { createdAtMs: oldMs, finishedAtMs: oldMs + 20 };
const young: Partial<Delivery> = { createdAtMs: youngMs, finishedAtMs: youngMs + 20 };

async function oneWebhook(store: Store): Promise<Webhook> {
  return newWebhook(store, await workspaceNumber(store));
}

function delivered(delivery: Delivery, startedAtMs = delivery.createdAtMs): DeliveryWrite {
  return { kind: 'delivered', delivery, attempt: newAttempt(1, { startedAtMs }), retry: null };
}

/** Records an old delivery that failed until its last attempt; all attempts began at `startedAtMs`. */
async function recordAttempts(
  store: Store,
  delivery: Delivery,
  attempts: number,
  startedAtMs: number,
): Promise<void> {
  const writes = Array.from({ length: attempts }, (_, index): DeliveryWrite => {
    const kind = index === 0 ? 'delivered' : 'attempted';
    return { kind, delivery, attempt: { ...failedAttempt(index + 1), startedAtMs }, retry: null };
  });
  await store.deliveries.write(writes.slice(0, 1));
  await store.deliveries.write(writes.slice(1));
}

function attemptNumbers(store: Store, delivery: Delivery): Promise<number[]> {
  return store.deliveries.attempts(delivery).then((attempts) => attempts.map(({ number }) => number));
}

export function retentionOfLogContract(createPlace: CreatePlace): void {
  describe('retention removes deliveries', () => {
    storeTest(createPlace, 'that ended before the time, with their attempts', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const exhausted = newDelivery(webhook, 2, { ...old, state: 'exhausted', attempts: 3 });
      await store.deliveries.write([
        delivered(newDelivery(webhook, 1, old)),
        delivered(newDelivery(webhook, 3, young)),
      ]);
      await recordAttempts(store, exhausted, 3, oldMs);
      await sweepDeliveries(store, webhook.workspaceNumber, cutMs);
      assert.deepEqual(await keptDeliveries(store, webhook), [3]);
      assert.deepEqual(await attemptNumbers(store, exhausted), []);
    });

    storeTest(createPlace, 'by their end, however long ago they began', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const late = newDelivery(webhook, 1, { createdAtMs: oldMs, finishedAtMs: youngMs });
      await store.deliveries.write([delivered(late), delivered(newDelivery(webhook, 2, old))]);
      await sweepDeliveries(store, webhook.workspaceNumber, cutMs);
      assert.deepEqual(await keptDeliveries(store, webhook), [1]);
    });

    storeTest(createPlace, 'but none that is retrying or on its way', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const failed = retrying(newDelivery(webhook, 1, old), 1, oldMs);
      const sending = newDelivery(webhook, 2, {
        ...old,
        state: 'sending',
        batchSeqs: [2, 3],
        finishedAtMs: null,
      });
      await store.deliveries.write([
        { kind: 'delivered', delivery: failed, attempt: failedAttempt(1), retry: newRetry(failed) },
        { kind: 'sending', delivery: sending },
        delivered(newDelivery(webhook, 4, old)),
      ]);
      await sweepDeliveries(store, webhook.workspaceNumber, cutMs);
      assert.deepEqual(await keptDeliveries(store, webhook), [1, 2]);
    });

    storeTest(createPlace, 'but none as long as any of its events is kept', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const seqs = await settledEvents(store, webhook.workspaceNumber, 6);
      const [one = 0, two = 0, three = 0, four = 0] = seqs;
      await store.deliveries.write([
        delivered(newDelivery(webhook, one, old)),
        delivered(newDelivery(webhook, two, { ...old, batchSeqs: [two, four] })),
        delivered(newDelivery(webhook, three, old)),
      ]);
      await sweepDeliveries(store, webhook.workspaceNumber, cutMs);
      assert.deepEqual(await keptDeliveries(store, webhook), [one, two, three]);
      await sweepEvents(store, webhook.workspaceNumber, three);
      await sweepDeliveries(store, webhook.workspaceNumber, cutMs);
      assert.deepEqual(await keptDeliveries(store, webhook), [two]);
      await sweepEvents(store, webhook.workspaceNumber, four);
      await sweepDeliveries(store, webhook.workspaceNumber, cutMs);
      assert.deepEqual(await keptDeliveries(store, webhook), []);
    });

    storeTest(createPlace, 'of the workspace only', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const other = await newWebhook(store, await workspaceNumber(store, 'other'));
      await store.deliveries.write([
        delivered(newDelivery(webhook, 1, old)),
        delivered(newDelivery(other, 2, old)),
      ]);
      await sweepDeliveries(store, webhook.workspaceNumber, cutMs);
      assert.deepEqual(await keptDeliveries(store, webhook), []);
      assert.deepEqual(await keptDeliveries(store, other), [2]);
    });

    storeTest(createPlace, 'in steps of bounded size, past those that stay', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const writes = Array.from({ length: 40 }, (_, index) =>
        delivered(newDelivery(webhook, index + 1, index % 2 === 0 ? old : { ...old, finishedAtMs: youngMs })),
      );
      await store.deliveries.write(writes);
      const removed = await sweepDeliveries(store, webhook.workspaceNumber, cutMs, 6);
      assert.ok(Math.max(...removed) <= 6);
      assert.equal(sum(removed), 20);
      assert.equal((await keptDeliveries(store, webhook)).length, 20);
    });

    storeTest(createPlace, 'with thousands of attempts in more than one step', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const delivery = newDelivery(webhook, 1, { ...old, state: 'exhausted', attempts: 26 });
      await recordAttempts(store, delivery, 26, oldMs);
      const removed = await sweepDeliveries(store, webhook.workspaceNumber, cutMs, 10);
      assert.deepEqual(removed, [10, 10, 6]);
      assert.deepEqual(await keptDeliveries(store, webhook), []);
      assert.deepEqual(await attemptNumbers(store, delivery), []);
    });
  });

  describe('retention removes exchanges', () => {
    storeTest(
      createPlace,
      'begun before the time; the delivery still tells its outcome',
      async ({ store }) => {
        const webhook = await oneWebhook(store);
        const delivery = newDelivery(webhook, 1, { ...old, state: 'exhausted', attempts: 3 });
        await recordAttempts(store, delivery, 3, oldMs);
        await store.deliveries.write([delivered(newDelivery(webhook, 2, young))]);
        assert.equal(sum(await sweepExchanges(store, cutMs)), 3);
        assert.deepEqual(await attemptNumbers(store, delivery), []);
        assert.deepEqual(await attemptNumbers(store, newDelivery(webhook, 2)), [1]);
        assert.deepEqual(await store.deliveries.find(webhook.workspaceNumber, webhook.number, 1), delivery);
      },
    );

    storeTest(createPlace, 'each by its own age', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const delivery = newDelivery(webhook, 1, { ...old, attempts: 2, finishedAtMs: youngMs });
      await store.deliveries.write([
        { kind: 'delivered', delivery, attempt: { ...failedAttempt(1), startedAtMs: oldMs }, retry: null },
        {
          kind: 'attempted',
          delivery,
          attempt: newAttempt(2, { startedAtMs: youngMs }),
          retry: null,
        },
      ]);
      await sweepExchanges(store, cutMs);
      assert.deepEqual(await attemptNumbers(store, delivery), [2]);
      await sweepExchanges(store, youngMs + 1);
      assert.deepEqual(await attemptNumbers(store, delivery), []);
    });

    storeTest(
      createPlace,
      'also of a delivery that goes on, whose retry stays as it is',
      async ({ store }) => {
        const webhook = await oneWebhook(store);
        const delivery = retrying(newDelivery(webhook, 1, old), 1, youngMs);
        const retry = newRetry(delivery);
        const attempt = { ...failedAttempt(1), startedAtMs: oldMs };
        await store.deliveries.write([{ kind: 'delivered', delivery, attempt, retry }]);
        await sweepExchanges(store, cutMs);
        assert.deepEqual(await attemptNumbers(store, delivery), []);
        const kept = await store.deliveries.oldestRetry(webhook.number);
        assert.deepEqual(kept && { ...kept, body: Uint8Array.from(kept.body) }, retry);
      },
    );

    storeTest(createPlace, 'that came late, in a later sweep', async ({ store }) => {
      const webhook = await oneWebhook(store);
      const sending = newDelivery(webhook, 1, {
        ...old,
        state: 'sending',
        batchSeqs: [1, 2],
        attempts: 0,
        finishedAtMs: null,
      });
      await store.deliveries.write([
        { kind: 'sending', delivery: sending },
        delivered(newDelivery(webhook, 3, old)),
      ]);
      assert.equal(sum(await sweepExchanges(store, cutMs)), 1);
      const done = newDelivery(webhook, 1, { ...old, batchSeqs: [1, 2], finishedAtMs: cutMs + 5 });
      await store.deliveries.write([
        { kind: 'attempted', delivery: done, attempt: newAttempt(1, { startedAtMs: cutMs }), retry: null },
      ]);
      assert.equal(sum(await sweepExchanges(store, cutMs)), 0);
      assert.deepEqual(await attemptNumbers(store, done), [1]);
      assert.equal(sum(await sweepExchanges(store, cutMs + 1)), 1);
      assert.deepEqual(await attemptNumbers(store, done), []);
    });

    storeTest(
      createPlace,
      'in steps of bounded size, and in the next sweep only what is new',
      async (bench) => {
        const { store } = bench;
        const webhook = await oneWebhook(store);
        const deliveries = Array.from({ length: 30 }, (_, index) => newDelivery(webhook, index + 1, old));
        await store.deliveries.write(deliveries.map((delivery) => delivered(delivery)));
        const removed = await sweepExchanges(store, cutMs, 8);
        assert.ok(Math.max(...removed) <= 8);
        assert.equal(sum(removed), 30);
        await store.deliveries.write([delivered(newDelivery(webhook, 31, old))]);
        assert.equal(sum(await sweepExchanges(store, cutMs, 8)), 1);
        assert.equal(sum(await sweepExchanges(await bench.reopen(), cutMs, 8)), 0);
      },
    );
  });
}
