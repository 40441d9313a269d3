import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';
import type { Input } from '../types.ts';

const limit = 1_000;

/** The tokens of a workspace, or those of operators. */
export const tokensQuery = (scope: 'workspace' | 'operator') =>
  queryOptions({
    queryKey: ['tokens', scope],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/v1/tokens', { params: { query: { scope, limit } }, signal }))).data,
  });

export const createToken = (body: Input<'createToken'>) => answerOf(api.POST('/v1/tokens', { body }));

export const deleteToken = (id: string) =>
  answerOf(api.DELETE('/v1/tokens/{id}', { params: { path: { id } } }));
