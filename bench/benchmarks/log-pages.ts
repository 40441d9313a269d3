import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/model/clock.ts';
import type { Attempt, Delivery } from '../../src/model/delivery.ts';
import { newWebhookId } from '../../src/model/ids.ts';
import { plainWebhookSettings } from '../../src/model/testing/webhook-settings.ts';
import type { Webhook } from '../../src/model/webhook.ts';
import type { DeliveryFilter, DeliveryStore, Store } from '../../src/store/port.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import type { Benchmark } from '../benchmark.ts';
import { FigureTable, type Findings } from '../figures.ts';
import type { Stage } from '../parts/stage.ts';

/** Attempts in the log; `--scale 10` makes ten million of them. */
const attempts = 1_000_000;
const attemptsPerWrite = 5_000;
const webhooks = 8;
const eventTypes = 10;
/** One of so many deliveries is exhausted, with the status 500. */
const failsOneOf = 8;
const itemsPerPage = 100;
/** Which page is compared with the first, if there are so many. */
const farPage = 1_000;
/** Each page is read so often. */
const readings = 21;

export const logPages: Benchmark = {
  name: 'log-pages',
  question: 'does page 1,000 of a filtered log cost what the first does?',
  run: async (stage: Stage, extent): Promise<Findings> => {
    const directory = mkdtempSync(join(stage.directory, 'log-'));
    const store = openSqliteStore({ directory, clock: systemClock, secretKey: 'a key of the benchmark' });
    try {
      const workspace = await store.workspaces.create('log');
      const all = await createWebhooks(store, workspace.number);
      const size = Math.ceil(attempts * extent.scale);
      for (let start = 0; start < size; start += attemptsPerWrite) {
        await writeAttempts(store, all, start, Math.min(attemptsPerWrite, size - start));
      }
      const table = new FigureTable();
      const notes: string[] = [`${size.toLocaleString('en')} attempts in the log`];
      for (const [name, filter] of filtersFor(all[0]?.number ?? 0)) {
        const far = await farthest(store.deliveries, workspace.number, filter);
        for (let round = 0; round < extent.rounds; round += 1) {
          const first = await costOf(store.deliveries, workspace.number, filter, null);
          const last = await costOf(store.deliveries, workspace.number, filter, far.cursor);
          table.add(`${name}: first page`, 'ms', first);
          table.add(`${name}: page ${far.page}`, 'ms', last);
          table.add(`${name}: page ${far.page} of the first`, 'times', last / first);
        }
      }
      return { figures: table.list(), notes };
    } finally {
      await store.close();
    }
  },
};

function filtersFor(webhookNumber: number): ReadonlyArray<readonly [string, DeliveryFilter]> {
  return [
    ['no filter', {}],
    ['webhook', { webhookNumber }],
    ['state', { state: 'exhausted' }],
    ['webhook and state', { webhookNumber, state: 'exhausted' }],
    ['event type', { eventType: 'type.3' }],
    ['status', { httpStatus: 500 }],
  ];
}

async function createWebhooks(store: Store, workspaceNumber: number): Promise<readonly Webhook[]> {
  const created: Webhook[] = [];
  for (let index = 0; index < webhooks; index += 1) {
    const health = {
      state: 'active',
      reason: null,
      sinceMs: 0,
      failuresInRow: 0,
      failingSinceMs: null,
    } as const;
    created.push(
      await store.webhooks.create({
        id: newWebhookId(),
        workspaceNumber,
        settings: { ...plainWebhookSettings, name: `webhook ${index}`, url: 'https://example.com/' },
        secret: 'whsec_none',
        health,
      }),
    );
  }
  return created;
}

async function writeAttempts(
  store: Store,
  all: readonly Webhook[],
  start: number,
  count: number,
): Promise<void> {
  const nowMs = systemClock.nowMs();
  const writes = Array.from({ length: count }, (_, offset) => {
    const index = start + offset;
    // Mixed, so that what a filter shows lies evenly among the rest.
    const dice = (index * 2_654_435_761) % 2 ** 32;
    const webhook = all[index % all.length];
    if (!webhook) throw new Error('There are no webhooks.');
    const failed = Math.floor(dice / 7) % failsOneOf === 0;
    const delivery: Delivery = {
      workspaceNumber: webhook.workspaceNumber,
      webhookNumber: webhook.number,
      seq: index + 1,
      acceptedAtMs: nowMs,
      batchSeqs: null,
      eventType: `type.${Math.floor(dice / 97) % eventTypes}`,
      webhookVersion: 1,
      state: failed ? 'exhausted' : 'succeeded',
      simulated: false,
      attempts: 1,
      createdAtMs: nowMs,
      finishedAtMs: nowMs,
      nextAttemptAtMs: null,
      lastHttpStatus: failed ? 500 : 200,
      lastErrorCode: failed ? 'HTTP_STATUS' : null,
      discardedBy: null,
    };
    return { kind: 'delivered', delivery, attempt: attemptOf(failed, nowMs), retry: null } as const;
  });
  await store.deliveries.write(writes);
}

function attemptOf(failed: boolean, startedAtMs: number): Attempt {
  return {
    number: 1,
    startedAtMs,
    webhookVersion: 1,
    outcome: failed ? 'failed' : 'succeeded',
    errorCode: failed ? 'HTTP_STATUS' : null,
    errorMessage: failed ? 'The consumer answered 500.' : null,
    httpStatus: failed ? 500 : 200,
    responseHeaders: { 'content-type': 'text/plain', date: 'Thu, 01 Jan 2026 00:00:00 GMT' },
    responseBody: 'thank you',
    responseTruncated: false,
    timing: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: 2, totalMs: 3 },
    replay: null,
  };
}

/** The cursor of page 1,000, or of the last full one before. */
async function farthest(
  log: DeliveryStore,
  workspaceNumber: number,
  filter: DeliveryFilter,
): Promise<{ readonly page: number; readonly cursor: string | null }> {
  let cursor: string | null = null;
  for (let page = 1; ; page += 1) {
    const { nextCursor } = await log.list(workspaceNumber, filter, { limit: itemsPerPage, cursor });
    if (page + 1 >= farPage || nextCursor === null) return { page: page + 1, cursor: nextCursor ?? cursor };
    cursor = nextCursor;
  }
}

/** What one page costs, in milliseconds: the median of several readings. */
async function costOf(
  log: DeliveryStore,
  workspaceNumber: number,
  filter: DeliveryFilter,
  cursor: string | null,
): Promise<number> {
  const costs: number[] = [];
  for (let reading = 0; reading < readings; reading += 1) {
    const beginMs = performance.now();
    await log.list(workspaceNumber, filter, { limit: itemsPerPage, cursor });
    costs.push(performance.now() - beginMs);
  }
  return costs.toSorted((one, other) => one - other)[Math.floor(readings / 2)] ?? 0;
}
