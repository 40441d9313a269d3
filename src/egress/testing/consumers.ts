import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

/** The part of a test's context that parts which must be stopped need. */
export interface TestScope {
  after(stop: () => unknown): void;
}

export interface Consumer {
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly authority: string;
  readonly url: string;
  /** Connections accepted so far. */
  readonly connections: Socket[];
}

/** The certificates of `fixtures/`, all for the key of `consumer`, except `authority`. */
export type CertificateName = 'authority' | 'consumer' | 'expired' | 'other-name' | 'self-signed';

export function certificate(name: CertificateName): string {
  return readFileSync(new URL(`../fixtures/${name}.pem`, import.meta.url), 'utf8');
}

/** Key and certificate as TLS servers take them. */
export function identity(name: CertificateName): { key: string; cert: string } {
  const key = readFileSync(new URL('../fixtures/consumer-key.pem', import.meta.url), 'utf8');
  return { key, cert: certificate(name) };
}

/** A consumer behind a real HTTP server. */
export function startConsumer(scope: TestScope, listener: RequestListener): Promise<Consumer> {
  return listen(scope, createHttpServer(listener), 'http');
}

/** A consumer behind a real HTTPS server. */
export function startSecureConsumer(
  scope: TestScope,
  options: ServerOptions,
  listener: RequestListener,
): Promise<Consumer> {
  const server = createHttpsServer(options, listener);
  server.on('tlsClientError', () => {}); // refusing a handshake is what some tests are about
  return listen(scope, server, 'https');
}

/** A consumer that does as it likes with the bytes of each connection. */
export function startRawConsumer(
  scope: TestScope,
  onConnection: (socket: Socket) => void,
  scheme: 'http' | 'https' = 'http',
): Promise<Consumer> {
  return listen(scope, createTcpServer(onConnection), scheme);
}

/**
 * Calls back for each whole request on a raw connection: its head as text, and its number
 * on this connection from 1 up.
 */
export function onRequest(socket: Socket, handle: (head: string, number: number) => void): void {
  let received = '';
  let number = 0;
  socket.on('error', () => {}); // the other side may go at any time
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    for (;;) {
      const headEnd = received.indexOf('\r\n\r\n');
      if (headEnd === -1) return;
      const head = received.slice(0, headEnd);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < headEnd + 4 + length) return;
      received = received.slice(headEnd + 4 + length);
      number += 1;
      handle(head, number);
    }
  });
}

async function listen(scope: TestScope, server: Server, scheme: 'http' | 'https'): Promise<Consumer> {
  const connections: Socket[] = [];
  server.on('connection', (socket: Socket) => connections.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  scope.after(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of connections) socket.destroy();
    await closed;
  });
  const authority = `127.0.0.1:${port}`;
  return { port, authority, url: `${scheme}://${authority}/hook`, connections };
}
