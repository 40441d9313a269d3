import type { Database, Statement } from 'better-sqlite3';
import type { Clock } from '../../model/clock.ts';
import type { RetentionCuts, RetentionStep, RetentionStore } from '../port.ts';
import { atEnd, withinBytes } from '../retention-step.ts';
import type { CommitQueue } from './commit-queue.ts';
import { Exchanges } from './exchanges.ts';
import { Leftovers } from './leftovers.ts';
import { retentionQueries } from './retention-queries.ts';

interface OldEvent {
  readonly seq: number;
  readonly bytes: number;
}

interface OldDelivery {
  readonly id: number;
  readonly webhook_number: number;
  readonly seq: number;
  readonly last_seq: number;
  readonly unfinished: number;
  readonly attempts: number;
  readonly created_at: number;
  readonly ended_at: number;
}

type OfWorkspace = [{ workspaceNumber: number; endless: number }];

/**
 * Retention on SQLite. What may go is looked for through the reading connection, a bounded number of rows
 * at a time; only when there is something does the writing connection get a transaction, which it shares
 * with whoever else writes in that turn of the event loop.
 */
export class Retention implements RetentionStore {
  readonly #queue: CommitQueue;
  readonly #exchanges: Exchanges;
  readonly #leftovers: Leftovers;
  readonly #oldestEvents: Statement<[number, number, number], OldEvent>;
  readonly #oldestEvent: Statement<[number], { seq: number; accepted_at: number }>;
  readonly #lastUnneeded: Statement<OfWorkspace, number>;
  readonly #lastUnneededInWrite: Statement<OfWorkspace, number>;
  readonly #removeEvents: Statement<[number, number, number]>;
  readonly #deliveries: Statement<[number, number, number], OldDelivery>;
  readonly #removeDelivery: Statement<[number]>;
  readonly #removeAttempts: Statement<[number, number, number]>;

  constructor(writer: Database, reader: Database, queue: CommitQueue, clock: Clock) {
    this.#queue = queue;
    this.#exchanges = new Exchanges(writer, reader, queue);
    this.#leftovers = new Leftovers(writer, reader, queue, clock);
    this.#oldestEvents = reader.prepare(retentionQueries.oldestEvents);
    this.#oldestEvent = reader.prepare(retentionQueries.oldestEvent);
    this.#lastUnneeded = reader.prepare<OfWorkspace, number>(retentionQueries.lastUnneeded).pluck();
    this.#lastUnneededInWrite = writer.prepare<OfWorkspace, number>(retentionQueries.lastUnneeded).pluck();
    this.#removeEvents = writer.prepare(`
      DELETE FROM events WHERE seq IN (
        SELECT seq FROM events WHERE workspace_number = ? AND seq <= ? ORDER BY seq LIMIT ?)`);
    this.#deliveries = reader.prepare(retentionQueries.deliveries);
    this.#removeDelivery = writer.prepare(
      "DELETE FROM deliveries WHERE id = ? AND state NOT IN ('retrying', 'sending')",
    );
    this.#removeAttempts = writer.prepare(`
      DELETE FROM attempts WHERE rowid IN (
        SELECT rowid FROM attempts WHERE webhook_number = ? AND seq = ? LIMIT ?)`);
  }

  /** SQLite has no partitions. */
  async dropPartitions(cuts: RetentionCuts): Promise<RetentionCuts> {
    return cuts;
  }

  async removeEvents(workspaceNumber: number, upToSeq: number, limit: number): Promise<RetentionStep> {
    const oldest = withinBytes(this.#oldestEvents.iterate(workspaceNumber, upToSeq, limit));
    const [first] = oldest;
    const last = oldest.at(-1);
    if (first === undefined || last === undefined) return atEnd;
    const parameters = { workspaceNumber, endless: Number.MAX_SAFE_INTEGER };
    if (first.seq > (this.#lastUnneeded.get(parameters) ?? 0)) return atEnd;
    const removed = await this.#queue.write(() => {
      // Asked again inside the transaction: a replay may have begun since.
      const lastSeq = Math.min(last.seq, this.#lastUnneededInWrite.get(parameters) ?? 0);
      this.#queue.statements += 2;
      return this.#removeEvents.run(workspaceNumber, lastSeq, oldest.length).changes;
    });
    return { removed, next: removed < oldest.length ? null : String(last.seq) };
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
    const oldestEvent = this.#oldestEvent.get(workspaceNumber);
    const found = this.#deliveries.all(workspaceNumber, Number(from ?? 0), limit);
    const last = found.at(-1);
    if (last === undefined) return atEnd;
    const removable = found.filter(
      (delivery) =>
        delivery.unfinished === 0 &&
        delivery.ended_at < endedBeforeMs &&
        (oldestEvent === undefined || delivery.last_seq < oldestEvent.seq),
    );
    const youngMs = Math.min(endedBeforeMs, oldestEvent?.accepted_at ?? endedBeforeMs);
    // A whole step of young ones, not the first of them: a clock that was ahead may have dated a few wrongly.
    const isEnd = found.length < limit || found.every((delivery) => delivery.created_at >= youngMs);
    const next = isEnd ? null : String(last.id);
    return removable.length === 0 ? { removed: 0, next } : this.#removeEach(removable, next, limit);
  }

  removeExchanges(startedBeforeMs: number, from: string | null, limit: number): Promise<RetentionStep> {
    return this.#exchanges.remove(startedBeforeMs, from, limit);
  }

  removeLeftovers(from: string | null, limit: number): Promise<RetentionStep> {
    return this.#leftovers.remove(from, limit);
  }

  #removeEach(
    deliveries: readonly OldDelivery[],
    next: string | null,
    limit: number,
  ): Promise<RetentionStep> {
    return this.#queue.write(() => {
      let removed = 0;
      for (const { id, webhook_number, seq, attempts } of deliveries) {
        if (attempts > 1) {
          removed += this.#removeAttempts.run(webhook_number, seq, limit - removed).changes;
          this.#queue.statements += 1;
        }
        // A delivery may have been attempted for months: then a step takes only some of its attempts.
        if (removed >= limit) return { removed, next: String(id - 1) };
        removed += this.#removeDelivery.run(id).changes;
        this.#queue.statements += 1;
      }
      return { removed, next };
    });
  }
}
