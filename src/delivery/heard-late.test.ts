import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { newWebhookId } from '../model/ids.ts';
import type { Webhook } from '../model/webhook.ts';
import { EngineHarness, plainSettings, testSecret } from './testing/engine-harness.ts';

/** In a cluster another process may have changed a webhook, and events come before its owner hears of that. */
describe('what another process has done to a webhook', () => {
  let harness: EngineHarness;
  const url = plainSettings.url;
  beforeEach(async () => {
    harness = await EngineHarness.start();
    await harness.createWebhook({ url: 'https://other.example/' });
    await harness.append(1, 2);
  });
  afterEach(() => harness.stop());

  function createElsewhere(): Promise<Webhook> {
    const { state, ...health } = { state: 'active', reason: null, sinceMs: 0, failuresInRow: 0 } as const;
    return harness.store.webhooks.create({
      id: newWebhookId(),
      workspaceNumber: harness.workspaceNumber,
      settings: plainSettings,
      secret: testSecret,
      health: { state, ...health, failingSinceMs: null },
    });
  }

  const hear = async (stored: Webhook, skips = false): Promise<void> => {
    harness.registry.follow(stored.number, stored, { by: 'ann', skips });
    await harness.settle();
  };

  test('created it: it gets what was accepted since, in order, and nothing from before', async () => {
    const webhook = await createElsewhere();
    await harness.append(3, 4);
    await hear(webhook);
    await harness.append(5);
    assert.deepEqual(harness.numbersArrived(url), [3, 4, 5]);
  });

  test('created it, and the owner died before it heard of that', async () => {
    await createElsewhere();
    await harness.append(3, 4);
    await harness.advance(2_000);
    await harness.crash();
    assert.deepEqual(harness.numbersArrived(url), [3, 4]);
  });

  test('created it, and the owner died just after: nothing is missing', async () => {
    const webhook = await createElsewhere();
    await harness.append(3, 4);
    await hear(webhook);
    await harness.advance(2_000);
    await harness.crash();
    await harness.append(5);
    assert.deepEqual(harness.numbersArrived(url), [3, 4, 5]);
  });

  test('told it to go on at what comes next: what came before the owner heard of that is delivered', async () => {
    const webhook = await harness.createWebhook({ url });
    await harness.registry.pause(webhook, 'by a person');
    await harness.append(3, 4);
    const paused = harness.webhook(webhook);
    const skipping = await harness.store.webhooks.saveHealth(paused, webhook.health, 'atHead');
    await harness.append(5, 6);
    await hear(skipping, true);
    await harness.append(7);
    assert.deepEqual(harness.numbersArrived(url), [5, 6, 7]);
    await hear(skipping, true);
    assert.deepEqual(harness.numbersArrived(url), [5, 6, 7], 'hearing of it twice changes nothing');
  });

  test('deleted it: what waits is given up', async () => {
    const webhook = await harness.createWebhook({ url });
    await harness.registry.pause(webhook, 'by a person');
    await harness.append(3);
    await harness.store.webhooks.delete(webhook);
    harness.registry.follow(webhook.number, null, { by: 'ann', skips: false });
    harness.registry.follow(webhook.number, webhook, { by: 'ann', skips: false });
    await harness.append(4);
    assert.deepEqual(harness.numbersArrived(url), []);
    assert.equal(harness.registry.byNumber(webhook.number), null, 'an older answer does not bring it back');
  });
});
