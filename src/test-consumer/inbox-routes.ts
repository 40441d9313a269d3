import type { ApiServer } from '../api/plugin.ts';
import type { Clock } from '../model/clock.ts';
import { invalidField, Problem } from '../model/problem.ts';
import { ArrivalStream } from './arrival-stream.ts';
import { readBehaviour } from './behaviour.ts';
import type { Inboxes } from './inboxes.ts';
import { limits } from './limits.ts';
import { readName } from './name.ts';
import {
  behaviourBody,
  inboxesSchema,
  inboxPageSchema,
  inboxSchema,
  nameParams,
  noContent,
  pageQuery,
  secretBody,
} from './schemas.ts';
import { showInbox, showPage } from './show.ts';
import { faultOfSecret } from './verdict.ts';

const tags = ['Test consumer'];

/**
 * What arrived, and how the inboxes behave. Whoever knows the name of an inbox, as its senders do, may look
 * into it; only operators see which there are.
 */
export function inboxRoutes(api: ApiServer, inboxes: Inboxes, clock: Clock): void {
  const streams = new Set<ArrivalStream>();
  api.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });

  api.get(
    '/test-consumer/inboxes',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'listInboxes',
        summary: 'List the inboxes of the test consumer',
        response: { 200: inboxesSchema },
      },
    },
    () => ({ data: inboxes.list().map(showInbox), nextCursor: null }),
  );

  api.get(
    '/test-consumer/inboxes/:name',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        operationId: 'getInbox',
        summary: 'Show an inbox and its requests, the newest first',
        description: 'An inbox to which nothing came yet is empty.',
        params: nameParams,
        querystring: pageQuery,
        response: { 200: inboxPageSchema },
      },
    },
    (request) => {
      const { limit = limits.defaultPageRequests, cursor } = request.query;
      const before = cursor === undefined ? Number.POSITIVE_INFINITY : Number(cursor);
      return showPage(inboxes.look(readName(request.params)), limit, before);
    },
  );

  api.put(
    '/test-consumer/inboxes/:name/behaviour',
    {
      config: { access: 'editor' },
      schema: {
        tags,
        operationId: 'setInboxBehaviour',
        summary: 'Say what an inbox does with requests',
        params: nameParams,
        body: behaviourBody,
        response: { 200: inboxSchema },
      },
    },
    (request) => showInbox(inboxes.behave(readName(request.params), readBehaviour(request.body))),
  );

  api.put(
    '/test-consumer/inboxes/:name/secret',
    {
      config: { access: 'editor' },
      schema: {
        tags,
        operationId: 'setInboxSecret',
        summary: 'Set the secret with which an inbox checks signatures',
        description: 'Needed only when requests come from elsewhere: secrets of this server are known.',
        params: nameParams,
        body: secretBody,
        response: { 200: inboxSchema },
      },
    },
    (request) => {
      const { secret } = request.body;
      const fault = secret === null ? null : faultOfSecret(secret);
      if (fault !== null) throw invalidField('/secret', fault);
      return showInbox(inboxes.setSecret(readName(request.params), secret));
    },
  );

  api.delete(
    '/test-consumer/inboxes/:name',
    {
      config: { access: 'editor' },
      schema: {
        tags,
        operationId: 'clearInbox',
        summary: 'Forget the requests of an inbox',
        description: 'Its behaviour and secret stay.',
        params: nameParams,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      inboxes.clear(readName(request.params));
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/test-consumer/inboxes/:name/stream',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        operationId: 'watchInbox',
        summary: 'Watch requests arrive',
        description:
          'Server-sent events: `arrivals`, at most ten a second, with `received` and `repeats` of the inbox and ' +
          `the newest requests (at most ${limits.streamedArrivals}) without their bodies.`,
        params: nameParams,
      },
    },
    (request, reply) => {
      const name = readName(request.params);
      if (streams.size >= limits.streams) {
        throw new Problem('unavailable', `At most ${limits.streams} streams are open at once; close one.`);
      }
      for (const [header, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(header, value);
      }
      reply.hijack();
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      const stream = new ArrivalStream(reply.raw, clock);
      streams.add(stream);
      const stopListening = inboxes.onArrival(name, (arrival, inbox) => stream.tell(arrival, inbox));
      reply.raw.once('close', () => {
        streams.delete(stream);
        stopListening();
      });
    },
  );
}
