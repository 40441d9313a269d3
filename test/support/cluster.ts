import assert from 'node:assert/strict';
import { systemClock } from '../../src/model/clock.ts';
import { openPostgresStore } from '../../src/store/postgres/index.ts';
import { PostgresServer, type PostgresSettings } from '../../src/store/postgres/testing/postgres-server.ts';
import { ApiClient } from './api-client.ts';
import { ConsumerProcess } from './consumer-process.ts';
import { splitRepeats } from './repeats.ts';
import type { Scope } from './scope.ts';
import { operatorToken, ServerProcess } from './server-process.ts';

/** Silence after which the others take a process of these tests for dead. */
export const processTimeoutMs = 5_000;
const shardCount = 32;
const secretKey = 'the secret key of the cluster tests, long enough';
/** A real disk is not waited for, unless a test loses the power. */
const quick: PostgresSettings = { fsync: 'off', max_connections: '200' };

export interface ClusterPlan {
  readonly processes: number;
  readonly postgres?: PostgresSettings;
  readonly settings?: Readonly<Record<string, string>>;
  /** Where the process with this index finds the database; null: at its own port. */
  readonly databasePort?: (index: number, server: PostgresServer) => Promise<number>;
}

/** Some processes of `rowhook serve` on one PostgreSQL, and who sends to them and listens to them. */
export class TestCluster {
  readonly postgres: PostgresServer;
  readonly database: string;
  readonly processes: readonly ServerProcess[];

  private constructor(postgres: PostgresServer, database: string, processes: readonly ServerProcess[]) {
    this.postgres = postgres;
    this.database = database;
    this.processes = processes;
  }

  static async start(scope: Scope, plan: ClusterPlan): Promise<TestCluster> {
    const postgres = await PostgresServer.start({ ...quick, ...plan.postgres });
    scope.after(() => postgres.remove());
    const database = await postgres.createDatabase();
    await setUp(postgres.url(database));
    const processes: ServerProcess[] = [];
    for (let index = 0; index < plan.processes; index += 1) {
      const port = (await plan.databasePort?.(index, postgres)) ?? postgres.port;
      const url = new URL(postgres.url(database));
      url.port = String(port);
      processes.push(ServerProcess.prepare(scope, clusterSettings(url.href, plan.settings)));
    }
    await Promise.all(processes.map((process) => process.start()));
    return new TestCluster(postgres, database, processes);
  }

  process(index: number): ServerProcess {
    const process = this.processes[index];
    if (!process) throw new Error(`There is no process ${index}.`);
    return process;
  }

  /** How many shards each session owns. */
  async shares(): Promise<readonly number[]> {
    const found = await this.postgres.query(
      "SELECT count(*)::int AS shards FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 GROUP BY pid",
      [],
      this.database,
    );
    return found.map((row) => Number(row.shards)).sort((one, other) => other - one);
  }

  /** Resolves once so many processes own all shards, evenly. */
  async untilShared(count: number): Promise<void> {
    for (;;) {
      const shares = await this.shares().catch(() => []);
      const sum = shares.reduce((total, share) => total + share, 0);
      const isEven = Math.max(...shares) - Math.min(...shares) <= 1;
      if (shares.length === count && sum === shardCount && isEven) return;
      await pause(100);
    }
  }
}

/** Divides the database into fewer shards than usual, so that machines which are busy with tests start sooner. */
async function setUp(url: string): Promise<void> {
  const store = await openPostgresStore({ url, clock: systemClock, secretKey, shardCount });
  await store.close();
}

function clusterSettings(url: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    ROWHOOK_DATABASE_URL: url,
    ROWHOOK_SECRET_KEY: secretKey,
    ROWHOOK_PROCESS_TIMEOUT_MS: String(processTimeoutMs),
    ROWHOOK_STOP_TIMEOUT_MS: '3000',
    ROWHOOK_DATABASE_POOL_SIZE: '5',
    ROWHOOK_LOG_LEVEL: 'error',
    ...more,
  };
}

interface Stream {
  readonly workspace: string;
  readonly path: string;
  posted: number;
}

/**
 * Posts events in order to several workspaces, through whichever process answers, each until it is acknowledged, and
 * holds what arrives against what was acknowledged. Each workspace has an ordered webhook.
 */
export class ClusterLoad {
  readonly consumer: ConsumerProcess;
  readonly #cluster: TestCluster;
  readonly #streams: readonly Stream[];
  #running: Promise<unknown> = Promise.resolve();
  #stopped = false;
  /** Calls that no process answered with success, and that were made again. */
  retried = 0;

  private constructor(cluster: TestCluster, consumer: ConsumerProcess, streams: readonly Stream[]) {
    this.#cluster = cluster;
    this.consumer = consumer;
    this.#streams = streams;
  }

  static async start(scope: Scope, cluster: TestCluster, workspaces = 12): Promise<ClusterLoad> {
    const consumer = await ConsumerProcess.start(scope);
    const { api, url } = cluster.process(0);
    const streams: Stream[] = [];
    for (let number = 0; number < workspaces; number += 1) {
      const name = `load-${number}`;
      const workspace = await api.post<{ id: string }>('/v1/workspaces', { name });
      const path = `/${name}`;
      const webhook = await new ApiClient(url, operatorToken).call<{ secret: string }>(
        'POST',
        '/v1/webhooks',
        {
          name,
          url: consumer.url(path),
          eventTypes: ['load.made'],
          order: 'ordered',
          retry: { delaysMs: [100, 100, 100, 1_000, 1_000], jitter: 0 },
        },
        { 'rowhook-workspace': workspace.id },
      );
      assert.equal(webhook.status, 201, JSON.stringify(webhook.body));
      await consumer.hook(path, webhook.body.secret, { kind: 'answer', status: 200, afterMs: 1 });
      streams.push({ workspace: workspace.id, path, posted: 0 });
    }
    const load = new ClusterLoad(cluster, consumer, streams);
    load.#running = Promise.all(streams.map((stream, index) => load.#post(stream, index)));
    load.#running.catch(() => undefined);
    return load;
  }

  get acknowledged(): number {
    return this.#streams.reduce((sum, { posted }) => sum + posted, 0);
  }

  get arrived(): number {
    return this.consumer.arrivals.length;
  }

  /** Resolves once so many more events have been acknowledged. */
  async goesOn(events: number): Promise<void> {
    const target = this.acknowledged + events;
    while (this.acknowledged < target) await pause(20);
  }

  /** Resolves once something was delivered that had not been acknowledged at the time of the call, in every workspace. */
  async recovers(): Promise<void> {
    const marks = this.#streams.map(({ path, posted }) => [path, posted] as const);
    await this.consumer.until(() =>
      marks.every(([path, posted]) => (numberOf(this.consumer.at(path).at(-1)?.body) ?? 0) > posted),
    );
  }

  /** Stops posting, and holds what came against what was acknowledged; answers how many repeats there were. */
  async verify(): Promise<{ readonly events: number; readonly repeats: number }> {
    this.#stopped = true;
    await this.#running;
    let repeats = 0;
    for (const { path, posted } of this.#streams) {
      const came = await this.consumer.comes(() => numberOf(this.consumer.at(path).at(-1)?.body) === posted);
      const split = splitRepeats(this.consumer.at(path));
      const numbers = split.firsts.map(({ body }) => numberOf(body));
      const expected = Array.from({ length: posted }, (_, index) => index + 1);
      assert.deepEqual(
        numbers,
        expected,
        `${path}: everything once and in order${came ? '' : ', but something is missing'}`,
      );
      let newest = 0;
      for (const { body } of this.consumer.at(path)) {
        const number = numberOf(body) ?? 0;
        assert.ok(number >= newest, `${path}: ${number} came again after ${newest}`);
        newest = number;
      }
      repeats += split.repeats.length;
    }
    return { events: this.acknowledged, repeats };
  }

  async #post(stream: Stream, index: number): Promise<void> {
    for (let turn = index; !this.#stopped; ) {
      const number = stream.posted + 1;
      if (await this.#call(turn, stream, number)) {
        stream.posted = number;
        turn += 1;
      } else {
        this.retried += 1;
        turn += 1;
        await pause(50);
      }
    }
  }

  async #call(turn: number, { workspace, path }: Stream, number: number): Promise<boolean> {
    const { processes } = this.#cluster;
    try {
      const { url } = this.#cluster.process(turn % processes.length);
      const answer = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${operatorToken}`,
          'content-type': 'application/json',
          'rowhook-workspace': workspace,
          'idempotency-key': `${path}-${number}`,
        },
        body: JSON.stringify({ type: 'load.made', data: { number, stream: path } }),
        signal: AbortSignal.timeout(2_000),
      });
      await answer.arrayBuffer();
      return answer.status === 202;
    } catch {
      return false;
    }
  }
}

function numberOf(body: string | undefined): number | null {
  const found = /"number":(\d+)/.exec(body ?? '');
  return found ? Number(found[1]) : null;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Seconds that `work` takes, for a diagnostic; nothing is asserted of them. */
export async function seconds(work: () => Promise<unknown>): Promise<string> {
  const startedAtMs = performance.now();
  await work();
  return `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`;
}
