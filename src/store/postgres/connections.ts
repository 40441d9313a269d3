import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  type ClientBase,
  type ClientConfig,
  Pool,
  type QueryConfig,
  type QueryResult,
  types,
} from 'pg';
import { Counts, Link, RolledBack } from './link.ts';
import { asProblem, isConnectionLoss, sqlStateOf } from './problems.ts';
import { type Statement, statement } from './statement.ts';

export interface ConnectionOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** Connections that reads share. */
  readonly poolSize: number;
  /** By which others know the connections of this process. */
  readonly applicationName: string;
  /**
   * A read that takes longer is ended. Not so a write: the time would end a COMMIT that waits for a synchronous
   * standby, too, and PostgreSQL then reports success for what a failover would lose.
   */
  readonly statementTimeoutMs: number;
}

/** How long a new connection may take, and how long one waits for a free one of the pool. */
const connectTimeoutMs = 5_000;
/** Connections have this long to be closed in order. */
const closeTimeoutMs = 5_000;
/** A transaction that its process has forgotten holds its locks no longer than this. */
const idleTransactionTimeoutMs = 60_000;
/** Connections for accepted events, changes of rows, and retention; and for changes of the configuration. */
const writerConnections = 4;
const transactionConnections = 4;
/** How long a statement that writes waits for the lock of another. */
const lockTimeoutMs = 30_000;
/** Reads that met a connection which had just broken are asked again. */
const readTries = 2;

const setUp = statement(`
  SELECT set_config('statement_timeout', $1, false), set_config('lock_timeout', '${lockTimeoutMs}', false),
    set_config('idle_in_transaction_session_timeout', '${idleTransactionTimeoutMs}', false),
    -- How a statement is run is to follow from how much there is now, not from how little there was once.
    set_config('plan_cache_mode', 'force_custom_plan', false),
    -- Off would promise what is not yet on disk; what is stricter than on stays.
    CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', false) END`);

const int8 = 20;
const int8Array = 1016;
const json = 114;
const jsonb = 3802;

/** Places and times are whole numbers well below 2^53; JSON stays text, to be read where it is needed. */
const parsers = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === int8) return Number;
    if (oid === int8Array) return (text: string) => JSON.parse(`[${text.slice(1, -1)}]`) as number[];
    if (oid === json || oid === jsonb) return (text: string) => text;
    return types.getTypeParser(oid, format as 'text');
  },
} as ClientConfig['types'];

/** All connections to the database, and what was written through them. */
export class Connections {
  readonly counts = new Counts();
  readonly #options: ConnectionOptions;
  readonly #pool: Pool;
  /** Apart, so that no crowd of readers keeps what is to be accepted or changed waiting. */
  readonly #writers: Pool;
  /** Apart again, for transactions that may take their time. */
  readonly #transactions: Pool;
  #used = 0;
  #onUnused: (() => void) | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#pool = this.#newPool(options.poolSize, options.statementTimeoutMs);
    this.#writers = this.#newPool(writerConnections, 0);
    this.#transactions = this.#newPool(transactionConnections, 0);
  }

  /** Operations that have begun and not ended. */
  get underWay(): number {
    return this.#used;
  }

  /** A connection of its own, to be ended by the caller. `onLost` is called once when it breaks. */
  async dedicated(onLost: (error: Error) => void): Promise<Client> {
    const client = new Client(this.config);
    client.on('error', () => undefined);
    try {
      await client.connect();
      await this.#prepare(client, 0);
    } catch (error) {
      client.end().catch(() => undefined);
      throw asProblem(error);
    }
    client.on('error', onLost);
    client.on('end', () => onLost(new Error('Connection terminated')));
    return client;
  }

  /** Reads outside of any transaction; not counted. */
  async read<Row>({ name, text }: Statement, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.#read({ name, text, values: values as unknown[] })).rows as Row[];
  }

  /** Reads with a statement that is made for the occasion, and so is not prepared. */
  async readOnce<Row>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return (await this.query(text, values)).rows as Row[];
  }

  query(text: string, values: readonly unknown[]): Promise<QueryResult> {
    return this.#read({ text, values: values as unknown[] });
  }

  async #read(asked: QueryConfig): Promise<QueryResult> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.use((client) => client.query(asked));
      } catch (error) {
        if (tries === readTries || !isConnectionLoss(error)) throw asProblem(error);
      }
    }
  }

  /** Lets `work` write through a connection of the pool. */
  async write<Result>(work: (link: Link) => Promise<Result>): Promise<Result> {
    try {
      return await this.use((client) => work(new Link(client, this.counts)), this.#writers);
    } catch (error) {
      throw asProblem(error);
    }
  }

  /** Lets `work` use a connection of those that write, which is there at once when something is to be written. */
  prepare<Result>(work: (client: ClientBase) => Promise<Result>): Promise<Result> {
    return this.use(work, this.#writers);
  }

  /** Lets `work` run statements in one transaction, of which nothing is counted. */
  async transaction<Result>(work: (client: ClientBase) => Promise<Result>): Promise<Result> {
    const run = async (client: ClientBase): Promise<Result> => {
      await client.query('BEGIN');
      try {
        const result = await work(client);
        const { command } = await client.query('COMMIT');
        if (command !== 'COMMIT') throw new RolledBack('PostgreSQL has undone the transaction.');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    };
    return this.use(run, this.#transactions).catch((error: unknown) => {
      throw asProblem(error);
    });
  }

  /** Lets `work` use a connection. Errors come as the driver has them. */
  async use<Result>(work: (client: ClientBase) => Promise<Result>, pool = this.#pool): Promise<Result> {
    const { client, giveBack } = await this.lend(pool);
    let broken = false;
    try {
      return await work(client);
    } catch (error) {
      // What turns out to be a standby may be so because another server has taken over: connect anew.
      broken = isConnectionLoss(error) || sqlStateOf(error) === '25006';
      throw error;
    } finally {
      giveBack(broken);
    }
  }

  /** Work of several steps: the connections are not closed in between. */
  async hold<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#used += 1;
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** Lends a connection for a transaction of configuration. */
  lendTransaction(): ReturnType<Connections['lend']> {
    return this.lend(this.#transactions);
  }

  /** Lends a connection; one that is given back broken is not used again. */
  async lend(pool = this.#pool): Promise<{ client: ClientBase; giveBack: (broken: boolean) => void }> {
    this.#used += 1;
    try {
      const client = await pool.connect();
      const giveBack = (broken: boolean): void => {
        client.release(broken);
        this.#leave();
      };
      return { client, giveBack };
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  /** Waits for all that is under way, and for what waits for a connection. */
  async close(): Promise<void> {
    if (this.#used > 0) {
      await new Promise<void>((resolve) => {
        this.#onUnused = resolve;
      });
    }
    // A server that does not answer any more must not keep a process from ending.
    const bound = new AbortController();
    const ended = Promise.allSettled(
      [this.#pool, this.#writers, this.#transactions].map((pool) => pool.end()),
    );
    await Promise.race([ended, sleep(closeTimeoutMs, null, { signal: bound.signal })]);
    bound.abort();
  }

  #leave(): void {
    this.#used -= 1;
    if (this.#used === 0) this.#onUnused?.();
  }

  #newPool(max: number, statementTimeoutMs: number): Pool {
    const pool = new Pool({
      ...this.config,
      max,
      onConnect: (client) => this.#prepare(client, statementTimeoutMs) as unknown as undefined,
    });
    // Nothing is to be done about an idle connection that breaks: the pool opens another when one is needed.
    pool.on('error', () => undefined);
    // One that breaks between two statements of its user: the next statement tells.
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }

  /** For connections that are made elsewhere. */
  get config(): ClientConfig {
    return {
      connectionString: this.#options.url,
      application_name: this.#options.applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      pipeline: true,
      types: parsers,
    };
  }

  async #prepare(client: ClientBase, statementTimeoutMs: number): Promise<void> {
    await client.query({ ...setUp, values: [String(statementTimeoutMs)] });
  }
}
