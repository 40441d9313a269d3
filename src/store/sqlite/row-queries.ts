import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { Row, Table } from '../../model/table.ts';
import type { Page, PageRequest, RowQuery, RowSort } from '../port.ts';
import { printRowPlace, type RowPlace, readRowPlace } from '../row-cursor.ts';
import type { CellIndexes } from './cell-indexes.ts';
import type { CommitQueue } from './commit-queue.ts';
import { conditionsSql, fieldExpression, type Sql } from './row-conditions.ts';
import { indexWalk, isEquality, isRange, tableWalk, type Walk, type WalkPlace } from './row-walks.ts';
import { compareSortValues, fromSql, type SqlSortValue, sortExpression, toSql } from './sort-values.ts';
import { type StoredRow, storedRowColumns, toRow } from './stored-row.ts';

/** Rows looked at in one go, first and later: some milliseconds, then others have their turn. */
const firstStretchRows = 500;
const stretchRows = 5_000;
/** Up to so many rows of a range are fetched through its index and then put in order. */
const rangeRows = 10_000;

interface FoundRow extends StoredRow {
  readonly sort_value: SqlSortValue;
  readonly walk_value: SqlSortValue;
}

/** How a query is answered. */
interface Plan {
  readonly walk: Walk;
  /** The walk has the rows in the order wanted, so that it ends with the page. */
  readonly isOrdered: boolean;
}

/**
 * Finds and sorts rows. A query walks through the table, or a part of an index, in stretches: where the
 * walk has the rows in the order wanted it ends with the page, else it keeps the best and goes to the end.
 */
export class RowQueries {
  readonly #reader: Database;
  readonly #indexes: CellIndexes;
  readonly #queue: CommitQueue;

  constructor(reader: Database, indexes: CellIndexes, queue: CommitQueue) {
    this.#reader = reader;
    this.#indexes = indexes;
    this.#queue = queue;
  }

  async page(table: Table, query: RowQuery, { limit, cursor }: PageRequest): Promise<Page<Row>> {
    const sort = query.sort && isByNumber(query.sort) ? null : query.sort;
    const search = new Search(this.#reader, this.#plan(table, query), query, sort);
    const after = cursor === null ? null : readRowPlace(cursor, sort !== null);
    const found = await search.rows(after, limit + 1);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const place = last && {
      number: last.number,
      value: sort === null ? undefined : fromSql(last.sort_value),
    };
    return this.#queue.durable({
      items: shown.map(toRow),
      nextCursor: found.length > limit && place ? printRowPlace(place) : null,
    });
  }

  #plan(table: Table, { conditions, sort }: RowQuery): Plan {
    const whole: Plan = { walk: tableWalk(table.number), isOrdered: sort === null || isByNumber(sort) };
    const sorted = sort?.field.kind === 'cell' && !sort.order && this.#indexes.find(table, sort.field.key);
    if (sorted) return { walk: indexWalk(sorted, conditions), isOrdered: true };
    const indexes = conditions.flatMap((condition) => {
      if (condition.kind !== 'compare' || condition.field.kind !== 'cell') return [];
      return this.#indexes.find(table, condition.field.key) ?? [];
    });
    const equal = indexes.find((index) => conditions.some((condition) => isEquality(index, condition)));
    if (equal) return { walk: indexWalk(equal, conditions), isOrdered: whole.isOrdered };
    const ranged = indexes.find((index) => conditions.some((condition) => isRange(index, condition)));
    if (!ranged) return whole;
    const range: Plan = { walk: indexWalk(ranged, conditions), isOrdered: false };
    // Of many rows in the range, the first by number are found sooner along the table.
    return whole.isOrdered && !this.#isShort(range.walk) ? whole : range;
  }

  #isShort({ bare }: Walk): boolean {
    const count = this.#reader
      .prepare<unknown[], number>(`SELECT count(*) FROM (SELECT 1 FROM ${bare.text} LIMIT ${rangeRows + 1})`)
      .pluck()
      .get(...bare.parameters);
    return (count ?? 0) <= rangeRows;
  }
}

function isByNumber({ field }: RowSort): boolean {
  return field.kind === 'fact' && field.fact === 'number';
}

/** One query on its walk. */
class Search {
  readonly #reader: Database;
  readonly #plan: Plan;
  readonly #conditions: Sql;
  readonly #sortBy: Sql;
  readonly #isSorted: boolean;
  readonly #descending: boolean;
  /** The walk's next rows are the page's, so that no stretch of it can be long. */
  readonly #takesEvery: boolean;

  constructor(reader: Database, plan: Plan, query: RowQuery, sort: RowSort | null) {
    this.#reader = reader;
    this.#plan = plan;
    this.#conditions = conditionsSql(query.conditions);
    this.#isSorted = sort !== null;
    this.#sortBy = sort ? sortSql(sort) : { text: '0', parameters: [] };
    this.#descending = query.sort?.descending ?? false;
    this.#takesEvery = plan.isOrdered && query.conditions.length === 0;
  }

  /** The first rows after a place, in order. */
  async rows(after: RowPlace | null, count: number): Promise<readonly FoundRow[]> {
    const { isOrdered } = this.#plan;
    let found: FoundRow[] = [];
    let from = isOrdered ? this.#startOf(after) : null;
    for (let size = firstStretchRows; ; size = stretchRows) {
      const to = this.#takesEvery ? null : this.#endOf(from, size);
      const wanted = isOrdered ? count - found.length : count;
      found.push(...this.#stretch(from, to, isOrdered ? null : after, wanted));
      if (!isOrdered) found = found.sort((one, other) => this.#compare(one, other)).slice(0, count);
      if (to === null || (isOrdered && found.length >= count)) return found;
      from = to;
      await setImmediate();
    }
  }

  /** Where a walk that has the wanted order goes on. */
  #startOf(after: RowPlace | null): WalkPlace | null {
    if (after === null) return null;
    if (after.value !== undefined) return { value: toSql(after.value), number: after.number };
    return { value: this.#fixedValue(), number: after.number };
  }

  /** Sorted by number, a walk has one value only: that of its first row. */
  #fixedValue(): SqlSortValue {
    const { bare, value } = this.#plan.walk;
    const found = this.#reader
      .prepare<unknown[], SqlSortValue>(`SELECT ${value} FROM ${bare.text} LIMIT 1`)
      .pluck()
      .get(...bare.parameters);
    return found ?? 0;
  }

  /** The place so many rows on; null when the walk ends before. */
  #endOf(from: WalkPlace | null, rows: number): WalkPlace | null {
    const { bare, value, number } = this.#plan.walk;
    const bounds = this.#between(from, null);
    const found = this.#reader
      .prepare<unknown[], WalkPlace>(
        `SELECT ${value} AS value, ${number} AS number FROM ${bare.text} ${bounds.text}
         ORDER BY ${this.#walkOrder()} LIMIT 1 OFFSET ${rows - 1}`,
      )
      .get(...bare.parameters, ...bounds.parameters);
    return found ?? null;
  }

  #stretch(
    from: WalkPlace | null,
    to: WalkPlace | null,
    after: RowPlace | null,
    count: number,
  ): readonly FoundRow[] {
    const { source, value } = this.#plan.walk;
    const bounds = this.#between(from, to);
    const start = this.#afterPlace(after);
    const order = this.#plan.isOrdered ? this.#walkOrder() : this.#wantedOrder();
    return this.#reader
      .prepare<unknown[], FoundRow>(
        `SELECT ${storedRowColumns}, ${this.#sortBy.text} AS sort_value, ${value} AS walk_value
         FROM ${source.text} ${bounds.text} AND ${this.#conditions.text} ${start.text}
         ORDER BY ${order} LIMIT ?`,
      )
      .all(
        ...this.#sortBy.parameters,
        ...source.parameters,
        ...bounds.parameters,
        ...this.#conditions.parameters,
        ...start.parameters,
        count,
      );
  }

  /** A part of the walk: after one place, up to another. */
  #between(from: WalkPlace | null, to: WalkPlace | null): Sql {
    const [after, upTo] = this.#descending && this.#plan.isOrdered ? ['<', '>='] : ['>', '<='];
    const { value, number } = this.#plan.walk;
    // A table has no value that it is walked by, and comparing one would hide its index.
    const isValued = value !== '0';
    const here = isValued ? `(${value}, ${number})` : number;
    const there = isValued ? '(?, ?)' : '?';
    const parameters = (place: WalkPlace) => (isValued ? [place.value, place.number] : [place.number]);
    return {
      text: `${from ? `AND ${here} ${after} ${there}` : ''} ${to ? `AND ${here} ${upTo} ${there}` : ''}`,
      parameters: [...(from ? parameters(from) : []), ...(to ? parameters(to) : [])],
    };
  }

  /** Only rows that come after a place in the wanted order. */
  #afterPlace(place: RowPlace | null): Sql {
    if (place === null) return { text: '', parameters: [] };
    const after = this.#descending ? '<' : '>';
    if (place.value === undefined) return { text: `AND rows.number ${after} ?`, parameters: [place.number] };
    return {
      text: `AND (${this.#sortBy.text} COLLATE NOCASE, rows.number) ${after} (?, ?)`,
      parameters: [...this.#sortBy.parameters, toSql(place.value), place.number],
    };
  }

  #walkOrder(): string {
    const { value, number } = this.#plan.walk;
    const direction = this.#descending && this.#plan.isOrdered ? 'DESC' : 'ASC';
    return value === '0' ? `${number} ${direction}` : `${value} ${direction}, ${number} ${direction}`;
  }

  #wantedOrder(): string {
    const direction = this.#descending ? 'DESC' : 'ASC';
    return `${this.#isSorted ? `sort_value COLLATE NOCASE ${direction},` : ''} rows.number ${direction}`;
  }

  #compare(one: FoundRow, other: FoundRow): number {
    const byValue = this.#isSorted
      ? compareSortValues(fromSql(one.sort_value), fromSql(other.sort_value))
      : 0;
    const order = byValue === 0 ? one.number - other.number : byValue;
    return this.#descending ? -order : order;
  }
}

function sortSql({ field, order }: RowSort): Sql {
  const value = fieldExpression(field);
  if (order === null) return { text: `(${sortExpression(value)})`, parameters: [] };
  return {
    text: `coalesce((SELECT key FROM json_each(?) WHERE value = ${value}), x'')`,
    parameters: [JSON.stringify(order)],
  };
}
