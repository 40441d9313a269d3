import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';
import type { ReplayScope } from '../types.ts';

const shownReplays = 5;

/** The newest replays of a webhook. */
export const replaysQuery = (webhook: string) =>
  queryOptions({
    queryKey: ['webhooks', webhook, 'replays'],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/replays', { params: { query: { webhook, limit: shownReplays } }, signal })),
  });

export interface ReplayPeriod {
  readonly since: string;
  readonly until?: string;
}

/** Sends events of the past again, in the background. */
export const startReplay = (webhook: string, scope: ReplayScope, period: ReplayPeriod) =>
  answerOf(
    api.POST('/v1/webhooks/{id}/replay', { params: { path: { id: webhook } }, body: { ...period, scope } }),
  );

/** What a replay would send; nothing is sent. */
export const replayCountQuery = (webhook: string, scope: ReplayScope, period: ReplayPeriod) =>
  queryOptions({
    queryKey: ['replay-count', webhook, scope, period],
    staleTime: 0,
    queryFn: ({ signal }) =>
      answerOf(
        api.POST('/v1/webhooks/{id}/replay/count', {
          params: { path: { id: webhook } },
          body: { ...period, scope },
          signal,
        }),
      ),
  });

export type ReplaySteering = 'pause' | 'continue' | 'cancel';

export const steerReplay = (id: string, how: ReplaySteering) =>
  answerOf(api.POST(`/v1/replays/{id}/${how}`, { params: { path: { id } } }));
