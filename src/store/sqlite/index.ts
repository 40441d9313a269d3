import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { type DatabaseConnection, Kysely, SqliteDialect, SqliteDriver, sql } from 'kysely';
import type { Clock } from '../../model/clock.ts';
import { Activity } from '../crud/activity.ts';
import { AuditLog } from '../crud/audit-log.ts';
import { Bases } from '../crud/bases.ts';
import type { Database as CrudDatabase } from '../crud/database.ts';
import { EventTypes } from '../crud/event-types.ts';
import { People } from '../crud/people.ts';
import { PortalLinks } from '../crud/portal-links.ts';
import { Replays } from '../crud/replays.ts';
import { SealedSecrets } from '../crud/sealed-secrets.ts';
import { Sessions } from '../crud/sessions.ts';
import { Webhooks } from '../crud/webhooks.ts';
import { Workspaces } from '../crud/workspaces.ts';
import type { Store, StoreCounts } from '../port.ts';
import type { Schema } from '../schema.ts';
import { SecretBox } from '../secret-box.ts';
import { Checkpointer } from './checkpointer.ts';
import { CommitQueue } from './commit-queue.ts';
import { type Connections, openConnections } from './connection.ts';
import { Deliveries } from './deliveries.ts';
import { DirectoryLock } from './directory-lock.ts';
import { Journal, JournalAppender } from './journal.ts';
import { migrate } from './migrate.ts';
import { Publications } from './publications.ts';
import { refuseUnfinishedRestore } from './restore-marker.ts';
import { Retention } from './retention.ts';
import { Rows } from './rows.ts';
import type { WriteAheadLog, WriteAheadLogOptions } from './write-ahead-log.ts';

export interface SqliteStoreOptions extends WriteAheadLogOptions {
  /** Made if it does not exist. */
  readonly directory: string;
  readonly clock: Clock;
  /** Encrypts stored secrets; the same one must be given each time. */
  readonly secretKey: string;
  /** Those before it, which open what they have sealed until it is sealed again. */
  readonly previousSecretKeys?: readonly string[];
}

/**
 * Opens the embedded store. Throws when another process holds the directory, when the database was
 * written by a newer Rowhook, when it is damaged, or when a restore of it was interrupted.
 */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const lock = new DirectoryLock(options.directory);
  try {
    refuseUnfinishedRestore(options.directory);
    const file = join(options.directory, 'rowhook.db');
    const connections = openConnections(file, (writer) => migrate(writer, options.clock, file), options);
    return new SqliteStore(options, file, lock, connections);
  } catch (error) {
    lock.release();
    throw error;
  }
}

class SqliteStore implements Store {
  readonly workspaces: Workspaces;
  readonly bases: Bases;
  readonly rows: Rows;
  readonly journal: Journal;
  readonly eventTypes: EventTypes;
  readonly publications: Publications;
  readonly webhooks: Webhooks;
  readonly deliveries: Deliveries;
  readonly replays: Replays;
  readonly activity: Activity;
  readonly retention: Retention;
  readonly people: People;
  readonly sessions: Sessions;
  readonly portalLinks: PortalLinks;
  readonly audit: AuditLog;
  readonly sealedSecrets: SealedSecrets;
  readonly #lock: DirectoryLock;
  readonly #writer: Database;
  readonly #reader: Database;
  readonly #log: WriteAheadLog;
  readonly #queue: CommitQueue;
  readonly #checkpointer: Checkpointer;
  readonly #appender: JournalAppender;
  readonly #rowsAtStart: number;

  constructor(options: SqliteStoreOptions, file: string, lock: DirectoryLock, connections: Connections) {
    const { clock, secretKey, previousSecretKeys } = options;
    this.#lock = lock;
    this.#writer = connections.writer;
    this.#reader = connections.reader;
    this.#log = connections.log;
    const appender = new JournalAppender(this.#writer, clock);
    this.#appender = appender;
    this.#queue = new CommitQueue(this.#writer, this.#log, appender, () => this.#checkpointer.committed());
    this.#checkpointer = new Checkpointer(this.#writer, file, this.#queue, this.#log);
    const crud = crudDatabase(this.#writer, this.#reader, this.#queue, appender);
    const secrets = new SecretBox(secretKey, previousSecretKeys);
    this.audit = new AuditLog(crud, clock);
    const { note } = this.audit;
    this.people = new People(crud, clock, note);
    this.sessions = new Sessions(crud, clock);
    this.portalLinks = new PortalLinks(crud, clock, note);
    this.workspaces = new Workspaces(crud, clock, note);
    this.rows = new Rows(this.#writer, this.#reader, this.#queue, appender);
    this.bases = new Bases(crud, clock, ({ number }) => this.rows.deleteAll(number), note);
    this.journal = new Journal(appender, this.#queue, this.#reader);
    this.eventTypes = new EventTypes(crud, clock, note);
    this.publications = new Publications(this.#writer, this.#queue, appender, clock, crud);
    this.webhooks = new Webhooks(crud, clock, secrets, note);
    this.sealedSecrets = new SealedSecrets(crud, secrets);
    this.replays = new Replays(crud);
    this.activity = new Activity(crud);
    this.deliveries = new Deliveries(this.#writer, this.#reader, this.#queue, appender);
    this.retention = new Retention(this.#writer, this.#reader, this.#queue, clock);
    this.#rowsAtStart = totalChanges(this.#writer);
  }

  counts(): StoreCounts {
    return {
      statements: this.#queue.statements + this.#appender.statements,
      transactions: this.#queue.transactions,
      syncs: this.#log.syncs,
      rowsWritten: totalChanges(this.#writer) - this.#rowsAtStart,
    };
  }

  async close(): Promise<void> {
    await this.rows.stop();
    await this.#queue.drain();
    await this.#checkpointer.stop();
    this.#log.close();
    this.#reader.close();
    // The last connection to close folds the write-ahead log into the database, or leaves it if it cannot.
    this.#writer.close();
    this.#lock.release();
  }
}

function crudDatabase(
  writer: Database,
  reader: Database,
  queue: CommitQueue,
  appender: JournalAppender,
): CrudDatabase {
  const writing = new Kysely<Schema>({
    dialect: new WriterDialect(writer),
    log: () => {
      queue.statements += 1;
    },
  });
  return {
    reader: new Kysely<Schema>({
      dialect: new SqliteDialect({ database: reader }),
      plugins: [
        {
          transformQuery: ({ node }) => node,
          transformResult: ({ result }) => queue.durable(result),
        },
      ],
    }),
    transaction: (work) =>
      queue.exclusively(AsyncLocalStorage.bind(() => writing.transaction().execute(work))),
    headSeq: async () => appender.headSeq,
    // There is no other process.
    noteChange: async () => undefined,
    placeCursor: async (transaction, webhookNumber, seq) => {
      await sql`INSERT INTO cursors (webhook_number, seq, waiting) VALUES (${webhookNumber}, ${seq}, 0)
        ON CONFLICT (webhook_number) DO UPDATE SET seq = excluded.seq, waiting = 0`.execute(transaction);
    },
    webhookNumber: async () => ({}),
  };
}

function totalChanges(database: Database): number {
  return database.prepare<[], number>('SELECT total_changes()').pluck().get() ?? 0;
}

class WriterDialect extends SqliteDialect {
  readonly #database: Database;

  constructor(database: Database) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): WriterDriver {
    return new WriterDriver(this.#database);
  }
}

class WriterDriver extends SqliteDriver {
  readonly #database: Database;

  constructor(database: Database) {
    super({ database });
    this.#database = database;
  }

  /** SQLite has rolled back by itself when the disk is full; doing it again would hide that error behind another. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection);
  }
}
