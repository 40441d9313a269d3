import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ReplayId } from '../../model/ids.ts';
import { invalidField, Problem } from '../../model/problem.ts';
import { type Replay, type ReplayScope, replayScopes } from '../../model/replay.ts';
import { noteOfReplay } from '../audit-notes.ts';
import { callerOf, nameOf } from '../auth.ts';
import { pageAnswer, pageRequest } from '../pages.ts';
import { isShown } from '../portal-scope.ts';
import {
  closedObject,
  nullableText,
  nullableTimestamp,
  oneOf,
  pageOf,
  pageQueryProperties,
  timestamp,
} from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { readPeriod, showMaybeTime, showTime } from '../times.ts';
import { webhookInQuery, webhookOf, webhookParams } from '../webhook-lookup.ts';

const states = ['running', 'paused', 'cancelled', 'done'] as const;

const replaySchema = closedObject(
  {
    id: Type.String({ description: 'Id of the replay.' }),
    webhook: nullableText('Id of the webhook; null when it was deleted.'),
    scope: oneOf(replayScopes, 'Which events of the period are sent again.'),
    since: timestamp('Begin of the period.'),
    until: timestamp('End of the period.'),
    state: oneOf(states, 'How it is going.'),
    reason: nullableText('Why it is paused or cancelled.'),
    progress: Type.Number({ description: 'Part of the period that has been dealt with, 0 to 1.' }),
    succeeded: Type.Integer({ description: 'Deliveries that arrived.' }),
    failed: Type.Integer({ description: 'Deliveries that did not.' }),
    ratePerSecond: Type.Number({ description: 'Deliveries a second, at most.' }),
    createdBy: Type.String({ description: 'Who asked for it.' }),
    createdAt: timestamp('When it was asked for.'),
    finishedAt: nullableTimestamp('When it ended.'),
  },
  { title: 'Replay' },
);

const periodProperties = {
  since: Type.String({ description: 'Events accepted at or after this time.' }),
  until: Type.Optional(
    Type.String({ description: 'Events accepted before this time; when left out, until now.' }),
  ),
  ratePerSecond: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description:
        'Deliveries a second, at most; the default and the bound is ROWHOOK_REPLAY_RATE_PER_SECOND.',
    }),
  ),
};

const scope = Type.Optional(oneOf(replayScopes, 'Which events of the period; the default is `all`.'));

const countSchema = closedObject(
  {
    deliveries: Type.Integer({ description: 'Requests that would be made.' }),
    events: Type.Integer({ description: 'Events that they would carry.' }),
    counted: Type.Number({
      description: 'Part of the period that was looked at, 0 to 1; below 1 the counts are lower bounds.',
    }),
  },
  { title: 'ReplayCount' },
);

interface Period {
  readonly since: string;
  readonly until?: string;
  readonly ratePerSecond?: number;
}

/** Events of the past, sent to one webhook again. */
export const replayRoutes: RouteModule = (api, services, config) => {
  const show = (replay: Replay) => {
    const span = replay.toSeq - replay.fromSeq;
    return {
      id: replay.id,
      webhook: services.webhooks.byNumber(replay.webhookNumber)?.id ?? null,
      scope: replay.scope,
      since: showTime(replay.sinceMs),
      until: showTime(replay.untilMs),
      state: replay.state,
      reason: replay.reason,
      progress: span === 0 || replay.state === 'done' ? 1 : (replay.positionSeq - replay.fromSeq) / span,
      succeeded: replay.succeeded,
      failed: replay.failed,
      ratePerSecond: replay.ratePerSecond,
      createdBy: replay.createdBy,
      createdAt: showTime(replay.createdAtMs),
      finishedAt: showMaybeTime(replay.finishedAtMs),
    };
  };

  const found = async (request: FastifyRequest): Promise<Replay> => {
    const { id } = request.params as { id: string };
    const replay = await services.engine.replays.find(callerOf(request).workspace.number, id as ReplayId);
    const webhook = replay && services.webhooks.byNumber(replay.webhookNumber);
    if (!replay || (webhook && !isShown(request, webhook))) {
      throw new Problem('not-found', `There is no replay "${id}" in this workspace.`);
    }
    return replay;
  };

  const periodOf = ({ since, until }: Period): { sinceMs: number; untilMs: number } => {
    const { sinceMs = 0, untilMs = services.clock.nowMs() + 1 } = readPeriod({
      since,
      ...(until === undefined ? {} : { until }),
    });
    if (sinceMs >= untilMs)
      throw invalidField('/since', 'must be before the end of the period, and in the past');
    return { sinceMs, untilMs };
  };

  const start = async (request: FastifyRequest, scope: ReplayScope, period: Period): Promise<Replay> => {
    const webhook = webhookOf(services, request);
    const replay = await services.engine.replays.start(webhook, {
      scope,
      ...periodOf(period),
      ratePerSecond: Math.min(period.ratePerSecond ?? Number.POSITIVE_INFINITY, config.replayRatePerSecond),
      by: nameOf(callerOf(request)),
    });
    const { sinceMs, untilMs } = replay;
    const told = { webhook: webhook.id, since: showTime(sinceMs), until: showTime(untilMs) };
    await noteOfReplay(services.audit, request, 'replay.started', replay, told);
    return replay;
  };

  api.post(
    '/v1/webhooks/:id/recover',
    {
      config: { access: 'editor', portal: true },
      schema: {
        tags: ['Replays'],
        operationId: 'recoverWebhook',
        summary: 'Send again what failed',
        description:
          'Every delivery of the period whose attempts are exhausted gets one more, behind everything new. ' +
          'Runs in the background; the answer tells how to follow it.',
        params: webhookParams,
        body: closedObject(periodProperties),
        response: { 202: replaySchema },
      },
    },
    async (request, reply) => {
      reply.code(202);
      return show(await start(request, 'failed', request.body));
    },
  );

  api.post(
    '/v1/webhooks/:id/replay',
    {
      config: { access: 'editor', portal: true },
      schema: {
        tags: ['Replays'],
        operationId: 'replayWebhook',
        summary: 'Send events of the past again',
        description:
          '`missed`: those that match the webhook as it is now and were never delivered to it. `all`, the default: ' +
          'those that were delivered, too. `failed` is the same as recover.',
        params: webhookParams,
        body: closedObject({ ...periodProperties, scope }),
        response: { 202: replaySchema },
      },
    },
    async (request, reply) => {
      reply.code(202);
      return show(await start(request, request.body.scope ?? 'all', request.body));
    },
  );

  api.post(
    '/v1/webhooks/:id/replay/count',
    {
      config: { access: 'viewer', portal: true },
      schema: {
        tags: ['Replays'],
        operationId: 'countReplay',
        summary: 'Count what a replay would send',
        description:
          'Nothing is sent. Looks at no more than ROWHOOK_REPLAY_COUNT_EVENTS events; `counted` says how much of the ' +
          'period that was.',
        params: webhookParams,
        body: closedObject({ since: periodProperties.since, until: periodProperties.until, scope }),
        response: { 200: countSchema },
      },
    },
    async (request) =>
      services.engine.replays.count(
        webhookOf(services, request),
        { scope: request.body.scope ?? 'all', ...periodOf(request.body) },
        config.replayCountEvents,
      ),
  );

  api.get(
    '/v1/replays',
    {
      config: { access: 'viewer', portal: true },
      schema: {
        tags: ['Replays'],
        operationId: 'listReplays',
        summary: 'List replays, the newest first',
        querystring: closedObject({
          ...pageQueryProperties,
          webhook: Type.Optional(Type.String({ description: 'Only of this webhook, by id.' })),
        }),
        response: { 200: pageOf(replaySchema) },
      },
    },
    async (request) => {
      const { workspace } = callerOf(request);
      const { webhook: id } = request.query;
      const webhook = webhookInQuery(services, request, id);
      const page = await services.replays.list(
        workspace.number,
        webhook?.number ?? null,
        pageRequest(request.query),
      );
      return pageAnswer(page, show);
    },
  );

  api.get(
    '/v1/replays/:id',
    {
      config: { access: 'viewer', portal: true },
      schema: {
        tags: ['Replays'],
        operationId: 'getReplay',
        summary: 'Show a replay',
        params: replayParams,
        response: { 200: replaySchema },
      },
    },
    async (request) => show(await found(request)),
  );

  const steps = [
    ['pause', 'pauseReplay', 'Pause a replay'],
    ['continue', 'continueReplay', 'Let a paused replay go on'],
    ['cancel', 'cancelReplay', 'End a replay; it cannot go on'],
  ] as const;
  for (const [step, operationId, summary] of steps) {
    api.post(
      `/v1/replays/:id/${step}`,
      {
        config: { access: 'editor', portal: true },
        schema: {
          tags: ['Replays'],
          operationId,
          summary,
          params: replayParams,
          response: { 200: replaySchema },
        },
      },
      async (request) => {
        const replay = await found(request);
        const changed = await services.engine.replays[step](replay, nameOf(callerOf(request)));
        await noteOfReplay(services.audit, request, 'replay.changed', changed, { step });
        return show(changed);
      },
    );
  }
};

const replayParams = closedObject({ id: Type.String({ description: 'Id of the replay.' }) });
