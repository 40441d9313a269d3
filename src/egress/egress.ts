import type { ConsumerTls } from '../model/webhook.ts';
import { Connections } from './connections.ts';
import type { KnownProtocol } from './connector.ts';
import type { EgressRequest, EgressResult, EgressSender, EgressSettings, UrlVerdict } from './contract.ts';
import { type Failure, plainFailure } from './errors.ts';
import { Exchange } from './exchange.ts';
import { DEADLINE_GRANULARITY_MS, REMEMBERED_PROTOCOLS, REMEMBERED_URLS } from './limits.ts';
import { NameResolver } from './name-resolver.ts';
import { RecentMap } from './recent-map.ts';
import { readRequestHeaders } from './request-headers.ts';
import { TlsClient, type TlsIdentity } from './sockets.ts';
import type { Target } from './target.ts';
import { TunnelProxy } from './tunnel-proxy.ts';
import { UrlPolicy } from './url-policy.ts';

/**
 * Makes the outgoing requests of the whole process: each goes only where the settings let
 * it, within its deadlines, and ends in a value that says what happened. Nothing is ever
 * sent twice: what to do after a failure is the caller's to decide.
 */
export class Egress {
  readonly #policy: UrlPolicy;
  readonly #resolver: NameResolver;
  readonly #connections: Connections;
  readonly #tls: TlsClient;
  readonly #targets = new RecentMap<string, Target | Failure>(REMEMBERED_URLS);
  readonly #underway = new Set<Exchange>();
  readonly #host = {
    restart: (exchange: Exchange): void => this.#connections.restart(exchange),
    withdraw: (exchange: Exchange): void => this.#connections.withdraw(exchange),
    settled: (exchange: Exchange): void => void this.#underway.delete(exchange),
  };
  #watch: NodeJS.Timeout | null = null;
  #closed = false;

  /** @throws TypeError naming the setting that is wrong */
  constructor(settings: EgressSettings) {
    for (const limit of ['maxConnections', 'maxConnectionsPerOrigin'] as const) {
      if (!Number.isInteger(settings[limit]) || settings[limit] < 1) {
        throw new TypeError(`${limit}: must be a whole number from 1 up, not ${settings[limit]}`);
      }
    }
    this.#policy = new UrlPolicy(settings);
    this.#resolver = new NameResolver(settings.dnsServers);
    const tls = new TlsClient(settings.extraCa);
    this.#tls = tls;
    const proxy = settings.proxyUrl === null ? null : new TunnelProxy(settings.proxyUrl, this.#resolver, tls);
    const network = {
      policy: this.#policy,
      resolver: this.#resolver,
      tls,
      proxy,
      http2: settings.http2 ?? true,
      protocols: new RecentMap<string, KnownProtocol>(REMEMBERED_PROTOCOLS),
    };
    this.#connections = new Connections(network, settings);
  }

  /** Requests that have not ended yet, those that wait for a connection included. */
  get inFlight(): number {
    return this.#underway.size;
  }

  /** Connections that are open or being opened, unused ones included. */
  get connections(): number {
    return this.#connections.open;
  }

  /** Origins with connections or waiting requests. */
  get origins(): number {
    return this.#connections.origins;
  }

  /** POSTs a request and tells how it ended. Never rejects. */
  send(request: EgressRequest): Promise<EgressResult> {
    const startedAt = performance.now();
    if (this.#closed || request.signal?.aborted === true) return refused(plainFailure('ABORTED'), startedAt);
    const target = this.#targetOf(request.url);
    if ('code' in target) return refused(target, startedAt);
    const headers = readRequestHeaders(request.headers);
    if ('problem' in headers)
      return refused({ code: 'REQUEST_INVALID', message: headers.problem }, startedAt);
    const identity = this.#identityOf(request.tls ?? null);
    if (identity !== null && 'code' in identity) return refused(identity, startedAt);
    return new Promise((resolve) => {
      const exchange = new Exchange(request, target, identity, headers, startedAt, this.#host, resolve);
      this.#underway.add(exchange);
      this.#watch ??= setInterval(this.#scheduleDeadlines, DEADLINE_GRANULARITY_MS);
      this.#connections.submit(exchange);
    });
  }

  /**
   * Whether a webhook may be saved with this URL, as far as that can be said without asking
   * DNS. A host name can still turn out to lead to a denied address when it is used.
   */
  check(url: string): UrlVerdict {
    const target = this.#policy.targetOf(url);
    return 'code' in target
      ? { allowed: false, code: target.code, message: target.message }
      : { allowed: true };
  }

  /** Aborts what is underway on behalf of a sender. */
  cutOff(sender: EgressSender): void {
    for (const exchange of [...this.#underway]) if (exchange.sender === sender) exchange.abort();
  }

  /** Aborts what is underway and closes every connection; later requests are aborted, too. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const exchange of [...this.#underway]) exchange.abort();
    this.#connections.close();
    this.#resolver.close();
    this.#stopWatching();
  }

  #identityOf(tls: ConsumerTls | null): TlsIdentity | Failure | null {
    if (tls === null) return null;
    try {
      return this.#tls.identityOf(tls);
    } catch {
      return { code: 'TLS_FAILED', message: 'The client certificate of the webhook cannot be used.' };
    }
  }

  #targetOf(url: string): Target | Failure {
    const known = this.#targets.get(url);
    if (known !== undefined) return known;
    const target = this.#policy.targetOf(url);
    this.#targets.set(url, target);
    return target;
  }

  /**
   * Deadlines are looked at after the event loop has read from the sockets: when it was held
   * up, answers that are already there count, though the clock says they are late.
   */
  readonly #scheduleDeadlines = (): void => {
    setImmediate(this.#checkDeadlines);
  };

  readonly #checkDeadlines = (): void => {
    const now = performance.now();
    for (const exchange of this.#underway) exchange.checkDeadline(now);
    if (this.#underway.size === 0) this.#stopWatching();
  };

  #stopWatching(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
  }
}

function refused({ code, message }: Failure, startedAt: number): Promise<EgressResult> {
  const totalMs = Math.round((performance.now() - startedAt) * 100) / 100;
  const timing = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs };
  return Promise.resolve({ kind: 'error', code, message, mayHaveArrived: false, timing });
}
