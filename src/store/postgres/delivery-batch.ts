import type { Attempt, Delivery } from '../../model/delivery.ts';
import type { NewEvent } from '../../model/event.ts';
import type { DeliveryWrite, Retry } from '../port.ts';
import { dayOf } from './days.ts';
import * as statements from './delivery-statements.ts';
import { jsonParameter } from './json-parameter.ts';
import { type Call, call, type Statement } from './statement.ts';

/** The cursor row that stands for every webhook without one of its own. */
export const checkpointRow = 0;

type HealthWrite = Extract<DeliveryWrite, { kind: 'health' }>;

/** An event that commits together with the writes around it. */
export interface WrittenEvent {
  readonly shard: number;
  readonly workspaceNumber: number;
  readonly event: NewEvent;
}

interface DeliveryEntry {
  readonly shard: number;
  delivery: Delivery;
  /** Null: as the row has it. */
  firstAttempt: Attempt | null;
  readonly isNew: boolean;
}

interface RetryEntry {
  readonly shard: number;
  readonly webhookNumber: number;
  readonly seq: number;
  /** What the table has is removed first. */
  removed: boolean;
  kept: Retry | null;
}

/**
 * Many writes as few statements. Writes that concern the same row are put together here, as if one had been
 * written after the other, so that each statement has each row once.
 */
export class DeliveryBatch {
  readonly #calls: Call[] = [];
  readonly #inserts: DeliveryEntry[] = [];
  readonly #updates: DeliveryEntry[] = [];
  readonly #deliveries = new Map<string, DeliveryEntry>();
  readonly #attempts: object[] = [];
  readonly #retries = new Map<string, RetryEntry>();
  readonly #cursors = new Map<string, { shard: number; webhookNumber: number; place: object | null }>();
  readonly #health = new Map<string, HealthWrite>();
  readonly #healthChanges: HealthWrite[] = [];
  readonly events: WrittenEvent[] = [];

  add(shard: number, write: DeliveryWrite): void {
    switch (write.kind) {
      case 'delivered':
        this.#insert(shard, write.delivery, write.attempt);
        if (write.retry) this.#keepRetry(shard, write.retry);
        return;
      case 'sending':
        this.#insert(shard, write.delivery, null);
        return;
      case 'attempted':
        this.#update(shard, write.delivery, write.attempt);
        this.#settleRetry(shard, write.delivery, write.retry);
        return;
      case 'settled':
        this.#update(shard, write.delivery, null);
        this.#settleRetry(shard, write.delivery, write.retry);
        return;
      case 'health':
        this.#health.set(`${write.webhookNumber}.${write.interventions}`, write);
        if (write.change) this.#healthChanges.push(write);
        return;
      case 'event':
        this.events.push({ shard, workspaceNumber: write.workspaceNumber, event: write.event });
        return;
      case 'discarded':
        this.#endDeliveries();
        this.#calls.push(
          call(statements.discard, shard, write.webhookNumber, write.by, write.atMs),
          call(statements.removeRetriesOf, shard, write.webhookNumber),
        );
        return;
      case 'cursor':
        this.#setCursor(shard, write.webhookNumber, { seq: write.seq, waiting: write.waiting });
        return;
      case 'checkpoint':
        this.#setCursor(shard, checkpointRow, { seq: write.seq, waiting: 0 });
        return;
      case 'caughtUp':
        this.#setCursor(shard, write.webhookNumber, null);
        return;
    }
  }

  /** The statements, but for the events; nothing may be added any more. */
  calls(): readonly Call[] {
    this.#endDeliveries();
    const cursors = [...this.#cursors.values()];
    const kept = cursors.flatMap(({ shard, webhookNumber, place }) =>
      place ? { shard, webhook_number: webhookNumber, ...place } : [],
    );
    const gone = cursors.flatMap(({ shard, webhookNumber, place }) =>
      place ? [] : { shard, webhook_number: webhookNumber },
    );
    this.#push(statements.saveCursors, kept);
    this.#push(statements.removeCursors, gone);
    this.#push(statements.saveHealth, [...this.#health.values()].map(toHealthRow));
    this.#push(statements.insertHealthChanges, this.#healthChanges.map(toChangeRow));
    return this.#calls;
  }

  #insert(shard: number, delivery: Delivery, attempt: Attempt | null): void {
    const entry = { shard, delivery, firstAttempt: attempt, isNew: true };
    this.#inserts.push(entry);
    this.#deliveries.set(keyOf(delivery), entry);
  }

  #update(shard: number, delivery: Delivery, attempt: Attempt | null): void {
    const known = this.#deliveries.get(keyOf(delivery));
    const entry: DeliveryEntry = known ?? { shard, delivery, firstAttempt: null, isNew: false };
    if (known) known.delivery = known.isNew ? updated(known.delivery, delivery) : delivery;
    else {
      this.#updates.push(entry);
      this.#deliveries.set(keyOf(delivery), entry);
    }
    if (attempt?.number === 1) entry.firstAttempt = attempt;
    else if (attempt) this.#attempts.push(toAttemptRow(shard, delivery, attempt));
  }

  #settleRetry(shard: number, delivery: Delivery, retry: Retry | null): void {
    if (retry) this.#keepRetry(shard, retry);
    else {
      const entry = this.#retry(shard, delivery);
      entry.removed = true;
      entry.kept = null;
    }
  }

  /** A retry that exists keeps the bytes that it began with. */
  #keepRetry(shard: number, retry: Retry): void {
    const entry = this.#retry(shard, retry);
    const { attempts, scheduleStep, dueAtMs } = retry;
    entry.kept = entry.kept ? { ...entry.kept, attempts, scheduleStep, dueAtMs } : retry;
  }

  #retry(shard: number, { webhookNumber, seq }: { webhookNumber: number; seq: number }): RetryEntry {
    const key = keyOf({ webhookNumber, seq });
    const known = this.#retries.get(key);
    if (known) return known;
    const entry = { shard, webhookNumber, seq, removed: false, kept: null };
    this.#retries.set(key, entry);
    return entry;
  }

  #setCursor(shard: number, webhookNumber: number, place: object | null): void {
    this.#cursors.set(`${shard}.${webhookNumber}`, { shard, webhookNumber, place });
  }

  /** Everything about single deliveries so far becomes statements: what follows looks at the table. */
  #endDeliveries(): void {
    this.#push(statements.insertDeliveries, this.#inserts.map(toDeliveryRow));
    this.#push(statements.updateDeliveries, this.#updates.map(toDeliveryRow));
    this.#push(statements.insertAttempts, this.#attempts);
    const retries = [...this.#retries.values()];
    const removed = retries.filter((entry) => entry.removed);
    this.#push(
      statements.removeRetries,
      removed.map(({ shard, webhookNumber, seq }) => ({ shard, webhook_number: webhookNumber, seq })),
    );
    const kept = retries.flatMap(({ shard, kept }) => (kept ? toRetryRow(shard, kept) : []));
    this.#push(statements.saveRetries, kept);
    for (const list of [this.#inserts, this.#updates, this.#attempts]) list.length = 0;
    for (const map of [this.#deliveries, this.#retries]) map.clear();
  }

  #push(statement: Statement, rows: readonly object[]): void {
    if (rows.length > 0) this.#calls.push(call(statement, jsonParameter(rows)));
  }
}

function keyOf({ webhookNumber, seq }: { readonly webhookNumber: number; readonly seq: number }): string {
  return `${webhookNumber}.${seq}`;
}

/** What an update changes of a delivery; the rest of its row stays as it was inserted. */
function updated(before: Delivery, after: Delivery): Delivery {
  return {
    ...before,
    webhookVersion: after.webhookVersion,
    state: after.state,
    attempts: after.attempts,
    finishedAtMs: after.finishedAtMs,
    nextAttemptAtMs: after.nextAttemptAtMs,
    lastHttpStatus: after.lastHttpStatus,
    lastErrorCode: after.lastErrorCode,
    discardedBy: after.discardedBy,
  };
}

function toDeliveryRow({ shard, delivery, firstAttempt }: DeliveryEntry): object {
  return {
    shard,
    webhook_number: delivery.webhookNumber,
    seq: delivery.seq,
    day: dayOf(delivery.createdAtMs),
    workspace_number: delivery.workspaceNumber,
    accepted_at: delivery.acceptedAtMs,
    batch_seqs: delivery.batchSeqs,
    event_type: delivery.eventType,
    webhook_version: delivery.webhookVersion,
    state: delivery.state,
    simulated: delivery.simulated,
    attempts: delivery.attempts,
    created_at: delivery.createdAtMs,
    finished_at: delivery.finishedAtMs,
    next_attempt_at: delivery.nextAttemptAtMs,
    http_status: delivery.lastHttpStatus,
    error_code: delivery.lastErrorCode,
    discarded_by: delivery.discardedBy,
    first_attempt: firstAttempt && JSON.stringify(firstAttempt),
    first_started_at: firstAttempt?.startedAtMs,
  };
}

function toAttemptRow(shard: number, { webhookNumber, seq }: Delivery, attempt: Attempt): object {
  return {
    shard,
    webhook_number: webhookNumber,
    seq,
    number: attempt.number,
    day: dayOf(attempt.startedAtMs),
    started_at: attempt.startedAtMs,
    attempt: JSON.stringify(attempt),
  };
}

function toRetryRow(shard: number, retry: Retry): object {
  const { buffer, byteOffset, byteLength } = retry.body;
  return {
    shard,
    webhook_number: retry.webhookNumber,
    seq: retry.seq,
    accepted_at: retry.acceptedAtMs,
    batch_seqs: retry.batchSeqs,
    event_type: retry.eventType,
    simulated: retry.simulated,
    attempts: retry.attempts,
    schedule_step: retry.scheduleStep,
    due_at: retry.dueAtMs,
    content_type: retry.contentType,
    body: `\\x${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`,
  };
}

function toHealthRow({ webhookNumber, interventions, health }: HealthWrite): object {
  return {
    number: webhookNumber,
    interventions,
    state: health.state,
    reason: health.reason,
    since: health.sinceMs,
    failures_in_row: health.failuresInRow,
    failing_since: health.failingSinceMs,
  };
}

function toChangeRow({ webhookNumber, interventions, change }: HealthWrite): object {
  return {
    webhook_number: webhookNumber,
    interventions,
    at: change?.atMs,
    state: change?.state,
    reason: change?.reason,
  };
}
