import type { RowCondition, RowField, RowSort } from '../port.ts';
import { toJsonbText } from './json-parameter.ts';
import { sortedCharacters } from './sort-values.ts';

const factColumns = {
  number: 'rows.number',
  createdAtMs: 'rows.created_at',
  updatedAtMs: 'rows.updated_at',
  createdBy: 'rows.created_by',
  updatedBy: 'rows.updated_by',
} as const;

/** The parameters of one query, which its pieces of SQL name by their places. */
export class Parameters {
  readonly values: unknown[] = [];

  /** Adds a parameter and answers its name in the text. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** The SQL for all conditions together. */
export function conditionsSql(conditions: readonly RowCondition[], parameters: Parameters): string {
  return conditions.map((condition) => `(${conditionSql(condition, parameters)})`).join(' AND ') || 'true';
}

/** The SQL for the three parts of what rows are sorted by. */
export function sortKeySql(
  { field, order }: RowSort,
  parameters: Parameters,
): readonly [string, string, string] {
  if (order !== null) {
    const place = `array_position(${parameters.add(order)}::text[], ${textOf(field)})`;
    return [`CASE WHEN ${place} IS NULL THEN 2 ELSE 0 END`, `coalesce(${place}, 0)::double precision`, "''"];
  }
  const [number, text] = [numberOf(field), textOf(field)];
  return [
    `CASE WHEN ${number} IS NOT NULL THEN 0 WHEN ${text} IS NOT NULL THEN 1 ELSE 2 END`,
    `coalesce(${number}, 0)`,
    `coalesce(lower(left(${text}, ${sortedCharacters}) COLLATE "C"), '')`,
  ];
}

function conditionSql(condition: RowCondition, parameters: Parameters): string {
  switch (condition.kind) {
    case 'compare': {
      const { field, operator, value } = condition;
      if (typeof value !== 'string') {
        return `${numberOf(field)} ${operator} ${parameters.add(Number(value))}::double precision`;
      }
      const given = `${parameters.add(toJsonbText(value))}::text COLLATE "C"`;
      if (operator === '=') return `${textOf(field)} = ${given}`;
      return `lower(${textOf(field)} COLLATE "C") ${operator} lower(${given})`;
    }
    case 'contains': {
      const given = `${parameters.add(toJsonbText(condition.text))}::text COLLATE "C"`;
      return `strpos(lower(${textOf(condition.field)} COLLATE "C"), lower(${given})) > 0`;
    }
    case 'has':
      return `${cellOf(condition.key)} ? ${parameters.add(toJsonbText(condition.item))}::text`;
    case 'empty': {
      const { field, known } = condition;
      if (field.kind === 'fact') return `${factColumns[field.fact]} IS NULL`;
      if (known === null) return `${cellOf(field.key)} IS NULL`;
      return `NOT coalesce(${cellOf(field.key)} ?| ${parameters.add(known)}::text[], false)`;
    }
    case 'not':
      // What cannot be said of an empty cell is not the case.
      return `NOT coalesce(${conditionSql(condition.condition, parameters)}, false)`;
  }
}

/** The SQL for the number in a field; null when it is something else. A tick is 1. */
function numberOf(field: RowField): string {
  if (field.kind === 'fact') {
    const isText = field.fact === 'createdBy' || field.fact === 'updatedBy';
    return isText ? 'NULL::double precision' : `${factColumns[field.fact]}::double precision`;
  }
  const cell = cellOf(field.key);
  return `CASE jsonb_typeof(${cell}) WHEN 'number' THEN (${cell})::double precision
    WHEN 'boolean' THEN (${cell})::boolean::integer END`;
}

/** The SQL for the text in a field; null when it is something else. */
function textOf(field: RowField): string {
  if (field.kind === 'fact') {
    const isText = field.fact === 'createdBy' || field.fact === 'updatedBy';
    return isText ? factColumns[field.fact] : 'NULL::text';
  }
  const cell = cellOf(field.key);
  const text = `CASE jsonb_typeof(${cell}) WHEN 'string' THEN ${cell} #>> '{}' END`;
  switch (field.shape) {
    case 'plain':
      return `(${text})`;
    case 'day':
      return `left(${text}, 10)`;
    case 'moment':
      return `((${text}) || CASE length(${text}) WHEN 10 THEN 'T00:00:00.000Z' ELSE '' END)`;
  }
}

/** The SQL for a cell. Keys have letters, digits and underscores, and full stops once converted. */
function cellOf(key: string): string {
  if (!/^[\w.]+$/.test(key))
    throw new Error(`The column key ${JSON.stringify(key)} cannot stand in a query.`);
  return `(rows.cells -> '${key}')`;
}
