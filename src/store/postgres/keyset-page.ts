import { readCursor } from '../cursor.ts';
import type { Page, PageRequest } from '../port.ts';
import type { Connections } from './connections.ts';

export interface KeysetQuery {
  /** `SELECT ... FROM ...`, without conditions. */
  readonly select: string;
  /** Column that orders the list; unique, and descending: newest first. */
  readonly key: string;
  /** Conditions with their one parameter, written `?`; those whose parameter is undefined do not apply. */
  readonly conditions: ReadonlyArray<readonly [string, string | number | undefined]>;
}

/** One page of a list that is paged by key, so that the last page costs what the first does. */
export async function keysetPage<Stored>(
  connections: Connections,
  query: KeysetQuery,
  page: PageRequest,
  keyOf: (stored: Stored) => number,
): Promise<Page<Stored>> {
  const conditions: Array<readonly [string, string | number | undefined]> = [
    ...query.conditions,
    [`${query.key} < ?`, page.cursor === null ? undefined : readCursor(page.cursor)],
  ];
  const applied = conditions.filter(([, parameter]) => parameter !== undefined);
  const where = applied.map(([condition], index) => condition.replace('?', `$${index + 1}`)).join(' AND ');
  const found = await connections.readOnce<Stored>(
    `${query.select} ${where ? `WHERE ${where}` : ''} ORDER BY ${query.key} DESC LIMIT $${applied.length + 1}`,
    [...applied.map(([, parameter]) => parameter), page.limit + 1],
  );
  const shown = found.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    items: shown,
    nextCursor: found.length > page.limit && last !== undefined ? String(keyOf(last)) : null,
  };
}
