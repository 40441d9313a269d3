import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { takeCensus } from '../crud/sealed-secrets.ts';
import type { SecretCensus } from '../port.ts';
import type { Schema } from '../schema.ts';
import { SecretBox } from '../secret-box.ts';
import { newestSchemaVersion } from './migrate.ts';

/** What can be said of a database by looking at it. */
export interface Inspection {
  /** 0 when the database is damaged, or not one of Rowhook. */
  readonly schemaVersion: number;
  /** Schema version of this program. */
  readonly knownVersion: number;
  /** What SQLite's own check of the whole file found; empty: it is sound. */
  readonly faults: readonly string[];
  /** When the newest event was accepted; null: there is none. */
  readonly newestEventAtMs: number | null;
}

/** Looks at a database through a connection that cannot write; it may be in use. Never repairs or migrates. */
export class DatabaseInspector {
  readonly #database: Database.Database;

  /** Throws when there is no database in the file, or none that this program understands. */
  constructor(file: string) {
    this.#database = new Database(file, { readonly: true, fileMustExist: true });
  }

  /** Reads every page: takes seconds for each gigabyte. */
  inspect(): Inspection {
    const faults = this.#faults();
    const schemaVersion = faults.length === 0 ? this.#schemaVersion() : 0;
    const newest =
      schemaVersion === newestSchemaVersion
        ? this.#database
            .prepare<[], number>('SELECT accepted_at FROM events ORDER BY seq DESC LIMIT 1')
            .pluck()
            .get()
        : null;
    return { schemaVersion, knownVersion: newestSchemaVersion, faults, newestEventAtMs: newest ?? null };
  }

  /** Which keys have sealed the secrets, and whether these open them; null: the schema is another one. */
  async secrets(secretKey: string, previousKeys: readonly string[]): Promise<SecretCensus | null> {
    if (this.#schemaVersion() !== newestSchemaVersion) return null;
    const reader = new Kysely<Schema>({ dialect: new SqliteDialect({ database: this.#database }) });
    return takeCensus(reader, new SecretBox(secretKey, previousKeys));
  }

  /** The URL of each webhook. */
  webhookUrls(): readonly string[] {
    return this.#database
      .prepare<[], string>("SELECT json_extract(settings_json, '$.url') FROM webhooks ORDER BY number")
      .pluck()
      .all();
  }

  close(): void {
    this.#database.close();
  }

  #schemaVersion(): number {
    return Number(this.#database.pragma('user_version', { simple: true }));
  }

  #faults(): readonly string[] {
    try {
      const found = this.#database.pragma('integrity_check') as { integrity_check: string }[];
      const broken = (this.#database.pragma('foreign_key_check') as { table: string; parent: string }[]).map(
        ({ table, parent }) => `a row of ${table} points to one of ${parent} that is not there`,
      );
      const faults = found
        .flatMap((fault) => fault.integrity_check.split('\n'))
        .filter((line) => line !== 'ok' && !line.startsWith('*** in database'));
      return [...faults, ...new Set(broken)];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  }
}
