import type { Clock } from '../../model/clock.ts';
import { newWorkspaceId, type TokenId, type WorkspaceId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { WorkspaceRole } from '../../model/role.ts';
import { type ApiToken, type NewApiToken, roleOfToken, type Workspace } from '../../model/workspace.ts';
import type { WorkspaceStore } from '../port.ts';
import type { Schema } from '../schema.ts';
import type { Database } from './database.ts';

export class Workspaces implements WorkspaceStore {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async list(): Promise<readonly Workspace[]> {
    const found = await this.#database.reader
      .selectFrom('workspaces')
      .selectAll()
      .orderBy('number')
      .execute();
    return found.map(toWorkspace);
  }

  async create(name: string): Promise<Workspace> {
    return this.#database.transaction(async (transaction) => {
      const taken = await transaction
        .selectFrom('workspaces')
        .select('id')
        .where('name', '=', name)
        .executeTakeFirst();
      if (taken) throw new Problem('conflict', `There is a workspace named "${name}" already.`);
      const created = await transaction
        .insertInto('workspaces')
        .values({ id: newWorkspaceId(), name, created_at: this.#clock.nowMs() })
        .returningAll()
        .executeTakeFirstOrThrow();
      return toWorkspace(created);
    });
  }

  async addToken(token: NewApiToken, secretHash: string): Promise<ApiToken> {
    const createdAtMs = this.#clock.nowMs();
    await this.#database.transaction((transaction) =>
      transaction
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
        .execute(),
    );
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
    await this.#database.transaction((transaction) =>
      transaction.deleteFrom('tokens').where('id', '=', id).execute(),
    );
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
}

function toWorkspace(found: { number: number; id: string; name: string; created_at: number }): Workspace {
  return {
    id: found.id as WorkspaceId,
    number: found.number,
    name: found.name,
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
