import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Store } from '../port.ts';
import { retentionOfEventsContract } from './retention-events.ts';
import { retentionOfLeftoversContract } from './retention-leftovers.ts';
import { retentionOfLogContract } from './retention-log.ts';
import {
  settledEvents,
  sweepDeliveries,
  sweepEvents,
  sweepExchanges,
  sweepLeftovers,
} from './retention-sweep.ts';
import { newAttempt, newDelivery, newWebhook, workspaceNumber } from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const now = Date.UTC(2026, 0, 1);
const later = now + 1_000;
const count = 60;
const limit = 12;

/** Runs a sweep and answers the most rows that one of its steps has written, whatever the step says itself. */
async function mostRowsWritten(store: Store, run: (counted: Store) => Promise<unknown>): Promise<number> {
  let most = 0;
  const { retention } = store;
  const counting = <Parameters extends unknown[], Result>(
    step: (...parameters: Parameters) => Promise<Result>,
  ) => {
    return async (...parameters: Parameters): Promise<Result> => {
      const before = store.counts().rowsWritten;
      const result = await step(...parameters);
      most = Math.max(most, store.counts().rowsWritten - before);
      return result;
    };
  };
  await run({
    ...store,
    journal: store.journal,
    retention: {
      dropPartitions: retention.dropPartitions.bind(retention),
      removeEvents: counting(retention.removeEvents.bind(retention)),
      removeDeliveries: counting(retention.removeDeliveries.bind(retention)),
      removeExchanges: counting(retention.removeExchanges.bind(retention)),
      removeLeftovers: counting(retention.removeLeftovers.bind(retention)),
    },
  });
  return most;
}

export function retentionContract(createPlace: CreatePlace): void {
  retentionOfEventsContract(createPlace);
  retentionOfLogContract(createPlace);
  retentionOfLeftoversContract(createPlace);

  describe('a step of retention', () => {
    storeTest(createPlace, 'writes no more rows than its limit, however much there is', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const webhook = await newWebhook(store, acme);
      const seqs = await settledEvents(store, acme, count);
      await store.deliveries.write(
        seqs.map((seq) => {
          const delivery = newDelivery(webhook, seq);
          return { kind: 'delivered', delivery, attempt: newAttempt(1), retry: null } as const;
        }),
      );
      const head = store.journal.headSeq();
      const most = [
        await mostRowsWritten(store, (counted) => sweepExchanges(counted, later, limit)),
        await mostRowsWritten(store, (counted) => sweepEvents(counted, acme, head, limit)),
        await mostRowsWritten(store, (counted) => sweepDeliveries(counted, acme, later, limit)),
      ];
      await store.webhooks.delete(webhook);
      most.push(await mostRowsWritten(store, (counted) => sweepLeftovers(counted, limit)));
      assert.deepEqual(most, [limit, limit, limit, 1]);
    });

    storeTest(createPlace, 'that finds nothing writes nothing', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const webhook = await newWebhook(store, acme);
      const [seq = 0] = await settledEvents(store, acme, 1);
      const delivery = newDelivery(webhook, seq);
      await store.deliveries.write([{ kind: 'delivered', delivery, attempt: newAttempt(1), retry: null }]);
      const before = store.counts();
      await sweepExchanges(store, now);
      await sweepEvents(store, acme, seq - 1);
      await sweepDeliveries(store, acme, now);
      await sweepLeftovers(store);
      assert.deepEqual(store.counts(), before);
    });
  });
}
