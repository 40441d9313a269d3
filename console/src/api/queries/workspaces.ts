import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';
import { ApiProblem } from '../problem.ts';

/** The workspaces an operator can act in; null: the token belongs to one workspace. */
export const workspacesQuery = queryOptions({
  queryKey: ['workspaces'],
  staleTime: 60_000,
  queryFn: async ({ signal }) => {
    try {
      return (await answerOf(api.GET('/v1/workspaces', { params: { query: { limit: 1_000 } }, signal })))
        .data;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 403) return null;
      throw error;
    }
  },
});
