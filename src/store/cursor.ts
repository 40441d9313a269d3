import { Problem } from '../model/problem.ts';

/** The key of the last item of the page before, as a list gave it out. Throws a Problem when it did not. */
export function readCursor(cursor: string): number {
  const key = /^\d{1,16}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (!Number.isSafeInteger(key)) {
    throw new Problem('invalid-input', 'cursor: is not one that this list gave out.', [
      { pointer: 'cursor', detail: 'Use the nextCursor of the page before, unchanged.' },
    ]);
  }
  return key;
}
