import assert from 'node:assert/strict';
import type { Webhook } from '../../model/webhook.ts';
import type { RetentionStep, Store } from '../port.ts';
import { numberedEvents } from './samples.ts';

/** Steps after which a sweep that has not ended fails its test. */
const mostSteps = 1_000;

/** Runs a sweep to its end; answers how many rows each step removed. */
export async function sweep(step: (from: string | null) => Promise<RetentionStep>): Promise<number[]> {
  const removed: number[] = [];
  for (let from: string | null = null; removed.length < mostSteps; ) {
    const done: RetentionStep = await step(from);
    removed.push(done.removed);
    if (done.next === null) return removed;
    from = done.next;
  }
  throw new Error(`The sweep has not ended after ${mostSteps} steps.`);
}

export async function sweepEvents(
  store: Store,
  workspace: number,
  upToSeq = store.journal.headSeq(),
  limit = 100,
): Promise<number[]> {
  return sweep(() => store.retention.removeEvents(workspace, upToSeq, limit));
}

export async function sweepDeliveries(
  store: Store,
  workspace: number,
  endedBeforeMs: number,
  limit = 100,
): Promise<number[]> {
  return sweep((from) => store.retention.removeDeliveries(workspace, endedBeforeMs, from, limit));
}

export async function sweepExchanges(store: Store, startedBeforeMs: number, limit = 100): Promise<number[]> {
  return sweep((from) => store.retention.removeExchanges(startedBeforeMs, from, limit));
}

export async function sweepLeftovers(store: Store, limit = 100): Promise<number[]> {
  return sweep((from) => store.retention.removeLeftovers(from, limit));
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Appends `count` events, all of them delivered: the checkpoint is at the last. Answers their places. */
export async function settledEvents(store: Store, workspace: number, count: number): Promise<number[]> {
  const events = await store.journal.append(workspace, numberedEvents(count));
  await store.deliveries.write([{ kind: 'checkpoint', seq: store.journal.headSeq() }]);
  return events.map(({ seq }) => seq);
}

/** Places of the events that a workspace has. */
export async function keptSeqs(store: Store, workspace: number): Promise<number[]> {
  const events = await store.journal.read(workspace, 0, 10_000, Number.MAX_SAFE_INTEGER);
  return events.map(({ seq }) => seq);
}

/** Places of the deliveries that a webhook has in the log. */
export async function keptDeliveries(store: Store, webhook: Webhook): Promise<number[]> {
  const filter = { webhookNumber: webhook.number };
  const page = await store.deliveries.list(webhook.workspaceNumber, filter, { limit: 1_000, cursor: null });
  assert.equal(page.nextCursor, null);
  return page.items.map(({ seq }) => seq).sort((one, other) => one - other);
}
