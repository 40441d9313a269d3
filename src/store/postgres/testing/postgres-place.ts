import { HeldClock } from '../../contract/held-clock.ts';
import type { StorePlace, StorePlaceOptions } from '../../contract/store-place.ts';
import type { Store } from '../../port.ts';
import { openPostgresStore, type PostgresStore } from '../index.ts';
import { type PostgresServer, sharedServer } from './postgres-server.ts';

/** A migrated database of which every test gets a copy, by number of shards. */
const templates = new Map<number, Promise<string>>();

/** A database of its own for the store of one test. */
export class PostgresPlace implements StorePlace {
  readonly server: PostgresServer;
  readonly database: string;
  readonly #shardCount: number;

  private constructor(server: PostgresServer, database: string, shardCount: number) {
    this.server = server;
    this.database = database;
    this.#shardCount = shardCount;
  }

  /** One shard, as the contract speaks of one journal; or as many as there are to be. */
  static async create(shardCount = 1): Promise<PostgresPlace> {
    const server = await sharedServer();
    const known = templates.get(shardCount) ?? createTemplate(server, shardCount);
    templates.set(shardCount, known);
    return new PostgresPlace(server, await server.createDatabase(await known), shardCount);
  }

  get url(): string {
    return this.server.url(this.database);
  }

  async open(options: StorePlaceOptions): Promise<Store> {
    return this.openStore(options);
  }

  openStore(options: StorePlaceOptions): Promise<PostgresStore> {
    return openPostgresStore({ url: this.url, shardCount: this.#shardCount, poolSize: 4, ...options });
  }

  query(text: string, parameters: unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.server.query(text, parameters, this.database);
  }

  async removeEvents(seqs: readonly number[]): Promise<void> {
    await this.query('DELETE FROM events WHERE seq = ANY($1::bigint[])', [[...seqs]]);
  }

  async shows(text: string): Promise<boolean> {
    const tables = await this.query("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'");
    for (const { name } of tables) {
      const found = await this.query(
        `SELECT 1 FROM ${String(name)} AS t WHERE strpos(t::text, $1) > 0 LIMIT 1`,
        [text],
      );
      if (found.length > 0) return true;
    }
    return false;
  }

  async execute(statement: string): Promise<void> {
    await this.query(statement);
  }

  replacements(table: string): readonly string[] {
    return [
      `INSERT INTO ${table} SELECT * FROM ${table} ON CONFLICT (seq) DO UPDATE SET seq = excluded.seq`,
      `TRUNCATE ${table}`,
    ];
  }

  async remove(): Promise<void> {
    await this.server.dropDatabase(this.database);
  }
}

async function createTemplate(server: PostgresServer, shardCount: number): Promise<string> {
  const database = await server.createDatabase();
  // The clock of the tests, so that every copy has the partitions that they need.
  const clock = new HeldClock();
  const store = await openPostgresStore({ url: server.url(database), clock, secretKey: 'none', shardCount });
  await store.close();
  return database;
}
