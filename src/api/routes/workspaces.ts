import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { invalidField, Problem } from '../../model/problem.ts';
import type { Branding, Workspace } from '../../model/workspace.ts';
import { callerOf, nameOf } from '../caller.ts';
import { numberKey, pageAnswer, pageInMemory, pageRequest } from '../pages.ts';
import {
  closedObject,
  noContent,
  nullableNumber,
  nullableText,
  pageOf,
  pageQuery,
  timestamp,
} from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { showTime } from '../times.ts';
import { defaultWorkspaceName } from '../workspace-directory.ts';

const maxNameCharacters = 100;
/** A logo is part of every page of the portal; about 48 KiB of picture. */
const maxLogoCharacters = 65_536;
const mostWebhooks = 1_000_000;

const brandingProperties = {
  displayName: nullableText("Shown in place of the workspace's name.", {
    minLength: 1,
    maxLength: maxNameCharacters,
  }),
  color: nullableText('Of buttons and links: `#rrggbb`.', {
    pattern: '^#[0-9a-fA-F]{6}$',
    'x-allowed': 'a color such as #0a7cff',
  }),
  logo: nullableText('A picture as a `data:` URL: PNG, JPEG, WebP or GIF in base64.', {
    pattern: '^data:image/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+={0,2}$',
    'x-allowed': 'a data: URL of a PNG, JPEG, WebP or GIF picture in base64',
    maxLength: maxLogoCharacters,
  }),
};
export const brandingSchema = Type.Object(brandingProperties, { title: 'Branding' });
const brandingBody = Type.Partial(closedObject(brandingProperties));

const limitProperties = {
  webhooks: nullableNumber('Webhooks it may have; null: as the setting ROWHOOK_MAX_WEBHOOKS says.', {
    minimum: 0,
    maximum: mostWebhooks,
    multipleOf: 1,
  }),
};

const workspaceSchema = Type.Object(
  {
    id: Type.String({ description: 'For the header Rowhook-Workspace.' }),
    name: Type.String({ description: 'Unique; serves like the id.' }),
    branding: brandingSchema,
    limits: Type.Object(limitProperties),
    createdAt: timestamp('When it was created.'),
  },
  { title: 'Workspace' },
);
const name = Type.String({ minLength: 1, maxLength: maxNameCharacters, description: 'Not taken yet.' });
const workspaceParams = closedObject({
  workspace: Type.String({ description: 'Id or name of the workspace.' }),
});

/** Tenants: all of them for operators, their own for its admins. */
export const workspaceRoutes: RouteModule = (api, services) => {
  const found = async (request: FastifyRequest): Promise<Workspace> => {
    const { workspace: wanted } = request.params as { workspace: string };
    const workspace = await api.directory.find(wanted);
    if (!workspace) throw new Problem('not-found', `There is no workspace "${wanted}".`);
    return workspace;
  };
  const save = async (workspace: Workspace, changes: Parameters<typeof services.workspaces.save>[1]) => {
    const saved = await services.workspaces.save(workspace, changes);
    api.directory.forget();
    return showWorkspace(saved);
  };

  api.get(
    '/v1/workspaces',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['Workspaces'],
        operationId: 'listWorkspaces',
        summary: 'List workspaces',
        querystring: pageQuery,
        response: { 200: pageOf(workspaceSchema) },
      },
    },
    async (request) => {
      const all = await services.workspaces.list();
      const page = pageInMemory(all, (workspace) => numberKey(workspace.number), pageRequest(request.query));
      return pageAnswer(page, showWorkspace);
    },
  );

  api.post(
    '/v1/workspaces',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['Workspaces'],
        operationId: 'createWorkspace',
        summary: 'Create a workspace',
        description: `The workspace \`${defaultWorkspaceName}\` is there from the start.`,
        body: closedObject({ name }),
        response: { 201: workspaceSchema },
      },
    },
    async (request, reply) => {
      const workspace = await services.workspaces.create(readName(request.body.name));
      return reply.code(201).send(showWorkspace(workspace));
    },
  );

  api.get(
    '/v1/workspaces/:workspace',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['Workspaces'],
        operationId: 'getWorkspace',
        summary: 'Show a workspace',
        params: workspaceParams,
        response: { 200: workspaceSchema },
      },
    },
    async (request) => showWorkspace(await found(request)),
  );

  api.patch(
    '/v1/workspaces/:workspace',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['Workspaces'],
        operationId: 'changeWorkspace',
        summary: 'Rename a workspace, or change its branding and limits',
        description: `The workspace \`${defaultWorkspaceName}\` keeps its name. Fields that are left out stay.`,
        params: workspaceParams,
        body: closedObject({
          name: Type.Optional(name),
          branding: Type.Optional(brandingBody),
          limits: Type.Optional(Type.Partial(closedObject(limitProperties))),
        }),
        response: { 200: workspaceSchema },
      },
    },
    async (request) => {
      const workspace = await found(request);
      const { name: given, branding, limits } = request.body;
      const renamed = given === undefined ? workspace.name : readName(given);
      if (renamed !== workspace.name && workspace.name === defaultWorkspaceName) {
        throw new Problem('conflict', `The workspace ${defaultWorkspaceName} keeps its name.`);
      }
      return save(workspace, {
        name: renamed,
        branding: { ...workspace.branding, ...branding },
        limits: { ...workspace.limits, ...limits },
      });
    },
  );

  api.delete(
    '/v1/workspaces/:workspace',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['Workspaces'],
        operationId: 'deleteWorkspace',
        summary: 'Delete a workspace with everything in it',
        description:
          'Its webhooks stop at once, its bases with their rows, tokens, portal links and memberships are gone, and its ' +
          'events and deliveries are removed bit by bit. What the audit log tells of it stays. Nothing brings it back.',
        params: workspaceParams,
        querystring: closedObject({
          confirm: Type.String({
            maxLength: maxNameCharacters,
            description: 'The name of the workspace, once more, so that no other one is deleted by mistake.',
          }),
        }),
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const workspace = await found(request);
      if (workspace.name === defaultWorkspaceName) {
        throw new Problem('conflict', `The workspace ${defaultWorkspaceName} stays.`);
      }
      if (request.query.confirm !== workspace.name) {
        throw invalidField('confirm', `must be the name of the workspace, "${workspace.name}"`);
      }
      const by = nameOf(callerOf(request));
      for (const webhook of services.webhooks.list(workspace.number))
        await services.webhooks.delete(webhook, by);
      for (const base of await services.bases.listBases(workspace.number)) {
        await services.bases.deleteBase(workspace.number, base.id);
      }
      await services.workspaces.delete(workspace);
      api.directory.forget();
      services.identity.forgetWorkspace(workspace.number);
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/v1/workspace',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Workspaces'],
        operationId: 'getOwnWorkspace',
        summary: 'Show the workspace in which you act',
        response: { 200: workspaceSchema },
      },
    },
    (request) => showWorkspace(callerOf(request).workspace),
  );

  api.patch(
    '/v1/workspace',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Workspaces'],
        operationId: 'changeOwnWorkspace',
        summary: 'Change how the portal of the workspace looks',
        description: 'Fields that are left out stay.',
        body: closedObject({ branding: brandingBody }),
        response: { 200: workspaceSchema },
      },
    },
    (request) => {
      const { workspace } = callerOf(request);
      return save(workspace, { branding: { ...workspace.branding, ...request.body.branding } });
    },
  );
};

/** A name must be fit for a header, and not be taken for an id. */
function readName(given: string): string {
  const name = given.trim();
  if (name === '') throw invalidField('/name', 'must not be empty');
  if (/[\p{Cc}\p{Cs}]/u.test(name)) throw invalidField('/name', 'must not have control characters');
  if (name.startsWith('ws_')) throw invalidField('/name', 'must not begin with ws_ as ids do');
  return name;
}

function showWorkspace({ id, name, branding, limits, createdAtMs }: Workspace) {
  return {
    id,
    name,
    branding: showBranding(branding),
    limits: { ...limits },
    createdAt: showTime(createdAtMs),
  };
}

export function showBranding({ displayName, color, logo }: Branding) {
  return { displayName, color, logo };
}
