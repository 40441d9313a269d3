import type { Database, Statement } from 'better-sqlite3';
import { SqliteError } from 'better-sqlite3';
import { Problem } from '../../model/problem.ts';

interface Operation {
  /** Runs inside the transaction, and once more when another operation of the group fails. */
  readonly run: () => unknown;
  /** Throwing is to be expected: it undoes this operation only, at the price of a savepoint. */
  readonly isolated: boolean;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** State that must follow the transaction: how to note where it was, and to go back there. */
export interface TransactionMember {
  mark(): () => void;
  /** The transaction is durable; runs before anyone who waits for it. */
  committed(): void;
}

/**
 * Group commit: what is asked for in one turn of the event loop becomes one transaction, so that many
 * writers share one fsync. While that fsync blocks, further requests wait in their sockets and form the
 * next group; the load itself sets the size of the groups.
 */
export class CommitQueue {
  readonly #database: Database;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #savepoint: Statement;
  readonly #release: Statement;
  readonly #rollbackTo: Statement;
  readonly #member: TransactionMember;
  #waiting: Operation[] = [];
  #scheduled = false;
  /** The end of the row of transactions that span turns of the event loop, and of groups that wait for them. */
  #exclusive: Promise<unknown> = Promise.resolve();
  #exclusiveHolders = 0;
  transactions = 0;
  statements = 0;

  constructor(database: Database, member: TransactionMember) {
    this.#database = database;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#rollback = database.prepare('ROLLBACK');
    this.#savepoint = database.prepare('SAVEPOINT operation');
    this.#release = database.prepare('RELEASE operation');
    this.#rollbackTo = database.prepare('ROLLBACK TO operation');
    this.#member = member;
  }

  /**
   * Runs `run` in the next transaction and resolves with its result once that is durable.
   * When `run` throws, what it wrote is undone and the others of its group are left alone.
   * `isolated`: that is to be expected, and worth a savepoint to make it cheap.
   */
  write<Result>(run: () => Result, isolated = false): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, isolated, resolve: resolve as (result: never) => void, reject });
      this.#schedule();
    });
  }

  /** Lets `work` use the connection alone, over as many turns as it takes. */
  async exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#exclusiveHolders += 1;
    const before = this.#exclusive;
    const done = before.then(work);
    this.#exclusive = done.catch(() => undefined);
    try {
      const result = await done;
      this.transactions += 1;
      return result;
    } catch (error) {
      throw asProblem(error);
    } finally {
      this.#exclusiveHolders -= 1;
    }
  }

  /** Resolves when everything asked for before is written or refused. */
  async drain(): Promise<void> {
    await this.#exclusive;
    if (this.#waiting.length > 0) await this.write(() => undefined);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (this.#exclusiveHolders > 0) this.#commitInTurn();
    else setImmediate(() => (this.#exclusiveHolders > 0 ? this.#commitInTurn() : this.#commitWaiting()));
  }

  /** Takes a turn among the users of `exclusively`, so that an endless row of them keeps no group waiting. */
  #commitInTurn(): void {
    this.#exclusive = this.#exclusive.then(() => this.#commitWaiting());
  }

  #commitWaiting(): void {
    this.#scheduled = false;
    const group = this.#waiting;
    this.#waiting = [];
    this.#commitGroup(group, false);
  }

  /**
   * Commits the group as one transaction. Savepoints cost time, so only operations that ask for one get one;
   * when another operation fails all the same, the group is run again with every operation isolated.
   */
  #commitGroup(group: readonly Operation[], isolateAll: boolean): void {
    const outcomes: Array<() => void> = [];
    let begun = false;
    const undo = this.#member.mark();
    try {
      this.#begin.run();
      begun = true;
      for (const operation of group) outcomes.push(this.#run(operation, isolateAll || operation.isolated));
      this.#commit.run();
    } catch (error) {
      undo();
      // A full disk makes SQLite roll back by itself.
      if (this.#database.inTransaction) this.#rollback.run();
      const operationFailed = begun && outcomes.length < group.length;
      if (operationFailed && !isolateAll && !isFull(error)) this.#commitGroup(group, true);
      else for (const operation of group) operation.reject(asProblem(error));
      return;
    }
    this.transactions += 1;
    this.statements += 2;
    this.#member.committed();
    for (const tell of outcomes) tell();
  }

  #run(operation: Operation, isolated: boolean): () => void {
    if (!isolated) {
      const result = operation.run();
      return () => operation.resolve(result as never);
    }
    const undo = this.#member.mark();
    this.#savepoint.run();
    this.statements += 2;
    try {
      const result = operation.run();
      this.#release.run();
      return () => operation.resolve(result as never);
    } catch (error) {
      if (isFull(error) || !this.#database.inTransaction) throw error;
      undo();
      this.#rollbackTo.run();
      this.#release.run();
      return () => operation.reject(asProblem(error));
    }
  }
}

function isFull(error: unknown): boolean {
  return (
    error instanceof SqliteError && (error.code === 'SQLITE_FULL' || error.code.startsWith('SQLITE_IOERR'))
  );
}

/** A full or failing disk is something a caller can be told; everything else passes through. */
function asProblem(error: unknown): unknown {
  if (!isFull(error)) return error;
  return new Problem(
    'storage-full',
    'The disk of the data directory is full or failing; nothing was changed.',
  );
}
