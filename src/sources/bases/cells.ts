import { isDeepStrictEqual } from 'node:util';
import {
  type CellValue,
  type Column,
  type FileReference,
  type Geolocation,
  isAutoColumnType,
} from '../../model/table.ts';
import {
  readDate,
  readDuration,
  readEmail,
  readFile,
  readList,
  readOption,
  readRating,
  readRowId,
  readText,
  readUrl,
  readUser,
} from './cell-readers.ts';
import { normalisedMoment } from './dates.ts';
import { printedDuration } from './durations.ts';
import { accepted, quoted, type Reading, refused } from './faults.ts';
import { printedGeolocation, readGeolocation } from './geolocations.ts';
import { limits } from './limits.ts';
import { optionIndex } from './table-index.ts';

/** A cell as the API shows it: select options by name, an empty cell as null. */
export type ShownValue = CellValue | null;

/** Reads what a caller gives for a cell; null, `""` and an empty list empty it. */
export function readCell(column: Column, input: unknown): Reading<CellValue | null> {
  if (isAutoColumnType(column.type)) {
    return refused(`cannot be written: Rowhook fills in the cells of a column of the type ${column.type}`);
  }
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
    case 'image':
      return readList(typeof input === 'string' ? [input] : input, readUrl);
    case 'duration':
      return readDuration(input);
    case 'rating':
      return readRating(input);
    case 'geolocation':
      return readGeolocation(input);
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
  if (column.type === 'duration') return printedDuration(shown as number);
  if (typeof shown !== 'object') return String(shown);
  if (!isList(shown)) return printedGeolocation(shown);
  return shown.map((item) => (typeof item === 'string' ? item : item.name)).join(', ');
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
  if (!isList(value)) return printedGeolocation(value).length;
  let characters = 0;
  for (const item of value)
    characters += typeof item === 'string' ? item.length : item.name.length + item.url.length;
  return characters;
}

/** TypeScript's own test does not take read-only lists out of a union. */
function isList(
  value: readonly string[] | readonly FileReference[] | Geolocation,
): value is readonly string[] | readonly FileReference[] {
  return Array.isArray(value);
}
