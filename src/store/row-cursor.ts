import { Problem } from '../model/problem.ts';
import { readCursor } from './cursor.ts';

/** What a row sorts by; null is an empty cell. */
export type SortValue = string | number | null;

/** The last row of a page: where the next one goes on. */
export interface RowPlace {
  readonly number: number;
  /** Undefined when rows are sorted by their number. */
  readonly value: SortValue | undefined;
}

export function printRowPlace({ number, value }: RowPlace): string {
  return value === undefined ? String(number) : `${number}:${JSON.stringify(value)}`;
}

/** Reads what `printRowPlace` printed; a Problem when it is anything else, or of rows sorted otherwise. */
export function readRowPlace(cursor: string, isSorted: boolean): RowPlace {
  const [, number = cursor, printed] = /^(\d+):(.*)$/s.exec(cursor) ?? [];
  if ((printed !== undefined) !== isSorted) throw notACursor();
  return { number: readCursor(number), value: printed === undefined ? undefined : readSortValue(printed) };
}

function readSortValue(printed: string): SortValue {
  try {
    const value: unknown = JSON.parse(printed);
    if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  } catch {
    // Told below, like any other text.
  }
  throw notACursor();
}

function notACursor(): Problem {
  const detail = 'must be the nextCursor of an earlier page of the same list, sorted the same way';
  return new Problem('invalid-input', `cursor: ${detail}`, [{ pointer: 'cursor', detail }]);
}
