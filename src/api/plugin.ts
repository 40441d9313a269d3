import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Role } from '../model/role.ts';

/** A Fastify instance whose handlers get their types from the route's TypeBox schemas. */
export type ApiServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/**
 * Routes that come from outside of this folder, such as those of a page. They get a scope of their own, so
 * that their content types and hooks stay theirs. Routes without a schema are left out of the reference.
 */
export type ApiPlugin = (api: ApiServer) => void;

/**
 * Who may call a route. A role: whoever has it, or one that includes it, in the workspace where the call acts.
 * `signed-in`: anyone with a token or a session of the console, whatever their workspaces; the call acts in none.
 * `public`: anyone at all.
 */
export type Access = Role | 'signed-in' | 'public';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route says who may call it; one that does not is the operator's alone. */
    access?: Access;
    /** The body is handed to the handler as a stream, and never is in memory as a whole. */
    streamsBody?: boolean;
    /** Whether the portal may call it, too; the route must keep to what the portal's link allows. */
    portal?: true;
  }
}
