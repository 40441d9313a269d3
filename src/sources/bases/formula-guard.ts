import { isNumberText } from './number-text.ts';

// Spreadsheets take a value that begins with one of these for a formula, and an apostrophe before it for text.
const looksLikeFormula = /^'*[=+\-@\t\r]/;
const isGuarded = /^'+[=+\-@\t\r]/;

/** A value of a CSV file that no spreadsheet takes for a formula; numbers stay as they are. */
export function guarded(text: string): string {
  return looksLikeFormula.test(text) && !isNumberText(text) ? `'${text}` : text;
}

/** The value that `guarded` was given. */
export function unguarded(text: string): string {
  return isGuarded.test(text) ? text.slice(1) : text;
}
