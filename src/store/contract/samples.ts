import type { Attempt, Delivery } from '../../model/delivery.ts';
import type { NewEvent } from '../../model/event.ts';
import {
  type ColumnKey,
  newChangeSetId,
  newRowId,
  newTableId,
  newWebhookId,
  type RowId,
} from '../../model/ids.ts';
import { Problem, type ProblemCode } from '../../model/problem.ts';
import type { Cells, Column, Row, Table } from '../../model/table.ts';
import { plainWebhookSettings } from '../../model/testing/webhook-settings.ts';
import type { Webhook, WebhookHealth, WebhookSettings } from '../../model/webhook.ts';
import type { Page, PageRequest, Retry, Store } from '../port.ts';

export const nameColumn: Column = { key: '0000' as ColumnKey, name: 'Name', type: 'text', data: {} };

export function newEvent(different: Partial<NewEvent> = {}): NewEvent {
  return {
    type: 'invoice.paid',
    occurredAtMs: Date.UTC(2025, 11, 31),
    dataJson: '{"amount":1}',
    tags: [],
    subject: null,
    ...different,
  };
}

/** Events whose data tells them apart. */
export function numberedEvents(count: number, different: Partial<NewEvent> = {}): NewEvent[] {
  return Array.from({ length: count }, (_, index) =>
    newEvent({ dataJson: `{"index":${index}}`, ...different }),
  );
}

export async function workspaceNumber(store: Store, name = 'acme'): Promise<number> {
  return (await store.workspaces.create(name)).number;
}

export async function newTable(store: Store, name = 'Invoices', columns = [nameColumn]): Promise<Table> {
  const [workspace] = await store.workspaces.list();
  const owner = workspace?.number ?? (await workspaceNumber(store));
  const base = await store.bases.createBase(owner, 'Books');
  return store.bases.createTable(base, newTableId(), name, columns);
}

export function newRow(number: number, text: string, different: Partial<Row> = {}): Row {
  return {
    id: newRowId(),
    number,
    cells: nameCells(text),
    createdAtMs: Date.UTC(2026, 0, 1),
    updatedAtMs: Date.UTC(2026, 0, 1),
    createdBy: 'ada',
    updatedBy: 'ada',
    ...different,
  };
}

export function nameCells(text: string): Cells {
  return { [nameColumn.key]: text };
}

export function rowEvent(
  table: Table,
  type: 'row.inserted' | 'row.updated' | 'row.deleted',
  rowId: RowId,
): NewEvent {
  return newEvent({ type, subject: { table, rowId, changeSetId: newChangeSetId() } });
}

/** Inserts one row for each text, each with its event. */
export function insertRows(store: Store, table: Table, texts: readonly string[]): Promise<Row[]> {
  return store.rows.change(table, [], (_, nextNumber) => {
    const inserts = texts.map((text, index) => newRow(nextNumber + index, text));
    const events = inserts.map((row) => rowEvent(table, 'row.inserted', row.id));
    return { inserts, updates: [], deletes: [], events, result: inserts };
  });
}

export function deleteRows(store: Store, table: Table, ids: readonly RowId[]): Promise<void> {
  return store.rows.change(table, ids, () => ({
    inserts: [],
    updates: [],
    deletes: ids,
    events: ids.map((id) => rowEvent(table, 'row.deleted', id)),
    result: undefined,
  }));
}

export const activeHealth: WebhookHealth = {
  state: 'active',
  reason: null,
  sinceMs: Date.UTC(2026, 0, 1),
  failuresInRow: 0,
  failingSinceMs: null,
};

export function webhookSettings(different: Partial<WebhookSettings> = {}): WebhookSettings {
  return {
    ...plainWebhookSettings,
    name: 'Bookkeeping',
    url: 'https://books.example/hook',
    retry: { delaysMs: [5_000, 300_000], forever: false, jitter: 0.1 },
    disable: { afterFailures: null, afterFailingMs: 432_000_000 },
    order: 'independent',
    concurrency: 4,
    ...different,
  };
}

/** A webhook that has caught up, as delivery writes down as soon as it hears of a new one. */
export async function newWebhook(
  store: Store,
  owner: number,
  settings: Partial<WebhookSettings> = {},
  secret = 'whsec_c2VjcmV0',
): Promise<Webhook> {
  const webhook = await store.webhooks.create({
    id: newWebhookId(),
    workspaceNumber: owner,
    settings: webhookSettings(settings),
    secret,
    health: activeHealth,
  });
  await store.deliveries.write([{ kind: 'caughtUp', webhookNumber: webhook.number }]);
  return webhook;
}

/** A delivery that succeeded with its first attempt. */
export function newDelivery(webhook: Webhook, seq: number, different: Partial<Delivery> = {}): Delivery {
  return {
    workspaceNumber: webhook.workspaceNumber,
    webhookNumber: webhook.number,
    seq,
    acceptedAtMs: Date.UTC(2026, 0, 1),
    batchSeqs: null,
    eventType: 'invoice.paid',
    webhookVersion: webhook.version,
    state: 'succeeded',
    simulated: false,
    attempts: 1,
    createdAtMs: Date.UTC(2026, 0, 1),
    finishedAtMs: Date.UTC(2026, 0, 1) + 20,
    nextAttemptAtMs: null,
    lastHttpStatus: 200,
    lastErrorCode: null,
    discardedBy: null,
    ...different,
  };
}

/** The same delivery, failed and due again. */
export function retrying(delivery: Delivery, attempts: number, nextAttemptAtMs: number): Delivery {
  return {
    ...delivery,
    state: 'retrying',
    attempts,
    finishedAtMs: null,
    nextAttemptAtMs,
    lastHttpStatus: 503,
    lastErrorCode: 'http-status',
  };
}

export function newAttempt(number: number, different: Partial<Attempt> = {}): Attempt {
  return {
    number,
    startedAtMs: Date.UTC(2026, 0, 1) + number,
    webhookVersion: 1,
    outcome: 'succeeded',
    errorCode: null,
    errorMessage: null,
    httpStatus: 200,
    responseHeaders: { 'content-type': 'text/plain' },
    responseBody: 'thanks',
    responseTruncated: false,
    timing: { dnsMs: 1, connectMs: 2, tlsMs: null, firstByteMs: 10, totalMs: 20 },
    replay: null,
    ...different,
  };
}

export function failedAttempt(number: number): Attempt {
  return newAttempt(number, {
    outcome: 'failed',
    errorCode: 'http-status',
    errorMessage: 'The answer was 503.',
    httpStatus: 503,
  });
}

export function newRetry(delivery: Delivery, different: Partial<Retry> = {}): Retry {
  return {
    webhookNumber: delivery.webhookNumber,
    seq: delivery.seq,
    acceptedAtMs: delivery.acceptedAtMs,
    batchSeqs: delivery.batchSeqs,
    eventType: delivery.eventType,
    simulated: delivery.simulated,
    attempts: delivery.attempts,
    scheduleStep: delivery.attempts,
    dueAtMs: delivery.nextAttemptAtMs ?? 0,
    contentType: 'application/json',
    body: new TextEncoder().encode('{"type":"invoice.paid"}'),
    ...different,
  };
}

/** Reads a list to its end; `between` runs after each page. Fails on a list that does not end. */
export async function everyPage<Item>(
  readPage: (page: PageRequest) => Promise<Page<Item>>,
  limit: number,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < 1_000; pages += 1) {
    const page: Page<Item> = await readPage({ limit, cursor });
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    cursor = page.nextCursor;
    await between();
  }
  throw new Error('The list gave out 1000 pages and has not come to an end.');
}

/** For `assert.rejects`: the error is a problem with this code. */
export function problem(code: ProblemCode): (error: unknown) => boolean {
  return (error) => {
    if (error instanceof Problem && error.code === code) return true;
    throw error;
  };
}
