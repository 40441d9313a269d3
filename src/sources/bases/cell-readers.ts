import type { CellValue, Column, FileReference } from '../../model/table.ts';
import { isCalendarDay, normalisedMoment } from './dates.ts';
import { longestDurationSeconds, parsedDuration } from './durations.ts';
import { accepted, listed, quoted, type Reading, refused } from './faults.ts';
import { limits } from './limits.ts';
import { optionIndex } from './table-index.ts';
import { nameFault, textFault } from './texts.ts';

/** Text of at most so many bytes as UTF-8, kept exactly. */
export function readText(input: unknown, maxBytes: number): Reading<string> {
  if (typeof input !== 'string') return refused(`must be text; got ${quoted(input)}`);
  const fault = textFault(input, maxBytes);
  return fault === null ? accepted(input) : refused(fault);
}

/** Something with one @ in it. */
export function readEmail(input: unknown): Reading<string> {
  const text = readText(input, limits.textBytes);
  if (!text.ok || /^[^\s@]+@[^\s@]+$/.test(text.value)) return text;
  return refused(`must be an e-mail address such as ada@example.com; got ${quoted(input)}`);
}

/** A URL with http, https or mailto, kept as it was written. */
export function readUrl(input: unknown): Reading<string> {
  const text = readText(input, limits.textBytes);
  if (!text.ok) return text;
  // The URL parser takes out blanks and mends slashes; the stored text must be a URL as it stands.
  const isUrl = /^(?:https?:\/\/|mailto:)[^\s\p{Cc}]+$/iu.test(text.value) && URL.canParse(text.value);
  return isUrl ? text : refused(`must be a URL with http, https or mailto; got ${quoted(input)}`);
}

/** A day, or a moment where the column has a time. */
export function readDate(column: Column, input: unknown): Reading<string> {
  if (column.data.time) {
    const moment = typeof input === 'string' ? normalisedMoment(input) : null;
    if (moment !== null) return accepted(moment);
    return refused(
      `must be a date and time such as 2026-05-31T13:30:00+02:00, or 2026-05-31 13:30 in UTC; got ${quoted(input)}`,
    );
  }
  if (typeof input === 'string' && isCalendarDay(input)) return accepted(input);
  return refused(`must be a day of the calendar as YYYY-MM-DD; got ${quoted(input)}`);
}

/** The id of an option, from its name or id. */
export function readOption(column: Column, input: unknown): Reading<string> {
  const option = typeof input === 'string' ? optionIndex(column).byNameOrId.get(input) : undefined;
  if (option) return accepted(option.id);
  const names = (column.data.options ?? []).map(({ name }) => name);
  const allowed = names.length > 0 ? `allowed: ${listed(names)}` : 'the column has no options yet';
  return refused(`${quoted(input)} is not an option of this column; ${allowed}`);
}

/** The name of a user. */
export function readUser(input: unknown): Reading<string> {
  const fault = nameFault(input);
  return fault === null ? accepted(input as string) : refused(`a user's name ${fault}`);
}

/** The id of a row, which need not exist. */
export function readRowId(input: unknown): Reading<string> {
  if (typeof input === 'string' && /^[A-Za-z0-9_-]{22}$/.test(input)) return accepted(input);
  return refused(`must be the id of a row (22 letters, digits, - or _); got ${quoted(input)}`);
}

const fileMembers: readonly string[] = ['name', 'url', 'size', 'type'] satisfies (keyof FileReference)[];

/** A reference to a file. */
export function readFile(input: unknown): Reading<FileReference> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refused(`must be an object {name, url, size?, type?}; got ${quoted(input)}`);
  }
  const unknown = Object.keys(input).find((member) => !fileMembers.includes(member));
  if (unknown !== undefined)
    return refused(`has the unknown member ${quoted(unknown)}; allowed: ${listed(fileMembers)}`);
  const { name, url, size, type } = input as Readonly<Record<string, unknown>>;
  const nameIs = nameFault(name);
  if (nameIs !== null) return refused(`name ${nameIs}`);
  const readingOfUrl = readUrl(url);
  if (!readingOfUrl.ok) return refused(`url ${readingOfUrl.fault}`);
  if (size !== undefined && !(Number.isSafeInteger(size) && (size as number) >= 0)) {
    return refused(`size must be a number of bytes; got ${quoted(size)}`);
  }
  const typeIs = type === undefined ? null : nameFault(type);
  if (typeIs !== null) return refused(`type ${typeIs}`);
  return accepted({
    name: name as string,
    url: readingOfUrl.value,
    ...(size === undefined ? {} : { size: Math.abs(size as number) }),
    ...(type === undefined ? {} : { type: type as string }),
  });
}

/** Reads a list item by item; of equal texts the first one counts. */
export function readList<Item extends string | FileReference>(
  input: unknown,
  readItem: (item: unknown) => Reading<Item>,
  maxItems: number = limits.itemsPerCell,
): Reading<CellValue | null> {
  if (!Array.isArray(input)) return refused(`must be a list; got ${quoted(input)}`);
  if (input.length > maxItems) return refused(`must have at most ${maxItems} items; it has ${input.length}`);
  const items = new Set<Item>();
  for (const [position, item] of input.entries()) {
    const reading = readItem(item);
    if (!reading.ok) return refused(`item ${position + 1}: ${reading.fault}`);
    items.add(reading.value);
  }
  return accepted(items.size > 0 ? ([...items] as readonly string[] | readonly FileReference[]) : null);
}

/** Whole seconds, from a number or `h:mm` or `h:mm:ss`. */
export function readDuration(input: unknown): Reading<number> {
  const seconds = typeof input === 'string' ? parsedDuration(input.trim()) : input;
  if (Number.isSafeInteger(seconds) && Math.abs(seconds as number) <= longestDurationSeconds) {
    return accepted((seconds as number) + 0);
  }
  return refused(`must be a whole number of seconds, or h:mm or h:mm:ss; got ${quoted(input)}`);
}

/** So many stars. */
export function readRating(input: unknown): Reading<number> {
  const isRating = Number.isInteger(input) && (input as number) >= 0 && (input as number) <= limits.rating;
  if (isRating) return accepted((input as number) + 0);
  return refused(`must be a whole number from 0 to ${limits.rating}; got ${quoted(input)}`);
}
