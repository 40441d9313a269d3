import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { newReplayId } from '../../model/ids.ts';
import type { Replay } from '../../model/replay.ts';
import type { Webhook, WebhookState } from '../../model/webhook.ts';
import type { Store } from '../port.ts';
import { keptSeqs, settledEvents, sum, sweepEvents, sweepLeftovers } from './retention-sweep.ts';
import {
  activeHealth,
  failedAttempt,
  newDelivery,
  newRetry,
  newWebhook,
  numberedEvents,
  retrying,
  workspaceNumber,
} from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const now = Date.UTC(2026, 0, 1);

function newReplay(webhook: Webhook, fromSeq: number, state: Replay['state']): Replay {
  return {
    id: newReplayId(),
    workspaceNumber: webhook.workspaceNumber,
    webhookNumber: webhook.number,
    scope: 'all',
    sinceMs: now - 1_000,
    untilMs: now,
    fromSeq,
    toSeq: fromSeq + 2,
    positionSeq: fromSeq + 1,
    ratePerSecond: 1,
    state,
    reason: null,
    succeeded: 0,
    failed: 0,
    createdBy: 'ada',
    createdAtMs: now,
    finishedAtMs: null,
  };
}

async function recordRetrying(store: Store, webhook: Webhook, seq: number): Promise<void> {
  const delivery = retrying(newDelivery(webhook, seq), 1, now);
  const retry = newRetry(delivery);
  await store.deliveries.write([{ kind: 'delivered', delivery, attempt: failedAttempt(1), retry }]);
}

async function stopAt(store: Store, webhook: Webhook, state: WebhookState, seq: number): Promise<void> {
  await store.webhooks.saveHealth(webhook, { ...activeHealth, state }, 'unchanged');
  await store.deliveries.write([{ kind: 'cursor', webhookNumber: webhook.number, seq, waiting: 1 }]);
}

/** Something that happens to a store with ten delivered events, and the first event that it keeps. */
type Holding = readonly [
  name: string,
  happens: (store: Store, webhook: Webhook, seqs: readonly number[]) => Promise<unknown>,
  /** Index of the first event kept; null: none is. */
  firstKept: number | null,
];

const at = (seqs: readonly number[], index: number): number => seqs[index] ?? Number.NaN;
const replayed =
  (state: Replay['state']): Holding[1] =>
  (store, webhook, seqs) =>
    store.replays.create(newReplay(webhook, at(seqs, 3), state));

const holdings: readonly Holding[] = [
  ['nothing happened', async () => undefined, null],
  ...(['active', 'degraded', 'paused', 'disabled', 'invalid'] as const).map(
    (state): Holding => [
      `a webhook that is ${state} has not settled them`,
      (store, webhook, seqs) => stopAt(store, webhook, state, at(seqs, 3)),
      4,
    ],
  ),
  ['a delivery is retrying', (store, webhook, seqs) => recordRetrying(store, webhook, at(seqs, 5)), 5],
  [
    'a batch is on its way',
    (store, webhook, seqs) =>
      store.deliveries.write([
        {
          kind: 'sending',
          delivery: newDelivery(webhook, at(seqs, 2), {
            state: 'sending',
            batchSeqs: [at(seqs, 2), at(seqs, 7)],
            attempts: 0,
            finishedAtMs: null,
          }),
        },
      ]),
    2,
  ],
  ['a replay of them is running', replayed('running'), 4],
  ['a replay of them is paused', replayed('paused'), 4],
  ['a replay of them is done', replayed('done'), null],
  ['a replay of them was cancelled', replayed('cancelled'), null],
  [
    'the webhook whose replay was running is deleted',
    async (store, webhook, seqs) => {
      await replayed('running')(store, webhook, seqs);
      await store.webhooks.delete(webhook);
    },
    null,
  ],
  [
    'the webhook that had not settled them is deleted',
    async (store, webhook, seqs) => {
      await stopAt(store, webhook, 'paused', at(seqs, 3));
      await store.webhooks.delete(webhook);
    },
    null,
  ],
  [
    'the webhook that had a delivery to retry is deleted, and its leftovers are removed',
    async (store, webhook, seqs) => {
      await recordRetrying(store, webhook, at(seqs, 5));
      await store.webhooks.delete(webhook);
      await sweepLeftovers(store);
    },
    null,
  ],
  [
    'a webhook of another workspace has not settled its own',
    async (store) => {
      const other = await workspaceNumber(store, 'other');
      await stopAt(store, await newWebhook(store, other), 'paused', 0);
    },
    null,
  ],
];

export function retentionOfEventsContract(createPlace: CreatePlace): void {
  describe('retention removes the events of a workspace', () => {
    for (const [name, happens, firstKept] of holdings) {
      const kept = firstKept === null ? 'all' : `all before the ${firstKept + 1}th`;
      storeTest(createPlace, `${kept} of ten when ${name}`, async ({ store }) => {
        const acme = await workspaceNumber(store);
        const webhook = await newWebhook(store, acme);
        const seqs = await settledEvents(store, acme, 10);
        await happens(store, webhook, seqs);
        await sweepEvents(store, acme);
        assert.deepEqual(await keptSeqs(store, acme), firstKept === null ? [] : seqs.slice(firstKept));
      });
    }

    storeTest(createPlace, 'none that came after the checkpoint', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const settled = await settledEvents(store, acme, 3);
      const [next] = await store.journal.append(acme, numberedEvents(1));
      assert.deepEqual(await sweepEvents(store, acme), [settled.length]);
      assert.deepEqual(await keptSeqs(store, acme), [next?.seq]);
    });

    storeTest(createPlace, 'none before delivery has written down how far it has come', async ({ store }) => {
      const acme = await workspaceNumber(store);
      await store.journal.append(acme, numberedEvents(3));
      assert.deepEqual(await sweepEvents(store, acme), [0]);
    });

    storeTest(
      createPlace,
      'up to the place that is asked for, and of no other workspace',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        const other = await workspaceNumber(store, 'other');
        const first = await settledEvents(store, acme, 4);
        const others = await settledEvents(store, other, 4);
        const second = await settledEvents(store, acme, 4);
        await sweepEvents(store, acme, second[1]);
        assert.deepEqual(await keptSeqs(store, acme), second.slice(2));
        assert.deepEqual(await keptSeqs(store, other), others);
        assert.equal(first.length, 4);
      },
    );

    storeTest(createPlace, 'from the oldest on, in steps of bounded size', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const seqs = await settledEvents(store, acme, 25);
      const step = await store.retention.removeEvents(acme, store.journal.headSeq(), 10);
      assert.equal(step.removed, 10);
      assert.notEqual(step.next, null);
      assert.deepEqual(await keptSeqs(store, acme), seqs.slice(10));
      assert.equal(sum(await sweepEvents(store, acme, store.journal.headSeq(), 10)), 15);
    });

    storeTest(createPlace, 'for good, and gives no place out again', async (bench) => {
      const acme = await workspaceNumber(bench.store);
      const seqs = await settledEvents(bench.store, acme, 3);
      await sweepEvents(bench.store, acme);
      const store = await bench.reopen();
      assert.deepEqual(await keptSeqs(store, acme), []);
      assert.equal(store.journal.headSeq(), seqs.at(-1));
      const [next] = await store.journal.append(acme, numberedEvents(1));
      assert.ok(next && next.seq > at(seqs, 2), `${next?.seq} was given out before`);
      assert.equal(await store.journal.find(acme, at(seqs, 0)), null);
    });
  });
}
