import { Type } from 'typebox';
import type { PortalLink } from '../../model/portal-link.ts';
import { invalidField, Problem } from '../../model/problem.ts';
import { callerOf, nameOf } from '../caller.ts';
import { consoleUrl } from '../own-origin.ts';
import { pageAnswer, pageInMemory, pageRequest } from '../pages.ts';
import { closedObject, noContent, nullableTimestamp, pageOf, pageQuery, timestamp } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { showMaybeTime, showTime } from '../times.ts';
import { fromOf } from './sign-in.ts';
import { brandingSchema, showBranding } from './workspaces.ts';

const minuteMs = 60_000;
const defaultMinutes = 60;
const mostMinutes = 7 * 24 * 60;
const maxNameCharacters = 100;
const mostEventTypes = 100;
const eventTypePattern = /^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*(\.\*)?$/u;

const offer = Type.Unsafe<readonly string[] | null>({
  type: ['array', 'null'],
  items: { type: 'string', maxLength: 200 },
  minItems: 1,
  maxItems: mostEventTypes,
  description:
    'The event types on offer: names, or groups such as `invoice.*`. The portal shows only webhooks that ask for ' +
    'nothing else. Null, the default: every one.',
});

const linkSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String({ description: 'For whom it is.' }),
    eventTypes: offer,
    createdAt: timestamp('When it was made.'),
    createdBy: Type.String({ description: 'By whom.' }),
    expiresAt: timestamp('When it ends, and with it the sessions that it opened.'),
    lastOpenedAt: nullableTimestamp('When it was last opened.'),
  },
  { title: 'PortalLink' },
);

const portalSchema = Type.Object(
  {
    name: Type.String({ description: 'For whom the link is.' }),
    workspace: Type.String({ description: 'What the portal is called: the display name, or the name.' }),
    branding: brandingSchema,
    eventTypes: offer,
    expiresAt: nullableTimestamp('When the session ends; null: a token has none.'),
  },
  { title: 'Portal' },
);

/** Links that an operator hands to a customer, and what the customer's portal begins with. */
export const portalRoutes: RouteModule = (api, { identity, audit }, config) => {
  const { portal } = identity;

  api.post(
    '/v1/portal-links',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Portal'],
        operationId: 'createPortalLink',
        summary: 'Make a link that lets a customer into the portal',
        description:
          'Who has the link manages the webhooks of the workspace, sees their logs, tests and replays, and nothing else. ' +
          'The answer holds the URL; it is never shown again.',
        body: closedObject({
          name: Type.String({ minLength: 1, maxLength: maxNameCharacters, description: 'For whom it is.' }),
          eventTypes: Type.Optional(offer),
          expiresInMinutes: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: mostMinutes,
              description: `How long it works, at most a week. Default: ${defaultMinutes}.`,
            }),
          ),
        }),
        response: {
          201: Type.Object({
            ...linkSchema.properties,
            url: Type.String({ description: 'To be handed to the customer.' }),
          }),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { expiresInMinutes = defaultMinutes, eventTypes = null } = request.body;
      const name = request.body.name.trim();
      if (name === '' || /[\p{Cc}\p{Cs}]/u.test(name)) {
        throw invalidField('/name', 'must not be empty or have control characters');
      }
      const wrong = eventTypes?.findIndex((type) => !eventTypePattern.test(type)) ?? -1;
      if (wrong >= 0)
        throw invalidField(`/eventTypes/${wrong}`, 'must be a name, or a group such as invoice.*');
      const { link, secret } = await portal.createLink({
        workspaceNumber: caller.workspace.number,
        name,
        eventTypes,
        lastsMs: expiresInMinutes * minuteMs,
        createdBy: nameOf(caller),
      });
      const url = `${consoleUrl(request, config.publicUrl)}/portal#link=${secret}`;
      return reply.code(201).send({ ...showLink(link), url });
    },
  );

  api.get(
    '/v1/portal-links',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Portal'],
        operationId: 'listPortalLinks',
        summary: 'List portal links, ended ones included for a month',
        querystring: pageQuery,
        response: { 200: pageOf(linkSchema) },
      },
    },
    async (request) => {
      const all = await portal.listLinks(callerOf(request).workspace.number);
      return pageAnswer(pageInMemory(all, newestFirst, pageRequest(request.query)), showLink);
    },
  );

  api.delete(
    '/v1/portal-links/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Portal'],
        operationId: 'deletePortalLink',
        summary: 'End a portal link, and the sessions that it opened',
        params: closedObject({ id: Type.String({ description: 'Id of the link.' }) }),
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await portal.deleteLink(callerOf(request).workspace.number, request.params.id);
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/v1/portal/open',
    {
      config: { access: 'public' },
      schema: {
        tags: ['Portal'],
        operationId: 'openPortal',
        summary: 'Open the portal with a link',
        description:
          'The answer holds a token for the header `Authorization: Bearer …`, which a page keeps for its tab. A link ' +
          'that has ended is answered with 410.',
        body: closedObject({
          link: Type.String({ maxLength: 1_000, description: 'What follows `#link=` in the URL.' }),
        }),
        response: { 200: Type.Object({ ...portalSchema.properties, token: Type.String() }) },
      },
    },
    async (request) => {
      const link = await portal.findLink(request.body.link);
      const workspace = await api.directory.find(link.workspaceNumber);
      if (!workspace) throw new Problem('gone', 'This link has ended.');
      const author = {
        kind: 'portal',
        id: link.id,
        name: link.name,
        onBehalfOf: null,
        requestId: request.id,
        address: request.ip,
      } as const;
      const { session, secret } = await audit.during(author, () => portal.open(link, fromOf(request)));
      return {
        name: link.name,
        workspace: workspace.branding.displayName ?? workspace.name,
        branding: showBranding(workspace.branding),
        eventTypes: link.eventTypes,
        expiresAt: showTime(session.expiresAtMs),
        token: secret,
      };
    },
  );

  api.get(
    '/v1/portal',
    {
      config: { access: 'viewer', portal: true },
      schema: {
        tags: ['Portal'],
        operationId: 'getPortal',
        summary: 'Show what the portal begins with',
        description: 'For an admin it shows how the portal looks.',
        response: { 200: portalSchema },
      },
    },
    (request) => {
      const { principal, workspace, actor } = callerOf(request);
      const { session } = principal;
      return {
        name: actor.user ?? actor.app ?? '',
        workspace: workspace.branding.displayName ?? workspace.name,
        branding: showBranding(workspace.branding),
        eventTypes: principal.kind === 'portal' ? principal.link.eventTypes : null,
        expiresAt: showMaybeTime(session?.expiresAtMs ?? null),
      };
    },
  );
};

/** A key that puts the newest link first. */
function newestFirst({ createdAtMs, id }: PortalLink): string {
  return `${String(Number.MAX_SAFE_INTEGER - createdAtMs).padStart(16, '0')}${id}`;
}

function showLink(link: PortalLink) {
  return {
    id: link.id,
    name: link.name,
    eventTypes: link.eventTypes,
    createdAt: showTime(link.createdAtMs),
    createdBy: link.createdBy,
    expiresAt: showTime(link.expiresAtMs),
    lastOpenedAt: showMaybeTime(link.lastOpenedAtMs),
  };
}
