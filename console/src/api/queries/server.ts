import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';

/** How the server was started; for operators. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  staleTime: 60_000,
  queryFn: async ({ signal }) => (await answerOf(api.GET('/v1/settings', { signal }))).data,
});

/** Sends a mail; without a recipient, to those of notices. */
export const testSmtp = (to: string) =>
  answerOf(api.POST('/v1/settings/smtp-test', { body: to === '' ? {} : { to: [to] } }));
