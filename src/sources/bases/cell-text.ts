import type { CellValue, Column } from '../../model/table.ts';
import { cellText, readCell, sameCell, showCell } from './cells.ts';
import { quoted, type Reading, refused } from './faults.ts';
import { parsedGeolocation } from './geolocations.ts';
import { isNumberText } from './number-text.ts';

const checkboxWords: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
]);

/**
 * Reads a cell from a value of a CSV file. Lists are a JSON list, or texts with commas between them; files
 * are always a JSON list.
 */
export function readCellText(column: Column, text: string): Reading<CellValue | null> {
  switch (column.type) {
    case 'text':
    case 'long-text':
      return readCell(column, text);
    case 'number':
      return readCell(column, readNumber(text.trim()));
    case 'checkbox':
      return readCheckbox(column, text.trim());
    case 'multiple-select':
      // An option's own name may have commas.
      return asOneItem(column, text) ?? readListText(column, text);
    case 'collaborator':
    case 'link':
    case 'file':
    case 'image':
      return readListText(column, text);
    case 'rating':
      return readCell(column, readNumber(text.trim()));
    case 'geolocation':
      return text.trim() === '' ? readCell(column, null) : readCell(column, readGeolocationText(text.trim()));
    default:
      return readCell(column, text.trim());
  }
}

/** A cell as a value of a CSV file, which `readCellText` reads back as the same cell. */
export function printCellText(column: Column, value: CellValue | undefined): string {
  const text = cellText(column, value);
  if (typeof value !== 'object') return text;
  const reading = readCellText(column, text);
  // Commas within an item, a region named like a place: JSON leaves no doubt.
  return reading.ok && sameCell(reading.value ?? undefined, value)
    ? text
    : JSON.stringify(showCell(column, value));
}

function readNumber(text: string): unknown {
  return isNumberText(text) ? Number(text) : text;
}

function readCheckbox(column: Column, text: string): Reading<CellValue | null> {
  if (text === '') return readCell(column, null);
  const checked = checkboxWords.get(text.toLowerCase());
  if (checked !== undefined) return readCell(column, checked);
  return refused(`must be true, false, yes, no, 1 or 0; got ${quoted(text)}`);
}

/** JSON as the API has it, or as a row is named. */
function readGeolocationText(text: string): unknown {
  return text.startsWith('{') ? parsedJson(text) : parsedGeolocation(text);
}

/** What a text says as JSON; the text itself when it is none. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function asOneItem(column: Column, text: string): Reading<CellValue | null> | null {
  const reading = readCell(column, [text]);
  return reading.ok ? reading : null;
}

function readListText(column: Column, text: string): Reading<CellValue | null> {
  const trimmed = text.trim();
  if (trimmed === '') return readCell(column, null);
  if (trimmed.startsWith('[')) {
    try {
      return readCell(column, JSON.parse(trimmed));
    } catch {
      return refused(`must be a JSON list; got ${quoted(trimmed)}`);
    }
  }
  if (column.type === 'file') return refused(`must be a JSON list of {name, url}; got ${quoted(trimmed)}`);
  return readCell(
    column,
    trimmed.split(',').map((item) => item.trim()),
  );
}
