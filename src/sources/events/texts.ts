import { eventLimits } from './limits.ts';

/** Groups of event types that only Rowhook itself sends. */
const reservedGroups = ['row', 'webhook', 'delivery'];

const typePattern = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const tagKeyPattern = /^[A-Za-z0-9_.-]+$/;
const isoPattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** What is wrong with the name of an event type that an application posts; null: nothing. */
export function faultOfType(type: string): string | null {
  const fault = faultOfTypeName(type);
  if (fault !== null) return fault;
  const group = type.split('.', 1)[0] ?? '';
  return reservedGroups.includes(group)
    ? `must not begin with ${reservedGroups.join('., ')}. as Rowhook sends those itself`
    : null;
}

/** What is wrong with the name of any event type; null: nothing. */
export function faultOfTypeName(type: string): string | null {
  if (type.length > eventLimits.typeCharacters) {
    return `must have at most ${eventLimits.typeCharacters} characters`;
  }
  return typePattern.test(type)
    ? null
    : 'must be words of letters, digits, _ and - joined by dots, such as invoice.paid';
}

/** What is wrong with a tag; null: nothing. */
export function faultOfTag(tag: string): string | null {
  const colon = tag.indexOf(':');
  const key = tag.slice(0, Math.max(0, colon));
  const value = tag.slice(colon + 1);
  if (colon < 0 || key === '' || value === '') return 'must have the form key:value, such as company:42';
  if (key.length > eventLimits.tagKeyCharacters || !tagKeyPattern.test(key)) {
    return `must have a key of at most ${eventLimits.tagKeyCharacters} letters, digits, _, - and dots`;
  }
  if (
    value.length > eventLimits.tagValueCharacters ||
    /[\p{Cc}\p{Cs}]/u.test(value) ||
    value.trim() !== value
  ) {
    return `must have a value of at most ${eventLimits.tagValueCharacters} printable characters without spaces around`;
  }
  return null;
}

/** Milliseconds since 1970 of a time in ISO 8601 with seconds and a zone; null when it is none. */
export function readTime(text: string): number | null {
  const match = isoPattern.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  // `Date.parse` lets the 31st of February pass as the 3rd of March.
  const inMonth = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  const fits =
    (day ?? 0) >= 1 && (day ?? 0) <= inMonth && (hour ?? 0) < 24 && (minute ?? 0) < 60 && (second ?? 0) < 60;
  const timeMs = Date.parse(text);
  return fits && Number.isFinite(timeMs) && timeMs >= 0 ? timeMs : null;
}
