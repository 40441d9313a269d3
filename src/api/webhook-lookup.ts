import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { egressErrors } from '../egress/index.ts';
import type { WebhookId } from '../model/ids.ts';
import { invalidField, Problem } from '../model/problem.ts';
import type { Webhook } from '../model/webhook.ts';
import type { WebhookLookups } from '../webhooks/settings.ts';
import { callerOf } from './auth.ts';
import { isShown, requireNamedWebhook } from './portal-scope.ts';
import { closedObject } from './schemas.ts';
import type { Services } from './services.ts';

/** Path parameters of every route of one webhook. */
export const webhookParams = closedObject({ id: Type.String({ description: 'Id of the webhook.' }) });

/** The webhook that the path names. Throws a Problem when the workspace has none such. */
export function webhookOf(services: Pick<Services, 'webhooks'>, request: FastifyRequest): Webhook {
  const { id } = request.params as { id: string };
  const webhook = services.webhooks.find(callerOf(request).workspace.number, id as WebhookId);
  if (!webhook || !isShown(request, webhook)) {
    throw new Problem('not-found', `There is no webhook "${id}" in this workspace.`);
  }
  return webhook;
}

/**
 * The webhook that the query parameter `webhook` names; null when the query names none. Throws a Problem when
 * the workspace has none such.
 */
export function webhookInQuery(
  services: Pick<Services, 'webhooks'>,
  request: FastifyRequest,
  id: string | undefined,
): Webhook | null {
  if (id === undefined) {
    requireNamedWebhook(request, null);
    return null;
  }
  const webhook = services.webhooks.find(callerOf(request).workspace.number, id as WebhookId);
  if (!webhook || !isShown(request, webhook)) {
    throw invalidField('webhook', `there is no webhook "${id}" in this workspace`);
  }
  return webhook;
}

/** What reading a webhook's settings has to look up. */
export function webhookLookups(
  services: Pick<Services, 'bases' | 'egress'>,
  workspaceNumber: number,
): WebhookLookups {
  return {
    tablesOf: async (base) => {
      try {
        return await services.bases.listTables(workspaceNumber, base);
      } catch (error) {
        if (error instanceof Problem && error.code === 'not-found') return null;
        throw error;
      }
    },
    refuseUrl: (url) => {
      const verdict = services.egress.check(url);
      return verdict.allowed ? null : `${verdict.message} ${egressErrors[verdict.code].cure}`;
    },
  };
}
