import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Webhook } from '../../model/webhook.ts';
import type { DeliveryFilter, Retry, Store } from '../port.ts';
import {
  everyPage,
  failedAttempt,
  newAttempt,
  newDelivery,
  newEvent,
  newRetry,
  newWebhook,
  problem,
  retrying,
  workspaceNumber,
} from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const now = Date.UTC(2026, 0, 1);

/** Records a failed delivery for each `[seq, dueAtMs]`. */
async function fail(
  store: Store,
  webhook: Webhook,
  retries: ReadonlyArray<readonly [number, number]>,
): Promise<void> {
  await store.deliveries.write(
    retries.map(([seq, dueAtMs]) => {
      const delivery = retrying(newDelivery(webhook, seq), 1, dueAtMs);
      return { kind: 'delivered', delivery, attempt: failedAttempt(1), retry: newRetry(delivery) };
    }),
  );
}

async function succeed(store: Store, webhook: Webhook, seqs: readonly number[]): Promise<void> {
  await store.deliveries.write(
    seqs.map((seq) => ({
      kind: 'delivered',
      delivery: newDelivery(webhook, seq),
      attempt: newAttempt(1),
      retry: null,
    })),
  );
}

function seqsOf(retries: readonly Retry[]): number[] {
  return retries.map((retry) => retry.seq);
}

function seqIsQuiet(index: number): boolean {
  return index % 11_000 === 0;
}

export function deliveryListsContract(createPlace: CreatePlace): void {
  describe('retries', () => {
    storeTest(
      createPlace,
      'are given out in order of due time, those of one webhook only',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        const webhook = await newWebhook(store, acme);
        const other = await newWebhook(store, acme);
        await fail(store, webhook, [
          [1, now + 30],
          [2, now + 10],
          [3, now + 20],
        ]);
        await fail(store, other, [[4, now + 1]]);
        assert.deepEqual(seqsOf(await store.deliveries.dueRetries(webhook.number, 10)), [2, 3, 1]);
        assert.deepEqual(seqsOf(await store.deliveries.dueRetries(webhook.number, 2)), [2, 3]);
      },
    );

    storeTest(createPlace, 'are given out oldest first by place in the journal', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const webhook = await newWebhook(store, acme);
      const other = await newWebhook(store, acme);
      await fail(store, other, [[1, now]]);
      await fail(store, webhook, [
        [12, now + 1],
        [5, now + 99],
        [7, now + 2],
      ]);
      assert.equal((await store.deliveries.oldestRetry(webhook.number))?.seq, 5);
    });

    storeTest(createPlace, 'are summed up for each webhook', async (bench) => {
      const acme = await workspaceNumber(bench.store);
      const first = await newWebhook(bench.store, acme);
      const second = await newWebhook(bench.store, acme);
      await fail(bench.store, first, [
        [1, now + 30],
        [2, now + 10],
      ]);
      await fail(bench.store, second, [[3, now + 5]]);
      const store = await bench.reopen();
      const summaries = await store.deliveries.retrySummaries();
      assert.deepEqual(
        [...summaries].sort((a, b) => a.webhookNumber - b.webhookNumber),
        [
          { webhookNumber: first.number, count: 2, nextDueAtMs: now + 10 },
          { webhookNumber: second.number, count: 1, nextDueAtMs: now + 5 },
        ],
      );
    });

    storeTest(createPlace, 'keep the bytes they began with, whatever is written later', async ({ store }) => {
      const webhook = await newWebhook(store, await workspaceNumber(store));
      const first = retrying(newDelivery(webhook, 1, { batchSeqs: [1, 2] }), 1, now + 5);
      const began = newRetry(first, { body: Uint8Array.from([1, 2, 3]), contentType: 'text/first' });
      const second = retrying(first, 2, now + 300);
      const later = newRetry(second, {
        body: Uint8Array.from([9]),
        contentType: 'text/second',
        scheduleStep: 7,
      });
      await store.deliveries.write([
        { kind: 'delivered', delivery: first, attempt: failedAttempt(1), retry: began },
        { kind: 'attempted', delivery: second, attempt: failedAttempt(2), retry: later },
      ]);
      const kept = await store.deliveries.oldestRetry(webhook.number);
      assert.ok(kept);
      assert.deepEqual(
        { ...kept, body: Uint8Array.from(kept.body) },
        { ...later, body: began.body, contentType: began.contentType },
      );
    });

    storeTest(
      createPlace,
      'can be made due by a moment, without touching those that are',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        const webhook = await newWebhook(store, acme);
        const other = await newWebhook(store, acme);
        await fail(store, webhook, [
          [1, now + 900],
          [2, now + 10],
          [3, now + 100],
        ]);
        await fail(store, other, [[4, now + 900]]);
        await store.deliveries.limitDueTimes(webhook.number, now + 100);
        const retries = await store.deliveries.dueRetries(webhook.number, 10);
        assert.deepEqual(retries.map((retry) => [retry.seq, retry.dueAtMs]).sort(), [
          [1, now + 100],
          [2, now + 10],
          [3, now + 100],
        ]);
        assert.equal((await store.deliveries.oldestRetry(other.number))?.dueAtMs, now + 900);
      },
    );

    storeTest(createPlace, 'begin anew with new bytes once the delivery had ended', async ({ store }) => {
      const webhook = await newWebhook(store, await workspaceNumber(store));
      await fail(store, webhook, [[1, now]]);
      const done = newDelivery(webhook, 1, { attempts: 2 });
      const again = retrying(done, 2, now + 1);
      await store.deliveries.write([
        { kind: 'attempted', delivery: done, attempt: newAttempt(2), retry: null },
        { kind: 'settled', delivery: again, retry: newRetry(again, { body: Uint8Array.from([7]) }) },
      ]);
      const kept = await store.deliveries.oldestRetry(webhook.number);
      assert.deepEqual([...(kept?.body ?? [])], [7]);
    });
  });

  describe('the list of deliveries', () => {
    storeTest(createPlace, 'shows the newest first', async ({ store }) => {
      const webhook = await newWebhook(store, await workspaceNumber(store));
      const seqs = Array.from({ length: 25 }, (_, index) => index + 1);
      await succeed(store, webhook, seqs);
      for (const limit of [1, 7, 25, 100]) {
        const listed = await everyPage(
          (page) => store.deliveries.list(webhook.workspaceNumber, {}, page),
          limit,
        );
        assert.deepEqual(
          listed,
          [...seqs].reverse().map((seq) => newDelivery(webhook, seq)),
        );
      }
    });

    storeTest(createPlace, 'filters by webhook, state, event type, status and time', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const webhook = await newWebhook(store, acme);
      const other = await newWebhook(store, acme);
      const deliveries = [
        newDelivery(webhook, 1),
        newDelivery(other, 2),
        retrying(newDelivery(webhook, 3), 1, now),
        newDelivery(webhook, 4, { eventType: 'row.inserted' }),
        newDelivery(webhook, 5, { lastHttpStatus: 204 }),
        newDelivery(webhook, 6, { createdAtMs: now + 1_000 }),
        newDelivery(webhook, 7, { state: 'exhausted', lastHttpStatus: null, lastErrorCode: 'timeout' }),
      ];
      const attempt = newAttempt(1);
      await store.deliveries.write(
        deliveries.map((delivery) => ({ kind: 'delivered', delivery, attempt, retry: null })),
      );
      const expectations: Array<readonly [DeliveryFilter, readonly number[]]> = [
        [{}, [7, 6, 5, 4, 3, 2, 1]],
        [{ webhookNumber: webhook.number }, [7, 6, 5, 4, 3, 1]],
        [{ webhookNumber: other.number }, [2]],
        [{ state: 'retrying' }, [3]],
        [{ state: 'exhausted' }, [7]],
        [{ eventType: 'row.inserted' }, [4]],
        [{ httpStatus: 204 }, [5]],
        [{ httpStatus: 503 }, [3]],
        [{ sinceMs: now + 1_000 }, [6]],
        [{ sinceMs: now + 1_001 }, []],
        [{ untilMs: now + 1_000 }, [7, 5, 4, 3, 2, 1]],
        [{ untilMs: now }, []],
        [{ webhookNumber: webhook.number, state: 'succeeded', httpStatus: 200, untilMs: now + 1 }, [4, 1]],
      ];
      for (const [filter, seqs] of expectations) {
        const listed = await everyPage((page) => store.deliveries.list(acme, filter, page), 2);
        assert.deepEqual(
          listed.map((delivery) => delivery.seq),
          seqs,
          JSON.stringify(filter),
        );
      }
    });

    storeTest(
      createPlace,
      'are filtered by the tags of their events, of each of a batch',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        const webhook = await newWebhook(store, acme);
        const tags = [['company:1'], ['company:12'], ['company:2', 'company:1'], [], ['company:3']];
        const events = await store.journal.append(
          acme,
          tags.map((tags) => newEvent({ tags })),
        );
        const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = events.map(({ seq }) => seq);
        await succeed(store, webhook, [first, second, third]);
        const batch = { ...newDelivery(webhook, fourth), batchSeqs: [fourth, fifth] };
        await store.deliveries.write([
          { kind: 'delivered', delivery: batch, attempt: newAttempt(1), retry: null },
        ]);
        const list = async (filter: DeliveryFilter) =>
          (await everyPage((page) => store.deliveries.list(acme, filter, page), 1)).map(({ seq }) => seq);
        assert.deepEqual(await list({ tag: 'company:1' }), [third, first]);
        assert.deepEqual(await list({ tag: 'company:3' }), [fourth]);
        assert.deepEqual(await list({ tag: 'company:1', webhookNumber: webhook.number }), [third, first]);
        assert.deepEqual(await list({ tag: 'company' }), []);
      },
    );

    storeTest(createPlace, 'show a rare one among very many', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const [busy, quiet] = [await newWebhook(store, acme), await newWebhook(store, acme)];
      const different = (seq: number) =>
        seq === 7 ? { eventType: 'rare.type' } : seq === 9 ? { state: 'exhausted' as const } : {};
      await store.deliveries.write(
        Array.from({ length: 12_000 }, (_, index) => ({
          kind: 'delivered' as const,
          delivery: { ...newDelivery(seqIsQuiet(index) ? quiet : busy, index + 1), ...different(index + 1) },
          attempt: newAttempt(1),
          retry: null,
        })),
      );
      const list = async (filter: DeliveryFilter) =>
        (await everyPage((page) => store.deliveries.list(acme, filter, page), 10)).map(({ seq }) => seq);
      assert.deepEqual(await list({ eventType: 'rare.type' }), [7]);
      assert.deepEqual(await list({ state: 'exhausted' }), [9]);
      assert.deepEqual(await list({ state: 'exhausted', webhookNumber: busy.number }), [9]);
      assert.deepEqual(await list({ webhookNumber: quiet.number }), [11_001, 1]);
    });

    storeTest(createPlace, 'never shows those of another workspace', async ({ store }) => {
      const webhook = await newWebhook(store, await workspaceNumber(store, 'acme'));
      const other = await workspaceNumber(store, 'other');
      await succeed(store, webhook, [1]);
      const everything = { limit: 10, cursor: null };
      assert.deepEqual((await store.deliveries.list(other, {}, everything)).items, []);
      const filter = { webhookNumber: webhook.number };
      assert.deepEqual((await store.deliveries.list(other, filter, everything)).items, []);
    });

    storeTest(
      createPlace,
      'neither skips nor repeats while deliveries are being recorded',
      async ({ store }) => {
        const webhook = await newWebhook(store, await workspaceNumber(store));
        const seqs = Array.from({ length: 40 }, (_, index) => index + 1);
        await succeed(store, webhook, seqs);
        let next = 41;
        const listed = await everyPage(
          (page) => store.deliveries.list(webhook.workspaceNumber, { state: 'succeeded' }, page),
          6,
          async () => {
            await succeed(store, webhook, [next, next + 1]);
            next += 2;
          },
        );
        assert.deepEqual(
          listed.map((delivery) => delivery.seq),
          [...seqs].reverse(),
        );
      },
    );

    storeTest(createPlace, 'refuses a cursor that is not its own', async ({ store }) => {
      const acme = await workspaceNumber(store);
      for (const cursor of ['', 'abc', '-1', '1.5', '1e3', ' 1']) {
        await assert.rejects(
          store.deliveries.list(acme, {}, { limit: 1, cursor }),
          problem('invalid-input'),
          cursor,
        );
      }
    });
  });
}
