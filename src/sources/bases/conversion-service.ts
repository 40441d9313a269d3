import { type ColumnKey, newChangeSetId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Column, ColumnType, Row, Table } from '../../model/table.ts';
import type { Page, RowStore } from '../../store/port.ts';
import { type ColumnDataInput, readConversion } from './columns.ts';
import {
  type CellKind,
  ConversionCount,
  type ConversionPreview,
  optionNames,
  withConvertedCell,
} from './conversion.ts';
import { quoted } from './faults.ts';
import { limits } from './limits.ts';
import type { OpenBase } from './structure-cache.ts';
import { nameFault } from './texts.ts';

export interface ConversionInput {
  readonly type: ColumnType;
  readonly data?: ColumnDataInput;
}

/** Replaces one column of a table; answers the table as saved, or null when that column is gone. */
export type ReplaceColumn = (key: ColumnKey, change: (column: Column) => Column) => Promise<Table | null>;

/**
 * Converts columns into another type. While a column is being converted, each row stores its cell as both
 * types: rows that are written do so by themselves, the others are gone through in steps. Then the column
 * takes the new type at once, so that nobody ever sees a half of it. If the process ends meanwhile, it is
 * gone through again when the base is next opened.
 */
export class Conversions {
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  /** What the column would be, options made from its cells included, and what would become of its cells. */
  async preview(
    open: OpenBase,
    table: Table,
    column: Column,
    input: ConversionInput,
  ): Promise<{ readonly to: CellKind; readonly preview: ConversionPreview }> {
    const to = readConversion(column, await this.#withOptions(table, column, input), open);
    const count = new ConversionCount(column, to);
    for await (const rows of this.#pages(table)) for (const row of rows) count.add(row);
    return { to, preview: count.preview() };
  }

  /** Begins, or goes on with, the conversion of a column that is marked as becoming something else. */
  async run(open: OpenBase, table: Table, column: Column, replace: ReplaceColumn): Promise<Column> {
    const { becomes } = column;
    if (!becomes) return column;
    for await (const rows of this.#pages(table)) {
      await this.#rows.change(
        table,
        rows.map(({ id }) => id),
        (current) => {
          const now = open.table(table.id);
          const updates = [...current.values()].flatMap((row) => withConvertedCell(now, column, row) ?? []);
          return { inserts: [], updates, deletes: [], events: [], result: undefined };
        },
      );
    }
    const saved = await replace(column.key, ({ becomes: now, ...rest }) =>
      now?.cellKey === becomes.cellKey ? { ...rest, ...becomes } : { ...rest, ...(now && { becomes: now }) },
    );
    const converted = saved?.columns.find(({ key }) => key === column.key);
    if (converted) return converted;
    throw new Problem('conflict', `The column ${quoted(column.name)} was deleted while it was converted.`);
  }

  /** Options that are not given are made from the cells. */
  async #withOptions(table: Table, column: Column, input: ConversionInput): Promise<ConversionInput> {
    const isSelect = input.type === 'single-select' || input.type === 'multiple-select';
    if (!isSelect || input.data?.options !== undefined) return input;
    if (column.data.options) return { ...input, data: { ...input.data, options: column.data.options } };
    const names = new Set<string>();
    for await (const rows of this.#pages(table)) {
      optionNames(column, rows, { type: input.type, data: {} }, names);
      if (names.size > limits.optionsPerColumn) break;
    }
    const options = [...names]
      .filter((name) => nameFault(name) === null)
      .slice(0, limits.optionsPerColumn)
      .map((name) => ({ name }));
    return { ...input, data: { ...input.data, options } };
  }

  async *#pages(table: Table): AsyncGenerator<readonly Row[]> {
    for (let cursor: string | null = null; ; ) {
      const page: Page<Row> = await this.#rows.list(table, { limit: limits.rowsPerConversionStep, cursor });
      yield page.items;
      if (page.nextCursor === null) return;
      cursor = page.nextCursor;
    }
  }
}

/** A new name to store the cells of a column under, which no column's key can be. */
export function newCellKey(column: Column): ColumnKey {
  return `${column.key}.${newChangeSetId().slice(-6)}` as ColumnKey;
}
