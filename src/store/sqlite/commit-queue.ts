import type { Database, Statement } from 'better-sqlite3';
import { SqliteError } from 'better-sqlite3';
import { Problem } from '../../model/problem.ts';
import { isFailedSync, type WriteAheadLog } from './write-ahead-log.ts';

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
 * Group commit: what is asked for while the last transaction is on its way to the disk becomes the next one,
 * so that many writers share one sync, and the load itself sets the size of the groups.
 *
 * A turn is a transaction, then its sync, which the event loop does not wait for; then whoever wrote hears of
 * it, and only then the next turn begins. So at any moment at most one transaction is not durable yet. Readers
 * can see it, and must keep what they saw to themselves until it is (`durable`).
 */
export class CommitQueue {
  readonly #database: Database;
  readonly #log: WriteAheadLog;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #savepoint: Statement;
  readonly #release: Statement;
  readonly #rollbackTo: Statement;
  readonly #member: TransactionMember;
  readonly #onDurable: () => void;
  #waiting: Operation[] = [];
  /** Transactions that span turns of the event loop. */
  readonly #exclusive: Array<() => Promise<void>> = [];
  /** A turn is under way, or about to begin. */
  #busy = false;
  #syncing = false;
  #readers: Array<() => void> = [];
  transactions = 0;
  statements = 0;

  /** `onDurable`: called after each transaction, once those who wrote have heard. */
  constructor(database: Database, log: WriteAheadLog, member: TransactionMember, onDurable: () => void) {
    this.#database = database;
    this.#log = log;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#rollback = database.prepare('ROLLBACK');
    this.#savepoint = database.prepare('SAVEPOINT operation');
    this.#release = database.prepare('RELEASE operation');
    this.#rollbackTo = database.prepare('ROLLBACK TO operation');
    this.#member = member;
    this.#onDurable = onDurable;
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

  /** Lets `work`, which commits by itself, use the connection alone, over as many turns as it takes. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#exclusive.push(async () => {
        try {
          const result = await work();
          this.transactions += 1;
          await this.#sync(() => resolve(result));
        } catch (error) {
          await this.#refuse([{ reject }], error);
        }
      });
      this.#schedule();
    });
  }

  /** Lets `work` run while no transaction is under way, and the last one is durable. */
  pause(work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#exclusive.push(() => work().then(resolve, reject));
      this.#schedule();
    });
  }

  /** Answers with what was read of the database, once nothing of it can be lost any more. */
  durable<Read>(read: Read): Promise<Read> {
    if (!this.#syncing) return Promise.resolve(read);
    return new Promise((resolve) => this.#readers.push(() => resolve(read)));
  }

  /** Resolves when everything asked for before is durable or refused. */
  async drain(): Promise<void> {
    const waiting = this.#waiting.length > 0 ? this.write(() => undefined).catch(() => undefined) : undefined;
    await Promise.all([waiting, this.pause(async () => undefined)]);
  }

  #schedule(): void {
    if (this.#busy) return;
    this.#busy = true;
    setImmediate(() => this.#takeTurn());
  }

  /** One long transaction, if there is one, and one group: so neither keeps the other waiting. */
  async #takeTurn(): Promise<void> {
    await this.#exclusive.shift()?.();
    if (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      await this.#commitGroup(group, false);
    }
    this.#busy = false;
    if (this.#waiting.length + this.#exclusive.length > 0) this.#schedule();
  }

  /**
   * Commits the group as one transaction. Savepoints cost time, so only operations that ask for one get one;
   * when another operation fails all the same, the group is run again with every operation isolated.
   */
  async #commitGroup(group: readonly Operation[], isolateAll: boolean): Promise<void> {
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
      if (operationFailed && !isolateAll && !isFull(error)) return this.#commitGroup(group, true);
      return this.#refuse(group, error);
    }
    this.transactions += 1;
    this.statements += 2;
    await this.#sync(() => {
      this.#member.committed();
      for (const tell of outcomes) tell();
    });
  }

  /** Waits for the disk, then tells those who wrote, and after them those who read. */
  async #sync(tellWriters: () => void): Promise<void> {
    this.#syncing = true;
    await this.#log.sync();
    this.#syncing = false;
    tellWriters();
    if (this.#readers.length > 0) {
      const readers = this.#readers;
      this.#readers = [];
      setImmediate(() => {
        for (const tell of readers) tell();
      });
    }
    this.#onDurable();
  }

  async #refuse(group: ReadonlyArray<Pick<Operation, 'reject'>>, error: unknown): Promise<void> {
    if (error instanceof SqliteError && isFailedSync(error.code)) await this.#log.fail(error);
    for (const { reject } of group) reject(asProblem(error));
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

/** What a caller can be told, and may try again; everything else passes through. */
function asProblem(error: unknown): unknown {
  if (isFull(error)) {
    return new Problem(
      'storage-full',
      'The disk of the data directory is full or failing; nothing was changed.',
    );
  }
  const code = error instanceof SqliteError ? error.code : '';
  if (code.startsWith('SQLITE_BUSY')) {
    return new Problem(
      'unavailable',
      'Another program has locked the database, such as a shell that is open on it; nothing was changed.',
    );
  }
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return new Problem(
      'unavailable',
      'The disk of the data directory cannot be written; nothing was changed.',
    );
  }
  return error;
}
