import { Type } from 'typebox';
import { Problem } from '../../model/problem.ts';
import type { Webhook } from '../../model/webhook.ts';
import { callerOf } from '../auth.ts';
import { showDelivery } from '../delivery-answers.ts';
import { beginEventStream } from '../event-stream.ts';
import { LiveStream } from '../live-stream.ts';
import type { RouteModule } from '../server.ts';
import { showTime } from '../times.ts';

/** Readers at once; more are refused, since each holds a connection. */
const maxReaders = 1_000;

/** The readers of one workspace. */
interface Audience {
  readonly readers: Set<LiveStream>;
  readonly stopWatching: () => void;
}

/** What happens in a workspace, as it happens. */
export const streamRoutes: RouteModule = (api, services) => {
  /** By workspace. */
  const audiences = new Map<number, Audience>();
  let readerCount = 0;

  const tellAll = (workspaceNumber: number, kind: string, message: () => unknown): void => {
    const audience = audiences.get(workspaceNumber);
    if (audience === undefined) return;
    const shown = message();
    for (const reader of audience.readers) reader.tell(kind, shown);
  };
  /** A workspace is watched from its first reader on. */
  const gather = (workspaceNumber: number): Audience => {
    const stopWatching = services.engine.watch(workspaceNumber, (webhook, delivery) =>
      tellAll(workspaceNumber, 'delivery', () => showDelivery(delivery, webhook.id)),
    );
    const audience = { readers: new Set<LiveStream>(), stopWatching };
    audiences.set(workspaceNumber, audience);
    return audience;
  };
  const leave = (workspaceNumber: number, audience: Audience, reader: LiveStream): void => {
    readerCount -= 1;
    audience.readers.delete(reader);
    if (audience.readers.size > 0) return;
    audience.stopWatching();
    audiences.delete(workspaceNumber);
  };
  services.webhooks.onChange(({ kind, webhook }) =>
    tellAll(webhook.workspaceNumber, 'webhook', () => showStatus(kind, webhook)),
  );
  api.addHook('preClose', async () => {
    for (const { readers } of audiences.values()) for (const reader of readers) reader.end();
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
      if (readerCount >= maxReaders) {
        throw new Problem('unavailable', `At most ${maxReaders} streams are open at once; close one.`);
      }
      const raw = beginEventStream(reply);
      const audience = audiences.get(number) ?? gather(number);
      const reader = new LiveStream(raw, services.clock, () => leave(number, audience, reader));
      audience.readers.add(reader);
      readerCount += 1;
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
