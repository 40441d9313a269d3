import type { Logger } from 'pino';
import type { Config } from './config/index.ts';
import { ActivityUpkeep } from './delivery/index.ts';
import { Chores, type Identity } from './identity/index.ts';
import type { ShardChore } from './installation.ts';
import type { Clock } from './model/clock.ts';
import type { Notices } from './notices/index.ts';
import { PublicationRetention, Retention, type RetentionAges } from './retention/index.ts';
import { EventSchedule } from './sources/events/schedule.ts';
import type { Store } from './store/port.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { CertificateWatch } from './webhooks/certificate-watch.ts';
import type { WebhookRegistry } from './webhooks/registry.ts';

const hourMs = 60 * 60 * 1_000;
const dayMs = 24 * hourMs;

/** The shard whose owner does what is to be done once, and not for each shard. */
const installationShard = 0;

export interface ServerChoresOptions {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: WebhookRegistry;
  readonly identity: Identity;
  readonly metrics: Metrics;
  /** Null: no mails. */
  readonly notices: Notices | null;
  /** The store takes nothing at the moment. */
  readonly suspended: () => boolean;
  readonly onError: (error: unknown) => void;
}

interface Chore {
  start(): void;
  stop(): void | Promise<void>;
}

/** What goes on in the background besides delivery, each in one process only: in the one that owns the shard. */
export class ServerChores {
  readonly all: readonly ShardChore[];
  readonly #options: ServerChoresOptions;
  #schedule: EventSchedule | null = null;
  /** One pass of retention at a time, however many shards this process owns. */
  #pass: Promise<unknown> = Promise.resolve();

  constructor(options: ServerChoresOptions) {
    this.#options = options;
    this.all = [
      { begin: (_shard, store) => this.#watch(store) },
      { begin: (_shard, store) => begun([this.#retentionOf(store)]) },
      { begin: (shard) => (shard === installationShard ? this.#beginOnce() : () => undefined) },
    ];
  }

  /** An event is to be published later: perhaps before this process looks again, if it is the one that does. */
  eventScheduled(): void {
    this.#schedule?.changed();
  }

  #watch(store: Store): () => void {
    this.#options.metrics.measureShard(store);
    this.#options.notices?.follow(store.journal);
    return () => undefined;
  }

  #retentionOf(store: Store): Retention {
    const { config, clock, log, suspended, onError } = this.#options;
    return new Retention({
      store,
      clock,
      ages: retentionAges(config),
      suspended,
      inTurn: (pass) => this.#inTurn(pass),
      onPassEnded: (removed) => log.debug({ removed }, 'retention has made a pass'),
      onError,
    });
  }

  #inTurn(pass: () => Promise<void>): Promise<void> {
    const mine = this.#pass.then(pass);
    this.#pass = mine.catch(() => undefined);
    return mine;
  }

  #beginOnce(): () => Promise<void> {
    const { config, store, clock, registry, identity, suspended, onError } = this.#options;
    const { publications, journal, portalLinks, audit } = store;
    const schedule = new EventSchedule({ publications, clock, onError });
    this.#schedule = schedule;
    return begun([
      schedule,
      new Chores({
        sessions: identity.sessions,
        portalLinks,
        audit,
        clock,
        auditAgeMs: config.auditRetentionDays === 0 ? null : config.auditRetentionDays * dayMs,
        onError,
      }),
      new ActivityUpkeep({
        activity: store.activity,
        clock,
        daysMs: config.activityRetentionDays === 0 ? null : config.activityRetentionDays * dayMs,
        onError,
      }),
      new PublicationRetention({
        publications,
        clock,
        keysMs: config.idempotencyHours * hourMs,
        endedMs: retentionAges(config).eventsMs,
        suspended,
        onError,
      }),
      new CertificateWatch({ webhooks: () => registry.all(), journal, clock, onError }),
    ]);
  }
}

/** Starts all of them; the answer stops them. */
function begun(chores: readonly Chore[]): () => Promise<void> {
  for (const chore of chores) chore.start();
  return async () => {
    await Promise.all(chores.map((chore) => chore.stop()));
  };
}

function retentionAges(config: Config): RetentionAges {
  const age = (days: number): number | null => (days === 0 ? null : days * dayMs);
  return {
    eventsMs: age(config.eventRetentionDays),
    deliveriesMs: age(config.deliveryRetentionDays),
    exchangesMs: age(config.exchangeRetentionDays),
  };
}
