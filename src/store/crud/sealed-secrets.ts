import type { Transaction } from 'kysely';
import type { ResealStep, SealedSecretStore, SecretCensus } from '../port.ts';
import type { Schema } from '../schema.ts';
import { keyIdOf, type SecretBox } from '../secret-box.ts';
import type { Database } from './database.ts';
import type { StoredSettings } from './stored-settings.ts';

/** One row that holds a secret, and how to put it back sealed with the current key. */
interface SealedRow {
  /** Place among its kind; the next page begins after it. */
  readonly position: string;
  readonly sealed: string;
  readonly replace: (transaction: Transaction<Schema>, sealed: string) => Promise<void>;
}

/** A column with secrets. */
interface SealedPlace {
  readonly name: string;
  /** Rows after a position, null: from the first one on. */
  readonly page: (
    from: Database['reader'],
    after: string | null,
    limit: number,
  ) => Promise<readonly SealedRow[]>;
}

/** Every column with secrets. What is stored sealed must be listed here, or a change of the key loses it. */
const places: readonly SealedPlace[] = [
  {
    name: 'signing secrets',
    page: async (from, after, limit) => {
      const found = await from
        .selectFrom('webhooks')
        .select(['number', 'sealed_secret'])
        .where('number', '>', Number(after ?? 0))
        .orderBy('number')
        .limit(limit)
        .execute();
      return found.map(({ number, sealed_secret }) => ({
        position: String(number),
        sealed: sealed_secret,
        replace: async (transaction, sealed) => {
          await transaction
            .updateTable('webhooks')
            .set({ sealed_secret: sealed })
            .where('number', '=', number)
            // What another process has changed meanwhile, it has sealed itself.
            .where('sealed_secret', '=', sealed_secret)
            .execute();
        },
      }));
    },
  },
  {
    name: 'headers',
    page: async (from, after, limit) => {
      const found = await from
        .selectFrom('webhooks')
        .select(['number', 'settings_json'])
        .where('number', '>', Number(after ?? 0))
        .orderBy('number')
        .limit(limit)
        .execute();
      return found.map(({ number, settings_json }) => ({
        position: String(number),
        sealed: sealedOf(settings_json),
        replace: async (transaction, sealed) => {
          await transaction
            .updateTable('webhooks')
            .set({ settings_json: withSealed(settings_json, sealed) })
            .where('number', '=', number)
            .where('settings_json', '=', settings_json)
            .execute();
        },
      }));
    },
  },
  {
    name: 'headers of versions',
    page: async (from, after, limit) => {
      const [webhookNumber = 0, version = 0] = (after ?? '').split('-').map(Number);
      const found = await from
        .selectFrom('webhook_versions')
        .select(['webhook_number', 'version', 'settings_json'])
        .where((row) =>
          row.or([
            row('webhook_number', '>', webhookNumber),
            row.and([row('webhook_number', '=', webhookNumber), row('version', '>', version)]),
          ]),
        )
        .orderBy('webhook_number')
        .orderBy('version')
        .limit(limit)
        .execute();
      return found.map(({ webhook_number, version, settings_json }) => ({
        position: `${webhook_number}-${version}`,
        sealed: sealedOf(settings_json),
        replace: async (transaction, sealed) => {
          await transaction
            .updateTable('webhook_versions')
            .set({ settings_json: withSealed(settings_json, sealed) })
            .where('webhook_number', '=', webhook_number)
            .where('version', '=', version)
            .execute();
        },
      }));
    },
  },
];

/** Rows that a census reads at a time. */
const censusPage = 1_000;

/** Walks through everything that is sealed. A cursor is the index of a place and a position in it: `1:42`. */
export class SealedSecrets implements SealedSecretStore {
  readonly #database: Database;
  readonly #secrets: SecretBox;

  constructor(database: Database, secrets: SecretBox) {
    this.#database = database;
    this.#secrets = secrets;
  }

  async resealSome(cursor: string | null, limit: number): Promise<ResealStep> {
    const { index, after } = readPosition(cursor);
    const place = places[index];
    if (place === undefined) return { resealed: 0, nextCursor: null };
    const rows = await place.page(this.#database.reader, after, limit);
    const old = rows.filter((row) => !this.#secrets.isCurrent(row.sealed));
    if (old.length > 0) {
      // Opened before anything is written, so that one that cannot be opened leaves the others of its step alone.
      const opened = old.map((row) => ({ row, text: this.#secrets.open(row.sealed) }));
      await this.#database.transaction(async (transaction) => {
        for (const { row, text } of opened) await row.replace(transaction, this.#secrets.seal(text));
      });
    }
    const last = rows.at(-1);
    if (last !== undefined && rows.length === limit) {
      return { resealed: old.length, nextCursor: `${index}:${last.position}` };
    }
    return { resealed: old.length, nextCursor: index + 1 < places.length ? `${index + 1}:` : null };
  }

  census(): Promise<SecretCensus> {
    return takeCensus(this.#database.reader, this.#secrets);
  }
}

/** Counts the secrets of a database by the key that has sealed them. */
export async function takeCensus(reader: Database['reader'], secrets: SecretBox): Promise<SecretCensus> {
  const sealedBy = new Map<string, number>();
  let unreadable = 0;
  for (const place of places) {
    let after: string | null = null;
    do {
      const rows: readonly SealedRow[] = await place.page(reader, after, censusPage);
      for (const { sealed } of rows) {
        const keyId = keyIdOf(sealed);
        sealedBy.set(keyId, (sealedBy.get(keyId) ?? 0) + 1);
        if (!secrets.opens(sealed)) unreadable += 1;
      }
      after = rows.length < censusPage ? null : (rows.at(-1)?.position ?? null);
    } while (after !== null);
  }
  return { currentKey: secrets.keyId, sealedBy, unreadable };
}

function readPosition(cursor: string | null): { index: number; after: string | null } {
  const [index = '0', after = ''] = (cursor ?? '0:').split(':', 2);
  return { index: Number(index), after: after === '' ? null : after };
}

function sealedOf(settingsJson: string): string {
  return (JSON.parse(settingsJson) as StoredSettings).sealed;
}

function withSealed(settingsJson: string, sealed: string): string {
  return JSON.stringify({ ...(JSON.parse(settingsJson) as StoredSettings), sealed });
}
