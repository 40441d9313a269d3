import { Type } from 'typebox';
import { newTokenId } from '../../model/ids.ts';
import { invalidField, Problem } from '../../model/problem.ts';
import { roles, type WorkspaceRole } from '../../model/role.ts';
import { type ApiToken, roleOfToken, type TokenScope } from '../../model/workspace.ts';
import { type Caller, callerOf } from '../auth.ts';
import { numberKey, pageAnswer, pageInMemory, pageRequest } from '../pages.ts';
import {
  closedObject,
  noContent,
  nullableTimestamp,
  oneOf,
  pageOf,
  pageQuery,
  timestamp,
} from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { readTimeAt, showMaybeTime, showTime } from '../times.ts';
import { hashApiToken, newApiToken } from '../token.ts';

const maxNameCharacters = 100;
/** Of one workspace, and of the operators. */
const maxTokens = 1_000;
const scopes = ['workspace', 'operator'] as const;

const tokenProperties = {
  id: Type.String(),
  name: Type.String({ description: 'Shown as the `app` of what the token changes.' }),
  scope: oneOf(scopes, '`workspace`: one workspace only. `operator`: everything.'),
  role: oneOf(roles, 'What it may do there.'),
  createdAt: timestamp('When it was created.'),
  expiresAt: nullableTimestamp('Refused from then on; null: never.'),
  lastUsedAt: nullableTimestamp('When it was last used, within two minutes; null: not yet.'),
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
      config: { access: 'admin' },
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
      config: { access: 'admin' },
      schema: {
        tags: ['Tokens'],
        operationId: 'createToken',
        summary: 'Create an API token',
        description: 'The answer holds the token; it is never shown again.',
        body: closedObject({
          name: Type.String({ minLength: 1, maxLength: maxNameCharacters, description: 'What it is for.' }),
          scope: scopeProperty,
          role: Type.Optional(
            oneOf(
              roles,
              'What it may do; `viewer` reads, `editor` changes, `admin` also gives access to others. ' +
                "Default: `admin`, and for an operator's token `operator`.",
            ),
          ),
          expiresAt: Type.Optional(nullableTimestamp('Refused from then on. Default: never.')),
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
      const scope = scopeOf(owner, request.body.role);
      const { expiresAt = null } = request.body;
      const expiresAtMs = expiresAt === null ? null : readTimeAt('/expiresAt', expiresAt);
      if (expiresAtMs !== null && expiresAtMs <= services.clock.nowMs()) {
        throw invalidField('/expiresAt', 'must be in the future');
      }
      if ((await services.workspaces.listTokens(owner)).length >= maxTokens) {
        throw new Problem(
          'conflict',
          `There may be ${maxTokens} tokens; delete one that is not used any more.`,
        );
      }
      const token = newApiToken();
      const created = await services.workspaces.addToken(
        { id: newTokenId(), name, scope, expiresAtMs },
        hashApiToken(token),
      );
      return reply.code(201).send({ ...showToken(created), token });
    },
  );

  api.delete(
    '/v1/tokens/:id',
    {
      config: { access: 'admin' },
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
      if (caller.role === 'operator') reachable.push(...(await services.workspaces.listTokens(null)));
      const token = reachable.find((candidate) => candidate.id === request.params.id);
      if (!token)
        throw new Problem('not-found', `There is no token "${request.params.id}" in this workspace.`);
      await services.workspaces.deleteToken(token.id);
      services.identity.tokens.forget(({ id }) => id === token.id);
      services.identity.sessions.forget(
        (signedIn) => signedIn.kind === 'token' && signedIn.token.id === token.id,
      );
      return reply.code(204).send(null);
    },
  );
};

/** Number of the workspace whose tokens are meant; null: the operators'. */
function ownerOf(caller: Caller, scope: (typeof scopes)[number] | undefined): number | null {
  if (scope !== 'operator') return caller.workspace.number;
  if (caller.role === 'operator') return null;
  throw new Problem('forbidden', 'Only an operator may see or make tokens of operators.');
}

function scopeOf(owner: number | null, role: WorkspaceRole | 'operator' | undefined): TokenScope {
  if (owner === null) {
    if (role === undefined || role === 'operator') return { kind: 'operator' };
    throw invalidField(
      '/role',
      'a token of the scope operator has the role operator; leave one of the two out',
    );
  }
  if (role === 'operator') {
    throw invalidField('/role', 'operator goes with the scope operator only');
  }
  return { kind: 'workspace', workspaceNumber: owner, role: role ?? 'admin' };
}

const keyOfToken = (token: ApiToken): string => `${numberKey(token.createdAtMs)}${token.id}`;

function showToken(token: ApiToken) {
  return {
    id: token.id,
    name: token.name,
    scope: token.scope.kind,
    role: roleOfToken(token),
    createdAt: showTime(token.createdAtMs),
    expiresAt: showMaybeTime(token.expiresAtMs),
    lastUsedAt: showMaybeTime(token.lastUsedAtMs),
  };
}
