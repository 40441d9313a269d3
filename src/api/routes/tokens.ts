import { Type } from 'typebox';
import { newTokenId } from '../../model/ids.ts';
import { invalidField, Problem } from '../../model/problem.ts';
import type { ApiToken } from '../../model/workspace.ts';
import { type Caller, callerOf } from '../auth.ts';
import { numberKey, pageAnswer, pageInMemory, pageRequest } from '../pages.ts';
import { closedObject, noContent, oneOf, pageOf, pageQuery, timestamp } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { hashApiToken, newApiToken } from '../token.ts';

const maxNameCharacters = 100;
const scopes = ['workspace', 'operator'] as const;

const tokenProperties = {
  id: Type.String(),
  name: Type.String({ description: 'Shown as the `app` of what the token changes.' }),
  scope: oneOf(scopes, '`workspace`: one workspace only. `operator`: everything.'),
  createdAt: timestamp('When it was created.'),
};
const tokenSchema = Type.Object(tokenProperties, { title: 'Token' });

const scopeProperty = Type.Optional(
  oneOf(
    scopes,
    'Whose token: the workspace in which you act, or an operator. Only operators may say `operator`.',
  ),
);

/** API tokens of a workspace, and of operators. */
export const tokenRoutes: RouteModule = (api, services) => {
  api.get(
    '/v1/tokens',
    {
      schema: {
        tags: ['Tokens'],
        operationId: 'listTokens',
        summary: 'List API tokens',
        description: 'Without the tokens themselves: only hashes of them are kept.',
        querystring: closedObject({ ...pageQuery.properties, scope: scopeProperty }),
        response: { 200: pageOf(tokenSchema) },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const owner = ownerOf(caller, request.query.scope);
      const all = await services.workspaces.listTokens(owner);
      const page = pageInMemory(all, keyOfToken, pageRequest(request.query));
      return pageAnswer(page, showToken);
    },
  );

  api.post(
    '/v1/tokens',
    {
      schema: {
        tags: ['Tokens'],
        operationId: 'createToken',
        summary: 'Create an API token',
        description: 'The answer holds the token; it is never shown again.',
        body: closedObject({
          name: Type.String({ minLength: 1, maxLength: maxNameCharacters, description: 'What it is for.' }),
          scope: scopeProperty,
        }),
        response: {
          201: Type.Object({
            ...tokenProperties,
            token: Type.String({ description: 'For the header `Authorization: Bearer …`. Keep it safe.' }),
          }),
        },
      },
    },
    async (request, reply) => {
      const owner = ownerOf(callerOf(request), request.body.scope);
      const name = request.body.name.trim();
      if (name === '' || /[\p{Cc}\p{Cs}]/u.test(name)) {
        throw invalidField('/name', 'must not be empty or have control characters');
      }
      const token = newApiToken();
      const scope: ApiToken['scope'] =
        owner === null ? { kind: 'operator' } : { kind: 'workspace', workspaceNumber: owner };
      const created = await services.workspaces.addToken(
        { id: newTokenId(), name, scope },
        hashApiToken(token),
      );
      return reply.code(201).send({ ...showToken(created), token });
    },
  );

  api.delete(
    '/v1/tokens/:id',
    {
      schema: {
        tags: ['Tokens'],
        operationId: 'deleteToken',
        summary: 'Delete an API token',
        description: 'It stops working at once; in other processes of a cluster, within ten seconds.',
        params: closedObject({ id: Type.String({ description: 'Id of the token.' }) }),
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const reachable = [...(await services.workspaces.listTokens(caller.workspace.number))];
      if (caller.token.scope.kind === 'operator')
        reachable.push(...(await services.workspaces.listTokens(null)));
      const token = reachable.find((candidate) => candidate.id === request.params.id);
      if (!token)
        throw new Problem('not-found', `There is no token "${request.params.id}" in this workspace.`);
      await services.workspaces.deleteToken(token.id);
      api.authenticator.forget(token.id);
      return reply.code(204).send(null);
    },
  );
};

/** Number of the workspace whose tokens are meant; null: the operators'. */
function ownerOf(caller: Caller, scope: (typeof scopes)[number] | undefined): number | null {
  if (scope !== 'operator') return caller.workspace.number;
  if (caller.token.scope.kind === 'operator') return null;
  throw new Problem('forbidden', 'Only an operator may see or make tokens of operators.');
}

const keyOfToken = (token: ApiToken): string => `${numberKey(token.createdAtMs)}${token.id}`;

function showToken(token: ApiToken) {
  return {
    id: token.id,
    name: token.name,
    scope: token.scope.kind,
    createdAt: new Date(token.createdAtMs).toISOString(),
  };
}
