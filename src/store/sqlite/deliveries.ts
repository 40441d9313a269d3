import type { Database, Statement } from 'better-sqlite3';
import type { Attempt, Delivery, DeliveryState } from '../../model/delivery.ts';
import type {
  Cursor,
  DeliveryFilter,
  DeliveryStore,
  DeliveryWrite,
  Page,
  PageRequest,
  Positions,
  Retry,
  RetrySummary,
} from '../port.ts';
import type { CommitQueue } from './commit-queue.ts';
import { DeliveryWriter } from './delivery-writer.ts';
import type { JournalAppender } from './journal.ts';
import { keysetPage } from './keyset-page.ts';

interface StoredDelivery {
  readonly id: number;
  readonly workspace_number: number;
  readonly webhook_number: number;
  readonly seq: number;
  readonly accepted_at: number;
  readonly batch_seqs: string | null;
  readonly event_type: string;
  readonly webhook_version: number;
  readonly state: string;
  readonly simulated: number;
  readonly attempts: number;
  readonly created_at: number;
  readonly finished_at: number | null;
  readonly next_attempt_at: number | null;
  readonly http_status: number | null;
  readonly error_code: string | null;
  readonly discarded_by: string | null;
}

interface StoredRetry {
  readonly webhook_number: number;
  readonly seq: number;
  readonly accepted_at: number;
  readonly batch_seqs: string | null;
  readonly event_type: string;
  readonly simulated: number;
  readonly attempts: number;
  readonly schedule_step: number;
  readonly due_at: number;
  readonly content_type: string;
  readonly body: Buffer;
}

/** Type of the parameters of `recordedSeqs`. */
type RecordedRange = [{ webhookNumber: number; afterSeq: number; upToSeq: number }];

const columns = `id, workspace_number, webhook_number, seq, accepted_at, batch_seqs, event_type, webhook_version,
  state, simulated, attempts, created_at, finished_at, next_attempt_at, http_status, error_code, discarded_by`;

export class Deliveries implements DeliveryStore {
  readonly #queue: CommitQueue;
  readonly #writer: DeliveryWriter;
  readonly #reader: Database;
  readonly #find: Statement<[number, number, number], StoredDelivery>;
  readonly #recorded: Statement<RecordedRange, { seq: number; batch_seqs: string | null }>;
  readonly #before: Statement<[number, number], StoredDelivery>;
  readonly #between: Statement<[number, number, number], StoredDelivery>;
  readonly #exhausted: Statement<[number, number, number, number], StoredDelivery>;
  readonly #limitDueTimes: Statement<[number, number, number]>;
  readonly #dueRetries: Statement<[number, number], StoredRetry>;
  readonly #findRetry: Statement<[number, number], StoredRetry>;
  readonly #oldestRetry: Statement<[number], StoredRetry>;

  constructor(writer: Database, reader: Database, queue: CommitQueue, appender: JournalAppender) {
    this.#queue = queue;
    this.#writer = new DeliveryWriter(writer, appender);
    this.#reader = reader;
    this.#find = reader.prepare(
      `SELECT ${columns} FROM deliveries WHERE webhook_number = ? AND seq = ? AND workspace_number = ?`,
    );
    // A batch may begin at or before the range and end within it.
    this.#recorded = reader.prepare(`
      SELECT seq, batch_seqs FROM deliveries
        WHERE webhook_number = :webhookNumber AND seq > :afterSeq AND seq <= :upToSeq
      UNION ALL
      SELECT seq, batch_seqs FROM deliveries
        WHERE webhook_number = :webhookNumber AND seq <= :afterSeq
          AND batch_seqs IS NOT NULL AND json_extract(batch_seqs, '$[#-1]') > :afterSeq`);
    this.#before = reader.prepare(
      `SELECT ${columns} FROM deliveries WHERE webhook_number = ? AND seq <= ? ORDER BY seq DESC LIMIT 1`,
    );
    this.#between = reader.prepare(
      `SELECT ${columns} FROM deliveries WHERE webhook_number = ? AND seq > ? AND seq <= ? ORDER BY seq`,
    );
    this.#exhausted = reader.prepare(
      `SELECT ${columns} FROM deliveries
       WHERE webhook_number = ? AND state = 'exhausted' AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
    );
    this.#limitDueTimes = writer.prepare(
      'UPDATE retries SET due_at = ? WHERE webhook_number = ? AND due_at > ?',
    );
    this.#dueRetries = reader.prepare(
      'SELECT * FROM retries WHERE webhook_number = ? ORDER BY due_at LIMIT ?',
    );
    this.#findRetry = reader.prepare('SELECT * FROM retries WHERE webhook_number = ? AND seq = ?');
    this.#oldestRetry = reader.prepare('SELECT * FROM retries WHERE webhook_number = ? ORDER BY seq LIMIT 1');
  }

  write(writes: readonly DeliveryWrite[]): Promise<void> {
    return this.#queue.write(() => {
      this.#queue.statements += this.#writer.write(writes);
    });
  }

  async positions(): Promise<Positions> {
    const cursors = new Map<number, Cursor>();
    let checkpointSeq = 0;
    const stored = this.#reader
      .prepare<[], Cursor & { webhook_number: number }>('SELECT * FROM cursors')
      .all();
    for (const cursor of stored) {
      if (cursor.webhook_number === 0) checkpointSeq = cursor.seq;
      else cursors.set(cursor.webhook_number, { seq: cursor.seq, waiting: cursor.waiting });
    }
    return this.#queue.durable({ checkpointSeq, cursors });
  }

  async recordedSeqs(webhookNumber: number, afterSeq: number, upToSeq: number): Promise<ReadonlySet<number>> {
    const seqs = new Set<number>();
    for (const stored of this.#recorded.iterate({ webhookNumber, afterSeq, upToSeq })) {
      for (const seq of parseSeqs(stored.batch_seqs) ?? [stored.seq]) {
        if (seq > afterSeq && seq <= upToSeq) seqs.add(seq);
      }
    }
    return this.#queue.durable(seqs);
  }

  async between(webhookNumber: number, afterSeq: number, upToSeq: number): Promise<readonly Delivery[]> {
    const before = this.#before.get(webhookNumber, afterSeq);
    const found = this.#between.all(webhookNumber, afterSeq, upToSeq);
    return this.#queue.durable((before ? [before, ...found] : found).map(toDelivery));
  }

  async exhausted(
    webhookNumber: number,
    afterSeq: number,
    upToSeq: number,
    limit: number,
  ): Promise<readonly Delivery[]> {
    return this.#queue.durable(this.#exhausted.all(webhookNumber, afterSeq, upToSeq, limit).map(toDelivery));
  }

  async interrupted(): Promise<readonly Delivery[]> {
    const found = this.#reader
      .prepare<[], StoredDelivery>(
        `SELECT ${columns} FROM deliveries INDEXED BY deliveries_unfinished
         WHERE state IN ('retrying', 'sending') AND state = 'sending' ORDER BY webhook_number, seq`,
      )
      .all();
    return this.#queue.durable(found.map(toDelivery));
  }

  async retrySummaries(): Promise<readonly RetrySummary[]> {
    const found = this.#reader
      .prepare<[], { webhook_number: number; count: number; due_at: number }>(
        'SELECT webhook_number, count(*) AS count, min(due_at) AS due_at FROM retries GROUP BY webhook_number',
      )
      .all();
    return this.#queue.durable(
      found.map((stored) => ({
        webhookNumber: stored.webhook_number,
        count: stored.count,
        nextDueAtMs: stored.due_at,
      })),
    );
  }

  limitDueTimes(webhookNumber: number, latestDueAtMs: number): Promise<void> {
    return this.#queue.write(() => {
      this.#limitDueTimes.run(latestDueAtMs, webhookNumber, latestDueAtMs);
      this.#queue.statements += 1;
    });
  }

  async dueRetries(webhookNumber: number, limit: number): Promise<readonly Retry[]> {
    return this.#queue.durable(this.#dueRetries.all(webhookNumber, limit).map(toRetry));
  }

  async findRetry(webhookNumber: number, seq: number): Promise<Retry | null> {
    const stored = this.#findRetry.get(webhookNumber, seq);
    return this.#queue.durable(stored ? toRetry(stored) : null);
  }

  async oldestRetry(webhookNumber: number): Promise<Retry | null> {
    const stored = this.#oldestRetry.get(webhookNumber);
    return this.#queue.durable(stored ? toRetry(stored) : null);
  }

  async list(workspaceNumber: number, filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>> {
    const { webhookNumber, state, sinceMs, untilMs } = filter;
    const failed = state !== undefined && state !== 'succeeded';
    const found = await keysetPage<StoredDelivery, Delivery>(
      this.#reader,
      {
        columns,
        table: 'deliveries',
        index: listIndex(webhookNumber !== undefined, failed),
        key: 'id',
        scope: [
          ['workspace_number = ?', webhookNumber === undefined ? workspaceNumber : undefined],
          ['webhook_number = ?', webhookNumber],
          ["state <> 'succeeded'", failed ? 1 : undefined],
        ],
        filters: [
          ['workspace_number = ?', webhookNumber === undefined ? undefined : workspaceNumber],
          ['state = ?', state],
          ['event_type = ?', filter.eventType],
          ['http_status = ?', filter.httpStatus],
          [hasTag, filter.tag],
        ],
        time: {
          column: 'created_at',
          ...(sinceMs === undefined ? {} : { sinceMs }),
          ...(untilMs === undefined ? {} : { untilMs }),
        },
      },
      page,
      (stored) => stored.id,
      toDelivery,
    );
    return this.#queue.durable(found);
  }

  async find(workspaceNumber: number, webhookNumber: number, seq: number): Promise<Delivery | null> {
    const stored = this.#find.get(webhookNumber, seq, workspaceNumber);
    return this.#queue.durable(stored ? toDelivery(stored) : null);
  }

  async attempts(delivery: Delivery): Promise<readonly Attempt[]> {
    const first = this.#reader
      .prepare<[number, number], string | null>(
        'SELECT first_attempt FROM deliveries WHERE webhook_number = ? AND seq = ?',
      )
      .pluck()
      .get(delivery.webhookNumber, delivery.seq);
    const further = this.#reader
      .prepare<[number, number], string>(
        'SELECT attempt FROM attempts WHERE webhook_number = ? AND seq = ? ORDER BY number',
      )
      .pluck()
      .all(delivery.webhookNumber, delivery.seq);
    const attempts = [...(first ? [first] : []), ...further];
    return this.#queue.durable(attempts.map((printed) => JSON.parse(printed) as Attempt));
  }
}

/** Any of its events has the tag, as far as they are kept. */
const hasTag = `EXISTS (
  SELECT 1 FROM json_each(coalesce(deliveries.batch_seqs, json_array(deliveries.seq))) AS place
  JOIN events ON events.seq = place.value JOIN json_each(events.tags) AS tag ON tag.value = ?)`;

/** The index in which the deliveries of a list are next to each other, by id. */
function listIndex(ofWebhook: boolean, failed: boolean): string {
  if (ofWebhook) return failed ? 'deliveries_failed_by_webhook' : 'deliveries_in_order_by_webhook';
  return failed ? 'deliveries_failed' : 'deliveries_by_workspace';
}

function parseSeqs(stored: string | null): readonly number[] | null {
  return stored === null ? null : (JSON.parse(stored) as number[]);
}

function toDelivery(stored: StoredDelivery): Delivery {
  return {
    workspaceNumber: stored.workspace_number,
    webhookNumber: stored.webhook_number,
    seq: stored.seq,
    acceptedAtMs: stored.accepted_at,
    batchSeqs: parseSeqs(stored.batch_seqs),
    eventType: stored.event_type,
    webhookVersion: stored.webhook_version,
    state: stored.state as DeliveryState,
    simulated: stored.simulated === 1,
    attempts: stored.attempts,
    createdAtMs: stored.created_at,
    finishedAtMs: stored.finished_at,
    nextAttemptAtMs: stored.next_attempt_at,
    lastHttpStatus: stored.http_status,
    lastErrorCode: stored.error_code,
    discardedBy: stored.discarded_by,
  };
}

function toRetry(stored: StoredRetry): Retry {
  return {
    webhookNumber: stored.webhook_number,
    seq: stored.seq,
    acceptedAtMs: stored.accepted_at,
    batchSeqs: parseSeqs(stored.batch_seqs),
    eventType: stored.event_type,
    simulated: stored.simulated === 1,
    attempts: stored.attempts,
    scheduleStep: stored.schedule_step,
    dueAtMs: stored.due_at,
    contentType: stored.content_type,
    body: stored.body,
  };
}
