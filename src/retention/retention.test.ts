import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ManualClock } from '../delivery/testing/manual-clock.ts';
import type { Webhook } from '../model/webhook.ts';
import { keptDeliveries, keptSeqs } from '../store/contract/retention-sweep.ts';
import {
  failedAttempt,
  newAttempt,
  newDelivery,
  newRetry,
  newWebhook,
  numberedEvents,
  retrying,
} from '../store/contract/samples.ts';
import type { Store } from '../store/port.ts';
import { openSqliteStore } from '../store/sqlite/index.ts';
import { type PassReport, Retention, type RetentionAges, type RetentionOptions } from './retention.ts';

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;
/** Turns of the event loop after which a pass that neither ends nor pauses fails its test. */
const mostTurns = 10_000;
const nothingRemoved: PassReport = { events: 0, deliveries: 0, exchanges: 0, leftovers: 0 };

let clock: ManualClock;
let directory: string;
let store: Store;
let workspace: number;
let webhook: Webhook;
let retention: Retention | null = null;
let passes: PassReport[];
let errors: unknown[];

beforeEach(async () => {
  clock = new ManualClock();
  directory = mkdtempSync(join(tmpdir(), 'rowhook-retention-'));
  store = openSqliteStore({ directory, clock, secretKey: 'test' });
  workspace = (await store.workspaces.create('acme')).number;
  webhook = await newWebhook(store, workspace);
  passes = [];
  errors = [];
});

afterEach(async () => {
  await retention?.stop();
  retention = null;
  await store.close();
  rmSync(directory, { recursive: true });
});

/** Everything is kept for a day, unless a test says otherwise. */
function start(ages: Partial<RetentionAges> = {}, different: Partial<RetentionOptions> = {}): Retention {
  const started = new Retention({
    store,
    clock,
    ages: { eventsMs: day, deliveriesMs: day, exchangesMs: day, ...ages },
    suspended: () => false,
    onPassEnded: (report) => passes.push(report),
    onError: (error) => errors.push(error),
    ...different,
  });
  retention = started;
  started.start();
  return started;
}

/** Retention is at rest: it waits for its next pass, or pauses between two steps. */
async function atRest(): Promise<void> {
  for (let turn = 0; clock.nextTimerMs === null; turn += 1) {
    assert.ok(turn < mostTurns, 'the pass neither ends nor pauses');
    await setImmediate();
  }
}

function advance(byMs: number): Promise<void> {
  return clock.advance(byMs, atRest);
}

/** Appends events that are delivered at once, each with its attempt. */
async function deliveredEvents(count: number): Promise<void> {
  const events = await store.journal.append(workspace, numberedEvents(count));
  const startedAtMs = clock.nowMs();
  const times = { acceptedAtMs: startedAtMs, createdAtMs: startedAtMs, finishedAtMs: startedAtMs };
  await store.deliveries.write(
    events.map(({ seq }) => ({
      kind: 'delivered',
      delivery: newDelivery(webhook, seq, times),
      attempt: newAttempt(1, { startedAtMs }),
      retry: null,
    })),
  );
  await store.deliveries.write([{ kind: 'checkpoint', seq: store.journal.headSeq() }]);
}

/** How many events, deliveries and exchanges there are. */
async function kept(): Promise<{ events: number; deliveries: number; exchanges: number }> {
  const deliveries = await keptDeliveries(store, webhook);
  const attempts = await Promise.all(
    deliveries.map((seq) => store.deliveries.attempts(newDelivery(webhook, seq))),
  );
  return {
    events: (await keptSeqs(store, workspace)).length,
    deliveries: deliveries.length,
    exchanges: attempts.flat().length,
  };
}

describe('retention', () => {
  it('makes its first pass a minute after the start, and the next ten minutes after the end of each', async () => {
    start();
    await advance(minute - 1);
    assert.equal(passes.length, 0);
    await advance(1);
    assert.equal(passes.length, 1);
    await advance(10 * minute - 1);
    assert.equal(passes.length, 1);
    await advance(1);
    assert.deepEqual(passes, [nothingRemoved, nothingRemoved]);
  });

  it('removes events, deliveries and exchanges, each at its age', async () => {
    await deliveredEvents(3);
    start({ exchangesMs: 1 * day, eventsMs: 2 * day, deliveriesMs: 3 * day });
    const table = [];
    for (let days = 0; days < 4; days += 1) {
      await advance(20 * minute);
      table.push(await kept());
      await advance(day - 20 * minute);
    }
    assert.deepEqual(table, [
      { events: 3, deliveries: 3, exchanges: 3 },
      { events: 3, deliveries: 3, exchanges: 0 },
      { events: 0, deliveries: 3, exchanges: 0 },
      { events: 0, deliveries: 0, exchanges: 0 },
    ]);
    assert.deepEqual(errors, []);
  });

  it('keeps the record of a delivery as long as its events, even if that is longer', async () => {
    await deliveredEvents(3);
    start({ exchangesMs: day, eventsMs: 3 * day, deliveriesMs: day });
    await advance(2 * day);
    assert.deepEqual(await kept(), { events: 3, deliveries: 3, exchanges: 0 });
    await advance(2 * day);
    assert.deepEqual(await kept(), { events: 0, deliveries: 0, exchanges: 0 });
  });

  it('keeps for ever what has no age', async () => {
    await deliveredEvents(2);
    start({ eventsMs: null, deliveriesMs: null, exchangesMs: null });
    clock.jump(1_000 * day);
    await advance(2 * minute);
    assert.deepEqual(passes, [nothingRemoved]);
    assert.deepEqual(await kept(), { events: 2, deliveries: 2, exchanges: 2 });
  });

  it('removes at once what a deleted webhook has left, and so frees the events it held', async () => {
    await deliveredEvents(2);
    const [event] = await store.journal.append(workspace, numberedEvents(1));
    assert.ok(event);
    const failed = retrying(newDelivery(webhook, event.seq), 1, clock.nowMs());
    const retry = newRetry(failed);
    await store.deliveries.write([
      { kind: 'delivered', delivery: failed, attempt: failedAttempt(1), retry },
      { kind: 'checkpoint', seq: event.seq },
    ]);
    start({ eventsMs: 0, exchangesMs: null });
    await advance(minute);
    assert.deepEqual(await keptSeqs(store, workspace), [event.seq]);
    await store.webhooks.delete(webhook);
    await advance(11 * minute);
    assert.deepEqual(await keptSeqs(store, workspace), []);
    assert.deepEqual(await store.deliveries.retrySummaries(), []);
  });

  it('goes through every workspace', async () => {
    await deliveredEvents(1);
    const other = (await store.workspaces.create('other')).number;
    await store.journal.append(other, numberedEvents(2));
    await store.deliveries.write([{ kind: 'checkpoint', seq: store.journal.headSeq() }]);
    start();
    await advance(2 * day);
    assert.deepEqual(await keptSeqs(store, other), []);
    assert.deepEqual(await keptSeqs(store, workspace), []);
  });

  it('works in steps of 500 rows, and leaves time for others between them', async () => {
    await store.journal.append(workspace, numberedEvents(1_200));
    await store.deliveries.write([{ kind: 'checkpoint', seq: store.journal.headSeq() }]);
    start({ eventsMs: 0 });
    await advance(minute);
    assert.equal((await keptSeqs(store, workspace)).length, 700);
    assert.equal(passes.length, 0);
    const [appended] = await store.journal.append(workspace, numberedEvents(1));
    await advance(20);
    assert.equal((await keptSeqs(store, workspace)).length, 201);
    await advance(20);
    assert.deepEqual(await keptSeqs(store, workspace), [appended?.seq]);
    await advance(20);
    assert.equal(passes[0]?.events, 1_200);
  });

  it('does nothing while the store is suspended, and makes up for it later', async () => {
    await store.journal.append(workspace, numberedEvents(1_200));
    await store.deliveries.write([{ kind: 'checkpoint', seq: store.journal.headSeq() }]);
    let suspended = false;
    start({ eventsMs: 0 }, { suspended: () => suspended });
    await advance(minute);
    suspended = true;
    const before = store.counts();
    await advance(30 * minute);
    assert.deepEqual(store.counts(), before);
    assert.equal((await keptSeqs(store, workspace)).length, 700);
    suspended = false;
    await advance(10 * minute);
    assert.deepEqual(await keptSeqs(store, workspace), []);
  });

  it('begins no further step once it is stopped', async () => {
    await store.journal.append(workspace, numberedEvents(1_200));
    await store.deliveries.write([{ kind: 'checkpoint', seq: store.journal.headSeq() }]);
    const started = start({ eventsMs: 0 });
    await advance(minute);
    await started.stop();
    assert.equal(clock.nextTimerMs, null);
    assert.equal((await keptSeqs(store, workspace)).length, 700);
  });

  it('tells of a failure, and begins anew in the next pass', async () => {
    await deliveredEvents(1);
    const broken = new Error('the disk is full');
    const { retention: real } = store;
    let failing = true;
    const removeLeftovers: typeof real.removeLeftovers = async (from, limit) => {
      if (failing) throw broken;
      return real.removeLeftovers(from, limit);
    };
    const { workspaces, journal } = store;
    const sometimes = {
      removeLeftovers,
      removeEvents: real.removeEvents.bind(real),
      removeDeliveries: real.removeDeliveries.bind(real),
      dropPartitions: real.dropPartitions.bind(real),
      removeExchanges: real.removeExchanges.bind(real),
    };
    start({ eventsMs: 0 }, { store: { workspaces, journal, retention: sometimes } });
    await advance(minute);
    assert.deepEqual(errors, [broken]);
    assert.deepEqual(passes, [nothingRemoved]);
    failing = false;
    await advance(11 * minute);
    assert.deepEqual(await keptSeqs(store, workspace), []);
  });
});
