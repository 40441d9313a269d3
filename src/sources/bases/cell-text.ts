import type { CellValue, Column } from '../../model/table.ts';
import { readCell } from './cells.ts';
import { quoted, type Reading, refused } from './faults.ts';

const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
/** Any number of so many decimal digits survives being stored. */
const exactDigits = 15;
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
      return readListText(column, text);
    default:
      return readCell(column, text.trim());
  }
}

/** Whether a text of a CSV file is a number that keeps all its digits: 007 is a code. */
export function isPlainNumber(text: string): boolean {
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text)) return false;
  return text.replace(/[-.]/g, '').length <= exactDigits || String(Number(text)) === text;
}

function readNumber(text: string): unknown {
  return numberPattern.test(text) ? Number(text) : text;
}

function readCheckbox(column: Column, text: string): Reading<CellValue | null> {
  if (text === '') return readCell(column, null);
  const checked = checkboxWords.get(text.toLowerCase());
  if (checked !== undefined) return readCell(column, checked);
  return refused(`must be true, false, yes, no, 1 or 0; got ${quoted(text)}`);
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
