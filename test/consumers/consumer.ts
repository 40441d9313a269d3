/**
 * A consumer of webhooks, in a process of its own. It verifies what comes, tells the test of it, and only
 * then answers: what was answered is known to the test even if this process is killed.
 *
 *     fork('consumer.ts', [PORT])
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { Arrival, Behaviour, ConsumerReport, HookOrder } from './consumer-messages.ts';

const hooks = new Map<string, { readonly verifier: Webhook | null; readonly behaviour: Behaviour }>();
/** How often `failSome` has refused each delivery. */
const refusals = new Map<string, number>();

function report(message: ConsumerReport, written: () => void = () => undefined): void {
  process.send?.(message, undefined, {}, written);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function faultOf(verifier: Webhook | null, body: string, headers: IncomingHttpHeaders): string | null {
  try {
    verifier?.verify(body, headers as Record<string, string>);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function statusFor(behaviour: Behaviour, id: string): number | null {
  if (behaviour.kind === 'answer') return behaviour.status;
  if (behaviour.kind === 'silence') return null;
  const characters = [...id].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0);
  const refused = refusals.get(id) ?? 0;
  if (characters % behaviour.every !== 0 || refused >= behaviour.times) return 200;
  refusals.set(id, refused + 1);
  return 500;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  const hook = hooks.get(path);
  const body = await bodyOf(request);
  if (!hook) {
    response.writeHead(404).end();
    return;
  }
  const id = String(request.headers['webhook-id']);
  const status = statusFor(hook.behaviour, id);
  const arrival: Arrival = { path, id, body, fault: faultOf(hook.verifier, body, request.headers), status };
  const afterMs = hook.behaviour.kind === 'answer' ? (hook.behaviour.afterMs ?? 0) : 0;
  report({ kind: 'arrived', arrival }, () => {
    if (status === null) return;
    if (afterMs > 0) setTimeout(() => response.writeHead(status).end(), afterMs);
    else response.writeHead(status).end();
  });
}

const server = createServer((request, response) => {
  // A request that breaks off has not arrived.
  answer(request, response).catch(() => response.destroy());
});

process.on('message', ({ path, secret, behaviour }: HookOrder) => {
  hooks.set(path, { verifier: secret === null ? null : new Webhook(secret), behaviour });
  report({ kind: 'hooked', path });
});
process.on('disconnect', () => process.exit(0));
server.listen(Number(process.argv[2]), '127.0.0.1', () => {
  report({ kind: 'listening', port: (server.address() as AddressInfo).port });
});
