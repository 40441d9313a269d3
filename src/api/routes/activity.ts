import { type Static, Type } from 'typebox';
import { activityKeptMs, allWebhooks } from '../../delivery/index.ts';
import {
  type ActivityCounts,
  type ActivitySpan,
  activitySpans,
  addActivity,
  latencyPercentile,
  noActivity,
  spanMs,
} from '../../model/activity.ts';
import { invalidField } from '../../model/problem.ts';
import { readTime } from '../../sources/events/texts.ts';
import { callerOf } from '../auth.ts';
import { closedObject, nullableNumber, nullableText, oneOf, timestamp } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { showTime } from '../times.ts';
import { webhookInQuery } from '../webhook-lookup.ts';

/** Steps that one answer has at most. */
const maxSteps = 1_500;
const defaultPeriodMs = 6 * spanMs.hour;
/** Without a step: the shortest that makes no more than this many. */
const comfortableSteps = 400;

const countsMembers = {
  attempts: Type.Integer({ description: 'Requests made.' }),
  succeeded: Type.Integer({ description: 'Attempts that succeeded.' }),
  failed: Type.Integer({ description: 'Attempts that failed.' }),
  exhausted: Type.Integer({ description: 'Deliveries given up after their last retry.' }),
  latencyMs: Type.Object(
    {
      p50: nullableNumber('Half of the attempts took no longer; null when there were none.'),
      p90: nullableNumber('Nine of ten took no longer.'),
      p95: nullableNumber('95 of a hundred took no longer.'),
      p99: nullableNumber('99 of a hundred took no longer.'),
    },
    { description: 'How long attempts took, in milliseconds, estimated from classes.' },
  ),
};
const countsSchema = Type.Object(countsMembers, { title: 'ActivityCounts' });

/** How much was delivered, and how fast. */
export const activityRoutes: RouteModule = (api, services) => {
  api.get(
    '/v1/activity',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Deliveries'],
        operationId: 'getActivity',
        summary: 'Count attempts by minute, hour or day',
        description:
          'From counters, not from the log. Minutes are kept for two days, hours for 90; times are those of UTC. The ' +
          'answer may lag behind by a second, in a cluster by twenty; a crash may lose as much.',
        querystring: closedObject({
          webhook: Type.Optional(Type.String({ description: 'Only this webhook, by id; left out: all.' })),
          from: Type.Optional(Type.String({ description: 'Left out: six hours before `to`.' })),
          to: Type.Optional(Type.String({ description: 'Left out: now.' })),
          step: Type.Optional(
            oneOf(activitySpans, 'Left out: the shortest that makes an answer of reasonable length.'),
          ),
        }),
        response: {
          200: Type.Object(
            {
              webhook: nullableText('Null: all webhooks of the workspace.'),
              from: timestamp('Begin of the first step.'),
              to: timestamp('End of the last step.'),
              step: oneOf(activitySpans, 'Length of a step.'),
              totals: countsSchema,
              data: Type.Array(Type.Object({ startsAt: timestamp('Begin of the step.'), ...countsMembers }), {
                description: 'Every step, in order, also those without attempts.',
              }),
            },
            { title: 'Activity' },
          ),
        },
      },
    },
    async (request) => {
      const webhook = webhookInQuery(services, request, request.query.webhook);
      const period = periodOf(request.query, services.clock.nowMs());
      const { fromMs, toMs, step } = period;
      await services.activity.freshen();
      const rows = await services.activityStore.read(
        callerOf(request).workspace.number,
        webhook?.number ?? allWebhooks,
        fromMs,
        toMs,
      );
      const sums = new Map<number, ActivityCounts>();
      for (const { startsAtMs, counts } of rows) {
        const place = startsAtMs - (startsAtMs % spanMs[step]);
        sums.set(place, addActivity(sums.get(place) ?? noActivity, counts));
      }
      const steps = Array.from(
        { length: (toMs - fromMs) / spanMs[step] },
        (_, index) => fromMs + index * spanMs[step],
      );
      return {
        webhook: webhook?.id ?? null,
        from: showTime(fromMs),
        to: showTime(toMs),
        step,
        totals: show([...sums.values()].reduce(addActivity, noActivity)),
        data: steps.map((startMs) => ({
          startsAt: showTime(startMs),
          ...show(sums.get(startMs) ?? noActivity),
        })),
      };
    },
  );
};

interface PeriodQuery {
  readonly from?: string;
  readonly to?: string;
  readonly step?: ActivitySpan;
}

/** The period in whole steps. Throws a Problem when it is none, or too long for its step. */
function periodOf(
  query: PeriodQuery,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number; readonly step: ActivitySpan } {
  const toMs = readParameter('to', query.to) ?? nowMs;
  const fromMs = readParameter('from', query.from) ?? toMs - defaultPeriodMs;
  if (fromMs >= toMs) throw invalidField('from', 'must be before `to`');
  const fits = (span: ActivitySpan): boolean =>
    (toMs - fromMs) / spanMs[span] <= comfortableSteps &&
    (span === 'day' || fromMs >= nowMs - activityKeptMs[span]);
  const step = query.step ?? activitySpans.find(fits) ?? 'day';
  if (step !== 'day' && fromMs < nowMs - activityKeptMs[step]) {
    const days = activityKeptMs[step] / spanMs.day;
    throw invalidField('step', `must be longer for so long ago: a ${step} is kept for ${days} days`);
  }
  const length = spanMs[step];
  const period = { fromMs: Math.floor(fromMs / length) * length, toMs: Math.ceil(toMs / length) * length };
  if ((period.toMs - period.fromMs) / length > maxSteps) {
    throw invalidField('step', `must be longer, or the period shorter: there may be ${maxSteps} steps`);
  }
  return { ...period, step };
}

function readParameter(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const timeMs = readTime(text);
  if (timeMs === null) throw invalidField(name, 'must be a time like 2026-01-31T12:00:00Z');
  return timeMs;
}

function show(counts: ActivityCounts): Static<typeof countsSchema> {
  const { latencies: _, ...shown } = counts;
  return {
    ...shown,
    latencyMs: {
      p50: latencyPercentile(counts, 0.5),
      p90: latencyPercentile(counts, 0.9),
      p95: latencyPercentile(counts, 0.95),
      p99: latencyPercentile(counts, 0.99),
    },
  };
}
