import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Clock } from '../model/clock.ts';
import type { TokenId } from '../model/ids.ts';
import { Problem } from '../model/problem.ts';
import type { Actor } from '../model/table.ts';
import type { ApiToken, Workspace } from '../model/workspace.ts';
import type { WorkspaceStore } from '../store/port.ts';
import { hashApiToken } from './token.ts';
import { defaultWorkspaceName, WorkspaceDirectory } from './workspace-directory.ts';

/** Says, on requests with an operator's token, in which workspace to act: its id or its name. */
const workspaceHeader = 'rowhook-workspace';
/** Names the person on whose behalf a program calls; shown as the actor of row changes. */
const userHeader = 'rowhook-user';
const maxUserLength = 200;

/** How long a token that was deleted by another process may still work in this one. */
const tokenCacheMs = 10_000;
const tokenCacheEntries = 1_000;

/** Who calls, and where the call acts. */
export interface Caller {
  readonly token: ApiToken;
  readonly workspace: Workspace;
  /** Recorded with what the call changes: the person, if named, and the token's name. */
  readonly actor: Actor;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
  interface FastifyInstance {
    authenticator: Authenticator;
  }
}

/** The authenticated caller of a request. Every route has one, unless its access is `public`. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error(`${request.method} ${request.url} was not authenticated`);
  return request.caller;
}

/** The caller's name for the log of who did what: the person's, or else the token's. */
export function nameOf(caller: Caller): string {
  return caller.actor.user ?? caller.token.name;
}

/** Finds out who sends a request from its bearer token, and refuses those who may not. */
export class Authenticator {
  readonly #workspaceStore: WorkspaceStore;
  readonly #clock: Clock;
  readonly #directory: WorkspaceDirectory;
  readonly #operatorHash: Buffer | null;
  readonly #cache = new Map<string, { token: ApiToken; untilMs: number }>();

  /** `operatorToken` comes from the settings and works besides the tokens of the store. */
  constructor(workspaceStore: WorkspaceStore, clock: Clock, operatorToken: string | null) {
    this.#workspaceStore = workspaceStore;
    this.#clock = clock;
    this.#directory = new WorkspaceDirectory(workspaceStore);
    this.#operatorHash = operatorToken === null ? null : Buffer.from(hashApiToken(operatorToken), 'hex');
  }

  /** To be called when a token is deleted: it stops working at once. */
  forget(id: TokenId): void {
    for (const [hash, entry] of this.#cache) if (entry.token.id === id) this.#cache.delete(hash);
  }

  /** Runs before the body is read, so that strangers cannot make the server read one. */
  readonly hook: onRequestHookHandler = (request, _reply, done) => {
    if (request.is404 || request.routeOptions.config.access === 'public') return done();
    try {
      const hash = hashApiToken(bearerToken(request.headers.authorization));
      const token = this.#cachedToken(hash);
      const workspace = token && this.#directory.known(wantedWorkspace(token, request));
      if (token && workspace) {
        admit(request, token, workspace);
        return done();
      }
      this.#authenticate(request, hash).then(() => done(), done);
    } catch (error) {
      done(error as Error);
    }
  };

  async #authenticate(request: FastifyRequest, hash: string): Promise<void> {
    const token = this.#cachedToken(hash) ?? (await this.#loadToken(hash));
    if (!token) throw unauthenticated('This bearer token is not known; it may have been deleted.');
    const wanted = wantedWorkspace(token, request);
    const workspace = await this.#directory.find(wanted);
    if (!workspace) {
      throw new Problem(
        'not-found',
        `There is no workspace "${wanted}"; the header Rowhook-Workspace takes an id or a name.`,
      );
    }
    admit(request, token, workspace);
  }

  #cachedToken(hash: string): ApiToken | null {
    if (this.#operatorHash && timingSafeEqual(this.#operatorHash, Buffer.from(hash, 'hex'))) {
      return configuredOperator;
    }
    const entry = this.#cache.get(hash);
    return entry && entry.untilMs > this.#clock.monotonicMs() ? entry.token : null;
  }

  async #loadToken(hash: string): Promise<ApiToken | null> {
    const token = await this.#workspaceStore.findToken(hash);
    this.#cache.delete(hash);
    if (!token) return null;
    const oldest = this.#cache.keys().next();
    if (this.#cache.size >= tokenCacheEntries && !oldest.done) this.#cache.delete(oldest.value);
    this.#cache.set(hash, { token, untilMs: this.#clock.monotonicMs() + tokenCacheMs });
    return token;
  }
}

/** The operator whose token is given in the settings. */
const configuredOperator: ApiToken = {
  id: 'tok_operator' as TokenId,
  name: 'operator',
  scope: { kind: 'operator' },
  createdAtMs: 0,
};

function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined) {
    throw unauthenticated('Send the header "Authorization: Bearer <token>".');
  }
  const match = /^bearer +([\x21-\x7e]+)$/i.exec(authorization);
  if (!match?.[1]) {
    throw unauthenticated('The header Authorization must have the form "Bearer <token>".');
  }
  return match[1];
}

function unauthenticated(detail: string): Problem {
  return new Problem('unauthenticated', detail);
}

/** A workspace's number for its own token; an id or a name for an operator's. */
function wantedWorkspace(token: ApiToken, request: FastifyRequest): number | string {
  if (token.scope.kind === 'workspace') return token.scope.workspaceNumber;
  return headerText(request, workspaceHeader) ?? defaultWorkspaceName;
}

function admit(request: FastifyRequest, token: ApiToken, workspace: Workspace): void {
  if (token.scope.kind === 'workspace') {
    const wanted = headerText(request, workspaceHeader);
    if (wanted !== null && wanted !== workspace.id && wanted !== workspace.name) {
      throw new Problem(
        'forbidden',
        `This token acts in the workspace "${workspace.name}" only; leave out the header Rowhook-Workspace.`,
      );
    }
    if (request.routeOptions.config.access === 'operator') {
      throw new Problem(
        'forbidden',
        "This route needs an operator's token; this one belongs to a workspace.",
      );
    }
  }
  request.caller = { token, workspace, actor: { user: userOf(request), app: token.name } };
}

function userOf(request: FastifyRequest): string | null {
  const user = headerText(request, userHeader);
  if (user !== null && user.length > maxUserLength) {
    throw new Problem(
      'invalid-input',
      `The header Rowhook-User is longer than ${maxUserLength} characters.`,
      [{ pointer: 'Rowhook-User', detail: `must have at most ${maxUserLength} characters` }],
    );
  }
  return user;
}

/** A header's value; Node hands bytes over as ISO-8859-1, clients send UTF-8. */
function headerText(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  if (typeof value !== 'string' || value === '') return null;
  return Buffer.from(value, 'latin1').toString('utf8');
}
