import { Type } from 'typebox';
import type { Delivery } from '../../model/delivery.ts';
import { Problem } from '../../model/problem.ts';
import type { Webhook } from '../../model/webhook.ts';
import { callerOf } from '../auth.ts';
import { showDelivery } from '../delivery-answers.ts';
import { LiveStream } from '../live-stream.ts';
import type { RouteModule } from '../server.ts';
import { showTime } from '../times.ts';

/** Readers at once; more are refused, since each holds a connection. */
const maxReaders = 1_000;

/** What happens in a workspace, as it happens. */
export const streamRoutes: RouteModule = (api, services) => {
  /** By workspace. */
  const readers = new Map<number, Set<LiveStream>>();

  const tellAll = (workspaceNumber: number, kind: string, message: () => unknown): void => {
    const ofWorkspace = readers.get(workspaceNumber);
    if (ofWorkspace === undefined) return;
    const shown = message();
    for (const reader of ofWorkspace) reader.tell(kind, shown);
  };
  services.engine.onDelivery((webhook: Webhook, delivery: Delivery) =>
    tellAll(webhook.workspaceNumber, 'delivery', () => showDelivery(delivery, webhook.id)),
  );
  services.webhooks.onChange(({ kind, webhook }) =>
    tellAll(webhook.workspaceNumber, 'webhook', () => showStatus(kind, webhook)),
  );
  api.addHook('preClose', async () => {
    for (const ofWorkspace of readers.values()) for (const reader of ofWorkspace) reader.end();
  });

  api.get(
    '/v1/stream',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Deliveries'],
        operationId: 'stream',
        summary: 'Follow deliveries and webhooks as they change',
        description:
          'Server-sent events. `delivery`: attempts that came to an end, as `{data: [delivery], leftOut}`. ' +
          '`webhook`: webhooks that were created, changed, or changed state, as `{data: [{change, id, name, state, ' +
          'reason, since}], leftOut}`. What happens within a quarter of a second comes together; above 50 of a kind ' +
          'the older ones are left out, and counted.',
        response: {
          200: {
            description: 'A stream of server-sent events.',
            content: { 'text/event-stream': { schema: Type.String() } },
          },
        },
      },
    },
    (request, reply) => {
      const { number } = callerOf(request).workspace;
      const ofWorkspace = readers.get(number) ?? new Set<LiveStream>();
      if ([...readers.values()].reduce((count, set) => count + set.size, 0) >= maxReaders) {
        throw new Problem('unavailable', `At most ${maxReaders} streams are open at once; close one.`);
      }
      const { raw } = reply;
      for (const [header, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) raw.setHeader(header, value);
      }
      reply.hijack();
      raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
      const reader = new LiveStream(raw, services.clock, () => {
        ofWorkspace.delete(reader);
        if (ofWorkspace.size === 0) readers.delete(number);
      });
      ofWorkspace.add(reader);
      readers.set(number, ofWorkspace);
    },
  );
};

function showStatus(change: string, { id, settings, health }: Webhook) {
  return {
    change,
    id,
    name: settings.name,
    state: health.state,
    reason: health.reason,
    since: showTime(health.sinceMs),
  };
}
