import { Type } from 'typebox';
import { tryRender } from '../../formats/index.ts';
import { match, matchesEventType } from '../../matching/index.ts';
import type { JournalEvent } from '../../model/event.ts';
import { eventId, parseEventId } from '../../model/ids.ts';
import { invalidField, Problem } from '../../model/problem.ts';
import type { Webhook } from '../../model/webhook.ts';
import { presetBehaviours } from '../../webhooks/presets.ts';
import { callerOf } from '../auth.ts';
import { EventFeed } from '../event-feed.ts';
import { beginEventStream } from '../event-stream.ts';
import { closedObject } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { webhookInQuery } from '../webhook-lookup.ts';

/** Readers at once; more are refused, since each holds a connection. */
const maxReaders = 200;
const pageEvents = 256;
const pageBytes = 512 * 1024;

/** Formats that need no settings of a webhook. */
const formats = ['standard', 'seatable', 'grist', 'codat', 'cloudevents'] as const;

/** Every event of a workspace, one after the other: what `rowhook listen` forwards to a program. */
export const eventFeedRoutes: RouteModule = (api, services) => {
  /** By workspace. */
  const feeds = new Map<number, Set<EventFeed>>();
  let readers = 0;

  services.onAppended((concerns) => {
    for (const [number, ofWorkspace] of feeds)
      if (concerns(number)) for (const feed of ofWorkspace) feed.wake();
  });
  api.addHook('preClose', async () => {
    for (const ofWorkspace of feeds.values()) for (const feed of ofWorkspace) feed.end();
  });

  /** The place after the newest event there is. */
  const tail = async (workspaceNumber: number): Promise<number> => {
    const page = await services.journal.list(workspaceNumber, {}, { limit: 1, cursor: null });
    return page.items[0]?.seq ?? 0;
  };

  api.get(
    '/v1/events/feed',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Events'],
        operationId: 'followEvents',
        summary: 'Follow events, each with the body that a webhook would send',
        description:
          'Server-sent events, one `event` for each event, in order and without gaps: `{id, type, contentType, ' +
          'body}`, or `failure` in place of the body. The id of a message is that of its event; who was cut off ' +
          'sends it back as `Last-Event-ID` and goes on there.',
        querystring: closedObject({
          after: Type.Optional(
            Type.String({ description: 'Begin after this event; when left out, with what comes next.' }),
          ),
          until: Type.Optional(Type.String({ description: 'End after this event; when left out, never.' })),
          eventTypes: Type.Optional(
            Type.String({
              maxLength: 2_000,
              description: 'Only these types or groups, separated by commas, such as `invoice.*,order.paid`.',
            }),
          ),
          webhook: Type.Optional(
            Type.String({ description: 'Only what this webhook, by id, would send, as it would send it.' }),
          ),
          format: Type.Optional(
            Type.Enum([...formats], { description: 'Format of the bodies; when left out, `standard`.' }),
          ),
        }),
        response: {
          200: {
            description: 'A stream of server-sent events.',
            content: { 'text/event-stream': { schema: Type.String() } },
          },
        },
      },
    },
    async (request, reply) => {
      const { number } = callerOf(request).workspace;
      const { query } = request;
      const webhook = webhookInQuery(services, request, query.webhook);
      if (webhook && query.format !== undefined) {
        throw invalidField('format', 'the webhook has a format of its own; leave one of both out');
      }
      const lastSeen = request.headers['last-event-id'];
      const after = typeof lastSeen === 'string' && lastSeen !== '' ? lastSeen : query.after;
      const place = placeOf(after, 'after');
      const untilSeq = placeOf(query.until, 'until');
      const afterSeq = place ?? (await tail(number));
      if (readers >= maxReaders) {
        throw new Problem('unavailable', `At most ${maxReaders} feeds are open at once; close one.`);
      }
      const eventTypes = query.eventTypes?.split(',').map((type) => type.trim());
      const wanted = ({ type, groups }: JournalEvent): boolean =>
        eventTypes === undefined || matchesEventType(type, eventTypes, groups);
      const raw = beginEventStream(reply);
      const ofWorkspace = feeds.get(number) ?? new Set<EventFeed>();
      feeds.set(number, ofWorkspace);
      const feed = new EventFeed(
        raw,
        {
          untilSeq,
          read: (seq) => services.journal.read(number, seq, pageEvents, pageBytes),
          show: (event) => {
            if (!wanted(event)) return null;
            // As it is now: it may have been changed or deleted since.
            const current = webhook && services.webhooks.byNumber(webhook.number);
            return current ? showFor(event, current) : webhook ? null : showAs(event, query.format);
          },
        },
        afterSeq,
        services.clock,
        {
          onEnd: () => {
            readers -= 1;
            ofWorkspace.delete(feed);
            if (ofWorkspace.size === 0) feeds.delete(number);
          },
          onError: (error) => services.log.error({ err: error }, 'a feed of events ended'),
        },
      );
      ofWorkspace.add(feed);
      readers += 1;
    },
  );
};

function placeOf(id: string | undefined, field: string): number | null {
  if (id === undefined) return null;
  const place = parseEventId(id);
  if (!place) throw invalidField(field, `"${id}" is no id of an event`);
  return place.seq;
}

function showFor(event: JournalEvent, webhook: Webhook): unknown {
  return match(event, webhook).fires ? show(event, tryRender([event], webhook.settings)) : null;
}

function showAs(event: JournalEvent, format: (typeof formats)[number] = 'standard'): unknown {
  // It never happened, and is one webhook's alone.
  if (event.simulatedFor !== undefined) return null;
  return show(event, tryRender([event], { ...presetBehaviours.plain, format, template: null }));
}

function show({ acceptedAtMs, seq, type }: JournalEvent, rendering: ReturnType<typeof tryRender>): unknown {
  return { id: eventId(acceptedAtMs, seq), type, ...rendering };
}
