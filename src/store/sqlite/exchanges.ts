import type { Database, Statement } from 'better-sqlite3';
import type { RetentionStep } from '../port.ts';
import { withinBytes } from '../retention-step.ts';
import type { CommitQueue } from './commit-queue.ts';
import { retentionQueries } from './retention-queries.ts';

interface FurtherAttempt {
  readonly id: number;
  readonly bytes: number;
  readonly started_at: number;
}

interface FirstAttempt {
  readonly id: number;
  /** Attempts made of the delivery. */
  readonly attempts: number;
  readonly created_at: number;
  /** 0: the delivery has no first attempt. */
  readonly bytes: number;
  /** Null: the delivery is too young, or has no first attempt. */
  readonly started_at: number | null;
}

type FirstAttemptsRange = [{ startedBeforeMs: number; afterId: number; limit: number }];

/** The place of a sweep that is at the attempts after the first; any other place is the id of a delivery. */
const furtherAttempts = 'further';

/**
 * Removes attempts by their age: first those after the first, which are rows of their own, then the first
 * ones, which are kept inside their deliveries.
 */
export class Exchanges {
  readonly #queue: CommitQueue;
  readonly #oldest: Statement<[number], FurtherAttempt>;
  readonly #remove: Statement<[number]>;
  readonly #firstAttempts: Statement<FirstAttemptsRange, FirstAttempt>;
  readonly #removeFirst: Statement<[number]>;
  /**
   * Deliveries up to this id have lost their first attempt and get no other. It spares every sweep but the
   * first of a process the way through all that were emptied before.
   */
  #emptiedUpToId = 0;
  /** The first delivery that the sweep under way leaves with a first attempt, or still without one. */
  #firstLeftId: number | null = null;

  constructor(writer: Database, reader: Database, queue: CommitQueue) {
    this.#queue = queue;
    this.#oldest = reader.prepare(retentionQueries.oldestAttempts);
    this.#remove = writer.prepare('DELETE FROM attempts WHERE rowid = ?');
    this.#firstAttempts = reader.prepare(retentionQueries.firstAttempts);
    this.#removeFirst = writer.prepare('UPDATE deliveries SET first_attempt = NULL WHERE id = ?');
  }

  async remove(startedBeforeMs: number, from: string | null, limit: number): Promise<RetentionStep> {
    if (from !== null && from !== furtherAttempts) {
      return this.#removeFirstAttempts(startedBeforeMs, Number(from), limit);
    }
    const oldest = withinBytes(this.#oldest.iterate(limit));
    const old = oldest.filter((attempt) => attempt.started_at < startedBeforeMs);
    if (old.length > 0) {
      await this.#removeEach(this.#remove, old);
      return { removed: old.length, next: furtherAttempts };
    }
    this.#firstLeftId = null;
    return { removed: 0, next: String(this.#emptiedUpToId) };
  }

  async #removeFirstAttempts(
    startedBeforeMs: number,
    afterId: number,
    limit: number,
  ): Promise<RetentionStep> {
    const found = withinBytes(this.#firstAttempts.iterate({ startedBeforeMs, afterId, limit }));
    const isOld = (first: FirstAttempt): boolean =>
      first.started_at !== null && first.started_at < startedBeforeMs;
    const old = found.filter(isOld);
    if (old.length > 0) await this.#removeEach(this.#removeFirst, old);
    // A delivery that was never attempted may be yet.
    const left = found.find((first) => !isOld(first) && (first.bytes > 0 || first.attempts === 0));
    this.#firstLeftId ??= left?.id ?? null;
    const lastId = found.at(-1)?.id ?? afterId;
    if (found.some((first) => first.created_at < startedBeforeMs)) {
      return { removed: old.length, next: String(lastId) };
    }
    this.#emptiedUpToId = this.#firstLeftId === null ? lastId : this.#firstLeftId - 1;
    return { removed: old.length, next: null };
  }

  async #removeEach(statement: Statement<[number]>, attempts: readonly { id: number }[]): Promise<void> {
    await this.#queue.write(() => {
      for (const { id } of attempts) statement.run(id);
      this.#queue.statements += attempts.length;
    });
  }
}
