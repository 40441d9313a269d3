import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { NewEvent } from '../model/event.ts';
import { Collection, mostEntries } from './collection.ts';
import { type Mail, type MailContext, mailOf } from './mail.ts';
import { noticeOf } from './notice.ts';
import { journalEvent, systemEvent } from './testing/events.ts';

const context: MailContext = {
  publicUrl: 'https://hooks.example',
  workspaceNames: new Map([[1, 'default']]),
};

function collectionOf(events: readonly NewEvent[]): Collection {
  const collection = new Collection();
  for (const event of events) {
    const notice = noticeOf(journalEvent(event));
    if (notice !== null) collection.add(notice);
  }
  return collection;
}

function mailAbout(...events: readonly NewEvent[]): Mail {
  return mailOf(collectionOf(events), context);
}

const disabled = systemEvent('webhook.disabled', 'Orders', {
  reason: '5 attempts failed in a row; the last one: The consumer answered 503.',
});
const recovered = systemEvent('webhook.recovered', 'Stock', {
  failuresInRow: 4,
  failingSince: '2026-01-01T09:00:00.000Z',
});
const backlog = systemEvent('webhook.backlog', 'Search', { waiting: 10_432, bound: 10_000 });
const exhausted = systemEvent('delivery.exhausted', 'Invoices', {
  delivery: 'msg_1',
  eventType: 'invoice.paid',
  attempts: 8,
  lastErrorCode: 'HTTP_STATUS',
  lastHttpStatus: 500,
});

describe('a mail with notices', () => {
  it('says all in its subject when it tells of one thing', () => {
    assert.equal(mailAbout(disabled).subject, '[Rowhook] Webhook "Orders" was disabled');
    assert.equal(mailAbout(recovered).subject, '[Rowhook] Webhook "Stock" recovered');
    assert.equal(mailAbout(backlog).subject, '[Rowhook] Webhook "Search" is far behind');
    const certificate = systemEvent('webhook.certificateExpiring', 'Bank', {
      subject: 'CN=us',
      expiresAt: '2026-02-01T00:00:00.000Z',
      daysLeft: 7,
    });
    assert.equal(
      mailAbout(certificate).subject,
      '[Rowhook] The client certificate of webhook "Bank" expires',
    );
    assert.match(mailAbout(certificate).text, /of CN=us expires in 7 days: 2026-02-01T00:00:00.000Z\./);
    assert.equal(mailAbout(exhausted).subject, '[Rowhook] 1 delivery of webhook "Invoices" exhausted');
    assert.equal(
      mailAbout(exhausted, exhausted).subject,
      '[Rowhook] 2 deliveries of webhook "Invoices" exhausted',
    );
  });

  it('counts in its subject when it tells of more', () => {
    const other = systemEvent('webhook.disabled', 'Other', { reason: 'The consumer answered 410 Gone.' });
    assert.equal(
      mailAbout(exhausted, disabled, recovered, exhausted, backlog, other).subject,
      '[Rowhook] 2 webhooks disabled, 1 webhook recovered, 1 webhook far behind, 2 deliveries exhausted',
    );
  });

  it('tells what happened, when, why, and where to look', () => {
    const later = { ...exhausted, occurredAtMs: exhausted.occurredAtMs + 42_000 };
    assert.equal(
      mailAbout(exhausted, disabled, recovered, later, backlog).text,
      `DISABLED. Nothing is sent until someone enables them; their events are held.

  Orders (orders.example)
    1 time, at 2026-01-01 10:00:00 UTC
    5 attempts failed in a row; the last one: The consumer answered 503.
    https://hooks.example/webhooks/wh_Orders

RECOVERED. They had been failing and take deliveries again.

  Stock (stock.example)
    1 time, at 2026-01-01 10:00:00 UTC
    4 attempts had failed in a row, since 2026-01-01T09:00:00.000Z.
    https://hooks.example/webhooks/wh_Stock

FAR BEHIND. More events wait for them than the bound.

  Search (search.example)
    1 time, at 2026-01-01 10:00:00 UTC
    10,432 events wait; the bound for this notice is 10,000 events.
    https://hooks.example/webhooks/wh_Search

DELIVERIES EXHAUSTED. Their attempts are used up; they can be sent again from the console.

  Invoices (invoices.example)
    2 deliveries, from 2026-01-01 10:00:00 UTC to 2026-01-01 10:00:42 UTC
    The last one is of type invoice.paid and failed with HTTP status 500.
    https://hooks.example/webhooks/wh_Invoices

-- 
These mails are a courtesy, and may be late or get lost. To be told reliably, subscribe a webhook to
webhook.disabled, webhook.recovered, webhook.backlog, webhook.certificateExpiring and delivery.exhausted.
`,
    );
  });

  it('names the workspace where there is more than one', () => {
    const workspaceNames = new Map([
      [1, 'acme'],
      [2, 'other'],
    ]);
    assert.match(
      mailOf(collectionOf([disabled]), { ...context, workspaceNames }).text,
      /^ {4}Workspace acme$/m,
    );
    assert.doesNotMatch(mailAbout(disabled).text, /Workspace/);
  });

  it('does not repeat the path and query of a URL, which may be secret', () => {
    assert.doesNotMatch(mailAbout(disabled, exhausted).text, /secret-path|key=1/);
  });

  it('keeps a name within its line, whatever it has in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const { subject, text } = mailAbout(systemEvent('webhook.disabled', name, { reason: 'r' }));
        assert.doesNotMatch(subject, /[\r\n\u2028\u2029]/);
        assert.equal(text.split('\n').length, mailAbout(disabled).text.split('\n').length);
      }),
    );
    const { text } = mailAbout(systemEvent('webhook.disabled', 'a\r\nDISABLED\u202e. b', { reason: 'r' }));
    assert.match(text, /^ {2}a DISABLED . b \(/m);
  });

  it('is bounded, and counts what did not fit', () => {
    const events = Array.from({ length: mostEntries + 30 }, (_, index) =>
      systemEvent('webhook.disabled', `hook${index}`, { reason: 'r' }),
    );
    const mail = mailAbout(...events);
    assert.equal(mail.subject, `[Rowhook] ${mostEntries} webhooks disabled`);
    assert.match(mail.text, /^30 more notices did not fit into this mail\.$/m);
    // Of what is in it, more is still counted.
    const again = mailAbout(...events, ...events);
    assert.match(again.text, /^60 more notices did not fit/m);
    assert.match(again.text, /^ {4}2 times, from/m);
  });

  it('is made of two collections as of one', () => {
    const first = collectionOf([disabled, exhausted]);
    first.join(collectionOf([exhausted, backlog]));
    assert.deepEqual(mailOf(first, context), mailAbout(disabled, exhausted, exhausted, backlog));
  });
});

describe('an event', () => {
  it('is a notice only if Rowhook made it and it happened', () => {
    assert.equal(noticeOf(journalEvent({ ...disabled, type: 'invoice.paid' })), null);
    assert.equal(noticeOf(journalEvent(disabled, { simulatedFor: 'wh_1' })), null);
    assert.equal(noticeOf(journalEvent(disabled))?.kind, 'disabled');
  });

  it('never makes the reader throw, whatever data it carries', () => {
    const types = fc.constantFrom(
      'webhook.disabled',
      'webhook.recovered',
      'webhook.backlog',
      'delivery.exhausted',
    );
    const anything = fc.oneof(fc.jsonValue(), fc.constant({ toString: 1 }));
    const webhook = fc.record({ id: fc.oneof(anything, fc.constant('wh_1')), name: anything, url: anything });
    const plausible = fc.record({ webhook, reason: anything, lastHttpStatus: anything, waiting: anything });
    const data = fc.oneof(
      fc.json(),
      fc.string(),
      plausible.map((members) => JSON.stringify(members)),
    );
    fc.assert(
      fc.property(types, data, (type, dataJson) => {
        noticeOf(journalEvent({ ...disabled, type, dataJson }));
      }),
    );
  });
});
