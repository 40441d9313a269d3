import type { ClientBase, QueryResult } from 'pg';
import type { StoreCounts } from '../port.ts';
import { type Call, call, type Statement, statement } from './statement.ts';

/** What a store has written so far. */
export class Counts implements StoreCounts {
  statements = 0;
  transactions = 0;
  /** Each transaction waits for the server's disk once. */
  syncs = 0;
  rowsWritten = 0;

  /** Counts one statement that has ended well. */
  add(result: { readonly command?: string; readonly rowCount?: number | null }, rowsWritten?: number): void {
    this.statements += 1;
    if (result.command === 'COMMIT') this.committed(1);
    const isWrite = writeCommands.has(result.command ?? '');
    this.rowsWritten += rowsWritten ?? (isWrite ? (result.rowCount ?? 0) : 0);
  }

  /** Counts transactions that are durable. */
  committed(transactions: number): void {
    this.transactions += transactions;
    this.syncs += transactions;
  }
}

const writeCommands = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

const begin = call(statement('BEGIN'));
const commit = call(statement('COMMIT'));
const rollback = statement('ROLLBACK');

/** The transaction was undone although no statement of it told of an error. */
export class RolledBack extends Error {}

/**
 * One connection in use by one writer. Statements are sent together, without waiting for the answer of each:
 * a transaction takes one way there and back, however many statements it has.
 */
export class Link {
  readonly #client: ClientBase;
  readonly #counts: Counts;

  constructor(client: ClientBase, counts: Counts) {
    this.#client = client;
    this.#counts = counts;
  }

  /** Sends all calls at once, each its own transaction unless one is open. Rejects with the first error. */
  async send(calls: readonly Call[]): Promise<readonly QueryResult[]> {
    const outcomes = await Promise.allSettled(
      calls.map(({ statement: { name, text }, values }) =>
        this.#client.query({ name, text, values: values as unknown[] }),
      ),
    );
    return outcomes.map((outcome, index) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      this.#counts.add(outcome.value, calls[index]?.rowsWritten);
      return outcome.value;
    });
  }

  async run<Row>(asked: Statement, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const [result] = await this.send([call(asked, ...values)]);
    return (result?.rows ?? []) as Row[];
  }

  /** Runs all calls in one transaction, and answers their results once it is durable. */
  async commitAll(calls: readonly Call[]): Promise<readonly QueryResult[]> {
    if (calls.length < 2) {
      const results = await this.send(calls);
      this.#counts.committed(calls.length);
      return results;
    }
    return (await this.#end([begin, ...calls, commit])).slice(1, -1);
  }

  /** Opens a transaction together with its first calls. End it with `commitWith` or `undo`. */
  async open(calls: readonly Call[]): Promise<readonly QueryResult[]> {
    try {
      return (await this.send([begin, ...calls])).slice(1);
    } catch (error) {
      await this.undo();
      throw error;
    }
  }

  /** Runs the last calls of an open transaction and commits it. */
  async commitWith(calls: readonly Call[]): Promise<readonly QueryResult[]> {
    return (await this.#end([...calls, commit])).slice(0, -1);
  }

  /** Gives an open transaction up. A connection that cannot even do that is gone, and the transaction with it. */
  async undo(): Promise<void> {
    await this.#client.query(rollback).catch(() => undefined);
  }

  async #end(calls: readonly Call[]): Promise<readonly QueryResult[]> {
    const results = await this.send(calls);
    if (results.at(-1)?.command !== 'COMMIT') throw new RolledBack('PostgreSQL has undone the transaction.');
    return results;
  }
}
