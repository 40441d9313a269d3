import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ManualClock } from '../delivery/testing/manual-clock.ts';
import type { NewEvent } from '../model/event.ts';
import type { Store } from '../store/port.ts';
import { openSqliteStore } from '../store/sqlite/index.ts';
import { Mailer, Notices } from './index.ts';
import { systemEvent } from './testing/events.ts';
import { MailServer } from './testing/mail-server.ts';

const minute = 60_000;
const recipients = ['ann@example.com', 'ops@example.com'];

let clock: ManualClock;
let directory: string;
let store: Store;
let workspace: number;
let server: MailServer;
let notices: Notices;
let errors: unknown[];
let failed: () => void;

beforeEach(async () => {
  clock = new ManualClock();
  directory = mkdtempSync(join(tmpdir(), 'rowhook-notices-'));
  store = openSqliteStore({ directory, clock, secretKey: 'test' });
  workspace = (await store.workspaces.create('default')).number;
  errors = [];
  failed = () => undefined;
  server = await MailServer.start();
  start(server.url);
});

afterEach(async () => {
  await notices.stop(0);
  await store.close();
  await server.stop();
  rmSync(directory, { recursive: true });
});

function start(smtpUrl: string): void {
  notices = new Notices({
    store,
    clock,
    mailer: new Mailer({ smtpUrl, from: 'rowhook@example.com', recipients }),
    publicUrl: 'https://hooks.example',
    onError: (error) => {
      errors.push(error);
      failed();
    },
  });
  notices.follow(store.journal);
}

async function happen(...events: readonly NewEvent[]): Promise<void> {
  await store.journal.append(workspace, events);
}

/** Moves the clock, and resolves when the mail that this sends has failed. */
async function failureAfter(byMs: number): Promise<void> {
  const failure = new Promise<void>((resolve) => {
    failed = resolve;
  });
  await clock.advance(byMs, async () => undefined);
  await failure;
  // The timer of the next attempt is set in the same turn or the next.
  for (let turn = 0; clock.nextTimerMs === null && turn < 100; turn += 1) await setImmediate();
}

const advance = (byMs: number): Promise<void> => clock.advance(byMs, async () => undefined);
const disabled = systemEvent('webhook.disabled', 'Orders', { reason: 'The consumer answered 410 Gone.' });
const exhausted = systemEvent('delivery.exhausted', 'Invoices', { eventType: 'a.b', lastHttpStatus: 500 });

describe('notices', () => {
  it('arrive by mail a minute after the first of them, all in one', async () => {
    await happen(disabled);
    await advance(minute - 1);
    await happen(exhausted, exhausted);
    assert.equal(server.mails.length, 0);
    await advance(1);
    const mail = await server.next();
    assert.equal(mail.subject, '[Rowhook] 1 webhook disabled, 2 deliveries exhausted');
    assert.equal(mail.from, 'rowhook@example.com');
    assert.deepEqual(mail.to, recipients);
    assert.match(mail.text, /https:\/\/hooks\.example\/webhooks\/wh_Orders/);
    assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
    assert.match(mail.headers.get('content-type') ?? '', /^text\/plain/);
    assert.deepEqual(errors, []);
  });

  it('are none when nothing happened that they tell of', async () => {
    await happen({ ...disabled, type: 'invoice.paid' }, { ...disabled, simulatedFor: 'wh_1' });
    assert.equal(clock.nextTimerMs, null);
  });

  it('keep names in other scripts readable', async () => {
    await happen(systemEvent('webhook.disabled', 'Größe 订单 🚚', { reason: 'r' }));
    await advance(minute);
    const mail = await server.next();
    assert.equal(mail.subject, '[Rowhook] Webhook "Größe 订单 🚚" was disabled');
    assert.match(mail.text, /Größe 订单 🚚/);
  });

  it('that come while a mail is under way go into the next', async () => {
    await happen(disabled);
    await advance(minute);
    await happen(exhausted);
    assert.match((await server.next()).subject, /was disabled$/);
    for (let turn = 0; clock.nextTimerMs === null && turn < 1_000; turn += 1) await setImmediate();
    await advance(minute);
    assert.match((await server.next()).subject, /exhausted$/);
  });

  it('wait longer and longer while the server is down, and arrive together once it is back', async () => {
    await server.stop();
    await happen(disabled);
    await failureAfter(minute);
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      await happen(exhausted);
      assert.equal((clock.nextTimerMs ?? 0) - clock.monotonicMs(), minutes * minute);
      await failureAfter(minutes * minute);
    }
    await server.restart();
    await advance(60 * minute);
    const mail = await server.next();
    assert.equal(mail.subject, '[Rowhook] 1 webhook disabled, 8 deliveries exhausted');
    assert.match(String((errors[0] as Error).cause), /ECONNREFUSED/);
  });

  it('are tried again when the server refuses the mail', async () => {
    server.mood = 'refusing';
    await happen(disabled);
    await failureAfter(minute);
    server.mood = 'well';
    await advance(minute);
    assert.match((await server.next()).subject, /was disabled$/);
  });

  it('reach the others when one recipient is refused, which is told', async () => {
    server.unknown.add('ops@example.com');
    await happen(disabled);
    await failureAfter(minute);
    assert.deepEqual((await server.next()).to, ['ann@example.com']);
    assert.match(String(errors[0]), /refused the recipients ops@example\.com/);
    assert.equal(clock.nextTimerMs, null);
  });

  it('that are collected are mailed when Rowhook stops', async () => {
    await happen(disabled);
    await notices.stop(10_000);
    assert.match((await server.next()).subject, /was disabled$/);
    assert.equal(clock.nextTimerMs, null);
  });

  it('do not keep Rowhook from stopping when the server is stuck', async () => {
    server.mood = 'stuck';
    await happen(disabled);
    const received = server.received();
    await advance(minute);
    await received;
    await happen(exhausted);
    const stopped = notices.stop(5_000);
    await advance(5_000);
    await stopped;
    assert.equal(errors.length, 1);
    assert.match(String((errors[0] as Error).cause), /abort/i);
  });

  it('do not hold up the journal while the mail server is stuck', async () => {
    server.mood = 'stuck';
    const received = server.received();
    await happen(disabled);
    await advance(minute);
    await received;
    const before = store.counts();
    for (let round = 0; round < 100; round += 1) await happen(exhausted);
    const after = store.counts();
    assert.equal(after.transactions - before.transactions, 100);
    const stopped = notices.stop(0);
    await advance(0);
    await stopped;
  });
});

describe('the mail server', () => {
  it('may ask for a password, and is reached through TLS when it offers that', async () => {
    const secure = await MailServer.start({ authOptional: false, disabledCommands: [] });
    try {
      const url = `smtp://ann:right@127.0.0.1:${secure.port}?tls.rejectUnauthorized=false`;
      const mailer = new Mailer({ smtpUrl: url, from: 'rowhook@example.com', recipients });
      const refused = await mailer.send({ subject: 's', text: 't' }, new AbortController().signal);
      assert.deepEqual(refused, []);
      assert.equal((await secure.next()).user, 'ann');
      mailer.close();
    } finally {
      await secure.stop();
    }
  });

  it('that takes the wrong password for wrong gets no mail, and no word of it is in the error', async () => {
    const url = `smtp://ann:not-the-password@127.0.0.1:${server.port}`;
    const mailer = new Mailer({ smtpUrl: url, from: 'rowhook@example.com', recipients });
    await assert.rejects(mailer.send({ subject: 's', text: 't' }, new AbortController().signal), (error) => {
      assert.match(String(error), /Wrong password/);
      assert.doesNotMatch(JSON.stringify(error) + String(error), /not-the-password/);
      return true;
    });
    assert.equal(server.mails.length, 0);
    mailer.close();
  });
});
