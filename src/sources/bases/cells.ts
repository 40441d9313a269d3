import { isDeepStrictEqual } from 'node:util';
import type { CellValue, Column, FileReference } from '../../model/table.ts';
import { isCalendarDay, normalisedMoment } from './dates.ts';
import { accepted, listed, quoted, type Reading, refused } from './faults.ts';
import { limits } from './limits.ts';
import { optionIndex } from './table-index.ts';
import { nameFault, textFault } from './texts.ts';

/** A cell as the API shows it: select options by name, an empty cell as null. */
export type ShownValue = CellValue | null;

/** Reads what a caller gives for a cell; null, `""` and an empty list empty it. */
export function readCell(column: Column, input: unknown): Reading<CellValue | null> {
  if (input === null || input === '') return accepted(null);
  switch (column.type) {
    case 'text':
      return readText(input, limits.textBytes);
    case 'long-text':
      return readText(input, limits.longTextBytes);
    case 'email':
      return readEmail(input);
    case 'url':
      return readUrl(input);
    case 'number':
      // JSON knows no -0: it would come back as 0.
      if (typeof input === 'number' && Number.isFinite(input)) return accepted(input === 0 ? 0 : input);
      return refused(`must be a number; got ${quoted(input)}`);
    case 'checkbox':
      return typeof input === 'boolean'
        ? accepted(input)
        : refused(`must be true or false; got ${quoted(input)}`);
    case 'date':
      return readDate(column, input);
    case 'single-select':
      return readOption(column, input);
    case 'multiple-select':
      return readList(input, (item) => readOption(column, item), limits.optionsPerColumn);
    case 'collaborator':
      return readList(typeof input === 'string' ? [input] : input, readUser);
    case 'link':
      return readList(input, readRowId);
    case 'file':
      return readList(input, readFile);
  }
}

/** A cell as the API shows it. */
export function showCell(column: Column, value: CellValue | undefined): ShownValue {
  if (value === undefined) return null;
  if (column.type === 'single-select') return optionIndex(column).byId.get(value as string)?.name ?? null;
  if (column.type === 'multiple-select') {
    const { byId } = optionIndex(column);
    return (value as readonly string[]).flatMap((id) => byId.get(id)?.name ?? []);
  }
  return value;
}

/** A cell as one line of text; the first column's names the row. */
export function cellText(column: Column, value: CellValue | undefined): string {
  const shown = showCell(column, value);
  if (shown === null) return '';
  if (typeof shown === 'object') {
    return shown.map((item) => (typeof item === 'string' ? item : item.name)).join(', ');
  }
  return String(shown);
}

/**
 * A stored cell as the column is now: undefined when empty, or when nothing of it is left, because its
 * option was deleted.
 */
export function currentValue(column: Column, stored: CellValue | undefined): CellValue | undefined {
  if (stored === undefined) return undefined;
  if (column.type === 'single-select') {
    return optionIndex(column).byId.has(stored as string) ? stored : undefined;
  }
  if (column.type === 'multiple-select') {
    const { byId } = optionIndex(column);
    const left = (stored as readonly string[]).filter((id) => byId.has(id));
    return left.length > 0 ? left : undefined;
  }
  if (column.type === 'date') {
    return column.data.time
      ? (normalisedMoment(stored as string) ?? undefined)
      : (stored as string).slice(0, 10);
  }
  return stored;
}

/** Whether two stored cells hold the same. */
export function sameCell(left: CellValue | undefined, right: CellValue | undefined): boolean {
  return left === right || (typeof left === 'object' && isDeepStrictEqual(left, right));
}

/** About how many characters a stored cell takes. */
export function cellCharacters(value: CellValue | undefined): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object') return 8;
  let characters = 0;
  for (const item of value)
    characters += typeof item === 'string' ? item.length : item.name.length + item.url.length;
  return characters;
}

function readText(input: unknown, maxBytes: number): Reading<string> {
  if (typeof input !== 'string') return refused(`must be text; got ${quoted(input)}`);
  const fault = textFault(input, maxBytes);
  return fault === null ? accepted(input) : refused(fault);
}

function readEmail(input: unknown): Reading<string> {
  const text = readText(input, limits.textBytes);
  if (!text.ok || /^[^\s@]+@[^\s@]+$/.test(text.value)) return text;
  return refused(`must be an e-mail address such as ada@example.com; got ${quoted(input)}`);
}

function readUrl(input: unknown): Reading<string> {
  const text = readText(input, limits.textBytes);
  if (!text.ok) return text;
  // The URL parser takes out blanks and mends slashes; the stored text must be a URL as it stands.
  const isUrl = /^(?:https?:\/\/|mailto:)[^\s\p{Cc}]+$/iu.test(text.value) && URL.canParse(text.value);
  return isUrl ? text : refused(`must be a URL with http, https or mailto; got ${quoted(input)}`);
}

function readDate(column: Column, input: unknown): Reading<string> {
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

function readOption(column: Column, input: unknown): Reading<string> {
  const option = typeof input === 'string' ? optionIndex(column).byNameOrId.get(input) : undefined;
  if (option) return accepted(option.id);
  const names = (column.data.options ?? []).map(({ name }) => name);
  const allowed = names.length > 0 ? `allowed: ${listed(names)}` : 'the column has no options yet';
  return refused(`${quoted(input)} is not an option of this column; ${allowed}`);
}

function readUser(input: unknown): Reading<string> {
  const fault = nameFault(input);
  return fault === null ? accepted(input as string) : refused(`a user's name ${fault}`);
}

function readRowId(input: unknown): Reading<string> {
  if (typeof input === 'string' && /^[A-Za-z0-9_-]{22}$/.test(input)) return accepted(input);
  return refused(`must be the id of a row (22 letters, digits, - or _); got ${quoted(input)}`);
}

const fileMembers: readonly string[] = ['name', 'url', 'size', 'type'] satisfies (keyof FileReference)[];

function readFile(input: unknown): Reading<FileReference> {
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
function readList<Item extends string | FileReference>(
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
