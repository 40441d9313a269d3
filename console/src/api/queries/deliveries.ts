import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';
import type { Query } from '../types.ts';

export type DeliveryFilter = Omit<Query<'listDeliveries'>, 'limit' | 'cursor'>;

export const listDeliveries = (query: Query<'listDeliveries'>, signal: AbortSignal) =>
  answerOf(api.GET('/v1/deliveries', { params: { query }, signal }));

/** The newest deliveries that fit a filter. */
export const recentDeliveriesQuery = (filter: DeliveryFilter, limit: number) =>
  queryOptions({
    queryKey: ['deliveries', 'recent', filter, limit],
    queryFn: ({ signal }) => listDeliveries({ ...filter, limit }, signal),
  });

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ['deliveries', id],
    queryFn: ({ signal }) => answerOf(api.GET('/v1/deliveries/{id}', { params: { path: { id } }, signal })),
  });

/** Sends a delivery again, now. */
export const resendDelivery = (id: string) =>
  answerOf(api.POST('/v1/deliveries/{id}/retry', { params: { path: { id } } }));

/** Attempts shown on the page of a delivery; a schedule that goes on for ever has more. */
const shownAttempts = 100;

export const attemptsQuery = (id: string, attempts: number) =>
  queryOptions({
    queryKey: ['deliveries', id, 'attempts', attempts],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/v1/deliveries/{id}/attempts', {
          params: { path: { id }, query: { limit: shownAttempts } },
          signal,
        }),
      ),
  });
