import { STATUS_CODES } from 'node:http';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifySchema, RouteOptions } from 'fastify';
import type { Access } from './plugin.ts';
import { problemContentType } from './problem-reply.ts';
import { problemSchema } from './schemas.ts';

/** Chapters of the reference, in order. Every route has exactly one of these tags. */
export const tags = [
  { name: 'Bases', description: 'Sets of tables.' },
  { name: 'Tables', description: 'Tables and their columns.' },
  { name: 'Rows', description: 'Rows, whose changes are events.' },
  { name: 'Imports', description: 'Many rows at once, from CSV.' },
  { name: 'Webhooks', description: 'Which events go to which URL, and how.' },
  { name: 'Events', description: 'The journal: events of rows, and events that applications post.' },
  { name: 'Event types', description: 'The catalogue: what may be posted, and what consumers can expect.' },
  { name: 'Deliveries', description: 'What was sent, and what came of it.' },
  { name: 'Replays', description: 'Events of the past, sent to a webhook again.' },
  { name: 'Test consumer', description: 'The built-in consumer, with which webhooks are seen to arrive.' },
  { name: 'Workspaces', description: 'Tenants; for operators.' },
  { name: 'Tokens', description: 'API tokens.' },
  {
    name: 'Portal',
    description: 'What an operator hands to a customer: their own webhooks, logs and tests.',
  },
  { name: 'Sign-in', description: 'Sessions of the console, and passwords.' },
  { name: 'People', description: 'Who signs in, and what they may do.' },
  { name: 'Audit log', description: 'Who changed what, when, and from where.' },
  { name: 'Server', description: 'The state of the process.' },
] as const;

export const openApiOptions: FastifyDynamicSwaggerOptions = {
  convertConstToEnum: false,
  transformObject: (documents) =>
    'openapiObject' in documents ? tidy(documents.openapiObject) : documents.swaggerObject,
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Rowhook',
      version: '1',
      description:
        'Row changes in tables and events of applications become webhooks that arrive. ' +
        'Send a bearer token. Every route says in `x-rowhook-access` which role it needs: `viewer`, `editor`, `admin` ' +
        `or \`operator\`, each of which may all that the ones before it may. An operator's token says with the header \`Rowhook-Workspace\` in which ` +
        'workspace it acts (its id or name); without it, in `default`. The header ' +
        `\`Rowhook-User\` names the person on whose behalf you call.`,
    },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API token, or a session of the portal.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-rowhook-session',
          description:
            'A session of the console (`POST /v1/sign-in`); over plain http the cookie is called ' +
            '`rowhook-session-` and the port. Whatever changes something also needs the header `Rowhook-CSRF: 1`.',
        },
      },
    },
    tags: tags.map((tag) => ({ ...tag })),
  },
};

const errorAnswer = {
  description: 'Problem details',
  content: { [problemContentType]: { schema: problemSchema } },
};

/** The member of an operation of the document that says who may call it: a role, `signed-in`, or `public`. */
export const accessExtension = 'x-rowhook-access';
/** The member that says whether the portal may call it, too. */
export const portalExtension = 'x-rowhook-portal';

/** Adds to a route's schema what all routes share: who may call, and how errors look. */
export function documentRoute(route: RouteOptions): void {
  if (!route.schema) {
    route.schema = { hide: true };
    return;
  }
  const access = route.config?.access;
  const schema: FastifySchema & { [accessExtension]?: Access; [portalExtension]?: true } = route.schema;
  if (access !== undefined) schema[accessExtension] = access;
  schema.security = access === 'public' ? [] : [{ bearer: [] }, { session: [] }];
  if (route.config?.portal) schema[portalExtension] = true;
  schema.response = { ...(schema.response as object), default: errorAnswer };
}

/** Puts schemas that have a title among the components, once, and names the answers. */
function tidy<Document extends object>(document: Document): Document {
  const schemas: Record<string, unknown> = {};
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const copy: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(value)) copy[name] = visit(member);
    if (typeof copy.title !== 'string' || !('type' in copy)) return copy;
    const { title, ...schema } = copy;
    schemas[title as string] = schema;
    return { $ref: `#/components/schemas/${title}` };
  };
  const { components, paths, ...rest } = visit(document) as Record<string, object>;
  for (const { responses } of Object.values(paths ?? {}).flatMap(Object.values)) {
    for (const [status, answer] of Object.entries<{ description: string }>(responses)) {
      if (answer.description === 'Default Response') answer.description = STATUS_CODES[status] ?? status;
    }
  }
  return { ...rest, components: { ...components, schemas }, paths } as unknown as Document;
}
