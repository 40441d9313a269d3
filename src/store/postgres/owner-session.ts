import type { Client } from 'pg';
import { Problem } from '../../model/problem.ts';
import type { Connections } from './connections.ts';
import { Link } from './link.ts';
import { asProblem, isConnectionLoss } from './problems.ts';
import type { OwnerSession } from './shard-store.ts';

/** One connection for a process's locks and what its engines write, used by one at a time. */
export class Session implements OwnerSession {
  readonly backendPid: number;
  readonly #connections: Connections;
  readonly #client: Client;
  readonly #link: Link;
  readonly #lost: AbortController;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(connections: Connections, client: Client, backendPid: number, lost: AbortController) {
    this.#connections = connections;
    this.#client = client;
    this.#link = new Link(client, connections.counts);
    this.backendPid = backendPid;
    this.#lost = lost;
  }

  static async open(connections: Connections): Promise<Session> {
    const lost = new AbortController();
    const client = await connections.dedicated((error) => lost.abort(error));
    const found = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return new Session(connections, client, found.rows[0]?.pid ?? 0, lost);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  query<Row>(text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#inTurn(async () => (await this.#client.query(text, parameters as unknown[])).rows as Row[]);
  }

  /** Lets `work` write on the connection, behind whoever asked before. */
  use<Result>(work: (link: Link) => Promise<Result>): Promise<Result> {
    return this.#inTurn(() => work(this.#link));
  }

  async close(): Promise<void> {
    await this.#turn;
    this.abandon();
  }

  abandon(): void {
    this.#lost.abort(new Error('The session of shards was closed.'));
    this.#client.end().catch(() => undefined);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#connections.hold(() => this.#turn.then(() => this.#guarded(work)));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** A lost session takes nothing any more: what was under way may be committed or not, and nobody owns it now. */
  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.lost.aborted) throw sessionLost(this.lost.reason);
    try {
      return await work();
    } catch (error) {
      if (isConnectionLoss(error)) this.abandon();
      throw asProblem(error);
    }
  }
}

function sessionLost(cause: unknown): Problem {
  const problem = new Problem('unavailable', 'The session of shards is lost: others may own them by now.');
  problem.cause = cause;
  return problem;
}
