import type { LoggedEvent } from '../../api/types.ts';
import type { Messages } from '../../i18n/index.tsx';

/** Longest beginning of data that is shown in a list. */
const shownCharacters = 160;

interface RowData {
  readonly table?: { readonly name?: string };
  readonly row?: { readonly name?: string; readonly number?: number };
  readonly changes?: readonly { readonly name?: string }[];
}

/** What an event is about, in one line: table, row and changed columns, or the beginning of its data. */
export function aboutOf(event: LoggedEvent, text: Messages['events']): string {
  if (event.row === null) return JSON.stringify(event.data ?? null).slice(0, shownCharacters);
  const { table, row, changes } = (event.data ?? {}) as RowData;
  const name = row?.name || text.row(String(row?.number ?? event.row.id));
  const parts = [table?.name ?? event.row.table, name];
  const columns = (changes ?? []).map((change) => change.name).filter((column) => column !== undefined);
  if (event.type === 'row.updated' && columns.length > 0) parts.push(columns.join(', '));
  return parts.join(' · ');
}
