import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JournalEvent } from '../model/event.ts';
import type { BaseId, ColumnKey, TableId } from '../model/ids.ts';
import type { Webhook, WebhookSettings } from '../model/webhook.ts';
import { match } from './match.ts';
import { SubscriptionIndex } from './subscription-index.ts';
import { column, postedEvent, rowEvent, tableOf, webhookOf } from './testing/events.ts';

const ready = 'rdy1' as ColumnKey;
const columns = [column('Title', 'text', 'ttl1'), column('Ready', 'checkbox', ready)];
const bases = ['base1', 'base2'] as BaseId[];
const tables = ['tab1', 'tab2'] as TableId[];
const types = ['invoice.paid', 'invoice.sent', 'invoice', 'invoices.write.successful', 'company.created'];

const anyRowEvent = fc
  .record({
    baseId: fc.constantFrom(...bases),
    id: fc.constantFrom(...tables),
    workspaceNumber: fc.integer({ min: 1, max: 2 }),
    before: fc.option(fc.record({ Ready: fc.boolean(), Title: fc.constantFrom('a', 'b') })),
    after: fc.record({ Ready: fc.boolean(), Title: fc.constantFrom('a', 'b') }),
    deleted: fc.boolean(),
  })
  .map(({ before, after, deleted, ...place }) =>
    rowEvent(tableOf(columns, place), before, deleted && before !== null ? null : after),
  );
const anyPostedEvent = fc
  .record({
    type: fc.constantFrom(...types),
    workspaceNumber: fc.integer({ min: 1, max: 2 }),
    tags: fc.subarray(['a:1', 'b:2']),
    groups: fc.subarray(['invoice', 'billing', 'write']),
  })
  .map(({ type, ...more }) => postedEvent(type, {}, more));
const anyEvent = fc.oneof(anyRowEvent, anyPostedEvent);

const anySettings: fc.Arbitrary<Partial<WebhookSettings>> = fc.record({
  eventTypes: fc.uniqueArray(
    fc.constantFrom(
      ...types,
      '*',
      'row.*',
      'row.inserted',
      'row.updated',
      'row.deleted',
      'invoice.*',
      'invoices.*',
      'invoices.write.*',
      'group:billing',
      'group:invoice',
    ),
    { minLength: 1, maxLength: 4 },
  ),
  baseId: fc.option(fc.constantFrom(...bases), { nil: null }),
  tableId: fc.option(fc.constantFrom(...tables), { nil: null }),
  tags: fc.subarray(['a:1', 'b:2']),
  readyColumn: fc.option(fc.constant(ready), { nil: null }),
  filterColumns: fc.subarray(['ttl1' as ColumnKey]),
});
const anyWebhook = fc
  .record({ settings: anySettings, workspaceNumber: fc.integer({ min: 1, max: 2 }) })
  .map(({ settings, workspaceNumber }) => webhookOf(settings, { workspaceNumber }));

function candidatesOf(index: SubscriptionIndex, event: JournalEvent): Webhook[] {
  const candidates: Webhook[] = [];
  index.forEachCandidate(event, (webhook) => candidates.push(webhook));
  return candidates;
}

describe('the subscription index', () => {
  test('never misses a webhook that fires', () => {
    fc.assert(
      fc.property(fc.array(anyWebhook, { maxLength: 20 }), anyEvent, fc.nat(), (webhooks, event, pick) => {
        const index = new SubscriptionIndex();
        for (const webhook of webhooks) index.add(webhook);
        const simulatedFor = pick % 3 === 0 ? webhooks[pick % webhooks.length]?.id : undefined;
        const offered = simulatedFor === undefined ? event : { ...event, simulatedFor };
        const firing = webhooks.filter(
          (webhook) => webhook.workspaceNumber === offered.workspaceNumber && match(offered, webhook).fires,
        );
        const candidates = candidatesOf(index, offered);
        for (const webhook of firing) assert.ok(candidates.includes(webhook));
      }),
      { numRuns: 1_000 },
    );
  });

  test('visits a webhook once, and none of another workspace', () => {
    fc.assert(
      fc.property(fc.array(anyWebhook, { maxLength: 20 }), anyEvent, (webhooks, event) => {
        const index = new SubscriptionIndex();
        for (const webhook of webhooks) index.add(webhook);
        const candidates = candidatesOf(index, event);
        assert.equal(new Set(candidates).size, candidates.length);
        assert.ok(candidates.every(({ workspaceNumber }) => workspaceNumber === event.workspaceNumber));
      }),
    );
  });

  test('forgets what is removed', () => {
    fc.assert(
      fc.property(fc.array(anyWebhook, { maxLength: 20 }), anyEvent, (webhooks, event) => {
        const index = new SubscriptionIndex();
        for (const webhook of webhooks) index.add(webhook);
        for (const webhook of webhooks) index.remove(webhook);
        assert.deepEqual(candidatesOf(index, event), []);
        const simulated = { ...event, simulatedFor: webhooks[0]?.id ?? 'wh_none' };
        assert.deepEqual(candidatesOf(index, simulated), []);
      }),
    );
  });

  test('finds for each of many events what it finds for the first, while webhooks come and go', () => {
    const change = fc.record({ webhook: anyWebhook, remove: fc.boolean(), events: fc.array(anyEvent) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const index = new SubscriptionIndex();
        const present = new Set<Webhook>();
        for (const { webhook, remove, events } of changes) {
          const [oldest] = present;
          if (remove && oldest) {
            index.remove(oldest);
            present.delete(oldest);
          } else {
            index.add(webhook);
            present.add(webhook);
          }
          for (const event of events) {
            const fresh = new SubscriptionIndex();
            for (const each of present) fresh.add(each);
            assert.deepEqual(new Set(candidatesOf(index, event)), new Set(candidatesOf(fresh, event)));
          }
        }
      }),
    );
  });

  test('looks at the webhooks that may fire, not at all there are', () => {
    const index = new SubscriptionIndex();
    for (let count = 0; count < 10_000; count += 1) {
      const tableId = `t${count}` as TableId;
      index.add(webhookOf({ eventTypes: ['row.*'], baseId: 'base1' as BaseId, tableId }));
      index.add(webhookOf({ eventTypes: [`type${count}.happened`] }));
    }
    const wanted = webhookOf({
      eventTypes: ['row.updated'],
      baseId: 'base1' as BaseId,
      tableId: 't77' as TableId,
    });
    index.add(wanted);
    const place = { baseId: 'base1' as BaseId, id: 't77' as TableId };
    const event = rowEvent(tableOf(columns, place), { Title: 'a' }, { Title: 'b' });
    assert.equal(candidatesOf(index, event).length, 2);
    assert.ok(candidatesOf(index, event).includes(wanted));
    assert.equal(candidatesOf(index, postedEvent('type77.happened', {})).length, 1);
    assert.equal(candidatesOf(index, postedEvent('unknown.happened', {})).length, 0);
  });

  test('gives a simulated event to its webhook, although that listens to other events', () => {
    const index = new SubscriptionIndex();
    const mine = webhookOf({ eventTypes: ['company.created'] });
    index.add(mine);
    index.add(webhookOf({ eventTypes: ['*'] }));
    const event = { ...postedEvent('invoice.paid', {}), simulatedFor: mine.id };
    assert.deepEqual(candidatesOf(index, event), [mine]);
  });
});
