import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';
import type { NewWebhook, Preset, PresetDescription, Webhook, WebhookPatch } from '../types.ts';

/** Webhooks in one answer; a workspace with more is listed page by page. */
const pageLimit = 1_000;
const maxPages = 100;

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: async ({ signal }): Promise<readonly Webhook[]> => {
    const webhooks: Webhook[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < maxPages; page++) {
      const query: { limit: number; cursor?: string } =
        cursor === null ? { limit: pageLimit } : { limit: pageLimit, cursor };
      const answer = await answerOf(api.GET('/v1/webhooks', { params: { query }, signal }));
      webhooks.push(...answer.data);
      cursor = answer.nextCursor;
      if (cursor === null) break;
    }
    return webhooks;
  },
});

export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: ['webhooks', id],
    queryFn: ({ signal }) => answerOf(api.GET('/v1/webhooks/{id}', { params: { path: { id } }, signal })),
  });

/** What each preset fills in. It changes with the server's version only. */
export const presetsQuery = queryOptions({
  queryKey: ['presets'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }): Promise<ReadonlyMap<Preset, PresetDescription>> => {
    const { data } = await answerOf(api.GET('/v1/presets', { signal }));
    return new Map(data.map((preset) => [preset.name, preset]));
  },
});

export const createWebhook = (body: NewWebhook) => answerOf(api.POST('/v1/webhooks', { body }));

export const updateWebhook = (id: string, body: WebhookPatch) =>
  answerOf(api.PATCH('/v1/webhooks/{id}', { params: { path: { id } }, body }));

export const deleteWebhook = (id: string) =>
  answerOf(api.DELETE('/v1/webhooks/{id}', { params: { path: { id } } }));

export const enableWebhook = (id: string, from: 'continue' | 'skip') =>
  answerOf(api.POST('/v1/webhooks/{id}/enable', { params: { path: { id } }, body: { from } }));

export const pauseWebhook = (id: string, reason: string) =>
  answerOf(
    api.POST('/v1/webhooks/{id}/disable', {
      params: { path: { id } },
      body: reason === '' ? {} : { reason },
    }),
  );

/** Gives up everything that waits. */
export const clearQueue = (id: string) =>
  answerOf(api.DELETE('/v1/webhooks/{id}/queue', { params: { path: { id } } }));

export const readSecret = (id: string) =>
  answerOf(api.GET('/v1/webhooks/{id}/secret', { params: { path: { id } } }));

/** Former secrets sign no more. */
export const endSecretOverlap = (id: string) =>
  answerOf(api.DELETE('/v1/webhooks/{id}/secret/previous', { params: { path: { id } } }));

export const rotateSecret = (id: string) =>
  answerOf(api.POST('/v1/webhooks/{id}/secret/rotate', { params: { path: { id } }, body: {} }));
