import type { RowCondition, RowField } from '../port.ts';

/** A piece of SQL with its parameters in order. */
export interface Sql {
  readonly text: string;
  readonly parameters: readonly (string | number | Uint8Array)[];
}

const factColumns = {
  number: 'rows.number',
  createdAtMs: 'rows.created_at',
  updatedAtMs: 'rows.updated_at',
  createdBy: 'rows.created_by',
  updatedBy: 'rows.updated_by',
} as const;

/** The SQL for the value of a field; null when it is empty. */
export function fieldExpression(field: RowField): string {
  if (field.kind === 'fact') return factColumns[field.fact];
  const value = `json_extract(rows.cells, ${pathOf(field.key)})`;
  switch (field.shape) {
    case 'plain':
      return value;
    case 'day':
      return `substr(${value}, 1, 10)`;
    case 'moment':
      return `CASE length(${value}) WHEN 10 THEN ${value} || 'T00:00:00.000Z' ELSE ${value} END`;
  }
}

/** The SQL for all conditions together; `1` when there are none. */
export function conditionsSql(conditions: readonly RowCondition[]): Sql {
  const all = conditions.map(conditionSql);
  return {
    text: all.map(({ text }) => `(${text})`).join(' AND ') || '1',
    parameters: all.flatMap(({ parameters }) => parameters),
  };
}

function conditionSql(condition: RowCondition): Sql {
  switch (condition.kind) {
    case 'compare': {
      const { field, operator, value } = condition;
      const collation = operator === '=' || typeof value !== 'string' ? '' : ' COLLATE NOCASE';
      const sql = `${fieldExpression(field)} ${operator} ?${collation}`;
      return { text: sql, parameters: [typeof value === 'boolean' ? Number(value) : value] };
    }
    case 'contains':
      return {
        text: `instr(lower(${fieldExpression(condition.field)}), lower(?)) > 0`,
        parameters: [condition.text],
      };
    case 'has':
      return {
        text: `EXISTS (SELECT 1 FROM json_each(rows.cells, ${pathOf(condition.key)}) AS item WHERE item.value = ?)`,
        parameters: [condition.item],
      };
    case 'empty':
      return emptySql(condition.field, condition.known);
    case 'not': {
      // What cannot be said of an empty cell is not the case.
      const { text, parameters } = conditionSql(condition.condition);
      return { text: `NOT coalesce(${text}, 0)`, parameters };
    }
  }
}

function emptySql(field: RowField, known: readonly string[] | null): Sql {
  if (field.kind === 'fact' || known === null) {
    return { text: `${fieldExpression(field)} IS NULL`, parameters: [] };
  }
  return {
    text: `NOT EXISTS (SELECT 1 FROM json_each(rows.cells, ${pathOf(field.key)}) AS item
      WHERE item.value IN (SELECT value FROM json_each(?)))`,
    parameters: [JSON.stringify(known)],
  };
}

/** The JSON path of a cell, as SQL. Keys have letters, digits and underscores, and full stops once converted. */
function pathOf(key: string): string {
  if (!/^[\w.]+$/.test(key)) throw new Error(`The column key ${JSON.stringify(key)} cannot stand in a path.`);
  return `'$."${key}"'`;
}
