import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';

export const mySessionsQuery = queryOptions({
  queryKey: ['my-sessions'],
  queryFn: async ({ signal }) => (await answerOf(api.GET('/v1/me/sessions', { signal }))).data,
});

export const renameMe = (name: string) => answerOf(api.PATCH('/v1/me', { body: { name } }));

export const changeMyPassword = (currentPassword: string | null, password: string) =>
  answerOf(
    api.POST('/v1/me/password', {
      body: { password, ...(currentPassword === null ? {} : { currentPassword }) },
    }),
  );

export const endMySession = (id: string) =>
  answerOf(api.DELETE('/v1/me/sessions/{id}', { params: { path: { id } } }));

/** Signs out everywhere but here. */
export const endMyOtherSessions = () =>
  answerOf(api.DELETE('/v1/me/sessions', { params: { query: { except: 'current' } } }));
