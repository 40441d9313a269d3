import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { StorePlace, StorePlaceOptions } from '../contract/store-place.ts';
import type { Store } from '../port.ts';
import { openSqliteStore } from './index.ts';

/** A directory of its own for the store of one test. */
export class SqlitePlace implements StorePlace {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static create(): SqlitePlace {
    return new SqlitePlace(mkdtempSync(join(tmpdir(), 'rowhook-store-')));
  }

  get databaseFile(): string {
    return join(this.directory, 'rowhook.db');
  }

  async open(options: StorePlaceOptions): Promise<Store> {
    return openSqliteStore({ directory: this.directory, ...options });
  }

  async removeEvents(seqs: readonly number[]): Promise<void> {
    const database = new Database(this.databaseFile);
    const remove = database.prepare('DELETE FROM events WHERE seq = ?');
    for (const seq of seqs) remove.run(seq);
    database.close();
  }

  async shows(text: string): Promise<boolean> {
    return readdirSync(this.directory).some((name) =>
      readFileSync(join(this.directory, name)).includes(text),
    );
  }

  async execute(statement: string): Promise<void> {
    const database = new Database(this.databaseFile);
    try {
      database.exec(statement);
    } finally {
      database.close();
    }
  }

  replacements(table: string): readonly string[] {
    return [`REPLACE INTO ${table} SELECT * FROM ${table}`];
  }

  async remove(): Promise<void> {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
