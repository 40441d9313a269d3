import type { RowCondition } from '../port.ts';
import type { CellIndex } from './cell-indexes.ts';
import type { Sql } from './row-conditions.ts';
import { type SqlSortValue, shortened } from './sort-values.ts';

/** A place on a walk: a row's number, and in an index its value before that. */
export interface WalkPlace {
  readonly value: SqlSortValue;
  readonly number: number;
}

/**
 * A way to come by the rows of a table, in an order of its own: by number, or along an index of cells.
 * `source` is the FROM and the WHERE; `place` the expressions that tell where on the walk a row is.
 */
export interface Walk {
  /** All rows of the walk, joined to `rows`. */
  readonly source: Sql;
  /** The walk alone, which is enough to find out where a stretch ends. */
  readonly bare: Sql;
  readonly value: string;
  readonly number: string;
}

/** Every row of a table, by number. */
export function tableWalk(tableNumber: number): Walk {
  const source = { text: 'rows WHERE rows.table_number = ?', parameters: [tableNumber] };
  return { source, bare: source, value: '0', number: 'rows.number' };
}

/** The rows of an index that the conditions on its column leave, by value, then number. */
export function indexWalk(index: CellIndex, conditions: readonly RowCondition[]): Walk {
  const bounds = conditions.flatMap((condition) => boundsOf(index, condition));
  const text = ['entry.index_number = ?', ...bounds.map((bound) => bound.text)].join(' AND ');
  const parameters = [index.number, ...bounds.flatMap((bound) => bound.parameters)];
  return {
    source: {
      text: `cell_index_entries AS entry CROSS JOIN rows
        ON rows.table_number = ? AND rows.number = entry.row_number WHERE ${text}`,
      parameters: [index.tableNumber, ...parameters],
    },
    bare: { text: `cell_index_entries AS entry WHERE ${text}`, parameters },
    value: 'entry.value',
    number: 'entry.row_number',
  };
}

/** Whether a condition leaves rows of one value only, so that the index has them by number. */
export function isEquality({ cellKey }: CellIndex, condition: RowCondition): boolean {
  return isAbout(cellKey, condition) && condition.operator === '=';
}

/** Whether a condition leaves a part of the index only. */
export function isRange({ cellKey }: CellIndex, condition: RowCondition): boolean {
  return isAbout(cellKey, condition);
}

function isAbout(
  key: string,
  condition: RowCondition,
): condition is Extract<RowCondition, { kind: 'compare' }> {
  return condition.kind === 'compare' && condition.field.kind === 'cell' && condition.field.key === key;
}

/** What a condition says of the entries. They have the start of a text only, so that `<` becomes `<=`. */
function boundsOf({ cellKey }: CellIndex, condition: RowCondition): readonly Sql[] {
  if (!isAbout(cellKey, condition)) return [];
  const { operator, value } = condition;
  const given = typeof value === 'string' ? shortened(value) : Number(value);
  // Numbers come before texts, and both before the blobs of empty cells.
  const [first, end] = typeof given === 'string' ? ["''", "x''"] : ['-9e999', "''"];
  switch (operator) {
    case '=':
      return [{ text: 'entry.value = ?', parameters: [given] }];
    case '<':
    case '<=':
      return [{ text: `entry.value >= ${first} AND entry.value <= ?`, parameters: [given] }];
    case '>':
    case '>=':
      return [{ text: `entry.value >= ? AND entry.value < ${end}`, parameters: [given] }];
  }
}
