import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Delivery } from '../../model/delivery.ts';
import { parseDeliveryId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Webhook } from '../../model/webhook.ts';
import { callerOf } from '../auth.ts';
import {
  attemptSchema,
  deliverySchema,
  deliveryStates,
  showAttempt,
  showDelivery,
} from '../delivery-answers.ts';
import { numberKey, pageAnswer, pageInMemory, pageRequest } from '../pages.ts';
import { isOffered, isShown } from '../portal-scope.ts';
import { closedObject, oneOf, pageOf, pageQuery, pageQueryProperties, rareThings } from '../schemas.ts';
import { SentRequests } from '../sent-request.ts';
import type { RouteModule } from '../server.ts';
import { readPeriod } from '../times.ts';
import { webhookInQuery } from '../webhook-lookup.ts';

const deliveryParams = closedObject({
  id: Type.String({ description: 'Id of the delivery: its `webhook-id`.' }),
});

/** What was sent, and what came of it. */
export const deliveryRoutes: RouteModule = (api, services) => {
  /** The webhook of a delivery, unless it was deleted. */
  const webhookOf = (delivery: Delivery): Webhook | null =>
    services.webhooks.byNumber(delivery.webhookNumber);
  const show = (delivery: Delivery) => showDelivery(delivery, webhookOf(delivery)?.id ?? null);

  const find = async (request: FastifyRequest, id: string): Promise<Delivery> => {
    const place = parseDeliveryId(id);
    const { workspace } = callerOf(request);
    const delivery =
      place && (await services.deliveries.find(workspace.number, place.webhookNumber, place.seq));
    if (!delivery || delivery.acceptedAtMs !== place?.acceptedAtMs) {
      throw new Problem('not-found', `There is no delivery "${id}" in this workspace.`);
    }
    const webhook = webhookOf(delivery);
    // Of a webhook that is gone only the event type says whose it was.
    const isTheirs = webhook ? isShown(request, webhook) : isOffered(request, delivery.eventType);
    if (!isTheirs) throw new Problem('not-found', `There is no delivery "${id}" in this workspace.`);
    return delivery;
  };

  api.get(
    '/v1/deliveries',
    {
      config: { access: 'viewer', portal: true },
      schema: {
        tags: ['Deliveries'],
        operationId: 'listDeliveries',
        summary: 'List deliveries, the newest first',
        description: rareThings,
        querystring: closedObject({
          ...pageQueryProperties,
          webhook: Type.Optional(Type.String({ description: 'Only of this webhook, by id.' })),
          state: Type.Optional(oneOf(deliveryStates, 'Only in this state.')),
          eventType: Type.Optional(
            Type.String({ maxLength: 128, description: 'Only with this type of event.' }),
          ),
          httpStatus: Type.Optional(
            Type.Integer({
              minimum: 100,
              maximum: 999,
              description: 'Only with this status of the last answer.',
            }),
          ),
          tag: Type.Optional(
            Type.String({
              maxLength: 200,
              description: 'Only with an event that has this `key:value` tag, as long as that is kept.',
            }),
          ),
          since: Type.Optional(Type.String({ description: 'Only created at or after this time.' })),
          until: Type.Optional(Type.String({ description: 'Only created before this time.' })),
        }),
        response: { 200: pageOf(deliverySchema) },
      },
    },
    async (request) => {
      const { workspace } = callerOf(request);
      const { webhook: id, state, eventType, httpStatus, tag } = request.query;
      const webhook = webhookInQuery(services, request, id);
      const filter = {
        ...(webhook ? { webhookNumber: webhook.number } : {}),
        ...(state === undefined ? {} : { state }),
        ...(eventType === undefined ? {} : { eventType }),
        ...(httpStatus === undefined ? {} : { httpStatus }),
        ...(tag === undefined ? {} : { tag }),
        ...readPeriod(request.query),
      };
      const page = await services.deliveries.list(workspace.number, filter, pageRequest(request.query));
      return pageAnswer(page, show);
    },
  );

  api.get(
    '/v1/deliveries/:id',
    {
      config: { access: 'viewer', portal: true },
      schema: {
        tags: ['Deliveries'],
        operationId: 'getDelivery',
        summary: 'Show a delivery',
        params: deliveryParams,
        response: { 200: deliverySchema },
      },
    },
    async (request) => show(await find(request, request.params.id)),
  );

  api.get(
    '/v1/deliveries/:id/attempts',
    {
      config: { access: 'viewer', portal: true },
      schema: {
        tags: ['Deliveries'],
        operationId: 'listAttempts',
        summary: 'List the attempts of a delivery, the first one first',
        description: 'With the request, the answer and the timing of each.',
        params: deliveryParams,
        querystring: pageQuery,
        response: { 200: pageOf(attemptSchema) },
      },
    },
    async (request) => {
      const delivery = await find(request, request.params.id);
      const all = await services.deliveries.attempts(delivery);
      const page = pageInMemory(all, (attempt) => numberKey(attempt.number), pageRequest(request.query));
      const webhook = webhookOf(delivery);
      const sent = webhook && (await SentRequests.load(services, delivery, webhook, page.items));
      return pageAnswer(page, (attempt) => showAttempt(attempt, sent?.of(attempt) ?? null));
    },
  );

  api.post(
    '/v1/deliveries/:id/retry',
    {
      config: { access: 'editor', portal: true },
      schema: {
        tags: ['Deliveries'],
        operationId: 'retryDelivery',
        summary: 'Send a delivery again',
        description:
          'Now: a failed one makes its next attempt, any other one gets one more, with the same `webhook-id` and the ' +
          'header `rowhook-replay: resend`, rendered with the present settings of the webhook.',
        params: deliveryParams,
        response: { 202: deliverySchema },
      },
    },
    async (request, reply) => {
      const delivery = await find(request, request.params.id);
      const webhook = webhookOf(delivery);
      if (!webhook) throw new Problem('gone', 'The webhook of this delivery was deleted.');
      await services.engine.resend(webhook, delivery);
      reply.code(202);
      return show(await find(request, request.params.id));
    },
  );
};
