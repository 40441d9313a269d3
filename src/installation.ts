import type { Logger } from 'pino';
import {
  applicationName,
  ChangeFeed,
  Cluster,
  type Concerns,
  followAppended,
  type ShardChore,
} from './cluster/index.ts';
import type { Config } from './config/index.ts';
import {
  type Deliveries,
  DeliveryEngine,
  DeliveryProcess,
  type DeliveryProcessOptions,
} from './delivery/index.ts';
import { type OperatorToken, prepareClusterInstallation, prepareInstallation } from './first-start.ts';
import { dataDirectory } from './maintenance/data-directory.ts';
import { secretKeysOf } from './maintenance/key-file.ts';
import type { Clock } from './model/clock.ts';
import { randomCharacters } from './model/ids.ts';
import { Problem } from './model/problem.ts';
import type { Store } from './store/port.ts';
import { openPostgresStore } from './store/postgres/index.ts';
import { openSqliteStore } from './store/sqlite/index.ts';
import { WebhookRegistry } from './webhooks/registry.ts';

export type { ShardChore } from './cluster/index.ts';

export interface InstallationOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onError: (error: unknown) => void;
}

/** A store that is open, before anything is delivered from it. */
export interface Installation {
  readonly store: Store;
  readonly registry: WebhookRegistry;
  readonly operator: OperatorToken;
  /** Secrets may be sealed with keys that were used before the present one. */
  readonly hasPreviousKeys: boolean;
  /** What other processes share with this one; null: there are none. */
  readonly feed: ChangeFeed | null;
  /** Calls back when events may have been appended, by whatever process; the argument tells of which workspaces. */
  readonly onAppended: (listener: (concerns: Concerns) => void) => void;
  /** Makes ready what delivers. */
  delivery(process: DeliveryProcessOptions, chores: readonly ShardChore[]): Delivering;
}

/** What delivers, in this process or with others. */
export interface Delivering {
  readonly deliveries: Deliveries;
  /** Webhooks with something to do, and what waits for them, in this process. */
  readonly load: { readonly lanes: number; readonly waiting: number };
  /** The store takes nothing at the moment. */
  readonly suspended: () => boolean;
  /** Rejects with the reason why nothing can be delivered. */
  ready(): Promise<void>;
  /** Delivery and the chores begin. */
  start(): Promise<void>;
  /** Waits up to `graceMs` for requests under way, and writes down how far everything has come. */
  stop(graceMs: number): Promise<void>;
}

/** Opens the store that the settings name: the embedded one, or PostgreSQL shared with other processes. */
export function openInstallation(options: InstallationOptions): Promise<Installation> {
  const { databaseUrl } = options.config;
  return databaseUrl === null ? openEmbedded(options) : openClustered(options, databaseUrl);
}

async function openEmbedded({ config, clock, log }: InstallationOptions): Promise<Installation> {
  const directory = dataDirectory(config.dataDir);
  const keys = secretKeysOf(directory, config);
  const store = openSqliteStore({
    directory: config.dataDir,
    clock,
    secretKey: keys.current,
    previousSecretKeys: keys.previous,
    onSyncFailed: (error) => {
      log.fatal({ err: error }, 'the disk failed, and nobody knows what is on it: Rowhook ends');
      process.exit(1);
    },
  });
  return closedOnFailure(store, async () => {
    const operator = await prepareInstallation(store, directory, config.operatorToken);
    const registry = await WebhookRegistry.load(store, clock);
    return {
      store,
      registry,
      operator,
      hasPreviousKeys: keys.previous.length > 0,
      feed: null,
      onAppended: (listener) => listenTo(store, listener),
      delivery: (processOptions, chores) => embeddedDelivery(store, registry, processOptions, chores),
    };
  });
}

function listenTo(store: Store, listener: (concerns: Concerns) => void): void {
  store.journal.onAppended((events) => {
    const workspaces = new Set(events.map(({ workspaceNumber }) => workspaceNumber));
    listener((number) => workspaces.has(number));
  });
}

/** The embedded store is one shard. */
function embeddedDelivery(
  store: Store,
  registry: WebhookRegistry,
  processOptions: DeliveryProcessOptions,
  chores: readonly ShardChore[],
): Delivering {
  const engine = new DeliveryEngine({ store, registry, process: new DeliveryProcess(processOptions) });
  let endChores: ReadonlyArray<() => void | Promise<void>> = [];
  return {
    deliveries: engine,
    get load() {
      return engine.load;
    },
    suspended: () => engine.suspended,
    ready: async () => {
      if (engine.suspended) throw new Problem('unavailable', 'The store takes no writes at the moment.');
      await store.workspaces.list();
    },
    start: async () => {
      await engine.start();
      endChores = chores.map((chore) => chore.begin(0, store));
    },
    stop: async (graceMs) => {
      await Promise.all(endChores.map((end) => end()));
      await engine.stop(graceMs);
    },
  };
}

async function openClustered(
  { config, clock, log, onError }: InstallationOptions,
  url: string,
): Promise<Installation> {
  const { secretKey, previousSecretKeys } = config;
  if (secretKey === null) {
    throw new Error(
      'ROWHOOK_SECRET_KEY is not set. With ROWHOOK_DATABASE_URL, every process must be given the same key, which ' +
        'encrypts stored secrets; `openssl rand -base64 32` makes one. Keep a copy: without it they cannot be read.',
    );
  }
  const processId = `pro_${randomCharacters(16)}`;
  const store = await openPostgresStore({
    url,
    clock,
    secretKey,
    previousSecretKeys,
    poolSize: config.databasePoolSize,
    applicationName: applicationName(processId),
    onError,
  });
  return closedOnFailure(store, async () => {
    for (const warning of store.warnings) log.warn(warning);
    const operator = await prepareClusterInstallation(store, config.operatorToken);
    const feed = await ChangeFeed.open({ store, clock, onError });
    let cluster: Cluster | null = null;
    const registry = await WebhookRegistry.load(
      store,
      clock,
      ({ number }) => cluster?.deliversTo(number) ?? false,
    );
    return {
      store,
      registry,
      operator,
      hasPreviousKeys: previousSecretKeys.length > 0,
      feed,
      onAppended: (listener) => void followAppended(store, clock, listener).catch(onError),
      delivery: (processOptions, chores) => {
        cluster = new Cluster({
          store,
          clock,
          processId,
          registry,
          feed,
          process: new DeliveryProcess(processOptions),
          processTimeoutMs: config.processTimeoutMs,
          chores: [...chores, sweepOf(feed, clock, onError)],
          onError,
        });
        return delivering(cluster);
      },
    };
  });
}

function delivering(cluster: Cluster): Delivering {
  return {
    deliveries: cluster.deliveries,
    get load() {
      return cluster.load;
    },
    suspended: () => cluster.suspended,
    ready: () => cluster.ready(),
    start: () => cluster.start(),
    stop: (graceMs) => cluster.stop(graceMs),
  };
}

/** Between two looks for notes of changes that nobody needs any more. */
const sweepIntervalMs = 3_600_000;

function sweepOf(feed: ChangeFeed, clock: Clock, onError: (error: unknown) => void): ShardChore {
  return {
    begin: (shard) => {
      if (shard !== 0) return () => undefined;
      let cancel = (): void => undefined;
      const schedule = (): void => {
        cancel = clock.after(sweepIntervalMs, () => {
          feed.sweep().catch(onError);
          schedule();
        });
      };
      schedule();
      return () => cancel();
    },
  };
}

async function closedOnFailure<Result>(store: Store, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await store.close();
    throw error;
  }
}
