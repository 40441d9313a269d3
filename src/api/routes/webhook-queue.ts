import { Type } from 'typebox';
import type { WebhookState } from '../../model/webhook.ts';
import { noteOfWebhook } from '../audit-notes.ts';
import { callerOf, nameOf } from '../auth.ts';
import { pageAnswer, pageRequest } from '../pages.ts';
import { closedObject, nullableText, pageOf, pageQuery, timestamp } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { showTime } from '../times.ts';
import { webhookOf, webhookParams } from '../webhook-lookup.ts';

const healthChangeSchema = closedObject(
  {
    at: timestamp('When it changed.'),
    state: Type.Unsafe<WebhookState>({
      type: 'string',
      enum: ['active', 'degraded', 'paused', 'disabled', 'invalid'],
      description: 'The state from then on.',
    }),
    reason: nullableText('Why.'),
  },
  { title: 'HealthChange' },
);

/** What waits for a webhook, and how it has been doing. */
export const webhookQueueRoutes: RouteModule = (api, services) => {
  api.delete(
    '/v1/webhooks/:id/queue',
    {
      config: { access: 'editor', portal: true },
      schema: {
        tags: ['Webhooks'],
        operationId: 'clearWebhookQueue',
        summary: 'Clear the queue of a webhook',
        description:
          'Everything that waits is given up: failed deliveries become `discarded`, and events not delivered yet are ' +
          'skipped. Requests under way are not cut off. A replay of what was missed can still send all of it.',
        params: webhookParams,
        response: {
          200: closedObject({ discarded: Type.Integer({ description: 'Events and deliveries given up.' }) }),
        },
      },
    },
    async (request) => {
      const by = nameOf(callerOf(request));
      const webhook = webhookOf(services, request);
      const discarded = await services.engine.clearQueue(webhook, by);
      await noteOfWebhook(services.audit, request, 'webhook.queue-cleared', webhook, { discarded });
      return { discarded };
    },
  );

  api.get(
    '/v1/webhooks/:id/health',
    {
      config: { access: 'viewer', portal: true },
      schema: {
        tags: ['Webhooks'],
        operationId: 'listHealthChanges',
        summary: 'List the changes of state of a webhook, the newest first',
        params: webhookParams,
        querystring: pageQuery,
        response: { 200: pageOf(healthChangeSchema) },
      },
    },
    async (request) => {
      const { number } = webhookOf(services, request);
      const page = await services.webhookVersions.healthHistory(number, pageRequest(request.query));
      return pageAnswer(page, ({ atMs, state, reason }) => ({ at: showTime(atMs), state, reason }));
    },
  );
};
