import type { FastifyRequest } from 'fastify';
import type { AuditAuthor } from '../model/audit.ts';
import type { Person } from '../model/person.ts';
import type { PortalLink } from '../model/portal-link.ts';
import type { Role } from '../model/role.ts';
import type { Session } from '../model/session.ts';
import type { Actor } from '../model/table.ts';
import type { ApiToken, Workspace } from '../model/workspace.ts';

/** Who sends a request. A token may have signed in to the console; then it has a session, too. */
export type Principal =
  | { readonly kind: 'token'; readonly token: ApiToken; readonly session: Session | null }
  | { readonly kind: 'person'; readonly person: Person; readonly session: Session }
  | { readonly kind: 'portal'; readonly link: PortalLink; readonly session: Session };

/** Who calls, and where the call acts. */
export interface Caller {
  readonly principal: Principal;
  /** What they may do there; for the portal only on the routes that are its own. */
  readonly role: Role;
  readonly workspace: Workspace;
  /** Recorded with what the call changes: the person, if known, and the token's name. */
  readonly actor: Actor;
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
    caller: Caller | null;
  }
}

/** The authenticated caller of a request. Every route has one, unless it is `public` or for the `signed-in`. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error(`${request.method} ${request.url} acts in no workspace`);
  return request.caller;
}

/** Who sends a request to a route that is not `public`. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error(`${request.method} ${request.url} was not authenticated`);
  return request.principal;
}

/** The caller's name for the log of who did what: the person's, or else the token's. */
export function nameOf(caller: Caller): string {
  return caller.actor.user ?? caller.actor.app ?? '';
}

/** Who is to be named in the audit log for what a request does. */
export function authorOf(request: FastifyRequest): AuditAuthor {
  const from = { requestId: request.id, address: request.ip };
  const { principal } = request;
  switch (principal?.kind) {
    case undefined:
      return { kind: 'stranger', id: null, name: 'someone', onBehalfOf: null, ...from };
    case 'token': {
      const { id, name } = principal.token;
      return { kind: 'token', id, name, onBehalfOf: request.caller?.actor.user ?? null, ...from };
    }
    case 'person': {
      const { id, email } = principal.person;
      return { kind: 'person', id, name: email, onBehalfOf: null, ...from };
    }
    case 'portal': {
      const { id, name } = principal.link;
      return { kind: 'portal', id, name, onBehalfOf: null, ...from };
    }
  }
}
