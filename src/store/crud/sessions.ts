import type { Selectable } from 'kysely';
import type { Clock } from '../../model/clock.ts';
import type { PortalLinkId, SessionId } from '../../model/ids.ts';
import type { NewSession, Session, SessionHolder } from '../../model/session.ts';
import type { SessionStore } from '../port.ts';
import type { Schema } from '../schema.ts';
import type { Database } from './database.ts';

type HolderColumn = 'person_number' | 'token_hash' | 'portal_link_id';

export class Sessions implements SessionStore {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async add(session: NewSession, secretHash: string, keptOfHolder: number): Promise<Session> {
    const nowMs = this.#clock.nowMs();
    const [column, value] = holderColumn(session.holder);
    await this.#database.transaction(async (transaction) => {
      const unused = await transaction
        .selectFrom('sessions')
        .select('id')
        .where(column, '=', value)
        .orderBy('last_used_at', 'desc')
        .offset(keptOfHolder - 1)
        .limit(keptOfHolder)
        .execute();
      for (const { id } of unused) await transaction.deleteFrom('sessions').where('id', '=', id).execute();
      await transaction
        .insertInto('sessions')
        .values({
          id: session.id,
          secret_hash: secretHash,
          person_number: null,
          token_hash: null,
          portal_link_id: null,
          [column]: value,
          created_at: nowMs,
          last_used_at: nowMs,
          expires_at: session.expiresAtMs,
          address: session.address,
          user_agent: session.userAgent,
        })
        .execute();
    });
    return { ...session, createdAtMs: nowMs, lastUsedAtMs: nowMs };
  }

  async find(secretHash: string): Promise<Session | null> {
    const found = await this.#database.reader
      .selectFrom('sessions')
      .selectAll()
      .where('secret_hash', '=', secretHash)
      .executeTakeFirst();
    return found ? toSession(found) : null;
  }

  async listOf(holder: SessionHolder): Promise<readonly Session[]> {
    const [column, value] = holderColumn(holder);
    const found = await this.#database.reader
      .selectFrom('sessions')
      .selectAll()
      .where(column, '=', value)
      .orderBy('last_used_at', 'desc')
      .orderBy('id')
      .execute();
    return found.map(toSession);
  }

  async end(id: SessionId): Promise<void> {
    await this.#database.transaction((transaction) =>
      transaction.deleteFrom('sessions').where('id', '=', id).execute(),
    );
  }

  async endAllOf(holder: SessionHolder, kept: SessionId | null): Promise<void> {
    const [column, value] = holderColumn(holder);
    await this.#database.transaction((transaction) => {
      const all = transaction.deleteFrom('sessions').where(column, '=', value);
      return (kept === null ? all : all.where('id', '<>', kept)).execute();
    });
  }

  async saveUses(usedAtMs: ReadonlyMap<SessionId, number>): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      for (const [id, lastUsedAtMs] of usedAtMs) {
        await transaction
          .updateTable('sessions')
          .set({ last_used_at: lastUsedAtMs })
          .where('id', '=', id)
          .execute();
      }
    });
  }

  async removeEnded(endedBeforeMs: number, unusedSinceMs: number, limit: number): Promise<number> {
    const ended = await this.#database.reader
      .selectFrom('sessions')
      .select('id')
      .where((expression) =>
        expression.or([
          expression('expires_at', '<', endedBeforeMs),
          expression('last_used_at', '<', unusedSinceMs),
        ]),
      )
      .limit(limit)
      .execute();
    if (ended.length === 0) return 0;
    const ids = ended.map(({ id }) => id);
    await this.#database.transaction((transaction) =>
      transaction.deleteFrom('sessions').where('id', 'in', ids).execute(),
    );
    return ids.length;
  }
}

function holderColumn(holder: SessionHolder): [HolderColumn, string | number] {
  switch (holder.kind) {
    case 'person':
      return ['person_number', holder.personNumber];
    case 'token':
      return ['token_hash', holder.tokenHash];
    case 'portal':
      return ['portal_link_id', holder.linkId];
  }
}

function toHolder(found: Selectable<Schema['sessions']>): SessionHolder {
  if (found.person_number !== null) return { kind: 'person', personNumber: found.person_number };
  if (found.token_hash !== null) return { kind: 'token', tokenHash: found.token_hash };
  return { kind: 'portal', linkId: found.portal_link_id as PortalLinkId };
}

function toSession(found: Selectable<Schema['sessions']>): Session {
  return {
    id: found.id as SessionId,
    holder: toHolder(found),
    createdAtMs: found.created_at,
    lastUsedAtMs: found.last_used_at,
    expiresAtMs: found.expires_at,
    address: found.address,
    userAgent: found.user_agent,
  };
}
