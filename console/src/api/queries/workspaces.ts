import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';
import type { Input } from '../types.ts';

/** Every workspace there is; for operators. */
export const workspacesQuery = queryOptions({
  queryKey: ['workspaces'],
  staleTime: 60_000,
  queryFn: async ({ signal }) =>
    (await answerOf(api.GET('/v1/workspaces', { params: { query: { limit: 1_000 } }, signal }))).data,
});

export const createWorkspace = (body: Input<'createWorkspace'>) =>
  answerOf(api.POST('/v1/workspaces', { body }));
