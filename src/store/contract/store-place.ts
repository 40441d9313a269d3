import { test } from 'node:test';
import type { Clock } from '../../model/clock.ts';
import type { Store } from '../port.ts';
import { HeldClock } from './held-clock.ts';

/** Where one test keeps one store: a directory for SQLite, a database for PostgreSQL. */
export interface StorePlace {
  /** Opens the store that is kept here; the one opened before must be closed. */
  open(options: StorePlaceOptions): Promise<Store>;
  /** Takes events out of the closed store, as retention does. */
  removeEvents(seqs: readonly number[]): Promise<void>;
  /** Whether `text` can be read in what the closed store keeps, by someone without the secret key. */
  shows(text: string): Promise<boolean>;
  /** Runs a statement on the closed store, as someone could who has the database itself. */
  execute(statement: string): Promise<void>;
  /** Statements that write over every row of a table with a key `seq` without updating or deleting it by name. */
  replacements(table: string): readonly string[];
  /** Removes everything; the store is closed by then. */
  remove(): Promise<void>;
}

export interface StorePlaceOptions {
  readonly clock: Clock;
  readonly secretKey: string;
  readonly previousSecretKeys?: readonly string[];
}

/** Makes an empty place. */
export type CreatePlace = () => Promise<StorePlace>;

export const testSecretKey = 'the secret key of the contract suite';

/** What a contract test has to work with. */
export class StoreBench {
  readonly place: StorePlace;
  readonly clock = new HeldClock();
  #store: Store | null = null;

  constructor(place: StorePlace) {
    this.place = place;
  }

  get store(): Store {
    if (this.#store === null) throw new Error('The store of this test is closed.');
    return this.#store;
  }

  async open(secretKey = testSecretKey, previousSecretKeys: readonly string[] = []): Promise<Store> {
    this.#store = await this.place.open({ clock: this.clock, secretKey, previousSecretKeys });
    return this.#store;
  }

  async close(): Promise<void> {
    const store = this.#store;
    this.#store = null;
    await store?.close();
  }

  async reopen(): Promise<Store> {
    await this.close();
    return this.open();
  }
}

/** Declares a test that gets an empty store of its own. */
export function storeTest(
  createPlace: CreatePlace,
  name: string,
  body: (bench: StoreBench) => Promise<void>,
): void {
  void test(name, async () => {
    const bench = new StoreBench(await createPlace());
    try {
      await bench.open();
      await body(bench);
    } finally {
      await bench.close();
      await bench.place.remove();
    }
  });
}
