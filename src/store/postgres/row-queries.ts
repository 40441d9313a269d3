import type { Row, Table } from '../../model/table.ts';
import type { Page, PageRequest, RowCondition, RowQuery, RowSort } from '../port.ts';
import { printRowPlace, type RowPlace, readRowPlace } from '../row-cursor.ts';
import type { CellIndex, CellIndexes } from './cell-indexes.ts';
import type { Connections } from './connections.ts';
import { conditionsSql, Parameters, sortKeySql } from './row-conditions.ts';
import type { Shards } from './shards.ts';
import { fromSortKey, type SortKey, sortedText, toSortKey } from './sort-values.ts';
import { type StoredRow, storedRowColumns, toRow } from './stored-row.ts';

/** Up to so many rows of a range are fetched through its index and then put in order. */
const rangeRows = 10_000;
/** Up to so many rows are looked up one by one along an index; if they do not fill the page, the table is quicker. */
const walkedRows = 20_000;

interface FoundRow extends StoredRow {
  readonly sort_rank: SortKey['rank'];
  readonly sort_number: number;
  readonly sort_text: string;
}

/** How a query is answered. */
type Plan =
  /** Along the table, by number or with a sort at the end. */
  | { readonly kind: 'table' }
  /** Along an index that has the rows in the order wanted. */
  | { readonly kind: 'ordered'; readonly index: CellIndex }
  /** The rows of one value, by number. */
  | { readonly kind: 'equal'; readonly index: CellIndex }
  /** The rows of a range, put in order afterwards. */
  | { readonly kind: 'range'; readonly index: CellIndex };

/** Finds and sorts rows. Through an index it reads about as many rows as it answers; without one, the table. */
export class RowQueries {
  readonly #connections: Connections;
  readonly #indexes: CellIndexes;
  readonly #shards: Shards;

  constructor(connections: Connections, indexes: CellIndexes, shards: Shards) {
    this.#connections = connections;
    this.#indexes = indexes;
    this.#shards = shards;
  }

  async page(table: Table, query: RowQuery, { limit, cursor }: PageRequest): Promise<Page<Row>> {
    const sort = query.sort && isByNumber(query.sort) ? null : query.sort;
    const after = cursor === null ? null : readRowPlace(cursor, sort !== null);
    const descending = query.sort?.descending ?? false;
    const shard = this.#shards.ofWorkspace(table.workspaceNumber);
    const read = (plan: Plan): Promise<readonly FoundRow[]> => {
      const parameters = new Parameters();
      const text = new QueryText(parameters, table.number, shard, query.conditions, sort, descending);
      return this.#connections.readOnce<FoundRow>(text.print(plan, after, limit + 1), parameters.values);
    };
    const plan = await this.#plan(table, query.conditions, sort);
    const first = await read(plan);
    // Of what is rare, the walk may have seen too little.
    const isShort = plan.kind === 'ordered' && query.conditions.length > 0 && first.length <= limit;
    const found = isShort ? await read({ kind: 'table' }) : first;
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: shown.map(toRow),
      nextCursor: found.length > limit && last ? printRowPlace(placeOf(last, sort !== null)) : null,
    };
  }

  async #plan(table: Table, conditions: readonly RowCondition[], sort: RowSort | null): Promise<Plan> {
    if (conditions.length === 0 && sort === null) return { kind: 'table' };
    const indexes = await this.#indexes.ready(table);
    const ofSort = sort !== null && sort.order === null && sort.field.kind === 'cell' ? sort.field.key : null;
    const sorted = indexes.find(({ cellKey }) => cellKey === ofSort);
    if (sorted) return { kind: 'ordered', index: sorted };
    const equal = indexes.find((index) =>
      conditions.some((one) => isAbout(index, one) && one.operator === '='),
    );
    if (equal) return { kind: sort === null ? 'equal' : 'range', index: equal };
    const ranged = indexes.find((index) => conditions.some((one) => isAbout(index, one)));
    if (!ranged) return { kind: 'table' };
    const range: Plan = { kind: 'range', index: ranged };
    // Of many rows in the range, the first by number are found sooner along the table.
    return sort === null && !(await this.#isShort(table, ranged, conditions)) ? { kind: 'table' } : range;
  }

  async #isShort(table: Table, index: CellIndex, conditions: readonly RowCondition[]): Promise<boolean> {
    const parameters = new Parameters();
    const shard = this.#shards.ofWorkspace(table.workspaceNumber);
    const where = entriesWhere(index, shard, conditions, parameters);
    const [found] = await this.#connections.readOnce<{ count: number }>(
      `SELECT count(*) AS count FROM (
        SELECT 1 FROM cell_index_entries AS entry WHERE ${where} LIMIT ${rangeRows + 1}
      ) AS counted`,
      parameters.values,
    );
    return (found?.count ?? 0) <= rangeRows;
  }
}

/** The text of one query. */
class QueryText {
  readonly #parameters: Parameters;
  readonly #sort: RowSort | null;
  readonly #conditions: readonly RowCondition[];
  readonly #shard: number;
  readonly #direction: 'ASC' | 'DESC';
  readonly #after: '>' | '<';
  readonly #rows: string;

  constructor(
    parameters: Parameters,
    tableNumber: number,
    shard: number,
    conditions: readonly RowCondition[],
    sort: RowSort | null,
    descending: boolean,
  ) {
    this.#parameters = parameters;
    this.#sort = sort;
    this.#conditions = conditions;
    this.#shard = shard;
    this.#direction = descending ? 'DESC' : 'ASC';
    this.#after = descending ? '<' : '>';
    const place = `rows.shard = ${parameters.add(shard)} AND rows.table_number = ${parameters.add(tableNumber)}`;
    this.#rows = `rows WHERE ${place} AND ${conditionsSql(conditions, parameters)}`;
  }

  print(plan: Plan, after: RowPlace | null, limit: number): string {
    if (plan.kind === 'ordered') return this.#alongIndex(plan.index, after, limit);
    const source = plan.kind === 'table' ? this.#rows : this.#throughIndex(plan.index);
    const [rank, number, text] = this.#sort ? sortKeySql(this.#sort, this.#parameters) : ['0', '0', "''"];
    const keys = this.#sort ? ['sort_rank', 'sort_number', 'sort_text', 'number'] : ['number'];
    return `
      SELECT * FROM (
        SELECT ${storedRowColumns}, ${rank} AS sort_rank, ${number} AS sort_number, ${text} AS sort_text FROM ${source}
      ) AS found ${after ? `WHERE ${this.#beyond(keys, after)}` : ''}
      ORDER BY ${this.#order(keys)} LIMIT ${this.#parameters.add(limit)}`;
  }

  /** The index is walked in its order; each entry looks its row up, until the page is full. */
  #alongIndex(index: CellIndex, after: RowPlace | null, limit: number): string {
    const keys = ['entry.rank', 'entry.number_value', 'entry.text_value', 'entry.row_number'];
    const where = entriesWhere(index, this.#shard, this.#conditions, this.#parameters);
    const walked = this.#conditions.length > 0 ? `LIMIT ${walkedRows}` : '';
    // OFFSET 0 keeps the planner from looking for another way than this one.
    return `
      SELECT found.*, entry.rank AS sort_rank, entry.number_value AS sort_number, entry.text_value AS sort_text
      FROM (
        SELECT rank, number_value, text_value, row_number FROM cell_index_entries AS entry
        WHERE ${where} ${after ? `AND ${this.#beyond(keys, after)}` : ''}
        ORDER BY ${this.#order(keys)} ${walked}
      ) AS entry CROSS JOIN LATERAL (
        SELECT ${storedRowColumns} FROM ${this.#rows} AND rows.number = entry.row_number OFFSET 0
      ) AS found
      ORDER BY ${this.#order(keys)} LIMIT ${this.#parameters.add(limit)}`;
  }

  /** The rows that the index leaves; the conditions are asked of each of them once more. */
  #throughIndex(index: CellIndex): string {
    const where = entriesWhere(index, this.#shard, this.#conditions, this.#parameters);
    return `${this.#rows} AND rows.number = ANY(ARRAY(
      SELECT entry.row_number FROM cell_index_entries AS entry WHERE ${where}))`;
  }

  #beyond(keys: readonly string[], { number, value }: RowPlace): string {
    const given: Array<readonly [unknown, string]> = [[number, 'bigint']];
    if (value !== undefined) {
      const key = toSortKey(value);
      given.unshift([key.rank, 'smallint'], [key.number, 'double precision'], [key.text, 'text']);
    }
    const places = given.map(([one, type]) => `${this.#parameters.add(one)}::${type}`);
    return `(${keys.join(', ')}) ${this.#after} (${places.join(', ')})`;
  }

  #order(keys: readonly string[]): string {
    return keys.map((key) => `${key} ${this.#direction}`).join(', ');
  }
}

/** The entries that the conditions on the index's column leave. */
function entriesWhere(
  index: CellIndex,
  shard: number,
  conditions: readonly RowCondition[],
  parameters: Parameters,
): string {
  const bounds = conditions.flatMap((condition) => boundsOf(index, condition, parameters));
  const place = [
    `entry.shard = ${parameters.add(shard)}`,
    `entry.index_number = ${parameters.add(index.number)}`,
  ];
  return [...place, ...bounds].join(' AND ');
}

/** What a condition says of the entries. They have the start of a text only, so that `<` becomes `<=`. */
function boundsOf(index: CellIndex, condition: RowCondition, parameters: Parameters): readonly string[] {
  if (!isAbout(index, condition)) return [];
  const { operator, value } = condition;
  const key = toSortKey(typeof value === 'string' ? sortedText(value) : Number(value));
  const sign = operator === '<' ? '<=' : operator === '>' ? '>=' : operator;
  const given =
    key.rank === 0
      ? `entry.number_value ${sign} ${parameters.add(key.number)}::double precision`
      : `entry.text_value ${sign} ${parameters.add(key.text)}::text`;
  const other = key.rank === 0 ? "entry.text_value = ''" : 'entry.number_value = 0';
  return [`entry.rank = ${parameters.add(key.rank)}::smallint`, given, other];
}

function isAbout(
  { cellKey }: CellIndex,
  condition: RowCondition,
): condition is Extract<RowCondition, { kind: 'compare' }> {
  return condition.kind === 'compare' && condition.field.kind === 'cell' && condition.field.key === cellKey;
}

function isByNumber({ field }: RowSort): boolean {
  return field.kind === 'fact' && field.fact === 'number';
}

function placeOf(row: FoundRow, isSorted: boolean): RowPlace {
  if (!isSorted) return { number: row.number, value: undefined };
  const key = { rank: row.sort_rank, number: row.sort_number, text: row.sort_text };
  return { number: row.number, value: fromSortKey(key) };
}
