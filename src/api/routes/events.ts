import { Type } from 'typebox';
import { explain } from '../../matching/index.ts';
import { eventId, parseEventId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import { eventLimits } from '../../sources/events/limits.ts';
import { callerOf } from '../auth.ts';
import { eventMembers, showEvent } from '../event-answers.ts';
import { pageAnswer, pageRequest } from '../pages.ts';
import { closedObject, pageOf, pageQueryProperties, texts } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { readPeriod } from '../times.ts';
import { webhookInQuery } from '../webhook-lookup.ts';

const postedEvent = closedObject(
  {
    type: Type.String({
      maxLength: eventLimits.typeCharacters,
      description: 'A dotted name such as `invoice.paid`; not `row.…`, `webhook.…` or `delivery.…`.',
    }),
    data: Type.Unsafe<Readonly<Record<string, unknown>>>({
      type: 'object',
      additionalProperties: true,
      description: 'What happened; consumers receive it as it is.',
    }),
    tags: Type.Optional(
      texts({ maxItems: eventLimits.tags, description: '`key:value`; webhooks can ask for them.' }),
    ),
    occurredAt: Type.Optional(
      Type.String({ description: 'ISO 8601 with seconds and zone; left out: the time of acceptance.' }),
    ),
  },
  { title: 'NewEvent' },
);

const eventSchema = Type.Object(eventMembers, { title: 'Event' });
const verdictSchema = Type.Object({
  id: Type.String({ description: 'Id of the webhook.' }),
  name: Type.String(),
  fires: Type.Boolean({ description: 'Whether the webhook, as it is now, sends the event.' }),
  reason: Type.String({ description: 'A stable code.' }),
  text: Type.String({ description: 'The reason as a sentence.' }),
});

/** The journal: events that applications post, and every event there was. */
export const eventRoutes: RouteModule = (api, services, config) => {
  api.post(
    '/v1/events',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Events'],
        operationId: 'postEvent',
        summary: 'Post an event',
        description: 'Answered once the event is durable.',
        body: postedEvent,
        response: { 202: Type.Object({ id: Type.String() }) },
      },
    },
    async (request, reply) => {
      const event = await services.events.publish(callerOf(request).workspace.number, request.body);
      reply.code(202);
      return { id: eventId(event.acceptedAtMs, event.seq) };
    },
  );

  api.post(
    '/v1/events/batch',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Events'],
        operationId: 'postEvents',
        summary: 'Post several events',
        description: `All or none, in their order; at most ${config.maxBatchEvents} here. Answered once they are durable.`,
        body: closedObject({ events: Type.Array(postedEvent) }),
        response: { 202: Type.Object({ ids: texts({ description: 'In the order of the events.' }) }) },
      },
    },
    async (request, reply) => {
      const events = await services.events.publishBatch(
        callerOf(request).workspace.number,
        request.body.events,
      );
      reply.code(202);
      return { ids: events.map((event) => eventId(event.acceptedAtMs, event.seq)) };
    },
  );

  api.get(
    '/v1/events',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Events'],
        operationId: 'listEvents',
        summary: 'List events, the newest first',
        querystring: closedObject({
          ...pageQueryProperties,
          type: Type.Optional(
            Type.String({ maxLength: eventLimits.typeCharacters, description: 'Only of this type.' }),
          ),
          tag: Type.Optional(Type.String({ maxLength: 200, description: 'Only with this `key:value` tag.' })),
          since: Type.Optional(Type.String({ description: 'Only accepted at or after this time.' })),
          until: Type.Optional(Type.String({ description: 'Only accepted before this time.' })),
        }),
        response: { 200: pageOf(eventSchema) },
      },
    },
    async (request) => {
      const { type, tag } = request.query;
      const filter = {
        ...(type === undefined ? {} : { type }),
        ...(tag === undefined ? {} : { tag }),
        ...readPeriod(request.query),
      };
      const page = await services.journal.list(
        callerOf(request).workspace.number,
        filter,
        pageRequest(request.query),
      );
      return pageAnswer(page, showEvent);
    },
  );

  api.get(
    '/v1/events/:id',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Events'],
        operationId: 'getEvent',
        summary: 'Show an event, and why each webhook fires for it or not',
        params: closedObject({ id: Type.String({ description: 'Id of the event.' }) }),
        querystring: closedObject({
          webhook: Type.Optional(Type.String({ description: 'Only this webhook, by id.' })),
        }),
        response: { 200: Type.Object({ ...eventMembers, webhooks: Type.Array(verdictSchema) }) },
      },
    },
    async (request) => {
      const { workspace } = callerOf(request);
      const { id } = request.params;
      const wanted = request.query.webhook;
      const place = parseEventId(id);
      const event = place && (await services.journal.find(workspace.number, place.seq));
      if (!event || event.acceptedAtMs !== place?.acceptedAtMs) {
        throw new Problem('not-found', `There is no event "${id}" in this workspace.`);
      }
      const asked = webhookInQuery(services, request, wanted);
      const webhooks = asked ? [asked] : services.webhooks.list(workspace.number);
      return {
        ...showEvent(event),
        webhooks: webhooks.map((webhook) => ({
          id: webhook.id,
          name: webhook.settings.name,
          ...explain(event, webhook),
        })),
      };
    },
  );
};
