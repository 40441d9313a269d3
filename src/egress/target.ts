import { isIP } from 'node:net';
import type { Failure } from './errors.ts';
import { MAX_URL_LENGTH } from './limits.ts';

/** A webhook URL, taken apart once, in the only form that is ever connected to. */
export interface Target {
  readonly scheme: 'http' | 'https';
  /** Without brackets and trailing dot, ASCII, lower case. */
  readonly hostname: string;
  /** The host is an IP address, not a name. */
  readonly isLiteral: boolean;
  readonly port: number;
  /** `host:port`, the port always written, IPv6 in brackets. */
  readonly authority: string;
  /** `scheme://host:port` */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
}

/**
 * Reads a webhook URL. Parsers of URLs differ in what they make of unusual spellings, and
 * policies were often bypassed that way; so everything that parsers dispute is refused
 * here, and what remains is read by the WHATWG parser alone.
 */
export function parseTarget(url: string): Target | Failure {
  const refusal = refuseSpelling(url);
  if (refusal !== null) return refusal;
  const parsed = URL.parse(url);
  if (parsed === null) return invalid('The URL has no valid host or port.');

  const hostname = parsed.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const isLiteral = isIP(hostname) !== 0;
  if (isIP(hostname) === 4 && !isWrittenAs(url, hostname)) {
    return invalid('An IPv4 address must be written as four decimal numbers, such as 203.0.113.7.');
  }
  if (!isLiteral && !isHostName(hostname)) {
    return invalid('The host may have letters, digits, dots, hyphens and underscores, at most 253 in all.');
  }
  const scheme = parsed.protocol === 'https:' ? 'https' : 'http';
  const port = parsed.port === '' ? defaultPort(scheme) : Number(parsed.port);
  if (port === 0) return invalid('Port 0 cannot be connected to.');
  const authority = `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
  return {
    scheme,
    hostname,
    isLiteral,
    port,
    authority,
    origin: `${scheme}://${authority}`,
    path: parsed.pathname + parsed.search,
  };
}

/** What names of this machine lead to; no resolver is asked for them. */
export const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

/** `localhost` and the names below it, which mean this machine whatever DNS says. */
export function isLocalhostName(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost');
}

/** The port that a scheme means when the URL gives none. */
export function defaultPort(scheme: Target['scheme']): number {
  return scheme === 'https' ? 443 : 80;
}

// Control and format characters, spaces of every kind, and the backslash, which browsers
// read as a slash and other parsers do not.
const INVISIBLE_OR_BACKSLASH = /[\p{Cc}\p{Cf}\p{Z}\\]/u;

function refuseSpelling(url: string): Failure | null {
  if (typeof url !== 'string' || url === '') return invalid('The URL is missing.');
  if (url.length > MAX_URL_LENGTH) {
    return invalid(`The URL has ${url.length} characters; at most ${MAX_URL_LENGTH} are allowed.`);
  }
  if (INVISIBLE_OR_BACKSLASH.test(url) || !url.isWellFormed()) {
    return invalid('The URL must not contain spaces, invisible characters or backslashes.');
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return invalid('The URL must begin with https:// or http://.');
  if (scheme !== 'http' && scheme !== 'https') {
    return { code: 'URL_SCHEME', message: `The URL must be http or https, not ${scheme}.` };
  }
  const authority = /^https?:\/\/([^/?#]+)/i.exec(url)?.[1];
  if (authority === undefined) return invalid('The URL must have the form https://host/path.');
  if (authority.includes('@')) {
    return invalid('The URL must not contain a user name or password; use a header instead.');
  }
  if (authority.includes('%')) return invalid('The host of the URL must not be percent-encoded.');
  return null;
}

/** Octal, hexadecimal and short forms are read by some as another address than by others. */
function isWrittenAs(url: string, ipv4: string): boolean {
  const afterScheme = url.slice(url.indexOf('//') + 2);
  return afterScheme.startsWith(ipv4) && /^(?:[:/?#]|$)/.test(afterScheme.slice(ipv4.length));
}

function isHostName(hostname: string): boolean {
  return hostname.length <= 253 && /^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/.test(hostname);
}

function invalid(message: string): Failure {
  return { code: 'URL_INVALID', message };
}
