import { Type } from 'typebox';
import { explain } from '../../matching/index.ts';
import { parseEventId } from '../../model/ids.ts';
import { type FieldError, Problem } from '../../model/problem.ts';
import { eventLimits } from '../../sources/events/limits.ts';
import type { Published } from '../../sources/events/service.ts';
import { callerOf } from '../auth.ts';
import { eventMembers, showEvent } from '../event-answers.ts';
import { callKeyOf, idempotencyHeaders } from '../idempotency.ts';
import { pageAnswer, pageRequest } from '../pages.ts';
import { closedObject, pageOf, pageQueryProperties, rareThings, texts } from '../schemas.ts';
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
    deliverAt: Type.Optional(
      Type.String({
        description:
          'ISO 8601 with seconds and zone: publish it then and not before; left out or past: at once.',
      }),
    ),
  },
  { title: 'NewEvent' },
);

const warnings = Type.Optional(
  Type.Array(
    Type.Object({
      pointer: Type.String({ description: 'JSON pointer into the body.' }),
      detail: Type.String({ description: 'What the catalogue of event types finds wrong with it.' }),
    }),
    { description: 'Why the events do not fit the catalogue, where it warns; left out when they do.' },
  ),
);

const eventSchema = Type.Object(eventMembers, { title: 'Event' });
const verdictSchema = Type.Object({
  id: Type.String({ description: 'Id of the webhook.' }),
  name: Type.String(),
  fires: Type.Boolean({ description: 'Whether the webhook, as it is now, sends the event.' }),
  reason: Type.String({ description: 'A stable code.' }),
  text: Type.String({ description: 'The reason as a sentence.' }),
});

function showWarnings({ warnings: found }: Published): { warnings?: FieldError[] } {
  return found.length === 0 ? {} : { warnings: [...found] };
}

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
        description:
          'Answered once the event is durable. With `deliverAt` it is published then, and the id is that of the ' +
          'scheduled event.',
        headers: idempotencyHeaders,
        body: postedEvent,
        response: { 202: Type.Object({ id: Type.String(), warnings }) },
      },
    },
    async (request, reply) => {
      const published = await services.events.publish(
        callerOf(request).workspace.number,
        request.body,
        callKeyOf(request),
      );
      const [id] = published.ids;
      if (id === undefined) throw new Error('An event was taken and has no id.');
      reply.code(202);
      return { id, ...showWarnings(published) };
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
        headers: idempotencyHeaders,
        body: closedObject({ events: Type.Array(postedEvent) }),
        response: {
          202: Type.Object({ ids: texts({ description: 'In the order of the events.' }), warnings }),
        },
      },
    },
    async (request, reply) => {
      const published = await services.events.publishBatch(
        callerOf(request).workspace.number,
        request.body.events,
        callKeyOf(request),
      );
      reply.code(202);
      return { ids: published.ids, ...showWarnings(published) };
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
        description: rareThings,
        querystring: closedObject({
          ...pageQueryProperties,
          type: Type.Optional(
            Type.String({ maxLength: eventLimits.typeCharacters, description: 'Only of this type.' }),
          ),
          tag: Type.Optional(Type.String({ maxLength: 200, description: 'Only with this `key:value` tag.' })),
          row: Type.Optional(Type.String({ maxLength: 100, description: 'Only of this row, by id.' })),
          since: Type.Optional(Type.String({ description: 'Only accepted at or after this time.' })),
          until: Type.Optional(Type.String({ description: 'Only accepted before this time.' })),
        }),
        response: { 200: pageOf(eventSchema) },
      },
    },
    async (request) => {
      const { type, tag, row: rowId } = request.query;
      const filter = {
        ...(type === undefined ? {} : { type }),
        ...(tag === undefined ? {} : { tag }),
        ...(rowId === undefined ? {} : { rowId }),
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
