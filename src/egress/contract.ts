import type { ConsumerTls } from '../model/webhook.ts';
import type { EgressErrorCode } from './errors.ts';

/** What the operator decides about outgoing requests. Fixed for the life of an `Egress`. */
export interface EgressSettings {
  /** CIDRs, IPv4 and IPv6, that webhooks may reach although they are not public. */
  readonly allowedNetworks: readonly string[];
  /**
   * Exact authorities `host:port` that webhooks may reach whatever the other settings say,
   * such as `127.0.0.1:8080` of the built-in test consumer.
   */
  readonly allowedHosts: readonly string[];
  /**
   * Beginnings of URLs that this server answers itself, such as `http://127.0.0.1:8080/test-consumer/in/`.
   * They are reached whatever the other settings say, and never through the proxy; the rest of their host is
   * not allowed by this.
   */
  readonly ownUrlPrefixes?: readonly string[];
  /**
   * Grist's `ALLOWED_WEBHOOK_DOMAINS`: a URL's host, with its port unless that is the
   * scheme's own, must equal an entry or end with `.entry`; `*` is every host. With a list
   * without `*`, plain http is refused except to this machine. `null`: any host.
   * The address policy applies in every case.
   */
  readonly allowedDomains: readonly string[] | null;
  /** Ports that webhooks may reach; `null`: any. */
  readonly allowedPorts: readonly number[] | null;
  /**
   * `http://` or `https://` proxy through which everything goes, by CONNECT, credentials
   * in the URL. It resolves host names, so it also decides which addresses they may lead
   * to; domains, ports and literal addresses are still checked here. `null`: none.
   */
  readonly proxyUrl: string | null;
  /** DNS servers as `ip` or `ip:port`; `null`: those of the system, then its hosts file. */
  readonly dnsServers: readonly string[] | null;
  /** Connections of the process; requests beyond wait for one, within their own timeout. */
  readonly maxConnections: number;
  /** Connections to one origin (scheme, host, port). */
  readonly maxConnectionsPerOrigin: number;
  /** Certificates in PEM that are trusted besides those every Node.js trusts. */
  readonly extraCa?: string;
  /** Whether HTTP/2 is spoken to consumers that offer it; by default it is. */
  readonly http2?: boolean;
}

/** One POST to a webhook's URL. */
export interface EgressRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** What the consumer is shown in TLS, and whom it must be; null or absent: nothing of its own. */
  readonly tls?: ConsumerTls | null;
  /** From the begin of connecting, DNS and TLS included. */
  readonly connectTimeoutMs: number;
  /** From the call of `send` to the last byte of the answer, waiting for a connection included. */
  readonly timeoutMs: number;
  /** Gives the request up; noticed within `DEADLINE_GRANULARITY_MS`. */
  readonly signal?: AbortSignal;
  /** On whose behalf it is made, if that may end between the call of `send` and the first byte. */
  readonly sender?: EgressSender | null;
}

/** Someone who may lose the right to send. Its requests can be cut off together (`Egress.cutOff`). */
export interface EgressSender {
  /** Asked when a request has its connection and is about to be written; if not, it ends as `ABORTED`. */
  maySend(): boolean;
}

/**
 * Where the time went, in milliseconds. `null`: the phase did not happen, because the
 * connection was already there, the URL is plain http, or the request failed before.
 */
export interface EgressTiming {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  /** From writing the request to the head of the answer. */
  readonly firstByteMs: number | null;
  /** From the call of `send`. */
  readonly totalMs: number;
}

/** A consumer's answer, whatever its status. Redirects are answers, too: none is followed. */
export interface EgressResponse {
  readonly kind: 'response';
  readonly status: number;
  /** Names in lower case; repeated headers joined with a comma; at most 16 KiB in all. */
  readonly headers: Readonly<Record<string, string>>;
  /** The first 16 KiB as they came, never decompressed, as UTF-8 with U+FFFD for what is not. */
  readonly body: string;
  readonly bodyTruncated: boolean;
  readonly timing: EgressTiming;
}

/** Why there is no answer. */
export interface EgressFailure {
  readonly kind: 'error';
  readonly code: EgressErrorCode;
  /** For the user who owns the webhook; tells nothing about the network inside. */
  readonly message: string;
  /** Bytes of the request may have reached the consumer: sending again may repeat it. */
  readonly mayHaveArrived: boolean;
  readonly timing: EgressTiming;
}

export type EgressResult = EgressResponse | EgressFailure;

/** Whether a webhook may be saved with this URL. */
export type UrlVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: EgressErrorCode; readonly message: string };
