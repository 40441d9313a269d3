import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { HeldClock } from '../contract/held-clock.ts';
import { keptSeqs, settledEvents, sum, sweepEvents } from '../contract/retention-sweep.ts';
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
} from '../contract/samples.ts';
import { testSecretKey } from '../contract/store-place.ts';
import type { RetentionCuts } from '../port.ts';
import { dayMs, dayOf } from './days.ts';
import type { PostgresStore } from './index.ts';
import { defaultPartitionDays } from './partitions.ts';
import { PostgresPlace } from './testing/postgres-place.ts';

describe('partitions', () => {
  let place: PostgresPlace;
  let clock: HeldClock;
  let store: PostgresStore;

  beforeEach(async () => {
    place = await PostgresPlace.create();
    clock = new HeldClock();
    store = await place.openStore({ clock, secretKey: testSecretKey });
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  async function reopen(): Promise<void> {
    await store.close();
    store = await place.openStore({ clock, secretKey: testSecretKey });
  }

  /** Names of partitions that hold rows, the default one included. */
  async function filled(table: string): Promise<string[]> {
    const found = await place.query(
      `SELECT DISTINCT tableoid::regclass::text AS name FROM ${table} ORDER BY 1`,
    );
    return found.map(({ name }) => String(name));
  }

  async function names(table: string): Promise<string[]> {
    const found = await place.query(
      'SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1',
      [table],
    );
    return found.map(({ name }) => String(name));
  }

  const never: RetentionCuts = { eventsBeforeMs: null, deliveriesBeforeMs: null, exchangesBeforeMs: null };

  it('are there for today and ahead, before anything needs them', async () => {
    const today = dayOf(clock.timeMs);
    const { events, deliveries, attempts } = defaultPartitionDays;
    const ahead = (table: string, days: number): string[] =>
      [...[0, 1, 2].map((index) => `${table}_${today + index * days}_${days}`), `${table}_default`].sort();
    assert.deepEqual(await names('events'), ahead('events', events));
    assert.deepEqual(await names('deliveries'), ahead('deliveries', deliveries));
    assert.deepEqual(await names('attempts'), ahead('attempts', attempts));
    clock.timeMs += events * dayMs;
    await reopen();
    assert.equal((await names('events')).length, 5, 'one more, at the end');
  });

  it('are gone with what is old, but for what somebody still needs', async () => {
    const acme = await workspaceNumber(store, 'acme');
    const idle = await workspaceNumber(store, 'idle');
    const webhook = await newWebhook(store, acme);
    const [first = 0, second = 0, third = 0] = await settledEvents(store, acme, 3);
    await settledEvents(store, idle, 3);
    const [partition] = await filled('events');
    await store.webhooks.saveHealth(webhook, { ...activeHealth, state: 'paused' }, 'unchanged', 'ada');
    await store.deliveries.write([{ kind: 'cursor', webhookNumber: webhook.number, seq: first, waiting: 2 }]);
    const agedMs = clock.timeMs + (defaultPartitionDays.events + 1) * dayMs;
    clock.timeMs = agedMs;
    await reopen();
    await store.retention.dropPartitions({ ...never, eventsBeforeMs: clock.timeMs - 10 * dayMs });
    assert.ok((await names('events')).includes(partition ?? ''), 'it is not old as a whole yet');
    await store.retention.dropPartitions({ ...never, eventsBeforeMs: clock.timeMs });
    assert.equal((await names('events')).includes(partition ?? ''), false);
    assert.deepEqual(await keptSeqs(store, acme), [second, third]);
    assert.deepEqual(await keptSeqs(store, idle), []);
    assert.deepEqual(await filled('events'), ['events_default']);
    assert.equal((await store.journal.find(acme, second))?.seq, second);
    const [next] = await store.journal.append(acme, numberedEvents(1));
    assert.equal(next?.seq, 7, 'places go on');
    assert.deepEqual(await keptSeqs(store, acme), [second, third, 7]);
    await store.deliveries.write([
      { kind: 'caughtUp', webhookNumber: webhook.number },
      { kind: 'checkpoint', seq: 7 },
    ]);
    assert.equal(sum(await sweepEvents(store, acme, third)), 2, 'what was kept goes row by row');
  });

  it('of deliveries leave those that are not finished, ended late, or have events that are kept', async () => {
    const acme = await workspaceNumber(store, 'acme');
    const other = await workspaceNumber(store, 'other');
    const webhook = await newWebhook(store, acme);
    const holder = await newWebhook(store, other);
    const [seq = 0] = await settledEvents(store, other, 1);
    const createdAtMs = clock.timeMs;
    const cutMs = clock.timeMs + (defaultPartitionDays.deliveries + 1) * dayMs;
    const old = { createdAtMs, finishedAtMs: createdAtMs + 20 };
    const waiting = retrying(newDelivery(webhook, 2, old), 2, cutMs);
    const attempt = newAttempt(1);
    await store.deliveries.write([
      { kind: 'delivered', delivery: newDelivery(webhook, 1, old), attempt, retry: null },
      { kind: 'delivered', delivery: waiting, attempt: failedAttempt(1), retry: newRetry(waiting) },
      { kind: 'attempted', delivery: waiting, attempt: failedAttempt(2), retry: newRetry(waiting) },
      {
        kind: 'delivered',
        delivery: newDelivery(webhook, 3, { ...old, finishedAtMs: cutMs }),
        attempt,
        retry: null,
      },
      { kind: 'delivered', delivery: newDelivery(holder, seq, old), attempt, retry: null },
    ]);
    clock.timeMs = cutMs;
    await reopen();
    await store.retention.dropPartitions({ ...never, deliveriesBeforeMs: cutMs, exchangesBeforeMs: cutMs });
    const find = (number: number, at: number, owner = acme) => store.deliveries.find(owner, number, at);
    assert.equal(await find(webhook.number, 1), null);
    assert.deepEqual(await find(webhook.number, 2), waiting);
    assert.equal((await find(webhook.number, 3))?.finishedAtMs, cutMs);
    assert.equal((await find(holder.number, seq, other))?.seq, seq);
    assert.deepEqual(await filled('deliveries'), ['deliveries_default']);
    assert.deepEqual(await filled('attempts'), []);
    const done = newDelivery(webhook, 2, { ...old, attempts: 3 });
    await store.deliveries.write([
      { kind: 'attempted', delivery: done, attempt: newAttempt(3), retry: null },
    ]);
    assert.deepEqual(await find(webhook.number, 2), done, 'it is delivered from where it is now');
  });

  it('that nobody could make in time are made up for: what has none goes into the default one', async () => {
    const acme = await workspaceNumber(store);
    clock.timeMs += 400 * dayMs;
    const [early] = await store.journal.append(acme, numberedEvents(1));
    assert.deepEqual(await filled('events'), ['events_default']);
    await reopen();
    // Today is taken by the default partition, so the next days are tried again later.
    clock.timeMs += dayMs;
    await reopen();
    const [late] = await store.journal.append(acme, numberedEvents(1));
    assert.deepEqual(await keptSeqs(store, acme), [early?.seq, late?.seq]);
    assert.equal((await filled('events')).length, 2);
  });

  it('of an age are left alone by the sweeps that go row by row, until they should be gone', async () => {
    const cut = Date.UTC(2026, 5, 1);
    const rows = await store.retention.dropPartitions({
      eventsBeforeMs: cut,
      deliveriesBeforeMs: cut,
      exchangesBeforeMs: cut,
    });
    assert.deepEqual(rows, {
      eventsBeforeMs: cut - defaultPartitionDays.events * dayMs,
      deliveriesBeforeMs: cut - defaultPartitionDays.deliveries * dayMs,
      exchangesBeforeMs: cut,
    });
  });
});
