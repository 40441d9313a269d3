import { nearestWord } from '../config/nearest-word.ts';
import { rowEventTypes } from '../model/event.ts';
import { groupPrefix } from '../model/event-type.ts';
import type { BaseId, ColumnKey } from '../model/ids.ts';
import type { Column, Table } from '../model/table.ts';
import type { WebhookSettings } from '../model/webhook.ts';
import { faultOfGroup } from '../sources/event-types/names.ts';
import { faultOfTypeName } from '../sources/events/texts.ts';
import { type FieldReader, shown } from './field-reader.ts';
import { webhookLimits } from './limits.ts';

/** Longest id or name of a base, table or column that is looked for. */
const referenceCharacters = 255;

type Target = Pick<WebhookSettings, 'baseId' | 'tableId' | 'readyColumn' | 'filterColumns'>;
const anywhere: Target = { baseId: null, tableId: null, readyColumn: null, filterColumns: [] };

/** Which base, table and columns a webhook is about; tables and columns may be named by id or by name. */
export async function readTarget(
  reader: FieldReader,
  tablesOf: (base: string) => Promise<readonly Table[] | null>,
): Promise<Target> {
  const base = reader.text('base', 1, referenceCharacters);
  const table = reader.text('table', 1, referenceCharacters);
  if (base === undefined) {
    if (table !== undefined) reader.fail('table', 'needs a base, too');
    refuseColumns(reader, 'needs a base and a table, too');
    return anywhere;
  }
  const tables = await tablesOf(base);
  if (tables === null) {
    reader.fail('base', `must be the id of a base; there is none with the id ${shown(base)}`);
    return anywhere;
  }
  const baseId = base as BaseId;
  if (table === undefined) {
    refuseColumns(reader, 'needs a table, too');
    return { ...anywhere, baseId };
  }
  const found = tables.find(({ id }) => id === table) ?? tables.find(({ name }) => name === table);
  if (!found) {
    reader.fail(
      'table',
      `must be the id or name of a table of the base, not ${shown(table)}; ${listed('tables', tables)}`,
    );
    return { ...anywhere, baseId };
  }
  return { baseId, tableId: found.id, ...readColumns(reader, found.columns) };
}

function refuseColumns(reader: FieldReader, detail: string): void {
  const filterColumns = reader.raw('filterColumns');
  if (reader.raw('readyColumn') !== undefined) reader.fail('readyColumn', detail);
  if (filterColumns !== undefined && !(Array.isArray(filterColumns) && filterColumns.length === 0)) {
    reader.fail('filterColumns', detail);
  }
}

function readColumns(
  reader: FieldReader,
  columns: readonly Column[],
): Pick<Target, 'readyColumn' | 'filterColumns'> {
  const find = (keyOrName: string): Column | undefined =>
    columns.find(({ key }) => key === keyOrName) ?? columns.find(({ name }) => name === keyOrName);
  const missing = (given: string): string =>
    `must be the key or name of a column of the table, not ${shown(given)}; ${listed('columns', columns)}`;

  let readyColumn: ColumnKey | null = null;
  const ready = reader.text('readyColumn', 1, referenceCharacters);
  if (ready !== undefined) {
    const column = find(ready);
    if (!column) reader.fail('readyColumn', missing(ready));
    else if (column.type !== 'checkbox') {
      reader.fail(
        'readyColumn',
        `must be a column of the type checkbox; ${shown(column.name)} is of the type ${column.type}`,
      );
    } else readyColumn = column.key;
  }
  const filters = reader.texts('filterColumns', 0, webhookLimits.filterColumns, (given) =>
    find(given) ? null : missing(given),
  );
  const keys = (filters ?? []).map((given) => find(given)?.key).filter((key) => key !== undefined);
  return { readyColumn, filterColumns: [...new Set(keys)] };
}

/** The names there are, as far as they fit a message. */
function listed(what: string, named: readonly { readonly name: string }[]): string {
  const shownNames = named.slice(0, 20).map(({ name }) => shown(name));
  const more = named.length > shownNames.length ? `, and ${named.length - shownNames.length} more` : '';
  return named.length === 0 ? `it has no ${what}` : `its ${what}: ${shownNames.join(', ')}${more}`;
}

/** What is wrong with an item of `eventTypes`: an exact name, `prefix.*`, `group:name`, or `*`; null: nothing. */
export function faultOfEventTypePattern(pattern: string): string | null {
  if (pattern === '*') return null;
  if (pattern.startsWith(groupPrefix)) {
    const fault = faultOfGroup(pattern.slice(groupPrefix.length));
    return fault === null ? null : `must have the form group:name, where the name ${fault}`;
  }
  const name = pattern.endsWith('.*') ? pattern.slice(0, -2) : pattern;
  if (faultOfTypeName(name) !== null) {
    return `must be an event type such as invoice.paid, all below a name such as invoice.*, a group such as group:billing, or *, not ${shown(pattern)}`;
  }
  const known = [...rowEventTypes, 'row.*'];
  if (pattern.startsWith('row.') && !known.includes(pattern)) {
    const near = nearestWord(pattern, known);
    const meant = near === null ? '' : ` (did you mean "${near}"?)`;
    return `is no event of rows${meant}; there are ${known.join(', ')}`;
  }
  return null;
}
