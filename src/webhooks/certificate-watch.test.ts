import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { webhookOf } from '../matching/testing/events.ts';
import type { NewEvent } from '../model/event.ts';
import { CertificateWatch, warningOf } from './certificate-watch.ts';

const certificate = readFileSync(new URL('../egress/fixtures/client-one.pem', import.meta.url), 'utf8');
const expiresAtMs = Date.UTC(2120, 0, 1);
const dayMs = 24 * 60 * 60 * 1_000;
const webhook = webhookOf({ url: 'https://bank.example/', tls: { certificate, key: 'k', ca: null } });

/** The days that are told of between two times, both in days before the end. */
function told(from: number, to: number): number | null {
  const event = warningOf(webhook, expiresAtMs - from * dayMs, expiresAtMs - to * dayMs);
  return event === null ? null : (JSON.parse(event.dataJson) as { daysLeft: number }).daysLeft;
}

it('a client certificate is told of on certain days before its end, and once it has expired', () => {
  assert.equal(told(40, 30.5), null);
  assert.equal(told(30.5, 30), 30);
  assert.equal(told(30, 29), null);
  assert.equal(told(14.1, 13.9), 14);
  assert.equal(told(1.5, 0.5), 1);
  assert.equal(told(0.5, -0.5), 0);
  assert.equal(told(-0.5, -100), null);
});

it('of several days that went by only the last is told', () => {
  assert.equal(told(20, 2), 3);
});

it('a webhook without one is never told of', () => {
  assert.equal(warningOf(webhookOf({}), 0, Number.MAX_SAFE_INTEGER), null);
});

it('the watch tells each day once, names the webhook, and goes on after a failure', async () => {
  let nowMs = expiresAtMs - 7.01 * dayMs;
  const timers: (() => void)[] = [];
  const written: NewEvent[] = [];
  const errors: unknown[] = [];
  let broken = false;
  const watch = new CertificateWatch({
    webhooks: () => [webhook],
    journal: {
      append: async (_workspace, events) => {
        if (broken) throw new Error('full');
        written.push(...events);
        return [];
      },
    },
    clock: {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      after: (_delay, callback) => {
        timers.push(callback);
        return () => undefined;
      },
    },
    onError: (error) => errors.push(error),
  });
  const hour = async (): Promise<void> => {
    timers.shift()?.();
    await watch.stop();
  };
  watch.start();
  await watch.stop();
  assert.equal(written.length, 0);
  nowMs += 0.02 * dayMs;
  broken = true;
  await hour();
  assert.deepEqual([written.length, errors.length], [0, 1]);
  broken = false;
  await hour();
  await hour();
  assert.equal(written.length, 1);
  assert.equal(written[0]?.type, 'webhook.certificateExpiring');
  assert.deepEqual(written[0]?.tags, [`webhook:${webhook.id}`]);
});
