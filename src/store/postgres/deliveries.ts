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
import type { Connections } from './connections.ts';
import { checkpointRow } from './delivery-batch.ts';
import type { DeliveryWriter } from './delivery-writer.ts';
import { keysetPage } from './keyset-page.ts';
import type { Shards } from './shards.ts';
import { call, statement } from './statement.ts';

interface StoredDelivery {
  readonly id: number;
  readonly workspace_number: number;
  readonly webhook_number: number;
  readonly seq: number;
  readonly accepted_at: number;
  readonly batch_seqs: readonly number[] | null;
  readonly event_type: string;
  readonly webhook_version: number;
  readonly state: string;
  readonly simulated: boolean;
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
  readonly batch_seqs: readonly number[] | null;
  readonly event_type: string;
  readonly simulated: boolean;
  readonly attempts: number;
  readonly schedule_step: number;
  readonly due_at: number;
  readonly content_type: string;
  readonly body: Buffer;
}

const columns = `id, workspace_number, webhook_number, seq, accepted_at, batch_seqs, event_type, webhook_version,
  state, simulated, attempts, created_at, finished_at, next_attempt_at, http_status, error_code, discarded_by`;
const retryColumns = `webhook_number, seq, accepted_at, batch_seqs, event_type, simulated, attempts, schedule_step,
  due_at, content_type, body`;

const find = statement(`
  SELECT ${columns} FROM deliveries
  WHERE shard = $1 AND webhook_number = $2 AND seq = $3 AND workspace_number = $4`);
// A batch may begin at or before the range and end within it.
const recorded = statement(`
  SELECT seq, batch_seqs FROM deliveries WHERE shard = $1 AND webhook_number = $2 AND seq > $3 AND seq <= $4
  UNION ALL
  SELECT seq, batch_seqs FROM deliveries
  WHERE shard = $1 AND webhook_number = $2 AND seq <= $3
    AND batch_seqs IS NOT NULL AND batch_seqs[array_upper(batch_seqs, 1)] > $3`);
const before = statement(`
  SELECT ${columns} FROM deliveries WHERE shard = $1 AND webhook_number = $2 AND seq <= $3
  ORDER BY seq DESC LIMIT 1`);
const between = statement(`
  SELECT ${columns} FROM deliveries WHERE shard = $1 AND webhook_number = $2 AND seq > $3 AND seq <= $4
  ORDER BY seq`);
const exhausted = statement(`
  SELECT ${columns} FROM deliveries
  WHERE shard = $1 AND webhook_number = $2 AND state <> 'succeeded' AND state = 'exhausted' AND seq > $3 AND seq <= $4
  ORDER BY seq LIMIT $5`);
const interrupted = statement(`
  SELECT ${columns} FROM deliveries
  WHERE shard = $1 AND state IN ('retrying', 'sending') AND state = 'sending' ORDER BY webhook_number, seq`);
const cursors = statement('SELECT webhook_number, seq, waiting FROM cursors WHERE shard = $1');
const summaries = statement(`
  SELECT webhook_number, count(*) AS count, min(due_at) AS due_at FROM retries WHERE shard = $1
  GROUP BY webhook_number`);
const limitDueTimes = statement(
  'UPDATE retries SET due_at = $3 WHERE shard = $1 AND webhook_number = $2 AND due_at > $3',
);
const dueRetries = statement(`
  SELECT ${retryColumns} FROM retries WHERE shard = $1 AND webhook_number = $2 ORDER BY due_at LIMIT $3`);
const findRetry = statement(`
  SELECT ${retryColumns} FROM retries WHERE shard = $1 AND webhook_number = $2 AND seq = $3`);
const oldestRetry = statement(`
  SELECT ${retryColumns} FROM retries WHERE shard = $1 AND webhook_number = $2 ORDER BY seq LIMIT 1`);
const firstAttempt = statement(`
  SELECT first_attempt AS attempt FROM deliveries
  WHERE shard = $1 AND webhook_number = $2 AND seq = $3 AND first_attempt IS NOT NULL`);
const furtherAttempts = statement(`
  SELECT attempt FROM attempts WHERE shard = $1 AND webhook_number = $2 AND seq = $3 ORDER BY number`);

/** Deliveries of the whole store, or of the one shard whose engine asks. */
export class Deliveries implements DeliveryStore {
  readonly #connections: Connections;
  readonly #writer: DeliveryWriter;
  readonly #shards: Shards;
  readonly #one: () => number;

  /** `one`: the shard that is meant where nothing else says it; throws when there are several. */
  constructor(connections: Connections, writer: DeliveryWriter, shards: Shards, one: () => number) {
    this.#connections = connections;
    this.#writer = writer;
    this.#shards = shards;
    this.#one = one;
  }

  write(writes: readonly DeliveryWrite[]): Promise<void> {
    const shard = this.#one();
    return this.#writer.write(writes, () => shard);
  }

  async positions(): Promise<Positions> {
    const stored = await this.#connections.read<Cursor & { webhook_number: number }>(cursors, [this.#one()]);
    const places = new Map<number, Cursor>();
    let checkpointSeq = 0;
    for (const { webhook_number: number, seq, waiting } of stored) {
      if (number === checkpointRow) checkpointSeq = seq;
      else places.set(number, { seq, waiting });
    }
    return { checkpointSeq, cursors: places };
  }

  async recordedSeqs(webhookNumber: number, afterSeq: number, upToSeq: number): Promise<ReadonlySet<number>> {
    const found = await this.#connections.read<{ seq: number; batch_seqs: readonly number[] | null }>(
      recorded,
      [this.#shards.ofWebhook(webhookNumber), webhookNumber, afterSeq, upToSeq],
    );
    const seqs = found.flatMap(({ seq, batch_seqs }) => batch_seqs ?? [seq]);
    return new Set(seqs.filter((seq) => seq > afterSeq && seq <= upToSeq));
  }

  async between(webhookNumber: number, afterSeq: number, upToSeq: number): Promise<readonly Delivery[]> {
    const place = [this.#shards.ofWebhook(webhookNumber), webhookNumber, afterSeq];
    const [first, found] = await Promise.all([
      this.#connections.read<StoredDelivery>(before, place),
      this.#connections.read<StoredDelivery>(between, [...place, upToSeq]),
    ]);
    return [...first, ...found].map(toDelivery);
  }

  async exhausted(
    webhookNumber: number,
    afterSeq: number,
    upToSeq: number,
    limit: number,
  ): Promise<readonly Delivery[]> {
    const shard = this.#shards.ofWebhook(webhookNumber);
    const values = [shard, webhookNumber, afterSeq, upToSeq, limit];
    return (await this.#connections.read<StoredDelivery>(exhausted, values)).map(toDelivery);
  }

  async interrupted(): Promise<readonly Delivery[]> {
    return (await this.#connections.read<StoredDelivery>(interrupted, [this.#one()])).map(toDelivery);
  }

  async retrySummaries(): Promise<readonly RetrySummary[]> {
    const found = await this.#connections.read<{ webhook_number: number; count: number; due_at: number }>(
      summaries,
      [this.#one()],
    );
    return found.map(({ webhook_number, count, due_at }) => ({
      webhookNumber: webhook_number,
      count,
      nextDueAtMs: due_at,
    }));
  }

  async limitDueTimes(webhookNumber: number, latestDueAtMs: number): Promise<void> {
    const shard = this.#shards.ofWebhook(webhookNumber);
    await this.#writer.run(call(limitDueTimes, shard, webhookNumber, latestDueAtMs));
  }

  dueRetries(webhookNumber: number, limit: number): Promise<readonly Retry[]> {
    return this.#retries(dueRetries, webhookNumber, limit);
  }

  async findRetry(webhookNumber: number, seq: number): Promise<Retry | null> {
    const [retry] = await this.#retries(findRetry, webhookNumber, seq);
    return retry ?? null;
  }

  async oldestRetry(webhookNumber: number): Promise<Retry | null> {
    const [retry] = await this.#retries(oldestRetry, webhookNumber);
    return retry ?? null;
  }

  async list(workspaceNumber: number, filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>> {
    const stored = await keysetPage<StoredDelivery>(
      this.#connections,
      {
        select: `SELECT ${columns} FROM deliveries`,
        key: 'id',
        conditions: [
          ['shard = ?', this.#shards.ofWorkspace(workspaceNumber)],
          ['workspace_number = ?', workspaceNumber],
          ['webhook_number = ?', filter.webhookNumber],
          ['state = ?', filter.state],
          // So that the indexes of those that failed are found.
          ["state <> 'succeeded' AND ?::integer = 1", failedOnly(filter)],
          ['event_type = ?', filter.eventType],
          ['http_status = ?', filter.httpStatus],
          [hasTag, filter.tag],
          ['created_at >= ?', filter.sinceMs],
          ['created_at < ?', filter.untilMs],
        ],
      },
      page,
      ({ id }) => id,
    );
    return { ...stored, items: stored.items.map(toDelivery) };
  }

  async find(workspaceNumber: number, webhookNumber: number, seq: number): Promise<Delivery | null> {
    const shard = this.#shards.ofWorkspace(workspaceNumber);
    const values = [shard, webhookNumber, seq, workspaceNumber];
    const [stored] = await this.#connections.read<StoredDelivery>(find, values);
    return stored ? toDelivery(stored) : null;
  }

  async attempts(delivery: Delivery): Promise<readonly Attempt[]> {
    const shard = this.#shards.ofWorkspace(delivery.workspaceNumber);
    const place = [shard, delivery.webhookNumber, delivery.seq];
    const [first, further] = await Promise.all(
      [firstAttempt, furtherAttempts].map((asked) =>
        this.#connections.read<{ attempt: string }>(asked, place),
      ),
    );
    return [...(first ?? []), ...(further ?? [])].map(({ attempt }) => JSON.parse(attempt) as Attempt);
  }

  async #retries(
    asked: typeof findRetry,
    webhookNumber: number,
    ...more: readonly number[]
  ): Promise<readonly Retry[]> {
    const values = [this.#shards.ofWebhook(webhookNumber), webhookNumber, ...more];
    return (await this.#connections.read<StoredRetry>(asked, values)).map(toRetry);
  }
}

function toDelivery(stored: StoredDelivery): Delivery {
  return {
    workspaceNumber: stored.workspace_number,
    webhookNumber: stored.webhook_number,
    seq: stored.seq,
    acceptedAtMs: stored.accepted_at,
    batchSeqs: stored.batch_seqs,
    eventType: stored.event_type,
    webhookVersion: stored.webhook_version,
    state: stored.state as DeliveryState,
    simulated: stored.simulated,
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
    batchSeqs: stored.batch_seqs,
    eventType: stored.event_type,
    simulated: stored.simulated,
    attempts: stored.attempts,
    scheduleStep: stored.schedule_step,
    dueAtMs: stored.due_at,
    contentType: stored.content_type,
    body: stored.body,
  };
}

/** Any of its events has the tag, as far as they are kept. */
const hasTag = `EXISTS (
  SELECT 1 FROM events WHERE events.shard = deliveries.shard
    AND events.seq = ANY (coalesce(deliveries.batch_seqs, ARRAY[deliveries.seq]))
    AND events.tags @> jsonb_build_array(?::text))`;

function failedOnly({ state }: DeliveryFilter): number | undefined {
  return state === undefined || state === 'succeeded' ? undefined : 1;
}
