import { fdatasync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../model/clock.ts';
import type { Store } from '../../store/port.ts';
import { openPostgresStore, type PostgresStore } from '../../store/postgres/index.ts';
import { PostgresPlace } from '../../store/postgres/testing/postgres-place.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import type { SyncFile } from '../../store/sqlite/write-ahead-log.ts';

/** Where the store of a harness is kept, from one process to the next. */
export interface HarnessPlace {
  open(clock: Clock): Promise<Store>;
  /** What the store has begun and not ended: the harness is not settled before that. */
  readonly underWay: number;
  remove(): Promise<void>;
}

const secretKey = 'test';

/** A directory of SQLite. */
export class SqliteHarnessPlace implements HarnessPlace {
  readonly #directory = mkdtempSync(join(tmpdir(), 'rowhook-engine-'));
  underWay = 0;

  async open(clock: Clock): Promise<Store> {
    return openSqliteStore({ directory: this.#directory, clock, secretKey, sync: this.#sync });
  }

  async remove(): Promise<void> {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The disk may take its time: whatever it holds up is not settled. */
  readonly #sync: SyncFile = (file, done) => {
    this.underWay += 1;
    fdatasync(file, (error) => {
      this.underWay -= 1;
      done(error);
    });
  };
}

/** A database of PostgreSQL; the engine has its one shard, and writes through the session that owns it. */
export class PostgresHarnessPlace implements HarnessPlace {
  readonly #place: PostgresPlace;
  #store: PostgresStore | null = null;

  private constructor(place: PostgresPlace) {
    this.#place = place;
  }

  static async create(): Promise<PostgresHarnessPlace> {
    return new PostgresHarnessPlace(await PostgresPlace.create());
  }

  get underWay(): number {
    return this.#store?.underWay ?? 0;
  }

  async open(clock: Clock): Promise<Store> {
    const store = await openPostgresStore({ url: this.#place.url, clock, secretKey, poolSize: 4 });
    this.#store = store;
    const session = await store.openSession();
    const shard = await store.shard(0, session);
    const closeShard = shard.close.bind(shard);
    shard.close = async () => {
      await closeShard();
      await session.close();
      await store.close();
    };
    return shard;
  }

  async remove(): Promise<void> {
    await this.#place.remove();
  }
}
