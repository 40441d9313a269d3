import type { Clock } from '../../model/clock.ts';
import type { RetentionCuts, RetentionStep, RetentionStore } from '../port.ts';
import { atEnd, withinBytes } from '../retention-step.ts';
import type { Connections } from './connections.ts';
import { Exchanges } from './exchanges.ts';
import { Leftovers } from './leftovers.ts';
import type { Link } from './link.ts';
import type { Partitions } from './partitions.ts';
import type { Shards } from './shards.ts';
import { call, statement } from './statement.ts';

interface OldDelivery {
  readonly id: number;
  readonly webhook_number: number;
  readonly seq: number;
  readonly last_seq: number;
  readonly unfinished: boolean;
  readonly attempts: number;
  readonly created_at: number;
  readonly ended_at: number;
}

const oldestEvents = statement(`
  SELECT seq, octet_length(data) AS bytes FROM events
  WHERE shard = $1 AND workspace_number = $2 AND seq > $3 AND seq <= $4 ORDER BY seq LIMIT $5`);
const oldestEvent = statement(`
  SELECT seq, accepted_at FROM events WHERE shard = $1 AND workspace_number = $2 AND seq > $3
  ORDER BY seq LIMIT 1`);

/**
 * Delivery needs no event of the workspace ($2) up to this place. A webhook without a cursor of its own shares
 * the checkpoint (row 0), so of the webhooks only those that are behind are looked at.
 */
const lastUnneededSql = `least(
  coalesce((SELECT seq FROM cursors WHERE shard = $1 AND webhook_number = 0), 0),
  (SELECT min(cursors.seq) FROM cursors JOIN webhooks ON webhooks.number = cursors.webhook_number
    WHERE cursors.shard = $1 AND webhooks.workspace_number = $2),
  (SELECT min(seq) - 1 FROM deliveries
    WHERE shard = $1 AND workspace_number = $2 AND state IN ('retrying', 'sending')),
  (SELECT min(from_seq) FROM replays JOIN webhooks ON webhooks.number = replays.webhook_number
    WHERE replays.workspace_number = $2 AND replays.state IN ('running', 'paused')))`;
const lastUnneeded = statement(`SELECT ${lastUnneededSql} AS seq`);
// Asked again inside the transaction: a replay may have begun since.
const removeEvents = statement(`
  DELETE FROM events WHERE shard = $1 AND workspace_number = $2 AND seq > $3
    AND seq <= least($4, (SELECT ${lastUnneededSql}))`);
const deliveries = statement(`
  SELECT id, webhook_number, seq, coalesce(batch_seqs[array_upper(batch_seqs, 1)], seq) AS last_seq,
    state IN ('retrying', 'sending') AS unfinished, attempts, created_at,
    coalesce(finished_at, created_at) AS ended_at
  FROM deliveries WHERE shard = $1 AND workspace_number = $2 AND id > $3 ORDER BY id LIMIT $4`);
const removeDeliveries = statement(`
  DELETE FROM deliveries
  WHERE shard = $1 AND workspace_number = $2 AND id = ANY($3::bigint[]) AND state NOT IN ('retrying', 'sending')`);
const removeAttempts = statement(`
  DELETE FROM attempts WHERE shard = $1 AND webhook_number = $2 AND seq = $3 AND number IN (
    SELECT number FROM attempts WHERE shard = $1 AND webhook_number = $2 AND seq = $3 LIMIT $4)`);

/**
 * Retention on PostgreSQL. Most goes with its partition; row by row goes what partitions are too coarse for.
 * What may go is looked for first, and only when there is something is it asked for in a transaction.
 */
export class Retention implements RetentionStore {
  readonly #connections: Connections;
  readonly #shards: Shards;
  readonly #partitions: Partitions;
  readonly #exchanges: Exchanges;
  readonly #leftovers: Leftovers;
  readonly #one: () => number;
  /** By workspace, the place up to which this process has removed events: no need to look there again. */
  readonly #removedUpTo = new Map<number, number>();

  /** `one`: the shard that is meant where nothing else says it; throws when there are several. */
  constructor(
    connections: Connections,
    clock: Clock,
    shards: Shards,
    partitions: Partitions,
    one: () => number,
  ) {
    this.#connections = connections;
    this.#shards = shards;
    this.#partitions = partitions;
    this.#exchanges = new Exchanges(connections);
    this.#leftovers = new Leftovers(connections, clock);
    this.#one = one;
  }

  dropPartitions(cuts: RetentionCuts): Promise<RetentionCuts> {
    // Partitions hold the rows of all shards: whoever has the first one sees to them.
    return this.#one() === 0
      ? this.#partitions.dropOld(cuts)
      : Promise.resolve(this.#partitions.rowCuts(cuts));
  }

  async removeEvents(workspaceNumber: number, upToSeq: number, limit: number): Promise<RetentionStep> {
    const shard = this.#shards.ofWorkspace(workspaceNumber);
    const fromSeq = this.#removedUpTo.get(workspaceNumber) ?? 0;
    const found = await this.#connections.read<{ seq: number; bytes: number }>(oldestEvents, [
      shard,
      workspaceNumber,
      fromSeq,
      upToSeq,
      limit,
    ]);
    const oldest = withinBytes(found);
    const [first] = oldest;
    const last = oldest.at(-1);
    if (first === undefined || last === undefined) return atEnd;
    const [unneeded] = await this.#connections.read<{ seq: number }>(lastUnneeded, [shard, workspaceNumber]);
    if (first.seq > (unneeded?.seq ?? 0)) return atEnd;
    const [result] = await this.#connections.write((link) =>
      link.commitAll([call(removeEvents, shard, workspaceNumber, fromSeq, last.seq)]),
    );
    const removed = result?.rowCount ?? 0;
    if (removed < oldest.length) return { removed, next: null };
    this.#removedUpTo.set(workspaceNumber, last.seq);
    return { removed, next: String(last.seq) };
  }

  /**
   * Goes through a workspace's deliveries from the oldest on. It meets few that must stay: the events of an
   * unfinished one are kept, and the sweep ends where deliveries are younger than the oldest event kept.
   */
  async removeDeliveries(
    workspaceNumber: number,
    endedBeforeMs: number,
    from: string | null,
    limit: number,
  ): Promise<RetentionStep> {
    const shard = this.#shards.ofWorkspace(workspaceNumber);
    const removedUpTo = this.#removedUpTo.get(workspaceNumber) ?? 0;
    const [[kept], found] = await Promise.all([
      this.#connections.read<{ seq: number; accepted_at: number }>(oldestEvent, [
        shard,
        workspaceNumber,
        removedUpTo,
      ]),
      this.#connections.read<OldDelivery>(deliveries, [shard, workspaceNumber, Number(from ?? 0), limit]),
    ]);
    const last = found.at(-1);
    if (last === undefined) return atEnd;
    const removable = found.filter(
      (delivery) =>
        !delivery.unfinished &&
        delivery.ended_at < endedBeforeMs &&
        (kept === undefined || delivery.last_seq < kept.seq),
    );
    const youngMs = Math.min(endedBeforeMs, kept?.accepted_at ?? endedBeforeMs);
    // A whole step of young ones, not the first of them: a clock that was ahead may have dated a few wrongly.
    const isEnd = found.length < limit || found.every((delivery) => delivery.created_at >= youngMs);
    const next = isEnd ? null : String(last.id);
    if (removable.length === 0) return { removed: 0, next };
    return this.#connections.write((link) =>
      removeEach(link, shard, workspaceNumber, removable, next, limit),
    );
  }

  removeExchanges(startedBeforeMs: number, from: string | null, limit: number): Promise<RetentionStep> {
    return this.#exchanges.remove(this.#one(), startedBeforeMs, from, limit);
  }

  removeLeftovers(from: string | null, limit: number): Promise<RetentionStep> {
    return this.#leftovers.remove(this.#one(), from, limit);
  }
}

async function removeEach(
  link: Link,
  shard: number,
  workspaceNumber: number,
  removable: readonly OldDelivery[],
  next: string | null,
  limit: number,
): Promise<RetentionStep> {
  const ids: number[] = [];
  let attemptsRemoved = 0;
  let goOn = next;
  await link.open([]);
  try {
    for (const { id, webhook_number, seq, attempts } of removable) {
      const left = limit - attemptsRemoved - ids.length;
      if (attempts > 1) {
        const [result] = await link.send([call(removeAttempts, shard, webhook_number, seq, left)]);
        attemptsRemoved += result?.rowCount ?? 0;
      }
      // A delivery may have been attempted for months: then a step takes only some of its attempts.
      if (attemptsRemoved + ids.length >= limit) {
        goOn = String(id - 1);
        break;
      }
      ids.push(id);
    }
    const [result] = await link.commitWith([call(removeDeliveries, shard, workspaceNumber, ids)]);
    return { removed: attemptsRemoved + (result?.rowCount ?? 0), next: goOn };
  } catch (error) {
    await link.undo();
    throw error;
  }
}
