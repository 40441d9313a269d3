import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BaseId, ColumnKey, TableId } from '../model/ids.ts';
import type { WebhookSettings } from '../model/webhook.ts';
import { explain, match, matchSettings, type Reason } from './match.ts';
import { column, postedEvent, rowEvent, settingsOf, tableOf, webhookOf } from './testing/events.ts';

const ready = 'rdy1' as ColumnKey;
const status = 'sta1' as ColumnKey;
const table = tableOf([
  column('Title', 'text', 'ttl1'),
  column('Ready', 'checkbox', ready),
  column('Status', 'text', status),
  column('Amount', 'number', 'amt1'),
]);

describe('base and table', () => {
  const inserted = rowEvent(table, null, { Title: 'New' });
  const posted = postedEvent('invoice.paid', { amount: 1 });

  test('a webhook of a base gets the changes of all its tables, and no others', () => {
    const other = rowEvent(tableOf(table.columns, { id: 'zzzz' as TableId }), null, { Title: 'New' });
    const foreign = rowEvent(tableOf(table.columns, { baseId: 'f0'.repeat(16) as BaseId }), null, {});
    const settings = settingsOf({ baseId: table.baseId });
    assert.deepEqual(
      [inserted, other, foreign, posted].map((event) => matchSettings(event, settings).reason),
      ['fires', 'fires', 'other-base', 'other-base'],
    );
  });

  test('a webhook of a table gets the changes of that table only', () => {
    const other = rowEvent(tableOf(table.columns, { id: 'zzzz' as TableId }), null, { Title: 'New' });
    const settings = settingsOf({ baseId: table.baseId, tableId: table.id });
    assert.deepEqual(
      [inserted, other, posted].map((event) => matchSettings(event, settings).reason),
      ['fires', 'other-table', 'other-base'],
    );
  });

  test('a webhook without a base gets everything in the workspace', () => {
    assert.deepEqual(
      [inserted, posted].map((event) => matchSettings(event, settingsOf()).reason),
      ['fires', 'fires'],
    );
  });
});

describe('Codat: event types and tags', () => {
  test('a webhook gets the event types that it names, and groups of them', () => {
    const paid = postedEvent('invoices.write.successful', {});
    const fires = (eventTypes: readonly string[]): boolean =>
      matchSettings(paid, settingsOf({ eventTypes })).fires;
    assert.equal(fires(['invoices.write.successful']), true);
    assert.equal(fires(['invoices.write.*']), true);
    assert.equal(fires(['invoices.*']), true);
    assert.equal(fires(['*']), true);
    assert.equal(fires(['company.created', 'invoices.*']), true);
    assert.equal(fires(['invoices.write']), false);
    assert.equal(fires(['invoice.*']), false);
    assert.equal(fires(['invoices.write.successful.*']), false);
  });

  test('one tag in common is enough', () => {
    const event = postedEvent('company.created', {}, { tags: ['company:42', 'plan:gold'] });
    const reason = (tags: readonly string[]): Reason => matchSettings(event, settingsOf({ tags })).reason;
    assert.equal(reason([]), 'fires');
    assert.equal(reason(['company:42']), 'fires');
    assert.equal(reason(['company:7', 'plan:gold']), 'fires');
    assert.equal(reason(['company:7']), 'no-tag-in-common');
    assert.equal(reason(['company:4']), 'no-tag-in-common');
  });
});

describe('filter expressions', () => {
  const settings = (filter: string): WebhookSettings =>
    settingsOf({ eventTypes: ['row.inserted', 'row.updated'], filter });
  const paid = rowEvent(table, { Status: 'open' }, { Status: 'paid' });

  test('the webhook fires only when the expression is true', () => {
    assert.equal(matchSettings(paid, settings('record.Status == "paid"')).reason, 'fires');
    assert.equal(matchSettings(paid, settings('record.Status == "open"')).reason, 'filter-not-true');
  });

  test('an expression that cannot be evaluated does not fire, and says why', () => {
    const verdict = matchSettings(paid, settings('record.Stat == "paid"'));
    assert.deepEqual(verdict, {
      fires: false,
      reason: 'filter-failed',
      text: 'The filter expression could not be evaluated: No such key: Stat.',
    });
  });

  test('an expression that was saved but is not valid does not fire, and says why', () => {
    const verdict = matchSettings(paid, settings('record.Status =='));
    assert.equal(verdict.reason, 'filter-failed');
    assert.match(verdict.text, /Unexpected token/);
  });

  test('other settings are looked at first, so that their reason is told', () => {
    const verdict = matchSettings(paid, settingsOf({ eventTypes: ['row.inserted'], filter: 'record.Nope' }));
    assert.equal(verdict.reason, 'other-event-type');
  });

  test('a group of the catalogue stands for the types that were in it', () => {
    const settings = settingsOf({ eventTypes: ['group:billing'] });
    const reason = (groups: readonly string[]): Reason =>
      matchSettings({ ...postedEvent('invoice.paid', {}), groups }, settings).reason;
    assert.equal(reason(['money', 'billing']), 'fires');
    assert.equal(reason(['bill']), 'other-event-type');
    assert.equal(reason([]), 'other-event-type');
    assert.equal(matchSettings(postedEvent('billing', {}), settings).reason, 'other-event-type');
  });

  test('a row that became ready is still filtered', () => {
    const event = rowEvent(table, { Ready: false, Amount: 5 }, { Ready: true, Amount: 5 });
    const reason = (filter: string): Reason =>
      matchSettings(event, settingsOf({ eventTypes: ['row.inserted'], readyColumn: ready, filter })).reason;
    assert.equal(reason('record.Amount > 1'), 'became-ready');
    assert.equal(reason('record.Amount > 10'), 'filter-not-true');
  });
});

describe('a webhook and its past', () => {
  test('events from before the webhook, or skipped when it was enabled, are none of its business', () => {
    const event = postedEvent('invoice.paid', {});
    assert.equal(match(event, webhookOf({}, { startsAfterSeq: event.seq })).reason, 'before-start');
    assert.equal(match(event, webhookOf({}, { startsAfterSeq: event.seq - 1 })).reason, 'fires');
  });

  test('a simulated event goes to its webhook alone, whatever that listens to', () => {
    const mine = webhookOf({ eventTypes: ['company.created'] });
    const other = webhookOf({ eventTypes: ['*'] });
    const event = { ...postedEvent('invoice.paid', {}), simulatedFor: mine.id };
    assert.equal(match(event, mine).reason, 'fires');
    assert.equal(match(event, other).reason, 'simulated-for-other');
  });
});

describe('explain: why did it fire, or not?', () => {
  const event = postedEvent('invoice.paid', {}, { tags: ['company:42'] });

  test('the reason is told in the words of the settings', () => {
    const text = (settings: Partial<WebhookSettings>): string => explain(event, webhookOf(settings)).text;
    assert.equal(text({}), 'The event matches every setting of the webhook.');
    assert.equal(
      text({ eventTypes: ['company.*', 'row.*'] }),
      'The webhook listens to company.*, row.*; for it this is invoice.paid.',
    );
    assert.equal(text({ tags: ['company:7'] }), 'The event has none of the tags company:7.');
    assert.equal(text({ baseId: table.baseId }), 'The webhook listens to another base.');
  });

  test('becoming ready is told as what it is for this webhook', () => {
    const became = rowEvent(table, { Ready: false }, { Ready: true });
    const text = (eventTypes: readonly string[]): string =>
      explain(became, webhookOf({ eventTypes, readyColumn: ready })).text;
    assert.equal(
      text(['row.inserted']),
      'The ready column became true, which for this webhook is an insert.',
    );
    assert.equal(text(['row.updated']), 'The webhook listens to row.updated; for it this is row.inserted.');
  });

  test('a matching event of a stopped webhook is held, with the reason of the stop', () => {
    const stopped = webhookOf(
      {},
      {
        health: {
          state: 'disabled',
          reason: '5 attempts failed in a row',
          sinceMs: 0,
          failuresInRow: 5,
          failingSinceMs: 0,
        },
      },
    );
    assert.deepEqual(explain(event, stopped), {
      fires: false,
      reason: 'stopped',
      text: 'The event matches and is held, since the webhook is disabled: 5 attempts failed in a row.',
    });
    assert.equal(match(event, stopped).fires, true, 'matching itself does not look at the state');
  });
});

describe('parsing', () => {
  test('an event is parsed once, however many webhooks look at its rows', (t) => {
    const parse = t.mock.method(JSON, 'parse');
    const event = rowEvent(table, { Status: 'open' }, { Status: 'paid' });
    for (let count = 0; count < 1_000; count += 1) {
      const filter = count % 2 === 0 ? 'record.Status == "paid"' : null;
      match(event, webhookOf({ eventTypes: ['row.*'], filterColumns: [status], filter }));
    }
    assert.equal(parse.mock.callCount(), 1);
  });

  test('an event is not parsed at all when no webhook looks at its rows', (t) => {
    const parse = t.mock.method(JSON, 'parse');
    match(rowEvent(table, { Status: 'open' }, { Status: 'paid' }), webhookOf({ eventTypes: ['row.*'] }));
    assert.equal(parse.mock.callCount(), 0);
  });
});
