import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { readCursor } from '../cursor.ts';
import type { Page, PageRequest } from '../port.ts';

type Condition = readonly [condition: string, parameter: string | number | undefined];

export interface KeysetQuery {
  readonly columns: string;
  readonly table: string;
  /** Index whose entries with equal columns are in the order of the key. */
  readonly index: string;
  /** Column that orders the list; unique, and descending: newest first. */
  readonly key: string;
  /** Conditions that the index answers; those whose parameter is undefined do not apply. */
  readonly scope: readonly Condition[];
  /** Conditions that each row has to be looked at for. */
  readonly filters: readonly Condition[];
  /** Column of a time that grows with the key, and the period that is asked for. */
  readonly time: { readonly column: string; readonly sinceMs?: number; readonly untilMs?: number };
}

/** Rows that one step looks at; between two steps everyone else has their turn. */
const rowsPerStep = 5_000;
/**
 * Steps of one page. When they do not fill it, it is answered as it is, and its cursor goes on where they
 * ended: a page never costs more than that, however rare what is looked for may be.
 */
const stepsPerPage = 40;

/** A period is looked for by key so much more widely: the clock may have been set back while keys grew. */
const clockSlackMs = 3_600_000;

/**
 * One page of a list that is paged by key, so that the last page costs what the first does. Where filters let
 * little through, rows are looked at in short steps.
 */
export async function keysetPage<Stored, Item>(
  database: Database,
  query: KeysetQuery,
  page: PageRequest,
  keyOf: (stored: Stored) => number,
  toItem: (stored: Stored) => Item,
): Promise<Page<Item>> {
  const { key, time } = query;
  const { sinceMs, untilMs } = time;
  const from = sinceMs === undefined ? undefined : lastKeyBefore(database, query, sinceMs - clockSlackMs);
  const to = untilMs === undefined ? undefined : lastKeyBefore(database, query, untilMs + clockSlackMs);
  const filters: readonly Condition[] = [
    ...query.filters,
    [`${time.column} >= ?`, time.sinceMs],
    [`${time.column} < ?`, time.untilMs],
  ].filter((condition): condition is [string, string | number] => condition[1] !== undefined);
  const bounded: readonly Condition[] = [...query.scope, [`${key} > ?`, from], [`${key} <= ?`, to]];
  const found: Stored[] = [];
  let before = page.cursor === null ? undefined : readCursor(page.cursor);
  for (let step = 1; ; step++) {
    const scope = applied([...bounded, [`${key} < ?`, before]]);
    const wanted = page.limit + 1 - found.length;
    found.push(...readStep<Stored>(database, query, scope, applied(filters), wanted));
    if (found.length > page.limit) break;
    const last = filters.length === 0 ? undefined : lastKeyOfStep(database, query, scope);
    if (last === undefined) return { items: found.map(toItem), nextCursor: null };
    if (step === stepsPerPage) return { items: found.map(toItem), nextCursor: String(last) };
    before = last;
    await setImmediate();
  }
  const shown = found.slice(0, page.limit);
  const last = shown.at(-1);
  return { items: shown.map(toItem), nextCursor: last === undefined ? null : String(keyOf(last)) };
}

interface Applied {
  readonly text: string;
  readonly parameters: readonly (string | number)[];
}

function applied(conditions: readonly Condition[]): Applied {
  const present = conditions.filter(
    (condition): condition is [string, string | number] => condition[1] !== undefined,
  );
  return {
    text: present.map(([condition]) => condition).join(' AND ') || 'TRUE',
    // A condition without a question mark says all itself.
    parameters: present.filter(([condition]) => condition.includes('?')).map(([, parameter]) => parameter),
  };
}

function readStep<Stored>(
  database: Database,
  { columns, table, index, key }: KeysetQuery,
  scope: Applied,
  filters: Applied,
  limit: number,
): readonly Stored[] {
  const rows = `FROM ${table} INDEXED BY ${index} WHERE ${scope.text} ORDER BY ${key} DESC LIMIT`;
  if (filters.text === 'TRUE') {
    return database.prepare<unknown[], Stored>(`SELECT ${columns} ${rows} ?`).all(...scope.parameters, limit);
  }
  return database
    .prepare<unknown[], Stored>(
      `SELECT * FROM (SELECT ${columns} ${rows} ${rowsPerStep}) AS ${table} WHERE ${filters.text} LIMIT ?`,
    )
    .all(...scope.parameters, ...filters.parameters, limit);
}

/** Where a step ends; undefined: it looked at everything that was left. */
function lastKeyOfStep(
  database: Database,
  { table, index, key }: KeysetQuery,
  scope: Applied,
): number | undefined {
  return database
    .prepare<unknown[], number>(
      `SELECT ${key} FROM ${table} INDEXED BY ${index} WHERE ${scope.text}
       ORDER BY ${key} DESC LIMIT 1 OFFSET ${rowsPerStep - 1}`,
    )
    .pluck()
    .get(...scope.parameters);
}

/** About the last key of the table before a time, found by halving. */
function lastKeyBefore(database: Database, { table, key, time }: KeysetQuery, timeMs: number): number {
  const at = database.prepare<[number], { key: number; at: number }>(
    `SELECT ${key} AS key, ${time.column} AS at FROM ${table} WHERE ${key} <= ? ORDER BY ${key} DESC LIMIT 1`,
  );
  let low = 0;
  let high = at.get(Number.MAX_SAFE_INTEGER)?.key ?? 0;
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    const found = at.get(middle);
    if (found === undefined || found.at < timeMs) low = middle;
    else high = found.key - 1;
  }
  return low;
}
