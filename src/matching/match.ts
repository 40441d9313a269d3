import { isSystemEventType, type JournalEvent, type RowEventData, webhookTag } from '../model/event.ts';
import type { Table } from '../model/table.ts';
import { isRunning, type Webhook, type WebhookSettings } from '../model/webhook.ts';
import { dataOf } from './event-data.ts';
import { matchesEventType } from './event-types.ts';
import { compileFilter, type FilterCompilation } from './filter.ts';

/** Why a webhook fires for an event, or why not. */
export type Reason =
  | 'fires'
  | 'became-ready'
  | 'simulated-for-other'
  | 'before-start'
  | 'about-itself'
  | 'stopped'
  | 'other-event-type'
  | 'other-base'
  | 'other-table'
  | 'no-tag-in-common'
  | 'not-ready'
  | 'no-filter-column-changed'
  | 'filter-not-true'
  | 'filter-failed';

export interface Verdict {
  readonly fires: boolean;
  readonly reason: Reason;
  /** For a person. */
  readonly text: string;
}

const fires: Verdict = {
  fires: true,
  reason: 'fires',
  text: 'The event matches every setting of the webhook.',
};
const becameReady: Verdict = {
  fires: true,
  reason: 'became-ready',
  text: 'The ready column became true, which for this webhook is an insert.',
};

/**
 * Whether the settings let the event through. The state of the webhook is not looked at: events of a
 * stopped webhook are held for it. Row data is parsed only when a ready or filter column asks for it.
 */
export function match(event: JournalEvent, webhook: Webhook): Verdict {
  const { settings } = webhook;
  if (event.simulatedFor !== undefined) {
    return event.simulatedFor === webhook.id
      ? fires
      : refuse('simulated-for-other', 'The event was simulated for another webhook.');
  }
  if (event.seq <= webhook.startsAfterSeq) {
    return refuse('before-start', 'The event is older than the webhook, or was skipped when it was enabled.');
  }
  if (isAbout(event, webhook)) {
    return refuse(
      'about-itself',
      'The event tells of this webhook, which cannot be relied on to deliver it.',
    );
  }
  return matchSettings(event, settings);
}

/** Like `match`, for settings that belong to no webhook yet. */
export function matchSettings(event: JournalEvent, settings: WebhookSettings): Verdict {
  const verdict = matchRules(event, settings);
  if (!verdict.fires || settings.filter === null) return verdict;
  const refusal = askFilter(event, settings);
  return refusal ?? verdict;
}

/** Everything but the filter expression, which costs most and so is asked last. */
function matchRules(event: JournalEvent, settings: WebhookSettings): Verdict {
  if (settings.baseId !== null && event.subject?.table.baseId !== settings.baseId) {
    return refuse('other-base', 'The webhook listens to another base.');
  }
  if (settings.tableId !== null && event.subject?.table.id !== settings.tableId) {
    return refuse('other-table', 'The webhook listens to another table.');
  }
  if (settings.tags.length > 0 && !settings.tags.some((tag) => event.tags.includes(tag))) {
    return refuse('no-tag-in-common', `The event has none of the tags ${settings.tags.join(', ')}.`);
  }
  if (event.subject === null || (settings.readyColumn === null && settings.filterColumns.length === 0)) {
    return matchesEventType(event.type, settings.eventTypes, event.groups)
      ? fires
      : otherEventType(event.type, settings);
  }
  return matchRow(event.type, dataOf(event) as RowEventData, event.subject.table, settings);
}

/** System events carry the webhook they tell of as a tag; answering them by itself could go on for ever. */
function isAbout(event: JournalEvent, webhook: Webhook): boolean {
  return isSystemEventType(event.type) && event.tags.includes(webhookTag(webhook.id));
}

/** The whole answer for a person who asks why: state included. */
export function explain(event: JournalEvent, webhook: Webhook): Verdict {
  const verdict = match(event, webhook);
  if (!verdict.fires || isRunning(webhook.health.state)) return verdict;
  const because = webhook.health.reason ? `: ${webhook.health.reason}` : '';
  return refuse(
    'stopped',
    `The event matches and is held, since the webhook is ${webhook.health.state}${because}.`,
  );
}

/**
 * Ready and filter columns, as Grist has them (`_shouldTriggerActions` in its Triggers.ts): a row counts
 * only while its ready cell is strictly true; becoming ready makes it an insert, whatever it was before.
 * Filter columns gate updates only. A deleted row counts when it was ready.
 */
function matchRow(type: string, data: RowEventData, table: Table, settings: WebhookSettings): Verdict {
  const { readyColumn } = settings;
  if (readyColumn !== null && !table.columns.some(({ key }) => key === readyColumn)) {
    return refuse('not-ready', 'The table no longer has the ready column.');
  }
  const ready = readiness(data, table, readyColumn);
  if (type === 'row.deleted') {
    if (!ready.before) return refuse('not-ready', 'The ready column was not true when the row was deleted.');
    return matchesEventType(type, settings.eventTypes) ? fires : otherEventType(type, settings);
  }
  if (!ready.after) return refuse('not-ready', 'The ready column is not true.');
  if (!ready.before) {
    return matchesEventType('row.inserted', settings.eventTypes)
      ? type === 'row.inserted'
        ? fires
        : becameReady
      : otherEventType('row.inserted', settings);
  }
  if (!matchesEventType('row.updated', settings.eventTypes)) return otherEventType('row.updated', settings);
  const { filterColumns } = settings;
  if (filterColumns.length > 0 && !data.changes.some((change) => filterColumns.includes(change.key))) {
    return refuse('no-filter-column-changed', 'None of the filter columns changed.');
  }
  return fires;
}

/** Whether the row was there and ready before the change, and whether it is after. */
function readiness(
  data: RowEventData,
  table: Table,
  readyColumn: WebhookSettings['readyColumn'],
): { before: boolean; after: boolean } {
  const existed = data.previous !== null;
  const exists = data.record !== null;
  if (readyColumn === null) return { before: existed, after: exists };
  const change = data.changes.find((candidate) => candidate.key === readyColumn);
  const name = table.columns.find((column) => column.key === readyColumn)?.name;
  const cell = (row: Readonly<Record<string, unknown>> | null): unknown =>
    row === null || name === undefined ? undefined : row[name];
  return {
    before: existed && (change ? change.oldValue : cell(data.previous)) === true,
    after: exists && (change ? change.value : cell(data.record)) === true,
  };
}

/** Filters by the settings they belong to: compiled once, forgotten together with them. */
const compiledFilters = new WeakMap<WebhookSettings, FilterCompilation>();

/** Null when the filter expression is true for the event. */
function askFilter(event: JournalEvent, settings: WebhookSettings): Verdict | null {
  let compiled = compiledFilters.get(settings);
  if (!compiled) {
    compiled = compileFilter(settings.filter ?? '');
    compiledFilters.set(settings, compiled);
  }
  const answer = compiled.ok ? compiled.filter.matches(event) : { error: compiled.message };
  if (answer === true) return null;
  if (answer === false) return refuse('filter-not-true', 'The filter expression is not true for the event.');
  return refuse('filter-failed', `The filter expression could not be evaluated: ${answer.error}.`);
}

function refuse(reason: Reason, text: string): Verdict {
  return { fires: false, reason, text };
}

function otherEventType(type: string, settings: WebhookSettings): Verdict {
  return refuse(
    'other-event-type',
    `The webhook listens to ${settings.eventTypes.join(', ')}; for it this is ${type}.`,
  );
}
