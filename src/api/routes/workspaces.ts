import { Type } from 'typebox';
import { invalidField } from '../../model/problem.ts';
import type { Workspace } from '../../model/workspace.ts';
import { numberKey, pageAnswer, pageInMemory, pageRequest } from '../pages.ts';
import { closedObject, pageOf, pageQuery, timestamp } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { defaultWorkspaceName } from '../workspace-directory.ts';

const maxNameCharacters = 100;

const workspaceSchema = Type.Object(
  {
    id: Type.String({ description: 'For the header Rowhook-Workspace.' }),
    name: Type.String({ description: 'Unique; serves like the id.' }),
    createdAt: timestamp('When it was created.'),
  },
  { title: 'Workspace' },
);

/** Tenants, for operators. */
export const workspaceRoutes: RouteModule = (api, services) => {
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
        body: closedObject({
          name: Type.String({ minLength: 1, maxLength: maxNameCharacters, description: 'Not taken yet.' }),
        }),
        response: { 201: workspaceSchema },
      },
    },
    async (request, reply) => {
      const name = request.body.name.trim();
      const fault = faultOfName(name);
      if (fault !== null) throw invalidField('/name', fault);
      return reply.code(201).send(showWorkspace(await services.workspaces.create(name)));
    },
  );
};

/** A name must be fit for a header, and not be taken for an id. */
function faultOfName(name: string): string | null {
  if (name === '') return 'must not be empty';
  if (/[\p{Cc}\p{Cs}]/u.test(name)) return 'must not have control characters';
  if (name.startsWith('ws_')) return 'must not begin with ws_ as ids do';
  return null;
}

function showWorkspace(workspace: Workspace) {
  return {
    id: workspace.id,
    name: workspace.name,
    createdAt: new Date(workspace.createdAtMs).toISOString(),
  };
}
