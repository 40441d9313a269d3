import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';
import { ApiProblem } from '../problem.ts';
import type { BehaviourInput, Inbox } from '../types.ts';

const shownRequests = 20;

/** The inboxes there are; null for those who may not see all of them. */
export const inboxesQuery = queryOptions({
  queryKey: ['inboxes'],
  queryFn: async ({ signal }): Promise<readonly Inbox[] | null> => {
    try {
      return (await answerOf(api.GET('/test-consumer/inboxes', { signal }))).data;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 403) return null;
      throw error;
    }
  },
});

/** An inbox with its newest requests. */
export const inboxQuery = (name: string) =>
  queryOptions({
    queryKey: ['inboxes', name],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/test-consumer/inboxes/{name}', {
          params: { path: { name }, query: { limit: shownRequests } },
          signal,
        }),
      ),
  });

export const setBehaviour = (name: string, body: BehaviourInput) =>
  answerOf(api.PUT('/test-consumer/inboxes/{name}/behaviour', { params: { path: { name } }, body }));

export const clearInbox = (name: string) =>
  answerOf(api.DELETE('/test-consumer/inboxes/{name}', { params: { path: { name } } }));

/** The address to which a webhook must send to reach an inbox. */
export function inboxUrl(name: string): string {
  return `${location.origin}/test-consumer/in/${name}`;
}

/** The inbox that an address leads to; null when it leads elsewhere. */
export function inboxOfUrl(url: string): string | null {
  return /\/test-consumer\/in\/([a-z0-9-]{1,64})(?:\?.*)?$/.exec(url)?.[1] ?? null;
}
