import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { eventId, type ScheduledEventId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { ScheduledEvent } from '../../store/port.ts';
import { callerOf, nameOf } from '../auth.ts';
import { pageAnswer, pageRequest } from '../pages.ts';
import {
  closedObject,
  noContent,
  nullableText,
  nullableTimestamp,
  oneOf,
  pageOf,
  pageQueryProperties,
  texts,
  timestamp,
} from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { showMaybeTime, showTime } from '../times.ts';

const states = ['scheduled', 'published', 'cancelled'] as const;

const scheduledEventSchema = Type.Object(
  {
    id: Type.String(),
    state: oneOf(states, '`published`: it is in the journal now. `cancelled`: it never will be.'),
    deliverAt: timestamp('When it is due.'),
    type: Type.String({ description: 'Name of the event type.' }),
    data: Type.Unknown(),
    tags: texts(),
    occurredAt: nullableTimestamp('When it happened; null: when it is published.'),
    createdAt: timestamp('When it was posted.'),
    finishedAt: nullableTimestamp('When it was published or cancelled.'),
    event: nullableText('Id of the event that it became.'),
    cancelledBy: nullableText('Who cancelled it.'),
  },
  { title: 'ScheduledEvent' },
);

const params = closedObject({ id: Type.String({ description: 'Id of the scheduled event.' }) });

/** Events that were posted with `deliverAt`. */
export const scheduledEventRoutes: RouteModule = (api, services) => {
  const find = async (request: FastifyRequest): Promise<ScheduledEvent> => {
    const { id } = request.params as { id: string };
    const { number } = callerOf(request).workspace;
    const found = await services.publications.findScheduled(number, id as ScheduledEventId);
    if (!found) throw new Problem('not-found', `There is no scheduled event "${id}" in this workspace.`);
    return found;
  };

  api.get(
    '/v1/scheduled-events',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Events'],
        operationId: 'listScheduledEvents',
        summary: 'List events that are or were to be published later, the newest first',
        querystring: closedObject({
          ...pageQueryProperties,
          state: Type.Optional(oneOf(states, 'Only in this state.')),
        }),
        response: { 200: pageOf(scheduledEventSchema) },
      },
    },
    async (request) => {
      const { number } = callerOf(request).workspace;
      const { state = null } = request.query;
      const page = await services.publications.listScheduled(number, state, pageRequest(request.query));
      return pageAnswer(page, show);
    },
  );

  api.get(
    '/v1/scheduled-events/:id',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Events'],
        operationId: 'getScheduledEvent',
        summary: 'Show an event that is or was to be published later',
        params,
        response: { 200: scheduledEventSchema },
      },
    },
    async (request) => show(await find(request)),
  );

  api.delete(
    '/v1/scheduled-events/:id',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Events'],
        operationId: 'cancelScheduledEvent',
        summary: 'Cancel an event that is not due yet',
        description: 'A conflict when it has been published.',
        params,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const event = await find(request);
      const { outcome } = await services.publications.cancelScheduled(event, nameOf(callerOf(request)));
      if (outcome.state === 'published') {
        throw new Problem('conflict', 'It was due, and is published: it cannot be cancelled any more.');
      }
      return reply.code(204).send(null);
    },
  );
};

function show(scheduled: ScheduledEvent): Static<typeof scheduledEventSchema> {
  const { event, outcome } = scheduled;
  return {
    id: scheduled.id,
    state: outcome.state,
    deliverAt: showTime(scheduled.dueAtMs),
    type: event.type,
    data: JSON.parse(event.dataJson) as unknown,
    tags: event.tags,
    occurredAt: showMaybeTime(scheduled.occurredAtMs),
    createdAt: showTime(scheduled.createdAtMs),
    finishedAt: outcome.state === 'scheduled' ? null : showTime(outcome.atMs),
    event: outcome.state === 'published' ? eventId(outcome.place.acceptedAtMs, outcome.place.seq) : null,
    cancelledBy: outcome.state === 'cancelled' ? outcome.by : null,
  };
}
