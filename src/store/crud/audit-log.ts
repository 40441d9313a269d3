import { AsyncLocalStorage } from 'node:async_hooks';
import type { Selectable, Transaction } from 'kysely';
import type { AuditAction, AuditAuthor, AuditEntry, AuditFilter, AuditNote } from '../../model/audit.ts';
import type { Clock } from '../../model/clock.ts';
import { readCursor } from '../cursor.ts';
import type { AuditStore, Page, PageRequest } from '../port.ts';
import type { Schema } from '../schema.ts';
import type { Database } from './database.ts';

/** Enters a change into the audit log in the transaction that makes it. */
export type Note = (transaction: Transaction<Schema>, note: AuditNote) => Promise<void>;

export class AuditLog implements AuditStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #author = new AsyncLocalStorage<AuditAuthor>();

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  during<Result>(author: AuditAuthor, work: () => Result): Result {
    return this.#author.run(author, work);
  }

  readonly note: Note = async (transaction, note) => {
    const author = this.#author.getStore();
    if (author !== undefined) await this.#enter(transaction, author, note);
  };

  async append(author: AuditAuthor, note: AuditNote): Promise<void> {
    await this.#database.transaction((transaction) => this.#enter(transaction, author, note));
  }

  async list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>> {
    let query = this.#database.reader
      .selectFrom('audit_entries')
      .selectAll()
      .orderBy('seq', 'desc')
      .limit(page.limit + 1);
    const { workspaceNumber, action, authorId, targetId, sinceMs, untilMs } = filter;
    if (workspaceNumber === null) query = query.where('workspace_number', 'is', null);
    else if (workspaceNumber !== undefined) query = query.where('workspace_number', '=', workspaceNumber);
    if (action?.endsWith('.*')) query = query.where('action', 'like', `${action.slice(0, -1)}%`);
    else if (action !== undefined) query = query.where('action', '=', action);
    if (authorId !== undefined) query = query.where('author_id', '=', authorId);
    if (targetId !== undefined) query = query.where('target_id', '=', targetId);
    if (sinceMs !== undefined) query = query.where('at', '>=', sinceMs);
    if (untilMs !== undefined) query = query.where('at', '<', untilMs);
    if (page.cursor !== null) query = query.where('seq', '<', readCursor(page.cursor));
    const found = await query.execute();
    const shown = found.slice(0, page.limit);
    return {
      items: shown.map(toEntry),
      nextCursor: found.length > page.limit ? String(shown.at(-1)?.seq) : null,
    };
  }

  async removeBefore(beforeMs: number, limit: number): Promise<number> {
    const old = await this.#database.reader
      .selectFrom('audit_entries')
      .select(['seq', 'at'])
      .orderBy('seq')
      .limit(limit)
      .execute();
    // In the order of the log: a clock that was set back does not make holes in it.
    const kept = old.findIndex(({ at }) => at >= beforeMs);
    const last = old.at(kept === -1 ? -1 : kept - 1);
    if (last === undefined || kept === 0) return 0;
    return this.#database.transaction(async (transaction) => {
      await transaction.updateTable('audit_retention').set({ removable_before: beforeMs }).execute();
      const removed = await transaction
        .deleteFrom('audit_entries')
        .where('seq', '<=', last.seq)
        .executeTakeFirstOrThrow();
      await transaction.updateTable('audit_retention').set({ removable_before: 0 }).execute();
      return Number(removed.numDeletedRows);
    });
  }

  async #enter(transaction: Transaction<Schema>, author: AuditAuthor, note: AuditNote): Promise<void> {
    await transaction
      .insertInto('audit_entries')
      .values({
        at: this.#clock.nowMs(),
        workspace_number: note.workspaceNumber,
        action: note.action,
        author_kind: author.kind,
        author_id: author.id,
        author_name: author.name,
        on_behalf_of: author.onBehalfOf,
        request_id: author.requestId,
        address: author.address,
        target_kind: note.target.kind,
        target_id: note.target.id,
        target_name: note.target.name,
        changes_json: JSON.stringify(note.changes),
      })
      .execute();
  }
}

function toEntry(found: Selectable<Schema['audit_entries']>): AuditEntry {
  return {
    seq: found.seq,
    atMs: found.at,
    workspaceNumber: found.workspace_number,
    action: found.action as AuditAction,
    author: {
      kind: found.author_kind as AuditAuthor['kind'],
      id: found.author_id,
      name: found.author_name,
      onBehalfOf: found.on_behalf_of,
      requestId: found.request_id,
      address: found.address,
    },
    target: { kind: found.target_kind, id: found.target_id, name: found.target_name },
    changes: JSON.parse(found.changes_json) as AuditEntry['changes'],
  };
}
