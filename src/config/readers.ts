import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Reading } from './setting.ts';

/** Text as it is, within a number of characters. */
export function plain(minimum: number, maximum: number): (given: string) => Reading<string> {
  return (given) =>
    given.length >= minimum && given.length <= maximum
      ? { value: given }
      : { allowed: `${minimum} to ${maximum} characters` };
}

/** An IP address, or a host name as the system resolves it. */
export function host(given: string): Reading<string> {
  const bare = given.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0) return { value: bare };
  return given.length <= 253 && /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?$/i.test(given)
    ? { value: given }
    : { allowed: 'an IP address or a host name, without a port' };
}

/** An API token: printable ASCII without spaces, long enough not to be guessed. */
export function token(given: string): Reading<string> {
  return /^[\x21-\x7e]{20,200}$/.test(given)
    ? { value: given }
    : { allowed: '20 to 200 printable ASCII characters without spaces' };
}

/** A URL with one of the given schemes; credentials in it are fine. */
export function url(schemes: readonly string[], example: string): (given: string) => Reading<string> {
  return (given) => {
    const parsed = URL.parse(given);
    return parsed && schemes.includes(parsed.protocol.slice(0, -1)) && parsed.hostname !== ''
      ? { value: given }
      : { allowed: `a URL such as ${example}` };
  };
}

/** The address under which people reach the server: no query, no slash at the end. */
export function publicUrl(given: string): Reading<string> {
  const parsed = URL.parse(given);
  const fine =
    parsed !== null &&
    /^https?:$/.test(parsed.protocol) &&
    parsed.search === '' &&
    parsed.hash === '' &&
    parsed.username === '' &&
    parsed.password === '';
  return fine
    ? { value: parsed.href.replace(/\/+$/, '') }
    : { allowed: 'an http or https URL without query and credentials, such as https://hooks.example.com' };
}

/** A mail address, without a display name. */
export function mailAddress(given: string): Reading<string> {
  const fine =
    given.length <= 254 && /^[^\s@<>(),;:"\\[\]]{1,64}@[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(given);
  return fine
    ? { value: given }
    : { allowed: 'a mail address such as ann@example.com, without a display name' };
}

/** A network in CIDR notation. */
export function network(given: string): Reading<string> {
  return ipaddr.isValidCIDR(given) && isIP(given.split('/')[0] ?? '') !== 0
    ? { value: given }
    : { allowed: 'a network such as 10.0.0.0/8 or fd00::/8' };
}

/** An IP address, or a network in CIDR notation. */
export function addressOrNetwork(given: string): Reading<string> {
  return isIP(given) !== 0 || 'value' in network(given)
    ? { value: given }
    : { allowed: 'an IP address such as 10.0.0.1 or a network such as 10.0.0.0/8' };
}

/** A host, with a port or without, or `*`. */
export function domain(given: string): Reading<string> {
  if (given === '*') return { value: given };
  const parsed = URL.parse(`http://${given}/`);
  return parsed && parsed.pathname === '/' && parsed.username === '' && !/[\s/?#@*]/.test(given)
    ? { value: given.toLowerCase() }
    : { allowed: 'a host such as example.com or example.com:8443, or *' };
}

/** A host and a port. */
export function hostAndPort(given: string): Reading<string> {
  const reading = domain(given);
  return 'value' in reading && /:\d{1,5}$/.test(given)
    ? reading
    : { allowed: 'a host and a port such as 127.0.0.1:8080' };
}

/** An IP address, with a port or without. */
export function addressMaybePort(given: string): Reading<string> {
  if (isIP(given) !== 0) return { value: given };
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/i.exec(given);
  const fine = match !== null && isIP(match[1] ?? match[2] ?? '') !== 0 && isPort(match[3] ?? '');
  return fine
    ? { value: given }
    : { allowed: 'an IP address such as 9.9.9.9, 9.9.9.9:53 or [2620:fe::fe]:53' };
}

export function port(given: string): Reading<number> {
  return isPort(given) ? { value: Number(given) } : { allowed: 'a port number from 1 to 65535' };
}

function isPort(given: string): boolean {
  return /^\d{1,5}$/.test(given) && Number(given) >= 1 && Number(given) <= 65_535;
}
