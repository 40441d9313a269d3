import type { Socket } from 'node:net';
import { plainFailure } from './errors.ts';
import { ConnectError, connectFailure } from './failure.ts';
import type { NameResolver } from './name-resolver.ts';
import type { Origin } from './origin.ts';
import type { RecentMap } from './recent-map.ts';
import { openTcp, type Protocols, type TlsClient } from './sockets.ts';
import type { Target } from './target.ts';
import type { TunnelProxy } from './tunnel-proxy.ts';
import type { UrlPolicy } from './url-policy.ts';

/** By key of the origin. `h2`: spoken the last time. `http/1.1`: it refuses requests with HTTP/2. */
export type KnownProtocol = 'h2' | 'http/1.1' | 'unknown';

/** What every connection of the process shares. */
export interface Network {
  readonly policy: UrlPolicy;
  readonly resolver: NameResolver;
  readonly tls: TlsClient;
  readonly proxy: TunnelProxy | null;
  /** Whether HTTP/2 is spoken to consumers that offer it. */
  readonly http2: boolean;
  readonly protocols: RecentMap<string, KnownProtocol>;
}

/** How long the phases of connecting took, in milliseconds; `null`: not gone through. */
export interface ConnectTiming {
  dnsMs: number | null;
  connectMs: number | null;
  tlsMs: number | null;
}

/**
 * One attempt to connect to a target. Only addresses that the policy allows are given to
 * the socket, and the address it ended at is checked once more before a byte is written.
 */
export class ConnectAttempt {
  readonly timing: ConnectTiming = { dnsMs: null, connectMs: null, tlsMs: null };
  readonly deadlineAt: number;
  phase: 'dns' | 'connect' | 'tls' = 'dns';
  readonly #network: Network;
  readonly #origin: Origin;
  readonly #target: Target;
  readonly #cancelled = new AbortController();

  constructor(network: Network, origin: Origin, deadlineAt: number) {
    this.#network = network;
    this.#origin = origin;
    this.#target = origin.target;
    this.deadlineAt = deadlineAt;
  }

  /** @throws ConnectError */
  async open(): Promise<Socket> {
    try {
      const socket = await (this.#network.proxy === null || this.#network.policy.isOwn(this.#target)
        ? this.#direct()
        : this.#throughProxy(this.#network.proxy));
      return this.#target.scheme === 'https' ? await this.#secure(socket) : socket;
    } catch (error) {
      throw new ConnectError(connectFailure(error, this.phase === 'tls' ? 'tls' : 'connect'));
    }
  }

  /** Gives up: whatever is half open is closed. */
  cancel(): void {
    this.#cancelled.abort();
  }

  async #direct(): Promise<Socket> {
    const { policy, resolver } = this.#network;
    const target = this.#target;
    const resolved = target.isLiteral
      ? [target.hostname]
      : await this.#timed('dnsMs', resolver.resolve(target.hostname));
    const allowed = resolved.filter((address) => policy.allowsAddress(target, address));
    if (allowed.length === 0) throw new ConnectError(plainFailure('EGRESS_ADDRESS_DENIED'));
    this.phase = 'connect';
    const socket = await this.#timed('connectMs', openTcp(target, allowed, this.#cancelled.signal));
    if (socket.remoteAddress === undefined || !policy.allowsAddress(target, socket.remoteAddress)) {
      socket.destroy();
      throw new ConnectError(
        plainFailure(socket.remoteAddress === undefined ? 'CONNECTION_RESET' : 'EGRESS_ADDRESS_DENIED'),
      );
    }
    return socket;
  }

  #throughProxy(proxy: TunnelProxy): Promise<Socket> {
    this.phase = 'connect';
    return this.#timed('connectMs', proxy.tunnelTo(this.#target.authority, this.#cancelled.signal));
  }

  #secure(socket: Socket): Promise<Socket> {
    this.phase = 'tls';
    const { tls, http2, protocols } = this.#network;
    const { key, identity } = this.#origin;
    const offered: Protocols = http2 && protocols.get(key) !== 'http/1.1' ? ['h2', 'http/1.1'] : ['http/1.1'];
    return this.#timed('tlsMs', tls.secure(socket, this.#target, offered, identity));
  }

  async #timed<T>(phase: keyof ConnectTiming, work: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const outcome = await work;
    this.timing[phase] = performance.now() - startedAt;
    if (this.#cancelled.signal.aborted) throw new ConnectError(plainFailure('ABORTED'));
    return outcome;
  }
}
