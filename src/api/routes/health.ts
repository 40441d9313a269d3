import { Type } from 'typebox';
import { Problem } from '../../model/problem.ts';
import type { RouteModule } from '../server.ts';

const statusAnswer = Type.Object({ status: Type.Literal('ok') }, { description: 'All is well.' });

/** The state of the process, for whatever watches over it. */
export const healthRoutes: RouteModule = (api, services, config) => {
  api.get(
    '/healthz',
    {
      config: { access: 'public' },
      schema: {
        tags: ['Server'],
        operationId: 'getHealth',
        summary: 'Whether the process is alive',
        response: { 200: statusAnswer },
      },
    },
    () => ({ status: 'ok' as const }),
  );

  api.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        tags: ['Server'],
        operationId: 'getReadiness',
        summary: 'Whether the process can take requests',
        description: 'Answers 503 while the database cannot be used.',
        response: { 200: statusAnswer },
      },
    },
    async (request) => {
      try {
        await services.ready();
      } catch (error) {
        request.log.warn({ err: error }, 'not ready');
        throw new Problem(
          'unavailable',
          'The database cannot be used right now; the log of the server has more.',
        );
      }
      return { status: 'ok' as const };
    },
  );

  api.get(
    '/metrics',
    {
      config: { access: config.metricsAccess === 'open' ? 'public' : 'operator' },
      schema: {
        tags: ['Server'],
        operationId: 'getMetrics',
        summary: 'Metrics of the process, for Prometheus',
        description:
          'For the operator, unless the setting ROWHOOK_METRICS_ACCESS opens them to everyone. docs/monitoring.md ' +
          'lists what there is.',
        response: {
          200: {
            description: 'In the text format of Prometheus.',
            content: { 'text/plain': { schema: Type.String() } },
          },
        },
      },
    },
    async (_request, reply) => {
      reply.type(services.metrics.contentType);
      return services.metrics.text();
    },
  );

  let printed: string | null = null;
  api.get(
    '/openapi.json',
    {
      config: { access: 'public' },
      schema: {
        tags: ['Server'],
        operationId: 'getOpenApi',
        summary: 'This API as an OpenAPI 3.1 document',
        response: { 200: Type.Unsafe<string>({ type: 'object', description: 'The document.' }) },
      },
    },
    async (_request, reply) => {
      printed ??= JSON.stringify(api.swagger());
      reply.type('application/json; charset=utf-8');
      return printed;
    },
  );
};
