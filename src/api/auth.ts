import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Identity, SignedIn } from '../identity/index.ts';
import { portalSessionPrefix } from '../identity/index.ts';
import { Problem } from '../model/problem.ts';
import { includesRole, type Role } from '../model/role.ts';
import type { Actor } from '../model/table.ts';
import { type ApiToken, roleOfToken, type Workspace } from '../model/workspace.ts';
import type { Principal } from './caller.ts';
import { requireConsole } from './own-origin.ts';
import type { Access } from './plugin.ts';
import { sessionSecret } from './session-cookie.ts';
import { defaultWorkspaceName, type WorkspaceDirectory } from './workspace-directory.ts';

export { type Caller, callerOf, nameOf } from './caller.ts';

/** Says, for those who may act in several workspaces, in which one: its id or its name. */
const workspaceHeader = 'rowhook-workspace';
/** Names the person on whose behalf a program calls; shown as the actor of row changes. */
const userHeader = 'rowhook-user';
const maxUserLength = 200;

/** Finds out who sends a request, and refuses those who may not. */
export class Authenticator {
  readonly #identity: Pick<Identity, 'tokens' | 'sessions'>;
  readonly #directory: WorkspaceDirectory;

  constructor(identity: Pick<Identity, 'tokens' | 'sessions'>, directory: WorkspaceDirectory) {
    this.#identity = identity;
    this.#directory = directory;
  }

  /** Runs before the body is read, so that strangers cannot make the server read one. */
  readonly hook: onRequestHookHandler = (request, _reply, done) => {
    const { access = 'operator' } = request.routeOptions.config;
    if (request.is404 || access === 'public') return done();
    try {
      const principal = this.#principal(request);
      if (!(principal instanceof Promise)) {
        request.principal = principal;
        const place = placeOf(request, access, principal);
        const workspace = place === null ? null : this.#directory.known(place);
        if (place === null || workspace !== null) {
          admit(request, access, principal, workspace);
          return done();
        }
      }
      this.#authenticate(request, access, principal).then(() => done(), done);
    } catch (error) {
      done(error as Error);
    }
  };

  async #authenticate(
    request: FastifyRequest,
    access: Access,
    pending: Principal | Promise<Principal>,
  ): Promise<void> {
    const principal = await pending;
    request.principal = principal;
    const place = placeOf(request, access, principal);
    const workspace = place === null ? null : await this.#directory.find(place);
    if (place !== null && workspace === null) throw noWorkspace(String(place));
    admit(request, access, principal, workspace);
  }

  #principal(request: FastifyRequest): Principal | Promise<Principal> {
    const { authorization } = request.headers;
    const { tokens, sessions } = this.#identity;
    if (authorization !== undefined) {
      const secret = bearerSecret(authorization);
      return secret.startsWith(portalSessionPrefix)
        ? mapped(sessions.find(secret), toPrincipal)
        : mapped(tokens.find(secret), (token) => ({ kind: 'token', token, session: null }));
    }
    const secret = sessionSecret(request);
    // A link of the portal opens no session of the console: a cookie with one was not set by this server.
    if (secret === null || secret.startsWith(portalSessionPrefix)) {
      throw new Problem('unauthenticated', 'Send the header "Authorization: Bearer <token>", or sign in.');
    }
    requireConsole(request);
    return mapped(sessions.find(secret), toPrincipal);
  }
}

function mapped<Found, Result>(
  found: Found | Promise<Found>,
  toResult: (found: Found) => Result,
): Result | Promise<Result> {
  return found instanceof Promise ? found.then(toResult) : toResult(found);
}

function toPrincipal(signedIn: SignedIn): Principal {
  return signedIn;
}

/** The workspace in which a request is to act: its number, or an id or a name; null: in none. */
function placeOf(request: FastifyRequest, access: Access, principal: Principal): number | string | null {
  if (access === 'signed-in') return null;
  const wanted = headerText(request, workspaceHeader);
  switch (principal.kind) {
    case 'token':
      return principal.token.scope.kind === 'workspace'
        ? principal.token.scope.workspaceNumber
        : (wanted ?? defaultWorkspaceName);
    case 'portal':
      return principal.link.workspaceNumber;
    case 'person': {
      const { person } = principal;
      return (
        wanted ?? (person.operator ? defaultWorkspaceName : (person.memberships[0]?.workspaceNumber ?? null))
      );
    }
  }
}

function admit(
  request: FastifyRequest,
  access: Access,
  principal: Principal,
  workspace: Workspace | null,
): void {
  if (access === 'signed-in' && principal.kind !== 'portal') return;
  if (principal.kind === 'portal' && request.routeOptions.config.portal !== true) {
    throw new Problem('forbidden', 'This is not part of the portal.');
  }
  if (workspace === null) {
    throw new Problem('forbidden', 'You are a member of no workspace yet; an admin of one can add you.');
  }
  const role = roleIn(request, principal, workspace);
  if (access !== 'public' && access !== 'signed-in' && !includesRole(role, access)) {
    const who = principal.kind === 'token' ? 'this token has' : 'you have';
    throw new Problem('forbidden', `This is for the role ${access} and above; ${who} the role ${role}.`);
  }
  request.caller = { principal, role, workspace, actor: actorOf(request, principal) };
}

/** What someone may do in a workspace. Throws a Problem when it is not theirs at all. */
function roleIn(request: FastifyRequest, principal: Principal, workspace: Workspace): Role {
  switch (principal.kind) {
    case 'token':
      refuseElsewhere(request, principal.token, workspace);
      return roleOfToken(principal.token);
    case 'portal':
      return 'editor';
    case 'person': {
      const { operator, memberships } = principal.person;
      if (operator) return 'operator';
      const membership = memberships.find(({ workspaceNumber }) => workspaceNumber === workspace.number);
      // Answered as if it did not exist: names of other tenants are not theirs to learn.
      if (!membership) throw noWorkspace(headerText(request, workspaceHeader) ?? workspace.name);
      return membership.role;
    }
  }
}

function refuseElsewhere(request: FastifyRequest, { scope }: ApiToken, workspace: Workspace): void {
  if (scope.kind === 'operator') return;
  const wanted = headerText(request, workspaceHeader);
  if (wanted !== null && wanted !== workspace.id && wanted !== workspace.name) {
    throw new Problem(
      'forbidden',
      `This token acts in the workspace "${workspace.name}" only; leave out the header Rowhook-Workspace.`,
    );
  }
}

function noWorkspace(wanted: string): Problem {
  return new Problem(
    'not-found',
    `There is no workspace "${wanted}"; the header Rowhook-Workspace takes an id or a name.`,
  );
}

function actorOf(request: FastifyRequest, principal: Principal): Actor {
  const user = headerText(request, userHeader);
  if (principal.kind === 'token') {
    if (user !== null && user.length > maxUserLength) {
      throw badUser(`must have at most ${maxUserLength} characters`);
    }
    return { user, app: principal.token.name };
  }
  if (user !== null) throw badUser('goes with an API token; whoever is signed in speaks for themselves');
  return principal.kind === 'person'
    ? { user: principal.person.name, app: null }
    : { user: principal.link.name, app: 'portal' };
}

function badUser(detail: string): Problem {
  return new Problem('invalid-input', `The header Rowhook-User ${detail}.`, [
    { pointer: 'Rowhook-User', detail },
  ]);
}

function bearerSecret(authorization: string): string {
  const match = /^bearer +([\x21-\x7e]+)$/i.exec(authorization);
  if (!match?.[1]) {
    throw new Problem('unauthenticated', 'The header Authorization must have the form "Bearer <token>".');
  }
  return match[1];
}

/** A header's value; Node hands bytes over as ISO-8859-1, clients send UTF-8. */
function headerText(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  if (typeof value !== 'string' || value === '') return null;
  return Buffer.from(value, 'latin1').toString('utf8');
}
