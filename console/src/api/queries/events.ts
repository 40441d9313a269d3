import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';
import type { Input, Query, ScheduledEvent } from '../types.ts';

export type EventFilter = Omit<Query<'listEvents'>, 'limit' | 'cursor'>;

export const listEvents = (query: Query<'listEvents'>, signal: AbortSignal) =>
  answerOf(api.GET('/v1/events', { params: { query }, signal }));

/** An event, with each webhook's verdict on it. */
export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ['events', id],
    queryFn: ({ signal }) => answerOf(api.GET('/v1/events/{id}', { params: { path: { id } }, signal })),
  });

const shownLatest = 20;

/** The latest events, to choose one from. */
export const latestEventsQuery = queryOptions({
  queryKey: ['events', 'latest'],
  queryFn: async ({ signal }) => (await listEvents({ limit: shownLatest }, signal)).data,
});

/** An event with one webhook's verdict on it. */
export const eventForWebhookQuery = (id: string | null, webhook: string) =>
  queryOptions({
    queryKey: ['events', id, 'for', webhook],
    enabled: id !== null,
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/v1/events/{id}', {
          params: { path: { id: id ?? '' }, query: { webhook } },
          signal,
        }),
      ),
  });

export const postEvent = (body: Input<'postEvent'>) => answerOf(api.POST('/v1/events', { body }));

const shownScheduled = 200;

/** Events that are or were to be published later. */
export const scheduledQuery = (state: ScheduledEvent['state'] | null) =>
  queryOptions({
    queryKey: ['scheduled-events', state],
    queryFn: async ({ signal }) =>
      (
        await answerOf(
          api.GET('/v1/scheduled-events', {
            params: { query: { limit: shownScheduled, ...(state === null ? {} : { state }) } },
            signal,
          }),
        )
      ).data,
  });

export const cancelScheduled = (id: string) =>
  answerOf(api.DELETE('/v1/scheduled-events/{id}', { params: { path: { id } } }));
