import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { EgressResult } from '../egress/index.ts';
import { answered, EngineHarness, refused } from './testing/engine-harness.ts';

let harness: EngineHarness;
beforeEach(async () => {
  harness = await EngineHarness.start();
});
afterEach(async () => {
  await harness.stop();
});

describe('an ordered webhook', () => {
  test('receives events in journal order, each once', async () => {
    await harness.createWebhook();
    await harness.append(1, 2, 3, 4, 5);
    assert.deepEqual(harness.numbersArrived(), [1, 2, 3, 4, 5]);
  });

  test('sends nothing past a failed delivery, and repeats it with the same id and bytes', async () => {
    await harness.createWebhook();
    let failures = 2;
    harness.answer = () => (failures-- > 0 ? answered(500) : answered(200));
    await harness.append(1, 2, 3);
    assert.deepEqual(harness.numbersArrived(), [1]);
    await harness.advance(999);
    assert.deepEqual(harness.numbersArrived(), [1]);
    await harness.advance(1);
    assert.deepEqual(harness.numbersArrived(), [1, 1]);
    await harness.advance(5_000);
    assert.deepEqual(harness.numbersArrived(), [1, 1, 1, 2, 3]);
    const [first, second, third] = harness.arrivals;
    assert.equal(second?.id, first?.id);
    assert.equal(third?.body, first?.body);
  });

  test('goes on with the next event once a delivery is exhausted, which the log shows', async () => {
    await harness.createWebhook({ retry: { delaysMs: [1_000], forever: false, jitter: 0 } });
    harness.answer = (arrival) => (arrival.body.includes('"n":1}') ? answered(500) : answered(200));
    await harness.append(1, 2);
    await harness.advance(1_000);
    assert.deepEqual(harness.numbersArrived(), [1, 1, 2]);
    await harness.engine.flush();
    const page = await harness.store.deliveries.list(
      harness.workspaceNumber,
      {},
      { limit: 10, cursor: null },
    );
    assert.deepEqual(
      page.items.map((delivery) => [delivery.seq, delivery.state, delivery.attempts]),
      [
        [2, 'succeeded', 1],
        [1, 'exhausted', 2],
      ],
    );
  });
});

describe('an independent webhook', () => {
  test('passes a failed delivery, which retries by itself', async () => {
    await harness.createWebhook({ order: 'independent', concurrency: 4 });
    let failed = false;
    harness.answer = (arrival) => {
      if (failed || !arrival.body.includes('"n":1}')) return answered(200);
      failed = true;
      return answered(503);
    };
    await harness.append(1, 2, 3);
    assert.deepEqual(harness.numbersArrived(), [1, 2, 3]);
    await harness.advance(1_000);
    assert.deepEqual(harness.numbersArrived(), [1, 2, 3, 1]);
  });

  test('probes with one delivery at a time while it is degraded, then catches up', async () => {
    const webhook = await harness.createWebhook({ order: 'independent', concurrency: 4 });
    harness.answer = () => refused;
    await harness.append(1, 2, 3, 4, 5, 6, 7, 8);
    assert.equal(harness.webhook(webhook).health.state, 'degraded');
    const before = harness.arrivals.length;
    assert.ok(before <= 4 + 3, `${before} requests went out before the breaker opened`);
    await harness.advance(1_000);
    assert.equal(harness.arrivals.length, before + 1);
    harness.answer = () => answered(200);
    await harness.advance(60_000);
    assert.equal(harness.webhook(webhook).health.state, 'active');
    assert.deepEqual([...new Set(harness.numbersArrived())].sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.equal((await harness.engine.usage(webhook)).waiting, 0);
  });
});

describe('a batching webhook', () => {
  const batch = { maxEvents: 3, maxWaitMs: 500 };

  test('sends a full batch at once and a partial one after its wait', async () => {
    await harness.createWebhook({ batch });
    await harness.append(1, 2, 3, 4);
    assert.deepEqual(
      harness.arrivals.map((arrival) => JSON.parse(arrival.body).length),
      [3],
    );
    await harness.advance(499);
    assert.equal(harness.arrivals.length, 1);
    await harness.advance(1);
    assert.deepEqual(
      harness.arrivals.map((arrival) => JSON.parse(arrival.body).length),
      [3, 1],
    );
  });

  test('retries a batch whole, with the same bytes and id, also after a crash', async () => {
    await harness.createWebhook({ batch });
    harness.answer = () => answered(500);
    await harness.append(1, 2, 3);
    await harness.crash();
    harness.answer = () => answered(200);
    await harness.append(4, 5, 6);
    await harness.advance(1_000);
    const [first, second] = harness.arrivals;
    assert.equal(second?.id, first?.id);
    assert.equal(second?.body, first?.body);
    assert.deepEqual(harness.numbersArrived(), [1, 2, 3, 1, 2, 3, 4, 5, 6]);
  });

  test('that was under way at a crash goes out again with the same events', async () => {
    await harness.createWebhook({ batch });
    harness.answer = () => new Promise<EgressResult>(() => undefined);
    await harness.append(1, 2, 3);
    harness.answer = () => answered(200);
    await harness.crash();
    await harness.append(4, 5, 6);
    assert.deepEqual(harness.numbersArrived(), [1, 2, 3, 1, 2, 3, 4, 5, 6]);
    assert.equal(harness.arrivals[1]?.id, harness.arrivals[0]?.id);
  });
});

describe('after a crash', () => {
  test('what was recorded is not repeated, and what was under way is, with the same id', async () => {
    await harness.createWebhook();
    harness.answer = (arrival) =>
      arrival.body.includes('"n":3}') ? new Promise<EgressResult>(() => undefined) : answered(200);
    await harness.append(1, 2, 3, 4);
    assert.deepEqual(harness.numbersArrived(), [1, 2, 3]);
    harness.answer = () => answered(200);
    await harness.crash();
    assert.deepEqual(harness.numbersArrived(), [1, 2, 3, 3, 4]);
    assert.equal(harness.arrivals[3]?.id, harness.arrivals[2]?.id);
  });

  test('a webhook created later does not receive what came before it', async () => {
    await harness.append(1, 2);
    await harness.createWebhook();
    await harness.append(3);
    await harness.crash();
    assert.deepEqual(harness.numbersArrived(), [3]);
  });

  test('as many events wait as before, for a webhook that fails and for one that is stopped', async () => {
    const failing = await harness.createWebhook({ url: 'https://failing.example/' });
    const paused = await harness.createWebhook({ url: 'https://paused.example/' });
    await harness.registry.pause(harness.webhook(paused), 'by a person');
    harness.answer = () => refused;
    await harness.append(1, 2);
    // Their places are written down, and do not move any more, while events go on coming.
    await harness.advance(2_000);
    await harness.append(3, 4, 5);
    await harness.advance(2_000);
    await harness.append(6);
    await harness.crash();
    assert.equal((await harness.engine.usage(harness.webhook(failing))).waiting, 6);
    assert.equal((await harness.engine.usage(harness.webhook(paused))).waiting, 6);
  });

  test('a retry keeps its due time', async () => {
    await harness.createWebhook();
    harness.answer = () => answered(500);
    await harness.append(1);
    await harness.advance(1_000);
    await harness.crash();
    await harness.advance(4_999);
    assert.equal(harness.arrivals.length, 2);
    await harness.advance(1);
    assert.equal(harness.arrivals.length, 3);
  });

  test('a clock that was set back while the process was down does not hold a retry up for ever', async () => {
    await harness.createWebhook();
    harness.answer = () => answered(500);
    await harness.append(1);
    harness.clock.jump(-365 * 24 * 3_600_000);
    await harness.crash();
    await harness.advance(3_600_000);
    assert.ok(harness.arrivals.length >= 2);
  });
});

describe('a clock set back or forward while the process runs', () => {
  for (const byMs of [-3_600_000, 3_600_000]) {
    test(`by ${byMs} ms neither holds a retry up nor sets it off early`, async () => {
      await harness.createWebhook();
      harness.answer = () => answered(500);
      await harness.append(1);
      harness.clock.jump(byMs);
      await harness.advance(999);
      assert.equal(harness.arrivals.length, 1);
      await harness.advance(1);
      assert.equal(harness.arrivals.length, 2);
    });
  }
});

describe('a stopped webhook', () => {
  test('is held its events and delivers them when enabled with "continue"', async () => {
    const webhook = await harness.createWebhook();
    await harness.append(1);
    await harness.registry.pause(webhook, 'by a person');
    await harness.append(2, 3);
    assert.deepEqual(harness.numbersArrived(), [1]);
    assert.equal((await harness.engine.usage(webhook)).waiting, 2);
    await harness.registry.enable(harness.webhook(webhook), 'continue', 'ann');
    await harness.settle();
    assert.deepEqual(harness.numbersArrived(), [1, 2, 3]);
  });

  test('keeps its place over a crash', async () => {
    const webhook = await harness.createWebhook();
    await harness.append(1);
    await harness.registry.pause(webhook, 'by a person');
    await harness.append(2, 3);
    await harness.advance(2_000);
    await harness.crash();
    await harness.append(4);
    assert.deepEqual(harness.numbersArrived(), [1]);
    await harness.registry.enable(harness.webhook(webhook), 'continue', 'ann');
    await harness.settle();
    assert.deepEqual(harness.numbersArrived(), [1, 2, 3, 4]);
  });

  test('skips what was held when enabled with "skip", and failed deliveries become discarded', async () => {
    const webhook = await harness.createWebhook();
    harness.answer = () => answered(500);
    await harness.append(1, 2);
    await harness.registry.pause(harness.webhook(webhook), 'by a person');
    await harness.append(3);
    harness.answer = () => answered(200);
    await harness.registry.enable(harness.webhook(webhook), 'skip', 'ann');
    await harness.append(4);
    assert.deepEqual(harness.numbersArrived(), [1, 4]);
    await harness.engine.flush();
    const discarded = await harness.store.deliveries.find(harness.workspaceNumber, webhook.number, 1);
    assert.equal(discarded?.state, 'discarded');
    assert.equal(discarded?.discardedBy, 'ann');
    await harness.crash();
    assert.deepEqual(harness.numbersArrived(), [1, 4]);
  });
});

describe('health', () => {
  test('is disabled after so many failures in a row; saving again re-activates it at once', async () => {
    const webhook = await harness.createWebhook({
      disable: { afterFailures: 3, afterFailingMs: null },
      retry: { delaysMs: [10, 10, 10, 10], forever: false, jitter: 0 },
    });
    harness.answer = () => answered(404);
    await harness.append(1, 2);
    await harness.advance(60_000);
    assert.equal(harness.arrivals.length, 3);
    assert.equal(harness.webhook(webhook).health.state, 'disabled');
    harness.answer = () => answered(200);
    const disabled = harness.webhook(webhook);
    await harness.registry.save(disabled, disabled.settings, 'ann');
    await harness.settle();
    assert.equal(harness.webhook(webhook).health.state, 'active');
    assert.deepEqual(harness.numbersArrived(), [1, 1, 1, 1, 2]);
  });

  test('counts failures over restarts', async () => {
    const webhook = await harness.createWebhook({
      disable: { afterFailures: 4, afterFailingMs: null },
      retry: { delaysMs: [10, 10], forever: true, jitter: 0 },
    });
    harness.answer = () => refused;
    await harness.append(1);
    for (let attempts = 1; attempts < 4; attempts += 1) {
      assert.notEqual(harness.webhook(webhook).health.state, 'disabled');
      await harness.crash();
      await harness.advance(10);
    }
    assert.equal(harness.webhook(webhook).health.state, 'disabled');
  });

  test('410 Gone disables', async () => {
    const webhook = await harness.createWebhook();
    harness.answer = () => answered(410);
    await harness.append(1);
    assert.equal(harness.webhook(webhook).health.state, 'disabled');
    assert.match(harness.webhook(webhook).health.reason ?? '', /410/);
  });

  test('Retry-After holds the whole webhook back', async () => {
    await harness.createWebhook({ order: 'independent', concurrency: 2 });
    let first = true;
    harness.answer = () => {
      const answer = first ? answered(429, { 'retry-after': '120' }) : answered(200);
      first = false;
      return answer;
    };
    await harness.append(1);
    await harness.append(2);
    await harness.advance(119_999);
    assert.deepEqual(harness.numbersArrived(), [1]);
    await harness.advance(1);
    assert.deepEqual(harness.numbersArrived().sort(), [1, 1, 2]);
  });
});

describe('limits', () => {
  test('requests a second are bounded, with a burst', async () => {
    await harness.createWebhook({ ratePerSecond: 2 });
    await harness.append(1, 2, 3, 4, 5);
    assert.equal(harness.arrivals.length, 2);
    await harness.advance(500);
    assert.equal(harness.arrivals.length, 3);
    await harness.advance(1_000);
    assert.equal(harness.arrivals.length, 5);
  });

  test('requests under way are bounded by the concurrency', async () => {
    await harness.createWebhook({ order: 'independent', concurrency: 3 });
    const release: Array<(result: EgressResult) => void> = [];
    harness.answer = () => new Promise<EgressResult>((resolve) => release.push(resolve));
    await harness.append(1, 2, 3, 4, 5);
    assert.equal(harness.arrivals.length, 3);
    release[0]?.(answered(200));
    await harness.settle();
    assert.equal(harness.arrivals.length, 4);
  });
});

test('a backlog larger than memory is read from the journal in order, and nothing is delivered twice', async () => {
  const webhook = await harness.createWebhook();
  harness.answer = () => refused;
  const numbers = Array.from({ length: 2_000 }, (_, index) => index + 1);
  for (let start = 0; start < numbers.length; start += 500)
    await harness.append(...numbers.slice(start, start + 500));
  assert.equal((await harness.engine.usage(webhook)).waiting, 2_000);
  harness.answer = () => answered(200);
  await harness.advance(1_000);
  for (let round = 0; round < 400 && harness.numbersArrived().length < 2_001; round += 1)
    await harness.settle();
  assert.deepEqual(harness.numbersArrived(), [1, ...numbers]);
});

test('a dead endpoint does not delay another webhook', async () => {
  await harness.createWebhook({ url: 'https://dead.example/' });
  await harness.createWebhook({ url: 'https://alive.example/' });
  harness.answer = (arrival) =>
    arrival.url.includes('dead') ? new Promise<EgressResult>(() => undefined) : answered(200);
  await harness.append(1, 2, 3);
  assert.deepEqual(harness.numbersArrived('https://alive.example/'), [1, 2, 3]);
});

test('clearing one queue leaves the others alone', async () => {
  const one = await harness.createWebhook({ url: 'https://one.example/' });
  const other = await harness.createWebhook({ url: 'https://other.example/' });
  harness.answer = () => answered(500);
  await harness.append(1, 2, 3);
  assert.equal(await harness.engine.clearQueue(harness.webhook(one), 'ann'), 3);
  assert.equal((await harness.engine.usage(one)).waiting, 0);
  assert.equal((await harness.engine.usage(other)).waiting, 3);
  harness.answer = () => answered(200);
  await harness.advance(2_000);
  await harness.append(4);
  assert.deepEqual(harness.numbersArrived('https://one.example/'), [1, 4]);
  assert.deepEqual(harness.numbersArrived('https://other.example/'), [1, 1, 2, 3, 4]);
});

describe('a delivery that no request can be made of', () => {
  test('is exhausted without one, says why, and can be recovered once the template is mended', async () => {
    const webhook = await harness.createWebhook({
      order: 'independent',
      format: 'template',
      template: { contentType: 'application/json', source: '{"n": ' },
    });
    await harness.append(1);
    await harness.engine.flush();
    assert.equal(harness.arrivals.length, 0);
    const failed = await harness.store.deliveries.find(harness.workspaceNumber, webhook.number, 1);
    assert.deepEqual([failed?.state, failed?.lastErrorCode], ['exhausted', 'TEMPLATE_FAILED']);

    const mended = { contentType: 'application/json', source: '{"n": {{ data.n }}}' };
    await harness.registry.save(
      harness.webhook(webhook),
      { ...harness.webhook(webhook).settings, template: mended },
      'ann',
    );
    await harness.engine.replays.start(harness.webhook(webhook), {
      scope: 'failed',
      sinceMs: 0,
      untilMs: harness.clock.nowMs() + 1,
      ratePerSecond: 10,
      by: 'ann',
    });
    await harness.advance(10_000);
    assert.deepEqual(
      harness.arrivals.map((arrival) => arrival.body),
      ['{"n": 1}'],
    );
  });

  test('because it is too large fails the same way', async () => {
    const webhook = await harness.createWebhook();
    await harness.store.journal.append(harness.workspaceNumber, [
      {
        type: 'thing.happened',
        occurredAtMs: 0,
        dataJson: JSON.stringify({ text: 'x'.repeat(5 * 1024 * 1024) }),
        tags: [],
        subject: null,
      },
    ]);
    await harness.settle();
    await harness.append(2);
    assert.deepEqual(harness.numbersArrived(), [2], 'and does not hold up what comes after it');
    const failed = await harness.store.deliveries.find(harness.workspaceNumber, webhook.number, 1);
    assert.equal(failed?.lastErrorCode, 'PAYLOAD_TOO_LARGE');
  });
});
