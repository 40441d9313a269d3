import type { JournalEvent, RowEventData } from '../../model/event.ts';
import { type CellValue, type Column, isAutoColumnType, type Table } from '../../model/table.ts';
import { currentValue } from './cells.ts';
import type { RowValues } from './row-values.ts';
import { optionIndex } from './table-index.ts';

/** What an event of a row tells, for the table as it is now. */
export interface ToldRow {
  readonly event: JournalEvent;
  readonly data: RowEventData;
  /** Whether the event tells of the column's cell, by position in the table as it is now. */
  readonly tells: readonly boolean[];
  /** The row before and after the change, by position in the table as it is now; null: there was none. */
  readonly before: RowValues | null;
  readonly after: RowValues | null;
}

/** Reads an event of a row; cells of columns that are gone, or are of another type now, are left out. */
export function toldRow(table: Table, event: JournalEvent): ToldRow {
  const data = JSON.parse(event.dataJson) as RowEventData;
  const then = new Map(event.subject?.table.columns.map((column) => [column.key, column]));
  const sources = table.columns.map((column): Column | null => {
    const source = then.get(column.key);
    return source?.type === column.type && !isAutoColumnType(column.type) ? source : null;
  });
  const valuesOf = (shown: RowEventData['record']): RowValues | null =>
    shown &&
    table.columns.map((column, position) => {
      const source = sources[position];
      if (!source || !Object.hasOwn(shown, source.name)) return undefined;
      return currentValue(column, storedValue(source, shown[source.name]));
    });
  return {
    event,
    data,
    tells: sources.map((source) => source !== null),
    before: valuesOf(data.previous),
    after: valuesOf(data.record),
  };
}

/** The stored cell that was shown: the other way round from `showCell`. */
function storedValue(column: Column, shown: unknown): CellValue | undefined {
  if (shown === null || shown === undefined) return undefined;
  const idOf = (name: string): string | undefined => optionIndex(column).byNameOrId.get(name)?.id;
  if (column.type === 'single-select') return idOf(shown as string);
  if (column.type === 'multiple-select')
    return (shown as readonly string[]).flatMap((name) => idOf(name) ?? []);
  return shown as CellValue;
}
