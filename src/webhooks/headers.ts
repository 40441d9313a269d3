import { isSecretHeader } from '../model/webhook.ts';
import { type FieldReader, shown } from './field-reader.ts';
import { webhookLimits } from './limits.ts';

/** Stands for the value of a secret header; sent back in a PATCH, it keeps that value. */
export const hiddenValue = '***';

const namePattern = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Printable ISO-8859-1: what a header can carry without encoding. */
const valuePattern = /^(?:[\x21-\x7e\xa0-\xff](?:[\x20-\x7e\xa0-\xff]*[\x21-\x7e\xa0-\xff])?)?$/;

/** Headers that frame the request, belong to the connection, or are set for each delivery. */
const ownHeaders: ReadonlySet<string> = new Set([
  '__proto__',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-seatable-signature',
]);
const ownPrefixes = ['webhook-', 'proxy-', 'rowhook-'];

/** Headers as a person gives them, names in lower case; `kept` holds those saved before. */
export function readHeaders(
  reader: FieldReader,
  kept: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  if (reader.size > webhookLimits.headers) {
    reader.failWhole(`must have at most ${webhookLimits.headers} headers`);
    return {};
  }
  let bytes = 0;
  for (const [given, value] of reader.entries()) {
    const name = given.toLowerCase();
    const fault =
      faultOfName(name) ?? (headers.has(name) ? 'is there twice' : null) ?? faultOfValue(name, value, kept);
    if (fault !== null) {
      reader.fail(given, fault);
      continue;
    }
    const resolved = isHidden(name, value) ? (kept[name] ?? '') : String(value);
    bytes += name.length + resolved.length;
    headers.set(name, resolved);
  }
  if (bytes > webhookLimits.headerBytes) {
    reader.failWhole(`must have at most ${webhookLimits.headerBytes} bytes, names and values together`);
  }
  return Object.fromEntries(headers);
}

/** Headers as they are answered: values of secret ones hidden. */
export function showHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecretHeader(name) ? hiddenValue : value]),
  );
}

function isHidden(name: string, value: unknown): boolean {
  return value === hiddenValue && isSecretHeader(name);
}

function faultOfName(name: string): string | null {
  if (name.length > webhookLimits.headerNameCharacters) {
    return `must have a name of at most ${webhookLimits.headerNameCharacters} characters`;
  }
  if (!namePattern.test(name)) return "must have a name of letters, digits and !#$%&'*+.^_`|~-";
  if (ownHeaders.has(name) || ownPrefixes.some((prefix) => name.startsWith(prefix))) {
    return 'is set by Rowhook itself and cannot be chosen';
  }
  return null;
}

/** Values are not repeated in the fault: they may be secret. */
function faultOfValue(name: string, value: unknown, kept: Readonly<Record<string, string>>): string | null {
  if (typeof value !== 'string') return `must be a text, not ${shown(value)}`;
  if (isHidden(name, value) && !Object.hasOwn(kept, name)) {
    return `must be the value itself; ${hiddenValue} only stands for one that was saved before`;
  }
  if (value.length > webhookLimits.headerValueCharacters) {
    return `must have at most ${webhookLimits.headerValueCharacters} characters`;
  }
  if (!valuePattern.test(value)) {
    return 'must be printable ISO-8859-1 characters, without line breaks and without spaces around';
  }
  return null;
}
