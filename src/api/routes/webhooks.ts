import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { invalidField, Problem } from '../../model/problem.ts';
import type { Webhook } from '../../model/webhook.ts';
import { webhookLimits } from '../../webhooks/limits.ts';
import { faultOfSecret, secretFor } from '../../webhooks/secret.ts';
import { patchSettings, resolveSettings } from '../../webhooks/settings.ts';
import { isEnabled } from '../../webhooks/show.ts';
import { noteOfWebhook } from '../audit-notes.ts';
import { callerOf, nameOf } from '../auth.ts';
import { numberKey, pageAnswer, pageInMemory, pageRequest } from '../pages.ts';
import { isShown, requirePortalSettings } from '../portal-scope.ts';
import { closedObject, noContent, oneOf, pageOf, pageQuery } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { Turns } from '../turns.ts';
import { exceptBody, schemaCompiler } from '../validation.ts';
import { secretOrNull, showSecrets, showWebhook } from '../webhook-answers.ts';
import { webhookLookups, webhookOf, webhookParams } from '../webhook-lookup.ts';
import {
  createdWebhookSchema,
  newWebhookBody,
  rotationBody,
  secretsAnswer,
  webhookPatchBody,
  webhookSchema,
} from '../webhook-schemas.ts';

const maxReasonCharacters = 500;

const enableBody = Type.Unsafe<{ from?: 'continue' | 'skip' } | null>({
  ...closedObject({
    from: Type.Optional(
      oneOf(
        ['continue', 'skip'],
        '`continue`, the default: send what was held. `skip`: go on with what comes next.',
      ),
    ),
  }),
  type: ['object', 'null'],
});
const disableBody = Type.Unsafe<{ reason?: string } | null>({
  ...closedObject({
    reason: Type.Optional(
      Type.String({ minLength: 1, maxLength: maxReasonCharacters, description: 'Shown as the reason.' }),
    ),
  }),
  type: ['object', 'null'],
});

/** Webhooks: which events go to which URL, and how. */
export const webhookRoutes: RouteModule = (api, services, config) => {
  const readByHandler = exceptBody(schemaCompiler());
  const changes = new Turns<number>();

  const lookupsFor = (workspaceNumber: number) => webhookLookups(services, workspaceNumber);
  const found = (request: FastifyRequest): Webhook => webhookOf(services, request);

  /** Changes a webhook as it is when its turn comes. */
  const change = <Result>(
    request: FastifyRequest,
    work: (webhook: Webhook) => Promise<Result>,
  ): Promise<Result> => changes.take(found(request).number, () => work(found(request)));

  const show = async (webhook: Webhook) =>
    showWebhook(webhook, await services.engine.usage(webhook), services.clock.nowMs());

  api.get(
    '/v1/webhooks',
    {
      config: { access: 'viewer', portal: true },
      schema: {
        tags: ['Webhooks'],
        operationId: 'listWebhooks',
        summary: 'List webhooks',
        querystring: pageQuery,
        response: { 200: pageOf(webhookSchema) },
      },
    },
    async (request) => {
      const all = services.webhooks
        .list(callerOf(request).workspace.number)
        .filter((webhook) => isShown(request, webhook));
      const page = pageInMemory(all, (webhook) => numberKey(webhook.number), pageRequest(request.query));
      const items = await Promise.all(page.items.map(show));
      return pageAnswer({ items, nextCursor: page.nextCursor }, (webhook) => webhook);
    },
  );

  api.post(
    '/v1/webhooks',
    {
      config: { access: 'editor', portal: true },
      validatorCompiler: readByHandler,
      schema: {
        tags: ['Webhooks'],
        operationId: 'createWebhook',
        summary: 'Create a webhook',
        description:
          'It receives the events that are accepted from now on. The answer holds its signing secret. ' +
          'Every knob may be left to the preset; `null` means the same.',
        body: newWebhookBody,
        response: { 201: createdWebhookSchema },
      },
    },
    async (request, reply) => {
      const { workspace } = callerOf(request);
      requirePortalSettings(request, request.body, true);
      const { webhooks: ownLimit } = workspace.limits;
      if (services.webhooks.list(workspace.number).length >= (ownLimit ?? config.maxWebhooks)) {
        throw new Problem(
          'conflict',
          ownLimit === null
            ? `A workspace may have ${config.maxWebhooks} webhooks (setting ROWHOOK_MAX_WEBHOOKS).`
            : `This workspace may have ${ownLimit} webhooks.`,
        );
      }
      const input = await resolveSettings(request.body, lookupsFor(workspace.number));
      const secret = secretFor(input.settings.signature, input.secret);
      const webhook = await services.webhooks.create(workspace.number, input.settings, secret, input.enabled);
      reply.code(201).header('location', `/v1/webhooks/${webhook.id}`);
      return { ...(await show(webhook)), secret: secretOrNull(webhook.secret) };
    },
  );

  api.get(
    '/v1/webhooks/:id',
    {
      config: { access: 'viewer', portal: true },
      schema: {
        tags: ['Webhooks'],
        operationId: 'getWebhook',
        summary: 'Show a webhook',
        params: webhookParams,
        response: { 200: webhookSchema },
      },
    },
    (request) => show(found(request)),
  );

  api.patch(
    '/v1/webhooks/:id',
    {
      config: { access: 'editor', portal: true },
      validatorCompiler: readByHandler,
      schema: {
        tags: ['Webhooks'],
        operationId: 'updateWebhook',
        summary: 'Change a webhook',
        description:
          'Fields that are left out stay; `null` goes back to the preset. `retry`, `disable` and `batch` are changed ' +
          'member by member, `headers` and lists as a whole. Another `preset` resets every knob that is not sent ' +
          'along. Saving a webhook that was disabled makes it active again. Failed deliveries are retried with the ' +
          'bytes they had.',
        params: webhookParams,
        body: webhookPatchBody,
        response: { 200: webhookSchema },
      },
    },
    (request) =>
      change(request, async (current) => {
        const caller = callerOf(request);
        const by = nameOf(caller);
        requirePortalSettings(request, request.body, false);
        const patch = await patchSettings(
          current.settings,
          request.body,
          lookupsFor(caller.workspace.number),
        );
        let webhook = current;
        // Stopped before it is saved, and saved before it is started: nothing leaves under the old settings.
        if (patch.enabled === false && webhook.health.state !== 'paused') {
          webhook = await services.webhooks.pause(webhook, `Paused by ${by}.`);
        }
        if (patch.settings) webhook = await services.webhooks.save(webhook, patch.settings, by);
        if (patch.enabled === true && !isEnabled(webhook)) {
          webhook = await services.webhooks.enable(webhook, 'continue', by);
        }
        return show(webhook);
      }),
  );

  api.delete(
    '/v1/webhooks/:id',
    {
      config: { access: 'editor', portal: true },
      schema: {
        tags: ['Webhooks'],
        operationId: 'deleteWebhook',
        summary: 'Delete a webhook',
        description: 'What waits for it is not sent any more.',
        params: webhookParams,
        response: { 204: noContent },
      },
    },
    (request, reply) =>
      change(request, async (webhook) => {
        await services.webhooks.delete(webhook, nameOf(callerOf(request)));
        return reply.code(204).send(null);
      }),
  );

  api.get(
    '/v1/webhooks/:id/secret',
    {
      config: { access: 'editor', portal: true },
      schema: {
        tags: ['Webhooks'],
        operationId: 'getWebhookSecret',
        summary: 'Show what requests are signed with',
        description:
          'The secret, or the public key of an asymmetric signature, whose private key is never shown; and former ' +
          'ones that still sign.',
        params: webhookParams,
        response: { 200: secretsAnswer },
      },
    },
    async (request) => {
      const webhook = found(request);
      await noteOfWebhook(services.audit, request, 'webhook.secret-read', webhook);
      return showSecrets(webhook, services.clock.nowMs());
    },
  );

  api.post(
    '/v1/webhooks/:id/secret/rotate',
    {
      config: { access: 'editor', portal: true },
      schema: {
        tags: ['Webhooks'],
        operationId: 'rotateWebhookSecret',
        summary: 'Replace the signing secret',
        description:
          'By one that is sent along, or by a new random one. Requests are signed with it from now on, and with the ' +
          'former one, too, for `overlapMs` more: a consumer verifies them with either.',
        params: webhookParams,
        body: rotationBody,
        response: { 200: secretsAnswer },
      },
    },
    (request) =>
      change(request, async (webhook) => {
        const chosen = request.body?.secret;
        const { signature } = webhook.settings;
        const fault = chosen === undefined ? null : faultOfSecret(chosen, signature);
        if (fault !== null) throw invalidField('/secret', fault);
        const secret = secretFor(signature, chosen ?? null);
        const overlapMs = request.body?.overlapMs ?? webhookLimits.defaultOverlapMs;
        const rotated = await services.webhooks.rotateSecret(webhook, secret, overlapMs);
        return showSecrets(rotated, services.clock.nowMs());
      }),
  );

  api.delete(
    '/v1/webhooks/:id/secret/previous',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Webhooks'],
        operationId: 'endSecretOverlap',
        summary: 'End the overlap of a rotation',
        description: 'Former secrets sign no more, from the next request on.',
        params: webhookParams,
        response: { 204: noContent },
      },
    },
    (request, reply) =>
      change(request, async (webhook) => {
        if (webhook.previousSecrets.length > 0) await services.webhooks.forgetPreviousSecrets(webhook);
        return reply.code(204).send(null);
      }),
  );

  api.post(
    '/v1/webhooks/:id/enable',
    {
      config: { access: 'editor', portal: true },
      schema: {
        tags: ['Webhooks'],
        operationId: 'enableWebhook',
        summary: 'Start a webhook again',
        description: 'Whether it was paused by a person or disabled by policy.',
        params: webhookParams,
        body: enableBody,
        response: { 200: webhookSchema },
      },
    },
    (request) =>
      change(request, async (webhook) => {
        const from = request.body?.from ?? 'continue';
        return show(await services.webhooks.enable(webhook, from, nameOf(callerOf(request))));
      }),
  );

  api.post(
    '/v1/webhooks/:id/disable',
    {
      config: { access: 'editor', portal: true },
      schema: {
        tags: ['Webhooks'],
        operationId: 'disableWebhook',
        summary: 'Pause a webhook',
        description: 'Its events are held until it is enabled again.',
        params: webhookParams,
        body: disableBody,
        response: { 200: webhookSchema },
      },
    },
    (request) =>
      change(request, async (webhook) => {
        const reason = request.body?.reason ?? `Paused by ${nameOf(callerOf(request))}.`;
        return show(await services.webhooks.pause(webhook, reason));
      }),
  );
};
