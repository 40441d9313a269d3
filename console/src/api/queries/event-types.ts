import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';
import type { EventType, Input, PublishingPolicy, Query } from '../types.ts';

const limit = 1_000;
const maxPages = 100;

/** The catalogue, by name. */
export const eventTypesQuery = (archived: NonNullable<Query<'listEventTypes'>['archived']>) =>
  queryOptions({
    queryKey: ['event-types', archived],
    staleTime: 30_000,
    queryFn: async ({ signal }): Promise<readonly EventType[]> => {
      const types: EventType[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < maxPages; page++) {
        const query = { limit, archived, ...(cursor === null ? {} : { cursor }) };
        const answer: { data: EventType[]; nextCursor: string | null } = await answerOf(
          api.GET('/v1/event-types', { params: { query }, signal }),
        );
        types.push(...answer.data);
        cursor = answer.nextCursor;
        if (cursor === null) break;
      }
      return types;
    },
  });

const named = (name: string) => ({ path: { name } });

export const eventTypeQuery = (name: string) =>
  queryOptions({
    queryKey: ['event-types', 'one', name],
    queryFn: ({ signal }) => answerOf(api.GET('/v1/event-types/{name}', { params: named(name), signal })),
  });

export const eventTypeVersionsQuery = (name: string) =>
  queryOptions({
    queryKey: ['event-types', 'versions', name],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/v1/event-types/{name}/versions', { params: named(name), signal }))).data,
  });

export const createEventType = (body: Input<'createEventType'>) =>
  answerOf(api.POST('/v1/event-types', { body }));
export const putEventType = (name: string, body: Input<'putEventType'>) =>
  answerOf(api.PUT('/v1/event-types/{name}', { params: named(name), body }));
/** Archives the type; with `forGood`, forgets it. */
export const deleteEventType = (name: string, forGood: boolean) =>
  answerOf(
    api.DELETE('/v1/event-types/{name}', {
      params: { ...named(name), query: forGood ? { expunge: true } : {} },
    }),
  );
export const importEventTypes = (body: Input<'importEventTypes'>) =>
  answerOf(api.POST('/v1/event-types/import', { body }));

/** What of data does not fit the schema of a type; null: nothing to look at. */
export const dataCheckQuery = (name: string, data: Record<string, unknown> | null) =>
  queryOptions({
    queryKey: ['data-check', name, data],
    enabled: data !== null && name !== '',
    retry: false,
    gcTime: 0,
    queryFn: ({ signal }) =>
      answerOf(
        api.POST('/v1/event-types/{name}/check', {
          params: named(name),
          body: { data: (data ?? {}) as never },
          signal,
        }),
      ),
  });

/** What the workspace asks of posted events. */
export const publishingPolicyQuery = queryOptions({
  queryKey: ['publishing-policy'],
  queryFn: ({ signal }) => answerOf(api.GET('/v1/publishing-policy', { signal })),
});
export const putPublishingPolicy = (body: PublishingPolicy) =>
  answerOf(api.PUT('/v1/publishing-policy', { body }));
