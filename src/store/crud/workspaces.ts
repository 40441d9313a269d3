import type { Selectable, Transaction } from 'kysely';
import type { AuditNote } from '../../model/audit.ts';
import type { Clock } from '../../model/clock.ts';
import { newWorkspaceId, type TokenId, type WorkspaceId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { WorkspaceRole } from '../../model/role.ts';
import {
  type ApiToken,
  type Branding,
  type NewApiToken,
  noLimits,
  plainBranding,
  roleOfToken,
  type Workspace,
  type WorkspaceChanges,
  type WorkspaceLimits,
} from '../../model/workspace.ts';
import type { WorkspaceStore } from '../port.ts';
import type { Schema } from '../schema.ts';
import { changesBetween, type Facts } from './audit-facts.ts';
import type { Note } from './audit-log.ts';
import type { Database } from './database.ts';

export class Workspaces implements WorkspaceStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #note: Note;

  constructor(database: Database, clock: Clock, note: Note) {
    this.#database = database;
    this.#clock = clock;
    this.#note = note;
  }

  async list(): Promise<readonly Workspace[]> {
    const found = await this.#database.reader
      .selectFrom('workspaces')
      .selectAll()
      .where('deleted_at', 'is', null)
      .orderBy('number')
      .execute();
    return found.map(toWorkspace);
  }

  async create(name: string): Promise<Workspace> {
    return this.#database.transaction(async (transaction) => {
      await refuseTakenName(transaction, name, null);
      const created = await transaction
        .insertInto('workspaces')
        .values({
          id: newWorkspaceId(),
          name,
          branding_json: JSON.stringify(plainBranding),
          limits_json: JSON.stringify(noLimits),
          created_at: this.#clock.nowMs(),
          deleted_at: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      const made = toWorkspace(created);
      await this.#enter(transaction, 'workspace.created', made, changesBetween(null, factsOf(made)));
      return made;
    });
  }

  async save(workspace: Workspace, changes: WorkspaceChanges): Promise<Workspace> {
    return this.#database.transaction(async (transaction) => {
      const { name, branding, limits } = { ...workspace, ...changes };
      await refuseTakenName(transaction, name, workspace.number);
      const saved = await transaction
        .updateTable('workspaces')
        .set({ name, branding_json: JSON.stringify(branding), limits_json: JSON.stringify(limits) })
        .where('number', '=', workspace.number)
        .where('deleted_at', 'is', null)
        .returningAll()
        .executeTakeFirst();
      if (!saved) throw new Problem('not-found', `The workspace "${workspace.name}" was deleted meanwhile.`);
      const after = toWorkspace(saved);
      const told = changesBetween(factsOf(workspace), factsOf(after));
      await this.#enter(transaction, 'workspace.changed', after, told);
      return after;
    });
  }

  async delete(workspace: Workspace): Promise<void> {
    const { number } = workspace;
    await this.#database.transaction(async (transaction) => {
      const links = await transaction
        .selectFrom('portal_links')
        .select('id')
        .where('workspace_number', '=', number)
        .execute();
      for (const { id } of links) {
        await transaction.deleteFrom('sessions').where('portal_link_id', '=', id).execute();
      }
      await transaction.deleteFrom('portal_links').where('workspace_number', '=', number).execute();
      await transaction.deleteFrom('memberships').where('workspace_number', '=', number).execute();
      await transaction.deleteFrom('tokens').where('workspace_number', '=', number).execute();
      await transaction
        .updateTable('workspaces')
        .set({ name: `deleted ${workspace.id}`, deleted_at: this.#clock.nowMs() })
        .where('number', '=', number)
        .execute();
      await this.#enter(
        transaction,
        'workspace.deleted',
        workspace,
        changesBetween(factsOf(workspace), null),
      );
    });
  }

  async deletedNumbers(): Promise<readonly number[]> {
    const found = await this.#database.reader
      .selectFrom('workspaces')
      .select('number')
      .where('deleted_at', 'is not', null)
      .orderBy('number')
      .execute();
    return found.map(({ number }) => number);
  }

  async addToken(token: NewApiToken, secretHash: string): Promise<ApiToken> {
    const createdAtMs = this.#clock.nowMs();
    await this.#database.transaction(async (transaction) => {
      await transaction
        .insertInto('tokens')
        .values({
          id: token.id,
          name: token.name,
          secret_hash: secretHash,
          workspace_number: token.scope.kind === 'workspace' ? token.scope.workspaceNumber : null,
          role: roleOfToken(token),
          created_at: createdAtMs,
          expires_at: token.expiresAtMs,
          last_used_at: null,
        })
        .execute();
      await this.#enterToken(transaction, 'token.created', token, changesBetween(null, tokenFacts(token)));
    });
    return { ...token, createdAtMs, lastUsedAtMs: null };
  }

  async findToken(secretHash: string): Promise<ApiToken | null> {
    const found = await this.#database.reader
      .selectFrom('tokens')
      .selectAll()
      .where('secret_hash', '=', secretHash)
      .executeTakeFirst();
    return found ? toToken(found) : null;
  }

  /** A workspace's own tokens; null: the operators'. */
  async listTokens(workspaceNumber: number | null): Promise<readonly ApiToken[]> {
    const found = await this.#database.reader
      .selectFrom('tokens')
      .selectAll()
      .where('workspace_number', workspaceNumber === null ? 'is' : '=', workspaceNumber)
      .orderBy('created_at')
      .execute();
    return found.map(toToken);
  }

  async deleteToken(id: TokenId): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const [deleted] = await transaction.deleteFrom('tokens').where('id', '=', id).returningAll().execute();
      if (!deleted) return;
      const token = toToken(deleted);
      await this.#enterToken(transaction, 'token.deleted', token, changesBetween(tokenFacts(token), null));
    });
  }

  async saveTokenUses(usedAtMs: ReadonlyMap<TokenId, number>): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      for (const [id, lastUsedAtMs] of usedAtMs) {
        await transaction
          .updateTable('tokens')
          .set({ last_used_at: lastUsedAtMs })
          .where('id', '=', id)
          .execute();
      }
    });
  }

  #enter(
    transaction: Transaction<Schema>,
    action: AuditNote['action'],
    { number, id, name }: Workspace,
    changes: AuditNote['changes'],
  ): Promise<void> {
    const target = { kind: 'workspace', id, name };
    return this.#note(transaction, { action, workspaceNumber: number, target, changes });
  }

  #enterToken(
    transaction: Transaction<Schema>,
    action: AuditNote['action'],
    { id, name, scope }: NewApiToken,
    changes: AuditNote['changes'],
  ): Promise<void> {
    const workspaceNumber = scope.kind === 'workspace' ? scope.workspaceNumber : null;
    return this.#note(transaction, { action, workspaceNumber, target: { kind: 'token', id, name }, changes });
  }
}

async function refuseTakenName(
  transaction: Transaction<Schema>,
  name: string,
  of: number | null,
): Promise<void> {
  const taken = await transaction
    .selectFrom('workspaces')
    .select('number')
    .where('name', '=', name)
    .executeTakeFirst();
  if (taken && taken.number !== of) {
    throw new Problem('conflict', `There is a workspace named "${name}" already.`);
  }
}

function factsOf({ name, branding, limits }: Workspace): Facts {
  return { shown: { name, ...branding, ...limits } };
}

function tokenFacts(token: NewApiToken): Facts {
  const expiresAt = token.expiresAtMs === null ? null : new Date(token.expiresAtMs).toISOString();
  return { shown: { name: token.name, role: roleOfToken(token), expiresAt } };
}

function toWorkspace(found: Selectable<Schema['workspaces']>): Workspace {
  return {
    id: found.id as WorkspaceId,
    number: found.number,
    name: found.name,
    branding: JSON.parse(found.branding_json) as Branding,
    limits: JSON.parse(found.limits_json) as WorkspaceLimits,
    createdAtMs: found.created_at,
  };
}

function toToken(found: Schema['tokens']): ApiToken {
  return {
    id: found.id as TokenId,
    name: found.name,
    scope:
      found.workspace_number === null
        ? { kind: 'operator' }
        : {
            kind: 'workspace',
            workspaceNumber: found.workspace_number,
            role: found.role as WorkspaceRole,
          },
    createdAtMs: found.created_at,
    expiresAtMs: found.expires_at,
    lastUsedAtMs: found.last_used_at,
  };
}
