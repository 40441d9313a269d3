import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ColumnKey } from '../model/ids.ts';
import type { WebhookSettings } from '../model/webhook.ts';
import { matchSettings, type Reason } from './match.ts';
import { column, rowEvent, type ShownCells, settingsOf, tableOf } from './testing/events.ts';

const ready = 'rdy1' as ColumnKey;
const status = 'sta1' as ColumnKey;
const amount = 'amt1' as ColumnKey;
const table = tableOf([
  column('Title', 'text', 'ttl1'),
  column('Ready', 'checkbox', ready),
  column('Status', 'text', status),
  column('Amount', 'number', amount),
]);

interface Case {
  readonly rule: string;
  readonly settings: Partial<WebhookSettings>;
  /** Null: the row was not there. */
  readonly before: ShownCells | null;
  /** Null: the row is gone. */
  readonly after: ShownCells | null;
  readonly reason: Reason;
}

const addAndUpdate = { eventTypes: ['row.inserted', 'row.updated'] };
const addOnly = { eventTypes: ['row.inserted'] };
const updateOnly = { eventTypes: ['row.updated'] };

function decide(cases: readonly Case[]): void {
  for (const { rule, settings, before, after, reason } of cases) {
    test(rule, () => {
      const verdict = matchSettings(rowEvent(table, before, after), settingsOf(settings));
      assert.equal(verdict.reason, reason);
      assert.equal(verdict.fires, reason === 'fires' || reason === 'became-ready');
      assert.match(verdict.text, /^[A-Z].*\.$/, 'the text is a sentence for a person');
    });
  }
}

describe('Grist: event types', () => {
  decide([
    {
      rule: 'adding a row fires a webhook for additions',
      settings: addOnly,
      before: null,
      after: { Title: 'New' },
      reason: 'fires',
    },
    {
      rule: 'changing a row does not fire a webhook for additions',
      settings: addOnly,
      before: { Title: 'Old' },
      after: { Title: 'New' },
      reason: 'other-event-type',
    },
    {
      rule: 'changing a row fires a webhook for updates',
      settings: updateOnly,
      before: { Title: 'Old' },
      after: { Title: 'New' },
      reason: 'fires',
    },
    {
      rule: 'adding a row does not fire a webhook for updates',
      settings: updateOnly,
      before: null,
      after: { Title: 'New' },
      reason: 'other-event-type',
    },
    {
      rule: 'deleting a row fires nothing unless deletions are asked for, which Grist does not offer',
      settings: addAndUpdate,
      before: { Title: 'Old' },
      after: null,
      reason: 'other-event-type',
    },
    {
      rule: 'deleting a row fires a webhook for deletions',
      settings: { eventTypes: ['row.deleted'] },
      before: { Title: 'Old' },
      after: null,
      reason: 'fires',
    },
    {
      rule: 'row.* is every change of a row',
      settings: { eventTypes: ['row.*'] },
      before: { Title: 'Old' },
      after: null,
      reason: 'fires',
    },
  ]);
});

describe('Grist: filter for changes in these columns', () => {
  const filterColumns = [status, amount];
  decide([
    {
      rule: 'an update of one of the columns fires',
      settings: { ...addAndUpdate, filterColumns },
      before: { Status: 'open', Title: 'Same' },
      after: { Status: 'paid', Title: 'Same' },
      reason: 'fires',
    },
    {
      rule: 'an update of other columns only does not fire',
      settings: { ...addAndUpdate, filterColumns },
      before: { Status: 'open', Title: 'Old' },
      after: { Status: 'open', Title: 'New' },
      reason: 'no-filter-column-changed',
    },
    {
      rule: 'a new row fires whatever columns are filled in',
      settings: { ...addAndUpdate, filterColumns },
      before: null,
      after: { Title: 'New' },
      reason: 'fires',
    },
    {
      rule: 'an update of one of the columns does not fire when updates are not asked for',
      settings: { ...addOnly, filterColumns },
      before: { Status: 'open' },
      after: { Status: 'paid' },
      reason: 'other-event-type',
    },
    {
      rule: 'a new row does not fire when only updates are asked for',
      settings: { ...updateOnly, filterColumns },
      before: null,
      after: { Status: 'paid' },
      reason: 'other-event-type',
    },
    {
      rule: 'an empty list is any column',
      settings: { ...addAndUpdate, filterColumns: [] },
      before: { Title: 'Old' },
      after: { Title: 'New' },
      reason: 'fires',
    },
    {
      rule: 'emptying one of the columns is a change of it',
      settings: { ...addAndUpdate, filterColumns },
      before: { Status: 'open' },
      after: { Status: null },
      reason: 'fires',
    },
    {
      rule: 'a deletion is not held back by filter columns (beyond Grist)',
      settings: { eventTypes: ['row.deleted'], filterColumns },
      before: { Title: 'Old' },
      after: null,
      reason: 'fires',
    },
  ]);
});

describe('Grist: ready column', () => {
  const readyColumn = ready;
  decide([
    {
      rule: 'a row created ready is added',
      settings: { ...addOnly, readyColumn },
      before: null,
      after: { Ready: true },
      reason: 'fires',
    },
    {
      rule: 'a row created not ready fires nothing',
      settings: { ...addAndUpdate, readyColumn },
      before: null,
      after: { Ready: false, Title: 'New' },
      reason: 'not-ready',
    },
    {
      rule: 'becoming ready is an addition, although the row is old',
      settings: { ...addOnly, readyColumn },
      before: { Ready: false, Title: 'Old' },
      after: { Ready: true, Title: 'Old' },
      reason: 'became-ready',
    },
    {
      rule: 'becoming ready is no update',
      settings: { ...updateOnly, readyColumn },
      before: { Ready: false },
      after: { Ready: true },
      reason: 'other-event-type',
    },
    {
      rule: 'becoming ready from an empty cell is an addition',
      settings: { ...addOnly, readyColumn },
      before: { Ready: null },
      after: { Ready: true },
      reason: 'became-ready',
    },
    {
      rule: 'a change while ready is an update',
      settings: { ...updateOnly, readyColumn },
      before: { Ready: true, Title: 'Old' },
      after: { Ready: true, Title: 'New' },
      reason: 'fires',
    },
    {
      rule: 'a change while ready is no addition',
      settings: { ...addOnly, readyColumn },
      before: { Ready: true, Title: 'Old' },
      after: { Ready: true, Title: 'New' },
      reason: 'other-event-type',
    },
    {
      rule: 'a change while not ready fires nothing',
      settings: { ...addAndUpdate, readyColumn },
      before: { Ready: false, Title: 'Old' },
      after: { Ready: false, Title: 'New' },
      reason: 'not-ready',
    },
    {
      rule: 'becoming not ready fires nothing',
      settings: { ...addAndUpdate, readyColumn },
      before: { Ready: true },
      after: { Ready: false },
      reason: 'not-ready',
    },
    {
      rule: 'what is only like true is not ready',
      settings: { ...addAndUpdate, readyColumn },
      before: null,
      after: { Ready: 1 },
      reason: 'not-ready',
    },
    {
      rule: 'becoming ready is an addition, whatever the filter columns say',
      settings: { ...addAndUpdate, readyColumn, filterColumns: [status] },
      before: { Ready: false, Status: 'open' },
      after: { Ready: true, Status: 'open' },
      reason: 'became-ready',
    },
    {
      rule: 'filter columns gate the updates of a ready row',
      settings: { ...addAndUpdate, readyColumn, filterColumns: [status] },
      before: { Ready: true, Title: 'Old' },
      after: { Ready: true, Title: 'New' },
      reason: 'no-filter-column-changed',
    },
    {
      rule: 'deleting a ready row fires (beyond Grist)',
      settings: { eventTypes: ['row.deleted'], readyColumn },
      before: { Ready: true },
      after: null,
      reason: 'fires',
    },
    {
      rule: 'deleting a row that was not ready fires nothing',
      settings: { eventTypes: ['row.deleted'], readyColumn },
      before: { Ready: false },
      after: null,
      reason: 'not-ready',
    },
  ]);

  test('true again after not being ready is a second addition', () => {
    const settings = settingsOf({ ...addOnly, readyColumn });
    const history: ShownCells[] = [{ Ready: true }, { Ready: false }, { Ready: true }];
    const reasons = history.map(
      (after, place) => matchSettings(rowEvent(table, history[place - 1] ?? null, after), settings).reason,
    );
    assert.deepEqual(reasons, ['fires', 'not-ready', 'became-ready']);
  });

  test('a column that the table has no longer makes no row ready, and says so', () => {
    const narrow = tableOf(table.columns.filter(({ key }) => key !== ready));
    const verdict = matchSettings(
      rowEvent(narrow, null, { Title: 'New' }),
      settingsOf({ ...addAndUpdate, readyColumn }),
    );
    assert.deepEqual(verdict, {
      fires: false,
      reason: 'not-ready',
      text: 'The table no longer has the ready column.',
    });
  });
});

describe('columns are known by their key', () => {
  const renamed = tableOf(
    table.columns.map((original) =>
      original.key === ready
        ? { ...original, name: 'Done' }
        : original.key === status
          ? { ...original, name: 'State' }
          : original,
    ),
    { name: 'Deals' },
  );

  test('filter and ready columns go on working when columns and tables are renamed', () => {
    const settings = settingsOf({
      ...addAndUpdate,
      tableId: renamed.id,
      baseId: renamed.baseId,
      readyColumn: ready,
      filterColumns: [status],
    });
    const became = rowEvent(renamed, { Done: false }, { Done: true });
    const changed = rowEvent(renamed, { Done: true, State: 'open' }, { Done: true, State: 'paid' });
    const other = rowEvent(renamed, { Done: true, Title: 'Old' }, { Done: true, Title: 'New' });
    assert.deepEqual(
      [became, changed, other].map((event) => matchSettings(event, settings).reason),
      ['became-ready', 'fires', 'no-filter-column-changed'],
    );
  });
});
