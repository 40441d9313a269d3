import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Preset, Webhook, WebhookSettings } from '../model/webhook.ts';
import { defaultConcurrency, presetBehaviours } from '../webhooks/presets.ts';
import { type Answer, answered, EngineHarness, refused } from './testing/engine-harness.ts';

/**
 * How the three systems that the presets are named after behave, as far as delivery goes: each row names
 * the page or the source that says so. Payloads have their own tests beside src/formats.
 */
let harness: EngineHarness;
beforeEach(async () => {
  harness = await EngineHarness.start();
});
afterEach(async () => {
  await harness.stop();
});

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

function create(preset: Preset, changed: Partial<WebhookSettings> = {}): Promise<Webhook> {
  const behaviour = presetBehaviours[preset];
  return harness.createWebhook({
    preset,
    ...behaviour,
    // Events of this test are not of rows; any format tells them apart.
    format: 'standard',
    eventTypes: ['*'],
    concurrency: defaultConcurrency(behaviour.order),
    ...changed,
  });
}

const state = (webhook: Webhook): string => harness.webhook(webhook).health.state;

/** Milliseconds from the first arrival to each. */
function times(): number[] {
  const first = harness.arrivals[0]?.atMs ?? 0;
  return harness.arrivals.map((arrival) => arrival.atMs - first);
}

/** Answers with each of these in turn, then with the last one for ever. */
function answers(...results: Array<ReturnType<Answer>>): Answer {
  let next = 0;
  return () => results[Math.min(next++, results.length - 1)] as ReturnType<Answer>;
}

describe('SeaTable', () => {
  test('a webhook that fails five times in a row is disabled, not before (seatable-disabling-on-errors: "cinq fois de suite")', async () => {
    const webhook = await create('seatable');
    harness.answer = () => answered(500);
    await harness.append(1);
    await harness.advance(2 * minute + 35 * second);
    assert.equal(harness.arrivals.length, 4);
    assert.notEqual(state(webhook), 'disabled');
    await harness.advance(10 * minute);
    assert.equal(harness.arrivals.length, 5);
    assert.equal(state(webhook), 'disabled');
    await harness.append(2);
    await harness.advance(day);
    assert.equal(harness.arrivals.length, 5, 'its execution is interrupted');
  });

  test('no status code counts as a failure, too (seatable-disabling-on-errors: "ne reçoit pas de code d\'état")', async () => {
    const webhook = await create('seatable');
    harness.answer = () => refused;
    await harness.append(1);
    await harness.advance(hour);
    assert.equal(harness.arrivals.length, 5);
    assert.equal(state(webhook), 'disabled');
  });

  for (const status of [201, 202, 204, 301, 400, 403, 500, 511]) {
    test(`${status} is not success: only 200 is (seatable-disabling-on-errors: "autre que 200")`, async () => {
      const webhook = await create('seatable');
      harness.answer = () => answered(status);
      await harness.append(1);
      assert.equal(harness.webhook(webhook).health.failuresInRow, 1);
    });
  }

  test('200 in between starts the count anew (webhook.py: 2xx resets the counter)', async () => {
    const webhook = await create('seatable');
    const bad = answered(500);
    harness.answer = answers(bad, bad, bad, bad, answered(200), bad, bad, bad, bad, answered(200));
    await harness.append(1, 2);
    await harness.advance(hour);
    assert.equal(harness.arrivals.length, 10);
    assert.equal(state(webhook), 'active');
  });

  test('saving it again, unchanged, re-activates it at once (seatable-disabling-on-errors: "immédiatement réactivé")', async () => {
    const webhook = await create('seatable');
    harness.answer = () => answered(500);
    await harness.append(1);
    await harness.advance(hour);
    harness.answer = () => answered(200);
    const disabled = harness.webhook(webhook);
    await harness.registry.save(disabled, disabled.settings, 'ann');
    await harness.settle();
    assert.equal(state(webhook), 'active');
    assert.deepEqual(
      harness.numbersArrived(),
      [1, 1, 1, 1, 1, 1],
      'and what was held arrives: SeaTable loses it',
    );
  });

  test('one request for every change (webhook.py: one POST per operation)', async () => {
    await create('seatable');
    await harness.append(1, 2, 3);
    assert.equal(harness.arrivals.length, 3);
  });
});

describe('Grist', () => {
  test('retries after 1, 2, 4 … 64 s and then every 64 s, for ever (WebhookQueue.ts; grist-webhooks: "continuera à réessayer périodiquement")', async () => {
    const webhook = await create('grist');
    harness.answer = () => answered(500);
    await harness.append(1);
    await harness.advance(10 * 64 * second);
    assert.deepEqual(
      times()
        .slice(0, 10)
        .map((at) => at / second),
      [0, 1, 3, 7, 15, 31, 63, 127, 191, 255],
    );
    await harness.advance(day);
    assert.ok(harness.arrivals.length > 1_300, 'still trying after a day');
    assert.notEqual(state(webhook), 'disabled');
  });

  test('several rows go out in one array (grist-webhooks: "envoyées ensemble dans la même charge utile")', async () => {
    await create('grist');
    await harness.append(1, 2, 3);
    assert.equal(harness.arrivals.length, 1);
    assert.equal((JSON.parse(harness.arrivals[0]?.body ?? '') as unknown[]).length, 3);
  });

  test('one row is an array, too (grist-webhooks: "un tableau JSON")', async () => {
    await create('grist');
    await harness.append(1);
    assert.equal((JSON.parse(harness.arrivals[0]?.body ?? '') as unknown[]).length, 1);
  });

  test('at most 100 rows in one request (WebhookQueue.ts: the leading run among the first 100)', async () => {
    await create('grist');
    await harness.append(...Array.from({ length: 250 }, (_, index) => index));
    assert.deepEqual(
      harness.arrivals.map((arrival) => (JSON.parse(arrival.body) as unknown[]).length),
      [100, 100, 50],
    );
  });

  for (const status of [200, 201, 202, 204, 299]) {
    test(`${status} is success (WebhookQueue.ts: response.ok)`, async () => {
      const webhook = await create('grist');
      harness.answer = () => answered(status);
      await harness.append(1);
      assert.equal(harness.webhook(webhook).health.failuresInRow, 0);
      assert.equal((await harness.engine.usage(webhook)).waiting, 0);
    });
  }

  test('clearing the queue drops what waits (grist-webhooks: "supprimera toutes les invocations en attente")', async () => {
    const webhook = await create('grist');
    harness.answer = () => answered(500);
    await harness.append(1, 2);
    await harness.append(3);
    assert.equal(
      (await harness.engine.usage(webhook)).waiting,
      2,
      'a failed batch of two, and one more event',
    );
    await harness.engine.clearQueue(harness.webhook(webhook), 'ann');
    assert.equal((await harness.engine.usage(webhook)).waiting, 0);
    harness.answer = () => answered(200);
    await harness.append(4);
    await harness.advance(hour);
    assert.deepEqual(harness.numbersArrived(), [1, 2, 4]);
  });

  test('clearing one queue leaves the statistics of the others alone (beyond Grist, which wipes them)', async () => {
    const one = await create('grist', { url: 'https://one.example/' });
    const other = await create('grist', { url: 'https://other.example/' });
    await harness.append(1);
    const before = await harness.engine.usage(other);
    await harness.engine.clearQueue(harness.webhook(one), 'ann');
    assert.deepEqual(await harness.engine.usage(other), before);
  });
});

describe('Codat', () => {
  test('makes eight attempts at the documented times, then is exhausted (codat.md: retry schedule)', async () => {
    const webhook = await create('codat');
    harness.answer = () => answered(500);
    await harness.append(1);
    await harness.advance(3 * day);
    const delays = [0, 5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 10 * hour];
    let sum = 0;
    assert.deepEqual(
      times(),
      delays.map((delay) => (sum += delay)),
    );
    await harness.engine.flush();
    const delivery = await harness.store.deliveries.find(harness.workspaceNumber, webhook.number, 1);
    assert.deepEqual([delivery?.state, delivery?.attempts], ['exhausted', 8]);
  });

  test('three failures and a success take 35 min 5 s (codat.md: its example)', async () => {
    await create('codat');
    const bad = answered(500);
    harness.answer = answers(bad, bad, bad, answered(204));
    await harness.append(1);
    await harness.advance(day);
    assert.deepEqual(times().at(-1), 35 * minute + 5 * second);
    assert.equal(harness.arrivals.length, 4);
  });

  test('waits 15 s for an answer (codat.md: "2xx within 15 seconds is success")', async () => {
    assert.equal((await create('codat')).settings.timeoutMs, 15 * second);
  });

  test('an endpoint that fails for five days is disabled, by hand enabled again (codat.md)', async () => {
    const webhook = await create('codat');
    harness.answer = () => answered(500);
    for (let days = 0; days < 5; days += 1) {
      await harness.append(days);
      await harness.advance(day);
      assert.notEqual(state(webhook), 'disabled', `after ${days + 1} days`);
    }
    await harness.append(5);
    await harness.advance(2 * day);
    assert.equal(state(webhook), 'disabled');
    harness.answer = () => answered(200);
    await harness.advance(day);
    assert.equal(state(webhook), 'disabled');
    await harness.registry.enable(harness.webhook(webhook), 'continue', 'ann');
    await harness.advance(minute);
    assert.equal(state(webhook), 'active');
  });

  test('failed messages can be recovered, missed ones replayed (codat.md: recovery)', async () => {
    await harness.append(1);
    const webhook = await create('codat');
    harness.answer = () => answered(500);
    await harness.append(2);
    await harness.advance(2 * day);
    harness.answer = () => answered(200);
    for (const scope of ['failed', 'missed'] as const) {
      const untilMs = harness.clock.nowMs() + 1;
      await harness.engine.replays.start(harness.webhook(webhook), {
        scope,
        sinceMs: 0,
        untilMs,
        ratePerSecond: 100,
        by: 'ann',
      });
      await harness.advance(10 * minute);
    }
    assert.deepEqual(harness.numbersArrived().slice(-2), [2, 1]);
  });

  test('disabling the consumer stops its attempts (codat.md: "disables its attempts")', async () => {
    const webhook = await create('codat');
    harness.answer = () => answered(500);
    await harness.append(1);
    await harness.registry.pause(harness.webhook(webhook), 'by a person');
    await harness.advance(day);
    assert.equal(harness.arrivals.length, 1);
  });

  test('above its rate limit requests are slowed down, not refused (codat.md: rate limit per consumer)', async () => {
    await create('codat', { ratePerSecond: 1 });
    await harness.append(1, 2, 3);
    assert.equal(harness.arrivals.length, 1);
    await harness.advance(2 * second);
    assert.equal(harness.arrivals.length, 3);
  });
});
