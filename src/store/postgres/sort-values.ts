import type { CellValue, Column } from '../../model/table.ts';
import type { SortValue } from '../row-cursor.ts';
import { toJsonbText } from './json-parameter.ts';

/** Characters of a text that it is sorted by. */
export const sortedCharacters = 200;

/**
 * What a row is sorted by, in three parts that are compared one after the other: numbers (0), texts (1), empty
 * cells (2); then the number; then the text, without the case of ASCII letters.
 */
export interface SortKey {
  readonly rank: 0 | 1 | 2;
  readonly number: number;
  readonly text: string;
}

const emptyKey: SortKey = { rank: 2, number: 0, text: '' };

export function toSortKey(value: SortValue): SortKey {
  if (typeof value === 'number') return { rank: 0, number: value, text: '' };
  if (typeof value === 'string') return { rank: 1, number: 0, text: value };
  return emptyKey;
}

export function fromSortKey({ rank, number, text }: SortKey): SortValue {
  if (rank === 0) return number;
  return rank === 1 ? text : null;
}

/** What a cell is indexed by; the SQL of `sortKeySql` says the same of the stored row. */
export function indexedKey(column: Pick<Column, 'type' | 'data'>, cell: CellValue | undefined): SortKey {
  if (typeof cell === 'number') return toSortKey(cell);
  if (typeof cell === 'boolean') return toSortKey(cell ? 1 : 0);
  if (typeof cell !== 'string') return emptyKey;
  return toSortKey(sortedText(shaped(column, cell)));
}

/** The part of a text that it is sorted by. */
export function sortedText(text: string): string {
  return withoutCase(shortened(toJsonbText(text)));
}

function shaped({ type, data }: Pick<Column, 'type' | 'data'>, cell: string): string {
  if (type !== 'date') return cell;
  if (!data.time) return cell.slice(0, 10);
  return cell.length === 10 ? `${cell}T00:00:00.000Z` : cell;
}

/** The first characters of a text, counted as PostgreSQL counts them. */
function shortened(text: string): string {
  if (text.length <= sortedCharacters) return text;
  return [...text.slice(0, sortedCharacters * 2)].slice(0, sortedCharacters).join('');
}

/** As `lower` does in the collation "C". */
function withoutCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
