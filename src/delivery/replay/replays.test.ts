import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Problem } from '../../model/problem.ts';
import type { Replay, ReplayScope } from '../../model/replay.ts';
import type { Webhook } from '../../model/webhook.ts';
import { answered, EngineHarness } from '../testing/engine-harness.ts';

let harness: EngineHarness;
beforeEach(async () => {
  harness = await EngineHarness.start();
});
afterEach(async () => {
  await harness.stop();
});

const noRetry = { delaysMs: [], forever: false, jitter: 0 };

function replay(webhook: Webhook, scope: ReplayScope, ratePerSecond = 1_000): Promise<Replay> {
  return harness.engine.replays.start(harness.webhook(webhook), {
    scope,
    sinceMs: 0,
    untilMs: harness.clock.nowMs() + 1,
    ratePerSecond,
    by: 'ann',
  });
}

async function current(started: Replay): Promise<Replay> {
  const found = await harness.engine.replays.find(harness.workspaceNumber, started.id);
  assert.ok(found);
  return found;
}

describe('recovering', () => {
  test('sends what is exhausted again, with the id it had, and says so in a header', async () => {
    const webhook = await harness.createWebhook({ retry: noRetry, order: 'independent' });
    harness.answer = (arrival) => answered(/"n":[13]}/.test(arrival.body) ? 500 : 200);
    await harness.append(1, 2, 3);
    await harness.advance(10_000);
    harness.answer = () => answered(200);
    const started = await replay(webhook, 'failed');
    await harness.advance(10_000);
    assert.deepEqual(harness.numbersArrived(), [1, 2, 3, 1, 3]);
    assert.equal(harness.arrivals[3]?.id, harness.arrivals[0]?.id);
    assert.equal(harness.arrivals[3]?.headers['rowhook-replay'], 'recover');
    assert.equal(harness.arrivals[0]?.headers['rowhook-replay'], undefined);
    const ended = await current(started);
    assert.deepEqual([ended.state, ended.succeeded, ended.failed], ['done', 2, 0]);
    const delivery = await harness.store.deliveries.find(harness.workspaceNumber, webhook.number, 1);
    assert.deepEqual([delivery?.state, delivery?.attempts], ['succeeded', 2]);
  });
});

describe('replaying what was missed', () => {
  test('reaches events from before the webhook existed and those that were skipped', async () => {
    await harness.append(1, 2);
    const webhook = await harness.createWebhook();
    await harness.append(3);
    await harness.registry.pause(harness.webhook(webhook), 'by a person');
    await harness.append(4);
    await harness.registry.enable(harness.webhook(webhook), 'skip', 'ann');
    await harness.append(5);
    assert.deepEqual(harness.numbersArrived(), [3, 5]);
    await replay(webhook, 'missed');
    await harness.advance(5_000);
    assert.deepEqual(harness.numbersArrived(), [3, 5, 1, 2, 4]);
  });

  test('reaches what was discarded with a cleared queue', async () => {
    const webhook = await harness.createWebhook();
    harness.answer = () => answered(500);
    await harness.append(1, 2);
    await harness.engine.clearQueue(harness.webhook(webhook), 'ann');
    harness.answer = () => answered(200);
    await harness.append(3);
    await replay(webhook, 'missed');
    await harness.advance(10_000);
    assert.deepEqual(harness.numbersArrived(), [1, 3, 1, 2]);
  });
});

describe('replaying all', () => {
  test('keeps batches as they were, with their ids', async () => {
    const webhook = await harness.createWebhook({ batch: { maxEvents: 2, maxWaitMs: 100 } });
    await harness.append(1, 2, 3, 4);
    await replay(webhook, 'all');
    await harness.advance(5_000);
    assert.deepEqual(harness.numbersArrived(), [1, 2, 3, 4, 1, 2, 3, 4]);
    assert.deepEqual(
      harness.arrivals.slice(2).map((arrival) => [arrival.id, arrival.body]),
      harness.arrivals.slice(0, 2).map((arrival) => [arrival.id, arrival.body]),
    );
  });

  test('keeps to its rate, and new events pass it', async () => {
    const webhook = await harness.createWebhook();
    await harness.append(1, 2, 3, 4, 5, 6);
    await replay(webhook, 'all', 2);
    await harness.settle();
    assert.equal(harness.arrivals.length, 6 + 2);
    await harness.append(7);
    assert.equal(harness.numbersArrived().at(-1), 7);
    await harness.advance(1_000);
    assert.equal(harness.arrivals.length, 6 + 2 + 1 + 2);
  });

  test('survives a crash: it goes on where it was', async () => {
    const webhook = await harness.createWebhook();
    await harness.append(1, 2, 3, 4, 5, 6);
    const started = await replay(webhook, 'all', 1);
    await harness.advance(3_000);
    await harness.crash();
    await harness.advance(10_000);
    const replayed = harness.numbersArrived().slice(6);
    assert.deepEqual([...new Set(replayed)], [1, 2, 3, 4, 5, 6]);
    assert.ok(replayed.length <= 6 + 2, `repeated ${replayed.length - 6}`);
    assert.equal((await current(started)).state, 'done');
  });

  test('can be paused, continued and cancelled', async () => {
    const webhook = await harness.createWebhook();
    await harness.append(1, 2, 3, 4);
    const started = await replay(webhook, 'all', 1);
    await harness.settle();
    await harness.engine.replays.pause(started, 'ann');
    await harness.advance(10_000);
    assert.equal(harness.arrivals.length, 4 + 1);
    await harness.engine.replays.continue(await current(started));
    await harness.settle();
    assert.equal(harness.arrivals.length, 4 + 2);
    await harness.engine.replays.cancel(await current(started), 'ann');
    await harness.advance(10_000);
    assert.equal(harness.arrivals.length, 4 + 2);
    assert.equal((await current(started)).state, 'cancelled');
  });

  test('pauses when its deliveries fail one after the other', async () => {
    const webhook = await harness.createWebhook();
    await harness.append(...Array.from({ length: 20 }, (_, index) => index));
    harness.answer = () => answered(500);
    const started = await replay(webhook, 'all');
    await harness.advance(3_600_000);
    const paused = await current(started);
    assert.deepEqual([paused.state, paused.failed], ['paused', 10]);
    const delivery = await harness.store.deliveries.find(harness.workspaceNumber, webhook.number, 1);
    assert.equal(delivery?.state, 'succeeded', 'what arrived once has arrived');
  });
});

test('a second replay of the same webhook is refused while one runs', async () => {
  const webhook = await harness.createWebhook();
  await harness.append(1, 2, 3);
  await replay(webhook, 'all', 1);
  await assert.rejects(
    replay(webhook, 'all'),
    (error) => error instanceof Problem && error.code === 'conflict',
  );
});

describe('resending one delivery', () => {
  test('makes one more attempt of a delivery that had succeeded', async () => {
    const webhook = await harness.createWebhook();
    await harness.append(1);
    const delivery = await harness.store.deliveries.find(harness.workspaceNumber, webhook.number, 1);
    assert.ok(delivery);
    await harness.engine.resend(harness.webhook(webhook), delivery);
    await harness.settle();
    assert.deepEqual(harness.numbersArrived(), [1, 1]);
    assert.equal(harness.arrivals[1]?.headers['rowhook-replay'], 'resend');
    const attempts = await harness.store.deliveries.attempts(delivery);
    assert.deepEqual(
      attempts.map((attempt) => [attempt.number, attempt.replay]),
      [
        [1, null],
        [2, 'resend'],
      ],
    );
  });

  test('makes the next attempt of a failed one at once', async () => {
    const webhook = await harness.createWebhook();
    harness.answer = () => answered(500);
    await harness.append(1, 2);
    harness.answer = () => answered(200);
    const delivery = await harness.store.deliveries.find(harness.workspaceNumber, webhook.number, 1);
    assert.ok(delivery);
    await harness.engine.resend(harness.webhook(webhook), delivery);
    await harness.settle();
    assert.deepEqual(harness.numbersArrived(), [1, 1, 2]);
  });
});

describe('system events', () => {
  test('tell another webhook of one that is disabled, and of deliveries that are exhausted', async () => {
    await harness.createWebhook({
      url: 'https://ops.example/',
      eventTypes: ['webhook.*', 'delivery.exhausted'],
    });
    await harness.createWebhook({
      url: 'https://dead.example/',
      eventTypes: ['thing.happened'],
      retry: noRetry,
      disable: { afterFailures: 2, afterFailingMs: null },
    });
    harness.answer = (arrival) => answered(arrival.url.includes('dead') ? 500 : 200);
    await harness.append(1, 2, 3);
    await harness.advance(60_000);
    const told = harness.arrivals
      .filter((arrival) => arrival.url.includes('ops'))
      .map((arrival) => (JSON.parse(arrival.body) as { type: string }).type);
    assert.deepEqual(told, ['delivery.exhausted', 'webhook.disabled']);
  });

  test('are not delivered to the webhook they tell of, nor to one that asks for "*"', async () => {
    const settings = { retry: noRetry, order: 'independent' as const };
    await harness.createWebhook({
      ...settings,
      url: 'https://self.example/',
      eventTypes: ['*', 'delivery.exhausted'],
    });
    await harness.createWebhook({ ...settings, url: 'https://all.example/', eventTypes: ['*'] });
    harness.answer = (arrival) => answered(arrival.url.includes('self') ? 500 : 200);
    await harness.append(1);
    await harness.advance(60_000);
    assert.deepEqual(harness.arrivals.map((arrival) => arrival.url).sort(), [
      'https://all.example/',
      'https://self.example/',
    ]);
  });

  test('tell of a backlog once', async () => {
    await harness.createWebhook({ url: 'https://ops.example/', eventTypes: ['webhook.backlog'] });
    await harness.createWebhook({ url: 'https://dead.example/', eventTypes: ['thing.happened'] });
    harness.answer = (arrival) => answered(arrival.url.includes('dead') ? 500 : 200);
    await harness.append(...Array.from({ length: 1_200 }, (_, index) => index));
    await harness.advance(5_000);
    assert.equal(harness.arrivals.filter((arrival) => arrival.url.includes('ops')).length, 1);
  });
});

describe('counting', () => {
  const since = (webhook: Webhook, scope: ReplayScope, maxEvents = 1_000) =>
    harness.engine.replays.count(
      harness.webhook(webhook),
      { scope, sinceMs: 0, untilMs: harness.clock.nowMs() + 1 },
      maxEvents,
    );

  test('says what each scope would send, and sends nothing', async () => {
    await harness.append(1, 2);
    const webhook = await harness.createWebhook({
      retry: noRetry,
      batch: { maxEvents: 2, maxWaitMs: 100 },
      order: 'independent',
    });
    harness.answer = (arrival) => answered(/"n":3}/.test(arrival.body) ? 500 : 200);
    await harness.append(3, 4, 5, 6);
    await harness.advance(10_000);
    const arrived = harness.arrivals.length;
    assert.deepEqual(await since(webhook, 'failed'), { deliveries: 1, events: 2, counted: 1 });
    assert.deepEqual(await since(webhook, 'missed'), { deliveries: 1, events: 2, counted: 1 });
    assert.deepEqual(await since(webhook, 'all'), { deliveries: 3, events: 6, counted: 1 });
    await harness.advance(10_000);
    assert.equal(harness.arrivals.length, arrived);
  });

  test('stops at its bound, and says how much of the period it has seen', async () => {
    const webhook = await harness.createWebhook();
    await harness.append(...Array.from({ length: 10 }, (_, index) => index));
    await harness.advance(1_000);
    assert.deepEqual(await since(webhook, 'all', 4), { deliveries: 4, events: 4, counted: 0.4 });
  });
});
