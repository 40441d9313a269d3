import type { Socket } from 'node:net';
import { Client } from 'undici';
import { plainFailure } from './errors.ts';
import { ConnectError } from './failure.ts';
import type { NameResolver } from './name-resolver.ts';
import { openTcp, type TlsClient } from './sockets.ts';
import { parseTarget, type Target } from './target.ts';

/**
 * The operator's HTTP proxy. Every connection to a consumer is a tunnel that it opens on
 * CONNECT, for plain http, too, so that it sees which host and port are wanted and nothing
 * of the requests inside.
 */
export class TunnelProxy {
  readonly #endpoint: Target;
  readonly #authorization: string | null;
  readonly #resolver: NameResolver;
  readonly #tls: TlsClient;

  /** @throws TypeError if the URL is not one of an http or https proxy */
  constructor(proxyUrl: string, resolver: NameResolver, tls: TlsClient) {
    const url = URL.parse(proxyUrl);
    const endpoint = url === null ? null : parseTarget(`${url.protocol}//${url.host}/`);
    if (url === null || endpoint === null || 'code' in endpoint) {
      throw new TypeError('proxyUrl: must have the form http://host:port or http://user:password@host:port');
    }
    this.#endpoint = endpoint;
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    this.#authorization = credentials === ':' ? null : `Basic ${Buffer.from(credentials).toString('base64')}`;
    this.#resolver = resolver;
    this.#tls = tls;
  }

  /** @throws ConnectError PROXY_FAILED */
  async tunnelTo(authority: string, signal: AbortSignal): Promise<Socket> {
    const client = new Client(this.#endpoint.origin, {
      allowH2: false,
      connect: (_options, done) => {
        this.#open(signal).then(
          (socket) => done(null, socket),
          () => done(new ConnectError(plainFailure('PROXY_FAILED')), null),
        );
      },
    });
    try {
      const { statusCode, socket } = await client.connect({
        path: authority,
        headers: this.#authorization === null ? {} : { 'proxy-authorization': this.#authorization },
        signal,
      });
      if (statusCode >= 200 && statusCode < 300) return socket as Socket;
      socket.on('error', () => {}).destroy();
    } catch {
      // What the proxy said is for the operator, in the proxy's log: whether it refused
      // or could not reach the host would tell a user what is inside the network.
    } finally {
      client.destroy(() => {});
    }
    throw new ConnectError(plainFailure('PROXY_FAILED'));
  }

  async #open(signal: AbortSignal): Promise<Socket> {
    const { hostname, isLiteral, scheme } = this.#endpoint;
    const addresses = isLiteral ? [hostname] : await this.#resolver.resolve(hostname);
    const socket = await openTcp(this.#endpoint, addresses, signal);
    return scheme === 'http' ? socket : this.#tls.secure(socket, this.#endpoint, ['http/1.1']);
  }
}
