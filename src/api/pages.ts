import { invalidField } from '../model/problem.ts';
import type { Page, PageRequest } from '../store/port.ts';
import { defaultPageLimit } from './schemas.ts';

interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

/** What a list asks the store for. A cursor is the store's, wrapped so that nobody builds one by hand. */
export function pageRequest(query: PageQuery): PageRequest {
  return {
    limit: query.limit ?? defaultPageLimit,
    cursor: query.cursor === undefined ? null : decodeCursor(query.cursor),
  };
}

/** A page as it is answered. */
export function pageAnswer<Item, Shown>(
  page: Page<Item>,
  show: (item: Item) => Shown,
): { data: Shown[]; nextCursor: string | null } {
  return {
    data: page.items.map(show),
    nextCursor: page.nextCursor === null ? null : encodeCursor(page.nextCursor),
  };
}

/**
 * A page of a list that is in memory as a whole, in the order of `keyOf`. Keys are unique; a page goes on
 * after the key of the last item, so that items added or removed meanwhile neither repeat nor hide others.
 */
export function pageInMemory<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { limit, cursor }: PageRequest,
): Page<Item> {
  const rest = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => cursor === null || key > cursor)
    .sort((one, other) => (one.key < other.key ? -1 : 1));
  const taken = rest.slice(0, limit);
  return {
    items: taken.map(({ item }) => item),
    nextCursor: rest.length > limit ? (taken.at(-1)?.key ?? null) : null,
  };
}

/** A key that sorts as the number does. */
export function numberKey(number: number): string {
  return String(number).padStart(16, '0');
}

function encodeCursor(cursor: string): string {
  return Buffer.from(cursor, 'utf8').toString('base64url');
}

function decodeCursor(cursor: string): string {
  const decoded = Buffer.from(cursor, 'base64url').toString('utf8');
  if (decoded === '' || encodeCursor(decoded) !== cursor) {
    throw invalidField('cursor', 'must be the nextCursor of an earlier page, unchanged');
  }
  return decoded;
}
