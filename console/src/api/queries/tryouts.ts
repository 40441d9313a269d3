import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';
import type { NewWebhook } from '../types.ts';

/** Sends one request with an example, for a webhook that is not saved. */
export const testWebhook = (webhook: NewWebhook) =>
  answerOf(api.POST('/v1/webhooks/test', { body: { webhook } }));

/** What a webhook that is not saved would do; with `eventType`, shown by an example of it. Null: not asked. */
export const previewQuery = (webhook: NewWebhook | null, eventType: string | null) =>
  queryOptions({
    queryKey: ['preview', webhook, eventType],
    enabled: webhook !== null,
    retry: false,
    queryFn: ({ signal }) =>
      answerOf(
        api.POST('/v1/webhooks/preview', {
          body: {
            webhook: webhook as NewWebhook,
            ...(eventType === null ? {} : { eventType }),
          },
          signal,
        }),
      ),
  });

/** Sends a webhook an event that never happened; without data, an example. */
export const simulateEvent = (id: string, eventType: string, data: Record<string, unknown> | null) =>
  answerOf(
    api.POST('/v1/webhooks/{id}/simulate', {
      params: { path: { id } },
      // Any members: the description of the API says "object" and no more.
      body: { eventType, ...(data === null ? {} : { data: data as never }) },
    }),
  );

const shownChanges = 10;

/** The last changes of a webhook's state. */
export const healthQuery = (id: string) =>
  queryOptions({
    queryKey: ['webhooks', id, 'health'],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/v1/webhooks/{id}/health', {
          params: { path: { id }, query: { limit: shownChanges } },
          signal,
        }),
      ),
  });
