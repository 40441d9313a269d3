import { createHash } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import type { ConsumerTls } from '../model/webhook.ts';
import { plainFailure } from './errors.ts';
import { ConnectError } from './failure.ts';
import {
  ADDRESS_ATTEMPT_MS,
  MAX_ADDRESSES_TRIED,
  REMEMBERED_TLS_IDENTITIES,
  REMEMBERED_TLS_SESSIONS,
} from './limits.ts';
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

/** How this side shows itself in TLS, and whom it believes, where that differs from the usual. */
export interface TlsIdentity {
  /** Tells identities apart. */
  readonly id: string;
  readonly secureContext: SecureContext;
}

/** Versions of HTTP that may be spoken on a TLS connection, the preferred one first. */
export type Protocols = readonly ('h2' | 'http/1.1')[];

/** Makes open connections TLS ones, for all origins of the process. */
export class TlsClient {
  readonly #secureContext: SecureContext;
  readonly #authorities: readonly string[] | null;
  readonly #sessions = new RecentMap<string, Buffer>(REMEMBERED_TLS_SESSIONS);
  readonly #identities = new RecentMap<string, TlsIdentity>(REMEMBERED_TLS_IDENTITIES);
  readonly #identityOf = new WeakMap<ConsumerTls, TlsIdentity>();

  /** @param extraCa PEM of certificates to trust besides those every Node.js trusts */
  constructor(extraCa: string | undefined) {
    this.#authorities = extraCa === undefined ? null : [...getCACertificates('default'), extraCa];
    this.#secureContext = createSecureContext(this.#options({ certificate: null, key: null, ca: null }));
  }

  /** Settings that say the same have the same identity. Throws when OpenSSL does not take them. */
  identityOf(tls: ConsumerTls): TlsIdentity {
    const known = this.#identityOf.get(tls);
    if (known !== undefined) return known;
    const { certificate, key, ca } = tls;
    const id = createHash('sha256')
      .update(JSON.stringify([certificate, key, ca]))
      .digest('base64url');
    const identity = this.#identities.get(id) ?? {
      id,
      secureContext: createSecureContext(this.#options(tls)),
    };
    this.#identities.set(id, identity);
    this.#identityOf.set(tls, identity);
    return identity;
  }

  /** Shakes hands and verifies the certificate for the host of the target. */
  secure(
    socket: Socket,
    target: Target,
    protocols: Protocols,
    identity: TlsIdentity | null = null,
  ): Promise<TLSSocket> {
    // A session stands for the identity that it was begun with, so it is never shared with another.
    const sessionKey = identity === null ? target.origin : `${target.origin} ${identity.id}`;
    const session = this.#sessions.get(sessionKey);
    const secured = connectTls({
      socket,
      host: target.hostname,
      // RFC 6066 allows names only; the certificate is verified for an address all the same.
      servername: target.isLiteral ? '' : target.hostname,
      ALPNProtocols: [...protocols],
      secureContext: identity?.secureContext ?? this.#secureContext,
      ...(session === undefined ? {} : { session }),
    });
    secured.on('session', (fresh) => this.#sessions.set(sessionKey, fresh));
    return opened(secured, 'secureConnect');
  }

  #options({ certificate, key, ca }: ConsumerTls): SecureContextOptions {
    const authorities = ca === null ? this.#authorities : [ca];
    return {
      minVersion: 'TLSv1.2',
      ...(authorities === null ? {} : { ca: [...authorities] }),
      ...(certificate === null || key === null ? {} : { cert: certificate, key }),
    };
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
