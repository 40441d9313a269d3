import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiServer } from '../api/plugin.ts';
import type { Clock } from '../model/clock.ts';
import type { Behaviour } from './behaviour.ts';
import type { Inbox } from './inbox.ts';
import type { Inboxes } from './inboxes.ts';
import { limits } from './limits.ts';
import { readName } from './name.ts';
import { judge, type Verdict } from './verdict.ts';
import type { WaitingRoom } from './waiting-room.ts';

export interface ReceiveOptions {
  readonly inboxes: Inboxes;
  readonly waitingRoom: WaitingRoom;
  readonly clock: Clock;
  readonly secretsFor: (url: string) => readonly string[];
}

/** Where requests arrive, without a token: `/test-consumer/in/NAME`, by any method. */
export function receiveRoutes(api: ApiServer, options: ReceiveOptions): void {
  const { inboxes, waitingRoom, clock } = options;
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  api.all(
    '/test-consumer/in/:name',
    { bodyLimit: limits.bodyBytes, config: { access: 'public' } },
    async (request, reply) => {
      const inbox = inboxes.open(readName(request.params));
      const behaviour = inbox.takeBehaviour();
      const waits = behaviour.kind === 'never-answer' || behaviour.delayMs > 0;
      const refused = waits && waitingRoom.isFull;
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const headers = headersOf(request);
      inboxes.receive(inbox, {
        receivedAtMs: clock.nowMs(),
        method: request.method,
        path: request.url,
        headers,
        body: keptPart(body),
        bodyBytes: body.length,
        verdict: verdictOf(request, inbox, body, headers),
        answer: refused ? { kind: 'too-many-waiting' } : behaviour,
      });
      request.body = undefined; // a request that waits must not hold it
      if (refused) {
        return reply.code(503).header('retry-after', '1').type('text/plain').send('too many requests wait');
      }
      return act(behaviour, reply, waitingRoom);
    },
  );

  /** The secret set for the inbox, or else those of the webhooks that point here; what fitted last comes first. */
  function verdictOf(
    request: FastifyRequest,
    inbox: Inbox,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
  ): Verdict {
    const path = request.url.split('?', 1)[0] ?? '';
    const known =
      inbox.secret === null ? options.secretsFor(`http://${request.host}${path}`) : [inbox.secret];
    const { lastFitting } = inbox;
    const secrets =
      lastFitting !== null && known.length > 1 && known.includes(lastFitting)
        ? [lastFitting, ...known.filter((secret) => secret !== lastFitting)]
        : known;
    const { verdict, secret } = judge(body, headers, secrets);
    if (secret !== null) inbox.lastFitting = secret;
    return verdict;
  }
}

async function act(behaviour: Behaviour, reply: FastifyReply, room: WaitingRoom): Promise<FastifyReply> {
  const delayMs = behaviour.kind === 'never-answer' ? limits.neverAnswerMs : behaviour.delayMs;
  const end = delayMs > 0 ? await room.wait(reply.raw, delayMs) : 'over';
  if (behaviour.kind !== 'answer' || end !== 'over') {
    reply.hijack();
    reply.raw.socket?.resetAndDestroy();
    return reply;
  }
  const { status, body } = behaviour;
  reply.code(status);
  if (body === '' || status === 204 || status === 205 || status === 304) return reply.send();
  return reply.type('text/plain; charset=utf-8').send(body);
}

function headersOf(request: FastifyRequest): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}

/** The beginning of a body in memory of its own, so that the rest can go. */
function keptPart(body: Buffer): Buffer {
  return body.length <= limits.keptBodyBytes ? body : Buffer.from(body.subarray(0, limits.keptBodyBytes));
}
