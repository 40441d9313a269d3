import { once } from 'node:events';
import {
  createSecureServer,
  type Http2Session,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { type Consumer, identity, type TestScope } from './consumers.ts';

/** A request on its stream; whole once `body` resolves. */
export interface StreamRequest {
  readonly stream: ServerHttp2Stream;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Which session it came on, from 1 up. */
  readonly session: number;
  body(): Promise<string>;
  answer(status?: number, text?: string): void;
}

export interface Http2Consumer extends Consumer {
  readonly sessions: Http2Session[];
}

/** A consumer behind a real HTTP/2 server; HTTP/1.1 is refused unless the options allow it. */
export async function startHttp2Consumer(
  scope: TestScope,
  onStream: (request: StreamRequest) => void,
  options: SecureServerOptions = {},
): Promise<Http2Consumer> {
  const server = createSecureServer({ ...identity('consumer'), ...options });
  const connections: Socket[] = [];
  const sessions: Http2Session[] = [];
  server.on('connection', (socket: Socket) => connections.push(socket));
  server.on('tlsClientError', () => {}); // refusing a handshake is what some tests are about
  server.on('sessionError', () => {});
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  server.on('request', (request, response) => {
    if (request.httpVersionMajor === 1) response.end('HTTP/1.1');
  });
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {}); // resetting it is what some tests are about
    const session = sessions.indexOf(stream.session as Http2Session) + 1;
    onStream({
      stream,
      headers,
      session,
      body: () => bodyOf(stream),
      answer: (...how) => answer(stream, ...how),
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  scope.after(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const session of sessions) session.destroy();
    for (const socket of connections) socket.destroy();
    await closed;
  });
  const authority = `127.0.0.1:${port}`;
  return { port, authority, url: `https://${authority}/hook`, connections, sessions };
}

async function bodyOf(stream: ServerHttp2Stream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function answer(stream: ServerHttp2Stream, status = 200, text = ''): void {
  stream.resume();
  if (stream.destroyed) return;
  stream.respond({ ':status': status });
  stream.end(text);
}
