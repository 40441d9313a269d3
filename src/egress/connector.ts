import type { Socket } from 'node:net';
import { plainFailure } from './errors.ts';
import { ConnectError, connectFailure } from './failure.ts';
import type { NameResolver } from './name-resolver.ts';
import { openTcp, type TlsClient } from './sockets.ts';
import type { Target } from './target.ts';
import type { TunnelProxy } from './tunnel-proxy.ts';
import type { UrlPolicy } from './url-policy.ts';

/** What every connection of the process shares. */
export interface Network {
  readonly policy: UrlPolicy;
  readonly resolver: NameResolver;
  readonly tls: TlsClient;
  readonly proxy: TunnelProxy | null;
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
  readonly #target: Target;
  readonly #cancelled = new AbortController();

  constructor(network: Network, target: Target, deadlineAt: number) {
    this.#network = network;
    this.#target = target;
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
    return this.#timed('tlsMs', this.#network.tls.secure(socket, this.#target));
  }

  async #timed<T>(phase: keyof ConnectTiming, work: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const outcome = await work;
    this.timing[phase] = performance.now() - startedAt;
    if (this.#cancelled.signal.aborted) throw new ConnectError(plainFailure('ABORTED'));
    return outcome;
  }
}
