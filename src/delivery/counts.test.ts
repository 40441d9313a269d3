import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { StoreCounts } from '../store/port.ts';
import { answered, EngineHarness, refused } from './testing/engine-harness.ts';

/**
 * What delivery may cost the store, counted instead of timed; docs/performance.md promises the same figures.
 * Accepting an event is part of it: one row, one statement.
 */
const events = 1_280;
const concurrency = 32;
const numbers = Array.from({ length: events }, (_, index) => index);
/** A webhook that has just failed is tried again, and changes its state: so many statements in all, whatever waits. */
const costOfFailing = 30;

describe('what the store does for', () => {
  let harness: EngineHarness;
  beforeEach(async () => {
    harness = await EngineHarness.start();
  });
  afterEach(() => harness.stop());

  async function countsOf(work: () => Promise<void>): Promise<StoreCounts> {
    // What was made for the count has settled.
    await harness.engine.flush();
    const before = harness.store.counts();
    await work();
    await harness.engine.flush();
    const after = harness.store.counts();
    // Whoever writes in the same turn shares the wait for the disk.
    assert.equal(after.syncs - before.syncs, after.transactions - before.transactions);
    return {
      statements: after.statements - before.statements,
      transactions: after.transactions - before.transactions,
      syncs: after.syncs - before.syncs,
      rowsWritten: after.rowsWritten - before.rowsWritten,
    };
  }

  /** What the flush at the end of a count adds: the checkpoint, in a transaction. */
  const checkpoint = { rows: 1, statements: 3, transactions: 1 };

  it('a delivery at load: its event and one row; a transaction for all that are answered together', async () => {
    await harness.createWebhook({ order: 'independent', concurrency });
    // All requests under way are answered in one turn of the event loop, as they come in from the sockets.
    harness.answer = () => new Promise((resolve) => setImmediate(() => resolve(answered(200))));
    const counts = await countsOf(() => harness.append(...numbers));
    assert.equal(harness.arrivals.length, events);
    assert.equal(counts.rowsWritten, 2 * events + checkpoint.rows);
    const groups = events / concurrency + 1;
    assert.ok(
      counts.transactions <= groups + 3 + checkpoint.transactions,
      `${counts.transactions} transactions`,
    );
    assert.ok(
      counts.statements <= 2 * events + 2 * counts.transactions + checkpoint.statements,
      `${counts.statements} statements`,
    );
  });

  it('a delivery to many webhooks: one event, and a row for each', async () => {
    const webhooks = 50;
    for (let number = 0; number < webhooks; number += 1)
      await harness.createWebhook({ order: 'independent' });
    const counts = await countsOf(() => harness.append(1, 2));
    assert.equal(harness.arrivals.length, 2 * webhooks);
    assert.equal(counts.rowsWritten, 2 + 2 * webhooks + checkpoint.rows);
    assert.ok(counts.transactions <= 3 + checkpoint.transactions, `${counts.transactions} transactions`);
  });

  it('an ordered delivery: as many rows, and a transaction before the next one leaves', async () => {
    const some = numbers.slice(0, 100);
    await harness.createWebhook({ order: 'ordered' });
    const counts = await countsOf(() => harness.append(...some));
    assert.equal(counts.rowsWritten, 2 * some.length + checkpoint.rows);
    assert.ok(
      counts.transactions <= some.length + 1 + checkpoint.transactions,
      `${counts.transactions} transactions`,
    );
  });

  it('a batch: three changes of its one row, however many events it holds', async () => {
    const batch = { maxEvents: 100, maxWaitMs: 0 };
    const some = numbers.slice(0, 1_200);
    await harness.createWebhook({ order: 'independent', concurrency, batch });
    const counts = await countsOf(() => harness.append(...some));
    const requests = harness.arrivals.length;
    assert.ok(requests <= some.length / batch.maxEvents + 3, `${requests} requests`);
    assert.equal(counts.rowsWritten, some.length + 3 * requests + checkpoint.rows);
  });

  it('a delivery that fails once: a row for the retry and one for the second attempt', async () => {
    const some = numbers.slice(0, 2);
    await harness.createWebhook({ order: 'independent', concurrency });
    harness.answer = () => (harness.arrivals.length <= some.length ? answered(500) : answered(200));
    const counts = await countsOf(async () => {
      await harness.append(...some);
      await harness.advance(5_000);
    });
    assert.equal(harness.arrivals.length, 2 * some.length);
    // The event; the delivery, the retry; the delivery again, the attempt, the end of the retry.
    const ofEach = 6;
    // The webhook's health as it fails and recovers, a cursor that comes and goes.
    const ofTheWebhook = 6;
    const atMost = ofEach * some.length + ofTheWebhook + checkpoint.rows;
    assert.ok(counts.rowsWritten <= atMost, `${counts.rowsWritten} rows`);
  });

  it('events that a dead consumer does not take: the events, and no more for being many', async () => {
    await harness.createWebhook({ order: 'independent', concurrency: 3 });
    harness.answer = () => refused;
    const counts = await countsOf(() => harness.append(...numbers));
    assert.ok(counts.rowsWritten <= events + costOfFailing, `${counts.rowsWritten} rows`);
    assert.ok(counts.statements <= events + costOfFailing, `${counts.statements} statements`);
  });

  it('an hour in which nothing happens: nothing', async () => {
    await harness.createWebhook();
    await harness.append(1);
    await harness.advance(10_000);
    const counts = await countsOf(() => harness.advance(60 * 60 * 1_000));
    assert.deepEqual(counts, { statements: 0, transactions: 0, syncs: 0, rowsWritten: 0 });
  });
});
