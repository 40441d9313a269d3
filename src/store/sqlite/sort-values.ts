import type { CellValue, Column } from '../../model/table.ts';
import type { SortValue } from '../row-cursor.ts';

/** Characters of a text that it is sorted by. */
export const sortedCharacters = 200;

/** How SQLite holds an empty cell among sorted ones: a blob comes after every number and text. */
const emptyBlob: Uint8Array = Buffer.alloc(0);

export type SqlSortValue = string | number | Uint8Array;

export function toSql(value: SortValue): SqlSortValue {
  return value ?? emptyBlob;
}

export function fromSql(value: SqlSortValue): SortValue {
  return typeof value === 'object' ? null : value;
}

/** What a stored cell is indexed by; the SQL of `sortExpression` says the same. */
export function indexedValue(
  column: Pick<Column, 'type' | 'data'>,
  cell: CellValue | undefined,
): SqlSortValue {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  if (typeof cell !== 'string') return emptyBlob;
  if (column.type !== 'date') return shortened(cell);
  if (!column.data.time) return cell.slice(0, 10);
  return cell.length === 10 ? `${cell}T00:00:00.000Z` : cell;
}

/** The first characters of a text, counted as SQLite counts them. */
export function shortened(text: string): string {
  if (text.length <= sortedCharacters) return text;
  return [...text.slice(0, sortedCharacters * 2)].slice(0, sortedCharacters).join('');
}

/** The SQL for what rows are sorted by, from the SQL for a value that may be null. */
export function sortExpression(value: string): string {
  return `CASE typeof(${value}) WHEN 'text' THEN substr(${value}, 1, ${sortedCharacters}) ELSE coalesce(${value}, x'') END`;
}

/** Compares as SQLite does with NOCASE: numbers, then texts by their bytes, then empty cells. */
export function compareSortValues(one: SortValue, other: SortValue): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (typeof one === 'string' && typeof other === 'string') {
    return Buffer.compare(Buffer.from(withoutCase(one)), Buffer.from(withoutCase(other)));
  }
  return rank(one) - rank(other);
}

function rank(value: SortValue): number {
  if (value === null) return 2;
  return typeof value === 'string' ? 1 : 0;
}

function withoutCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
