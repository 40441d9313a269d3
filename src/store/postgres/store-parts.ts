import { Activity } from '../crud/activity.ts';
import { AuditLog } from '../crud/audit-log.ts';
import { Bases } from '../crud/bases.ts';
import type { Database } from '../crud/database.ts';
import { EventTypes } from '../crud/event-types.ts';
import { People } from '../crud/people.ts';
import { PortalLinks } from '../crud/portal-links.ts';
import { Replays } from '../crud/replays.ts';
import { SealedSecrets } from '../crud/sealed-secrets.ts';
import { Sessions } from '../crud/sessions.ts';
import { Webhooks } from '../crud/webhooks.ts';
import { Workspaces } from '../crud/workspaces.ts';
import { SecretBox } from '../secret-box.ts';
import { Announcer } from './announcer.ts';
import { Appender } from './appender.ts';
import type { Connections } from './connections.ts';
import { crudDatabase } from './crud-database.ts';
import { DeliveryWriter, type UseLink } from './delivery-writer.ts';
import { Follower } from './follower.ts';
import type { PostgresStoreOptions } from './index.ts';
import type { JournalParts } from './journal.ts';
import type { Partitions } from './partitions.ts';
import { Rows } from './rows.ts';
import { ShardDays } from './shard-days.ts';
import type { Shards } from './shards.ts';
import { SignalHub } from './signals.ts';
import { TableVersions } from './table-versions.ts';
import { Tails } from './tails.ts';

/** How often is looked whether partitions are to be made. */
const partitionsEveryMs = 3_600_000;

/** What the whole store and the views of its shards have in common. */
export class StoreParts {
  readonly options: PostgresStoreOptions;
  readonly connections: Connections;
  readonly shards: Shards;
  readonly partitions: Partitions;
  readonly signals: SignalHub;
  readonly tails: Tails;
  readonly follower: Follower;
  readonly journal: JournalParts;
  readonly appender: Appender;
  readonly crud: Database;
  readonly secrets: SecretBox;
  readonly audit: AuditLog;
  readonly people: People;
  readonly sessions: Sessions;
  readonly portalLinks: PortalLinks;
  readonly eventTypes: EventTypes;
  readonly activity: Activity;
  readonly workspaces: Workspaces;
  readonly bases: Bases;
  readonly rows: Rows;
  readonly webhooks: Webhooks;
  readonly replays: Replays;
  readonly sealedSecrets: SealedSecrets;
  /** Of the whole store; a shard's engine writes through the session of its owner. */
  readonly writer: DeliveryWriter;
  readonly #timer: NodeJS.Timeout;

  constructor(
    options: PostgresStoreOptions,
    connections: Connections,
    shards: Shards,
    partitions: Partitions,
  ) {
    const { clock, secretKey, previousSecretKeys = [], onError = () => undefined } = options;
    this.options = options;
    this.connections = connections;
    this.shards = shards;
    this.partitions = partitions;
    this.signals = new SignalHub(connections);
    const announcer = new Announcer(this.signals);
    const days = new ShardDays(connections, () => clock.monotonicMs());
    const versions = new TableVersions(connections);
    this.tails = new Tails(connections, days, versions, (appended) => announcer.announce(appended));
    this.follower = new Follower(this.tails, announcer, this.signals, onError);
    this.journal = { connections, clock, shards, days, versions, tails: this.tails };
    this.appender = new Appender(this.journal);
    this.crud = crudDatabase(connections, shards);
    this.secrets = new SecretBox(secretKey, previousSecretKeys);
    this.audit = new AuditLog(this.crud, clock);
    const { note } = this.audit;
    this.people = new People(this.crud, clock, note);
    this.sessions = new Sessions(this.crud, clock);
    this.portalLinks = new PortalLinks(this.crud, clock, note);
    this.eventTypes = new EventTypes(this.crud, clock, note);
    this.activity = new Activity(this.crud);
    this.workspaces = new Workspaces(this.crud, clock, note);
    this.rows = new Rows(connections, clock, shards, this.tails);
    this.bases = new Bases(this.crud, clock, (table) => this.rows.deleteAll(table), note);
    this.webhooks = new Webhooks(this.crud, clock, this.secrets, note);
    this.replays = new Replays(this.crud);
    this.sealedSecrets = new SealedSecrets(this.crud, this.secrets);
    this.writer = this.writerOn((work) => connections.write(work));
    const ensure = (): void => void partitions.ensure().catch(onError);
    this.#timer = setInterval(ensure, partitionsEveryMs).unref();
  }

  writerOn(use: UseLink): DeliveryWriter {
    return new DeliveryWriter(use, this.options.clock, this.tails);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.follower.stop();
    await this.rows.stop();
    await this.appender.drain();
    await this.writer.drain();
    await this.signals.close();
    await this.connections.close();
  }
}
