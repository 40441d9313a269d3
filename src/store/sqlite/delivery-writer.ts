import type { Database, Statement } from 'better-sqlite3';
import type { Attempt, Delivery } from '../../model/delivery.ts';
import type { DeliveryWrite, Retry } from '../port.ts';
import type { JournalAppender } from './journal.ts';

type HealthWrite = Extract<DeliveryWrite, { kind: 'health' }>;

/** The cursor row that stands for every webhook without one of its own. */
const checkpointRow = 0;

/** The statements of the hot path: what delivery writes down, inside a transaction of the commit queue. */
export class DeliveryWriter {
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #setFirstAttempt: Statement;
  readonly #insertAttempt: Statement;
  readonly #saveRetry: Statement;
  readonly #deleteRetry: Statement;
  readonly #discard: Statement;
  readonly #deleteRetries: Statement;
  readonly #saveCursor: Statement;
  readonly #deleteCursor: Statement;
  readonly #saveHealth: Statement;
  readonly #insertHealthChange: Statement;
  readonly #appender: JournalAppender;
  #statements = 0;

  constructor(database: Database, appender: JournalAppender) {
    this.#appender = appender;
    this.#insert = database.prepare(`
      INSERT INTO deliveries (workspace_number, webhook_number, seq, accepted_at, batch_seqs, event_type,
        webhook_version, state, simulated, attempts, created_at, finished_at, next_attempt_at, http_status,
        error_code, discarded_by, first_attempt)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#update = database.prepare(`
      UPDATE deliveries SET webhook_version = ?, state = ?, attempts = ?, finished_at = ?, next_attempt_at = ?,
        http_status = ?, error_code = ?, discarded_by = ?
      WHERE webhook_number = ? AND seq = ?`);
    this.#setFirstAttempt = database.prepare(
      'UPDATE deliveries SET first_attempt = ? WHERE webhook_number = ? AND seq = ?',
    );
    this.#insertAttempt = database.prepare(
      'INSERT INTO attempts (webhook_number, seq, number, attempt) VALUES (?, ?, ?, ?)',
    );
    this.#saveRetry = database.prepare(`
      INSERT INTO retries (webhook_number, seq, accepted_at, batch_seqs, event_type, simulated, attempts,
        schedule_step, due_at, content_type, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (webhook_number, seq) DO UPDATE SET attempts = excluded.attempts,
        schedule_step = excluded.schedule_step, due_at = excluded.due_at`);
    this.#deleteRetry = database.prepare('DELETE FROM retries WHERE webhook_number = ? AND seq = ?');
    this.#discard = database.prepare(`
      UPDATE deliveries SET state = 'discarded', discarded_by = ?, finished_at = ?, next_attempt_at = NULL
      WHERE webhook_number = ? AND state <> 'succeeded' AND state IN ('retrying', 'sending')`);
    this.#deleteRetries = database.prepare('DELETE FROM retries WHERE webhook_number = ?');
    this.#saveCursor = database.prepare(`
      INSERT INTO cursors (webhook_number, seq, waiting) VALUES (?, ?, ?)
      ON CONFLICT (webhook_number) DO UPDATE SET seq = excluded.seq, waiting = excluded.waiting`);
    this.#deleteCursor = database.prepare('DELETE FROM cursors WHERE webhook_number = ?');
    this.#saveHealth = database.prepare(`
      UPDATE webhooks SET state = ?, reason = ?, since = ?, failures_in_row = ?, failing_since = ?
      WHERE number = ? AND interventions = ?`);
    this.#insertHealthChange = database.prepare(
      'INSERT INTO health_changes (webhook_number, at, state, reason) VALUES (?, ?, ?, ?)',
    );
  }

  /** Writes everything in order and answers how many statements that took. */
  write(writes: readonly DeliveryWrite[]): number {
    this.#statements = 0;
    for (const write of writes) this.#write(write);
    return this.#statements;
  }

  #write(write: DeliveryWrite): void {
    switch (write.kind) {
      case 'delivered':
        this.#insertDelivery(write.delivery, write.attempt);
        if (write.retry) this.#keepRetry(write.retry);
        return;
      case 'sending':
        this.#insertDelivery(write.delivery, null);
        return;
      case 'attempted':
        this.#updateDelivery(write.delivery);
        this.#addAttempt(write.delivery, write.attempt);
        this.#settleRetry(write.delivery, write.retry);
        return;
      case 'settled':
        this.#updateDelivery(write.delivery);
        this.#settleRetry(write.delivery, write.retry);
        return;
      case 'health':
        this.#writeHealth(write);
        return;
      case 'event':
        this.#appender.append(write.workspaceNumber, [write.event]);
        this.#statements += 1;
        return;
      case 'discarded':
        this.#run(this.#discard, write.by, write.atMs, write.webhookNumber);
        this.#run(this.#deleteRetries, write.webhookNumber);
        return;
      case 'cursor':
        this.#run(this.#saveCursor, write.webhookNumber, write.seq, write.waiting);
        return;
      case 'checkpoint':
        this.#run(this.#saveCursor, checkpointRow, write.seq, 0);
        return;
      case 'caughtUp':
        this.#run(this.#deleteCursor, write.webhookNumber);
        return;
    }
  }

  #insertDelivery(delivery: Delivery, attempt: Attempt | null): void {
    this.#run(
      this.#insert,
      delivery.workspaceNumber,
      delivery.webhookNumber,
      delivery.seq,
      delivery.acceptedAtMs,
      delivery.batchSeqs ? JSON.stringify(delivery.batchSeqs) : null,
      delivery.eventType,
      delivery.webhookVersion,
      delivery.state,
      delivery.simulated ? 1 : 0,
      delivery.attempts,
      delivery.createdAtMs,
      delivery.finishedAtMs,
      delivery.nextAttemptAtMs,
      delivery.lastHttpStatus,
      delivery.lastErrorCode,
      delivery.discardedBy,
      attempt ? JSON.stringify(attempt) : null,
    );
  }

  #updateDelivery(delivery: Delivery): void {
    this.#run(
      this.#update,
      delivery.webhookVersion,
      delivery.state,
      delivery.attempts,
      delivery.finishedAtMs,
      delivery.nextAttemptAtMs,
      delivery.lastHttpStatus,
      delivery.lastErrorCode,
      delivery.discardedBy,
      delivery.webhookNumber,
      delivery.seq,
    );
  }

  #addAttempt(delivery: Delivery, attempt: Attempt): void {
    const printed = JSON.stringify(attempt);
    if (attempt.number === 1) {
      this.#run(this.#setFirstAttempt, printed, delivery.webhookNumber, delivery.seq);
    } else {
      this.#run(this.#insertAttempt, delivery.webhookNumber, delivery.seq, attempt.number, printed);
    }
  }

  #settleRetry(delivery: Delivery, retry: Retry | null): void {
    if (retry) this.#keepRetry(retry);
    else this.#run(this.#deleteRetry, delivery.webhookNumber, delivery.seq);
  }

  #keepRetry(retry: Retry): void {
    this.#run(
      this.#saveRetry,
      retry.webhookNumber,
      retry.seq,
      retry.acceptedAtMs,
      retry.batchSeqs ? JSON.stringify(retry.batchSeqs) : null,
      retry.eventType,
      retry.simulated ? 1 : 0,
      retry.attempts,
      retry.scheduleStep,
      retry.dueAtMs,
      retry.contentType,
      retry.body,
    );
  }

  #writeHealth({ webhookNumber, interventions, health, change }: HealthWrite): void {
    const applies = this.#run(
      this.#saveHealth,
      health.state,
      health.reason,
      health.sinceMs,
      health.failuresInRow,
      health.failingSinceMs,
      webhookNumber,
      interventions,
    );
    if (change && applies) {
      this.#run(this.#insertHealthChange, webhookNumber, change.atMs, change.state, change.reason);
    }
  }

  /** Whether it changed a row. */
  #run(statement: Statement, ...parameters: unknown[]): boolean {
    this.#statements += 1;
    return statement.run(...parameters).changes > 0;
  }
}
