import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import { Problem } from '../model/problem.ts';
import { includesRole, type Role } from '../model/role.ts';
import type { Actor } from '../model/table.ts';
import { type ApiToken, roleOfToken, type Workspace } from '../model/workspace.ts';
import type { BearerTokens } from './bearer-tokens.ts';
import type { Access } from './plugin.ts';
import { defaultWorkspaceName, type WorkspaceDirectory } from './workspace-directory.ts';

/** Says, on requests with an operator's token, in which workspace to act: its id or its name. */
const workspaceHeader = 'rowhook-workspace';
/** Names the person on whose behalf a program calls; shown as the actor of row changes. */
const userHeader = 'rowhook-user';
const maxUserLength = 200;

/** Who calls, and where the call acts. */
export interface Caller {
  readonly token: ApiToken;
  /** What it may do there. */
  readonly role: Role;
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

/** Finds out who sends a request, and refuses those who may not. */
export class Authenticator {
  readonly tokens: BearerTokens;
  readonly #directory: WorkspaceDirectory;

  constructor(tokens: BearerTokens, directory: WorkspaceDirectory) {
    this.tokens = tokens;
    this.#directory = directory;
  }

  /** Runs before the body is read, so that strangers cannot make the server read one. */
  readonly hook: onRequestHookHandler = (request, _reply, done) => {
    const { access = 'operator' } = request.routeOptions.config;
    if (request.is404 || access === 'public') return done();
    try {
      const token = this.tokens.find(request.headers.authorization);
      const workspace =
        token instanceof Promise ? null : this.#directory.known(wantedWorkspace(token, request));
      if (workspace === null || token instanceof Promise) {
        this.#authenticate(request, access, token).then(() => done(), done);
        return;
      }
      admit(request, access, token, workspace);
      done();
    } catch (error) {
      done(error as Error);
    }
  };

  async #authenticate(
    request: FastifyRequest,
    access: Access,
    pending: ApiToken | Promise<ApiToken>,
  ): Promise<void> {
    const token = await pending;
    const wanted = wantedWorkspace(token, request);
    const workspace = await this.#directory.find(wanted);
    if (!workspace) {
      throw new Problem(
        'not-found',
        `There is no workspace "${wanted}"; the header Rowhook-Workspace takes an id or a name.`,
      );
    }
    admit(request, access, token, workspace);
  }
}

/** A workspace's number for its own token; an id or a name for an operator's. */
function wantedWorkspace(token: ApiToken, request: FastifyRequest): number | string {
  if (token.scope.kind === 'workspace') return token.scope.workspaceNumber;
  return headerText(request, workspaceHeader) ?? defaultWorkspaceName;
}

function admit(request: FastifyRequest, access: Access, token: ApiToken, workspace: Workspace): void {
  if (token.scope.kind === 'workspace') {
    const wanted = headerText(request, workspaceHeader);
    if (wanted !== null && wanted !== workspace.id && wanted !== workspace.name) {
      throw new Problem(
        'forbidden',
        `This token acts in the workspace "${workspace.name}" only; leave out the header Rowhook-Workspace.`,
      );
    }
  }
  const role = roleOfToken(token);
  if (access !== 'public' && !includesRole(role, access)) {
    throw new Problem(
      'forbidden',
      `This is for the role ${access} and above; this token has the role ${role}.`,
    );
  }
  request.caller = { token, role, workspace, actor: { user: userOf(request), app: token.name } };
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
