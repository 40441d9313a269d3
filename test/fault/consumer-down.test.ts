import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsumerProcess } from '../support/consumer-process.ts';
import { splitRepeats } from '../support/repeats.ts';
import { readMessage } from '../support/row-events.ts';
import { ServerProcess } from '../support/server-process.ts';

interface CountMessage {
  readonly data: { readonly count: number };
}

const eventType = 'number.counted';
/** Quick at first, so that the test is; it never gives up. */
const retry = { delaysMs: [20, 50, 100, 200, 1_000], forever: true, jitter: 0 };
const neverDisabled = { afterFailures: null, afterFailingMs: null };
const beforeDeath = 40;
const total = 1_000;

const countsAt = (consumer: ConsumerProcess): number[] =>
  consumer.at('/count').map((arrival) => readMessage<CountMessage>(arrival).data.count);

for (const order of ['ordered', 'independent'] as const) {
  test(`a consumer (${order}) that was down receives everything; meanwhile another one misses nothing`, {
    timeout: 120_000,
  }, async (context) => {
    const server = await ServerProcess.start(context);
    const { api } = server;
    const failing = await ConsumerProcess.start(context);
    const healthy = await ConsumerProcess.start(context);
    const subscribe = async (consumer: ConsumerProcess): Promise<string> => {
      const { id, secret } = await api.createWebhook({
        name: 'counts',
        url: consumer.url('/count'),
        eventTypes: [eventType],
        order,
        retry,
        disable: neverDisabled,
      });
      await consumer.hook('/count', secret);
      return id;
    };
    const webhook = await subscribe(failing);
    await subscribe(healthy);
    let posted = 0;
    const postUpTo = async (count: number): Promise<void> => {
      const events = Array.from({ length: count - posted }, (_, index) => ({
        type: eventType,
        data: { count: posted + index + 1 },
      }));
      await api.post('/v1/events/batch', { events });
      posted = count;
    };

    // It dies with requests on their way.
    await postUpTo(100);
    await failing.receives('/count', beforeDeath);
    await failing.kill();
    const known = failing.at('/count').length;
    while (posted < total) await postUpTo(posted + 100);

    // I6, judged by what arrived before the first one came back.
    await healthy.receives('/count', total);
    assert.deepEqual(
      countsAt(healthy).sort((one, other) => one - other),
      Array.from({ length: total }, (_, index) => index + 1),
    );
    assert.equal(failing.at('/count').length, known);
    const { status, usage } = await api.until(
      () => api.webhook(webhook),
      (shown) => shown.status.state === 'degraded',
    );
    assert.equal(usage.lastError, 'Nothing accepts connections on this port of the host.');
    assert.equal(status.reason, usage.lastError);
    assert.ok(usage.waiting >= total - known && usage.waiting <= total, `${usage.waiting} wait`);

    await failing.start();
    await failing.until(() => new Set(failing.at('/count').map(({ id }) => id)).size === total);
    const { firsts, repeats } = splitRepeats(failing.at('/count'));
    const counts = firsts.map((arrival) => readMessage<CountMessage>(arrival).data.count);
    const expected = Array.from({ length: total }, (_, index) => index + 1);
    if (order === 'ordered') assert.deepEqual(counts, expected);
    else
      assert.deepEqual(
        counts.sort((one, other) => one - other),
        expected,
      );
    // Only what the consumer took and could not answer for any more came twice.
    const concurrency = order === 'ordered' ? 1 : 10;
    assert.ok(repeats.length <= concurrency, `${repeats.length} repeats`);

    const deliveries = await api.until(
      () => api.deliveries(webhook),
      (shown) => shown.length === total && shown.every(({ state }) => state === 'succeeded'),
    );
    assert.ok(deliveries.some(({ attempts }) => attempts > 1));
    const recovered = await api.webhook(webhook);
    assert.deepEqual([recovered.status.state, recovered.usage.waiting], ['active', 0]);
    context.diagnostic(
      `down after ${known} requests; ${total} of ${total} received, ${repeats.length} of them twice`,
    );
  });
}
