import type { Selectable } from 'kysely';
import type { Clock } from '../../model/clock.ts';
import type { PortalLinkId } from '../../model/ids.ts';
import type { NewPortalLink, PortalLink } from '../../model/portal-link.ts';
import type { PortalLinkStore } from '../port.ts';
import type { Schema } from '../schema.ts';
import { changesBetween, type Facts } from './audit-facts.ts';
import type { Note } from './audit-log.ts';
import type { Database } from './database.ts';

export class PortalLinks implements PortalLinkStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #note: Note;

  constructor(database: Database, clock: Clock, note: Note) {
    this.#database = database;
    this.#clock = clock;
    this.#note = note;
  }

  async create(link: NewPortalLink, secretHash: string): Promise<PortalLink> {
    return this.#database.transaction(async (transaction) => {
      const created = await transaction
        .insertInto('portal_links')
        .values({
          id: link.id,
          secret_hash: secretHash,
          workspace_number: link.workspaceNumber,
          name: link.name,
          event_types_json: link.eventTypes === null ? null : JSON.stringify(link.eventTypes),
          created_at: this.#clock.nowMs(),
          created_by: link.createdBy,
          expires_at: link.expiresAtMs,
          last_opened_at: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      const made = toLink(created);
      await this.#note(transaction, {
        action: 'portal-link.created',
        workspaceNumber: made.workspaceNumber,
        target: targetOf(made),
        changes: changesBetween(null, factsOf(made)),
      });
      return made;
    });
  }

  async list(workspaceNumber: number): Promise<readonly PortalLink[]> {
    const found = await this.#database.reader
      .selectFrom('portal_links')
      .selectAll()
      .where('workspace_number', '=', workspaceNumber)
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .execute();
    return found.map(toLink);
  }

  async find(id: PortalLinkId): Promise<PortalLink | null> {
    const found = await this.#database.reader
      .selectFrom('portal_links')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return found ? toLink(found) : null;
  }

  async findBySecret(secretHash: string): Promise<PortalLink | null> {
    const found = await this.#database.reader
      .selectFrom('portal_links')
      .selectAll()
      .where('secret_hash', '=', secretHash)
      .executeTakeFirst();
    return found ? toLink(found) : null;
  }

  async noteOpening(link: PortalLink, atMs: number): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      await transaction
        .updateTable('portal_links')
        .set({ last_opened_at: atMs })
        .where('id', '=', link.id)
        .execute();
      await this.#note(transaction, {
        action: 'portal-link.opened',
        workspaceNumber: link.workspaceNumber,
        target: targetOf(link),
        changes: [],
      });
    });
  }

  async delete(link: PortalLink): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      await transaction.deleteFrom('sessions').where('portal_link_id', '=', link.id).execute();
      await transaction.deleteFrom('portal_links').where('id', '=', link.id).execute();
      await this.#note(transaction, {
        action: 'portal-link.deleted',
        workspaceNumber: link.workspaceNumber,
        target: targetOf(link),
        changes: changesBetween(factsOf(link), null),
      });
    });
  }

  async removeEnded(endedBeforeMs: number, limit: number): Promise<number> {
    const ended = await this.#database.reader
      .selectFrom('portal_links')
      .select('id')
      .where('expires_at', '<', endedBeforeMs)
      .limit(limit)
      .execute();
    if (ended.length === 0) return 0;
    const ids = ended.map(({ id }) => id);
    await this.#database.transaction(async (transaction) => {
      await transaction.deleteFrom('sessions').where('portal_link_id', 'in', ids).execute();
      await transaction.deleteFrom('portal_links').where('id', 'in', ids).execute();
    });
    return ids.length;
  }
}

const targetOf = (link: PortalLink) => ({ kind: 'portal-link', id: link.id, name: link.name });

function factsOf({ name, eventTypes, expiresAtMs }: PortalLink): Facts {
  return { shown: { name, eventTypes, expiresAt: new Date(expiresAtMs).toISOString() } };
}

function toLink(found: Selectable<Schema['portal_links']>): PortalLink {
  return {
    id: found.id as PortalLinkId,
    workspaceNumber: found.workspace_number,
    name: found.name,
    eventTypes: found.event_types_json === null ? null : (JSON.parse(found.event_types_json) as string[]),
    createdAtMs: found.created_at,
    createdBy: found.created_by,
    expiresAtMs: found.expires_at,
    lastOpenedAtMs: found.last_opened_at,
  };
}
