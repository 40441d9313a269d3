import { REMEMBERED_HEADER_NAMES } from './limits.ts';
import { RecentMap } from './recent-map.ts';

/**
 * Headers that belong to the connection or frame the request. From a user they could make
 * proxies and consumers see another request than the one the policy has looked at. And
 * without `accept-encoding` a consumer has no reason to compress what is only recorded.
 */
const RESERVED: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// Characters above 0xff would be cut to one byte on the wire, and could turn into a line break.
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** Names that were found to be allowed: they are the same few in nearly every request. */
const allowedNames = new RecentMap<string, true>(REMEMBERED_HEADER_NAMES);

/**
 * The headers as undici takes them, name and value in turn, or what is wrong with them as a
 * text for the user. Values are not repeated in it: they may be secret.
 */
export function readRequestHeaders(
  headers: Readonly<Record<string, string>>,
): string[] | { problem: string } {
  const flat: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (allowedNames.get(name) === undefined) {
      const problem = problemOfName(name);
      if (problem !== null) return { problem };
      allowedNames.set(name, true);
    }
    if (typeof value !== 'string' || NOT_IN_VALUE.test(value)) {
      return {
        problem: `The value of the header ${name} has line breaks or other characters that are not allowed.`,
      };
    }
    flat.push(name, value);
  }
  return flat;
}

function problemOfName(name: string): string | null {
  if (!TOKEN.test(name))
    return `The header name ${JSON.stringify(name)} has characters that are not allowed.`;
  if (!RESERVED.has(name.toLowerCase())) return null;
  return `The header ${name} is set by the service itself and cannot be chosen.`;
}
