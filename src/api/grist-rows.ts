import { columnIdentifiers } from '../formats/grist-identifiers.ts';
import { type Column, isAutoColumnType, type Table } from '../model/table.ts';
import { findColumn } from '../sources/bases/table-index.ts';

/** A row as Grist sends it: its id, its place, and its cells by the ids of columns. */
type GristRow = Readonly<Record<string, unknown>>;

const rowMembers: ReadonlySet<string> = new Set(['id', 'manualSort']);
const helperColumns = 'gristHelper_';

/**
 * The cells of a row that Grist, or a webhook with its format, sent, as our API takes them. Columns go by
 * Grist's id, by name or by key; what the receiving table makes for itself is left out.
 */
export function cellsOfGristRow(table: Table, row: GristRow): Readonly<Record<string, unknown>> {
  const identifiers = columnIdentifiers(table);
  const cells: Array<[string, unknown]> = [];
  for (const [name, value] of Object.entries(row)) {
    if (rowMembers.has(name) || name.startsWith(helperColumns)) continue;
    const column = findColumn(table, name) ?? table.columns[identifiers.indexOf(name)];
    if (column && isAutoColumnType(column.type)) continue;
    cells.push([column?.key ?? name, column ? decoded(column, value) : value]);
  }
  return Object.fromEntries(cells);
}

/** A cell out of Grist's encoding: times are seconds since 1970, lists and objects are marked with a letter. */
function decoded({ type, data }: Column, value: unknown): unknown {
  if (type === 'date' && typeof value === 'number') {
    const moment = new Date(Math.round(value * 1_000));
    if (Number.isNaN(moment.getTime())) return value;
    return data.time ? moment.toISOString() : moment.toISOString().slice(0, 10);
  }
  return unmarked(value);
}

function unmarked(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const [mark, ...rest] = value as readonly unknown[];
  if (mark === 'L') return rest.map(unmarked);
  return mark === 'O' ? rest[0] : value;
}
