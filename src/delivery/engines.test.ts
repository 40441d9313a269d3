import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { EgressRequest, EgressResult, EgressSender } from '../egress/index.ts';
import type { Store } from '../store/port.ts';
import { openSqliteStore } from '../store/sqlite/index.ts';
import { WebhookRegistry } from '../webhooks/registry.ts';
import { DeliveryEngine } from './engine.ts';
import { DeliveryProcess } from './process.ts';
import { answered, plainSettings, testSecret } from './testing/engine-harness.ts';
import { ManualClock } from './testing/manual-clock.ts';

interface UnderWay {
  readonly request: EgressRequest;
  readonly answer: (result: EgressResult) => void;
}

const aborted: EgressResult = {
  kind: 'error',
  code: 'ABORTED',
  message: 'The request was given up.',
  mayHaveArrived: false,
  timing: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 0 },
};

/** A journal of its own with an engine, as a shard of a cluster has. */
class Shard {
  readonly #directory = mkdtempSync(join(tmpdir(), 'rowhook-engines-'));
  store!: Store;
  registry!: WebhookRegistry;
  engine!: DeliveryEngine;
  workspaceNumber = 0;
  owned = true;

  static async start(process: DeliveryProcess): Promise<Shard> {
    const shard = new Shard();
    const { clock } = process;
    shard.store = openSqliteStore({ directory: shard.#directory, clock, secretKey: 'test' });
    shard.workspaceNumber = (await shard.store.workspaces.create('default')).number;
    shard.registry = await WebhookRegistry.load(shard.store, clock);
    const { store, registry } = shard;
    shard.engine = new DeliveryEngine({ store, registry, process, mayDeliver: () => shard.owned });
    await shard.engine.start();
    return shard;
  }

  createWebhook(url: string) {
    return this.registry.create(this.workspaceNumber, { ...plainSettings, url }, testSecret, true);
  }

  async append(n: number): Promise<void> {
    const event = {
      type: 'thing.happened',
      occurredAtMs: 0,
      dataJson: `{"n":${n}}`,
      tags: [],
      subject: null,
    };
    await this.store.journal.append(this.workspaceNumber, [event]);
  }

  async remove(): Promise<void> {
    this.engine.abandon();
    await this.store.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

describe('two engines of one process', () => {
  const clock = new ManualClock();
  let underWay: UnderWay[];
  let one: Shard;
  let two: Shard;

  beforeEach(async () => {
    underWay = [];
    const process = new DeliveryProcess({
      egress: {
        send: (request) => new Promise((answer) => underWay.push({ request, answer })),
        cutOff: (sender: EgressSender) => {
          for (const { answer } of take(({ request }) => request.sender === sender)) answer(aborted);
        },
      },
      clock,
      maxRequests: 1,
      queueMemoryBytes: 1_024 * 1_024,
      maxBatchBytes: 1_024 * 1_024,
      maxPayloadBytes: 1_024 * 1_024,
      backlogNoticeEvents: 1_000,
      random: () => 0.5,
      onError: (error) => assert.fail(error as Error),
    });
    [one, two] = await Promise.all([Shard.start(process), Shard.start(process)]);
    await one.createWebhook('https://one.example/');
    await two.createWebhook('https://two.example/');
  });
  afterEach(async () => {
    await one.remove();
    await two.remove();
  });

  function take(which: (sent: UnderWay) => boolean): UnderWay[] {
    const taken = underWay.filter(which);
    underWay = underWay.filter((sent) => !which(sent));
    return taken;
  }

  async function settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  const urls = (): string[] => underWay.map(({ request }) => request.url);

  test('keep to the bound of the process together', async () => {
    await one.append(1);
    await two.append(1);
    await settled();
    assert.equal(underWay.length, 1);
    for (const { answer } of take(() => true)) answer(answered(200));
    await settled();
    assert.equal(underWay.length, 1, 'the other one has its turn');
  });

  test('when one is abandoned, its requests are cut off, nothing more is written, and the other goes on', async () => {
    await one.append(1);
    await settled();
    await two.append(1);
    await settled();
    assert.deepEqual(urls(), ['https://one.example/']);
    const before = one.store.counts().rowsWritten;
    one.engine.abandon();
    await one.append(2);
    await settled();
    assert.deepEqual(urls(), ['https://two.example/']);
    assert.equal(one.store.counts().rowsWritten - before, 1, 'the event, and nothing of a delivery');
  });

  test('one that may not deliver sends nothing until it may', async () => {
    one.owned = false;
    await one.append(1);
    await settled();
    assert.deepEqual(urls(), []);
    one.owned = true;
    one.engine.pump();
    await settled();
    assert.deepEqual(urls(), ['https://one.example/']);
    assert.equal(underWay[0]?.request.sender?.maySend(), true);
    one.owned = false;
    assert.equal(underWay[0]?.request.sender?.maySend(), false, 'asked again before the first byte');
  });

  test('a stop waits for the requests of its own engine only', async () => {
    await one.append(1);
    await settled();
    await two.engine.stop(60_000);
    assert.deepEqual(urls(), ['https://one.example/']);
    await one.engine.stop(0);
    assert.deepEqual(urls(), []);
  });
});
