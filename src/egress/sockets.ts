import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { plainFailure } from './errors.ts';
import { ConnectError } from './failure.ts';
import { ADDRESS_ATTEMPT_MS, MAX_ADDRESSES_TRIED, REMEMBERED_TLS_SESSIONS } from './limits.ts';
import { RecentMap } from './recent-map.ts';
import type { Target } from './target.ts';

/**
 * Opens a TCP connection to one of the given addresses; a name is not resolved again.
 * Several addresses are tried one after the other with a short head start each.
 */
export function openTcp(target: Target, addresses: readonly string[], signal: AbortSignal): Promise<Socket> {
  const candidates = addresses.slice(0, MAX_ADDRESSES_TRIED).map((address) => ({
    address,
    family: address.includes(':') ? 6 : 4,
  }));
  const socket = connectTcp({
    host: target.hostname,
    port: target.port,
    lookup: (_hostname, _options, done) => done(null, candidates),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
    noDelay: true,
    keepAlive: true,
    signal,
  });
  return opened(socket, 'connect');
}

/** Makes open connections TLS ones, for all origins of the process. */
export class TlsClient {
  readonly #secureContext: SecureContext;
  readonly #sessions = new RecentMap<string, Buffer>(REMEMBERED_TLS_SESSIONS);

  /** @param extraCa PEM of certificates to trust besides those every Node.js trusts */
  constructor(extraCa: string | undefined) {
    this.#secureContext = createSecureContext({
      minVersion: 'TLSv1.2',
      ...(extraCa === undefined ? {} : { ca: [...getCACertificates('default'), extraCa] }),
    });
  }

  /** Shakes hands and verifies the certificate for the host of the target. */
  secure(socket: Socket, target: Target): Promise<Socket> {
    const session = this.#sessions.get(target.origin);
    const secured = connectTls({
      socket,
      host: target.hostname,
      // RFC 6066 allows names only; the certificate is verified for an address all the same.
      servername: target.isLiteral ? '' : target.hostname,
      ALPNProtocols: ['http/1.1'],
      secureContext: this.#secureContext,
      ...(session === undefined ? {} : { session }),
    });
    secured.on('session', (fresh) => this.#sessions.set(target.origin, fresh));
    return opened(secured, 'secureConnect');
  }
}

function opened<T extends Socket>(socket: T, readyEvent: 'connect' | 'secureConnect'): Promise<T> {
  return new Promise((resolve, reject) => {
    // Stays attached: between now and the first request nobody else listens for errors.
    socket.on('error', reject);
    socket.once('close', () => reject(new ConnectError(plainFailure('CONNECTION_RESET'))));
    socket.once(readyEvent, () => resolve(socket));
  });
}
