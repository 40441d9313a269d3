import type { CellValue, Column, Row, Table } from '../../model/table.ts';
import { printCellText, readCellText } from './cell-text.ts';
import { currentValue, readCell, type ShownValue, sameCell, showCell } from './cells.ts';
import { storedCell } from './stored-cells.ts';

/** What becomes of the cells of a column when its type changes. */
export interface ConversionPreview {
  /** Filled cells that have a value of the new type, those that are `changed` included. */
  readonly convertible: number;
  /** Of these, cells that would not be the same again if the column were converted back. */
  readonly changed: number;
  /** Filled cells that become empty. */
  readonly lost: number;
  /** The first of the cells that are changed or lost. */
  readonly examples: readonly ConversionExample[];
}

export interface ConversionExample {
  /** Number of the row. */
  readonly row: number;
  readonly before: ShownValue;
  /** Null when it is lost. */
  readonly after: ShownValue;
}

/** The definition of a column that decides what its cells are. */
export type CellKind = Pick<Column, 'type' | 'data'>;

const examplesShown = 10;

/** A stored cell as one of another kind; undefined when nothing of it fits. */
export function convertedCell(
  from: Column,
  to: CellKind,
  value: CellValue | undefined,
): CellValue | undefined {
  if (value === undefined) return undefined;
  const target: Column = { ...from, ...to };
  if (from.type === 'date' && to.type === 'date') return currentValue(target, value);
  const shown = showCell(from, value);
  // A list in a text is taken apart, as when it is imported.
  const asIs = readCell(target, shown);
  if (asIs.ok && typeof shown !== 'string') return asIs.value ?? undefined;
  const asText = readCellText(target, printCellText(from, value));
  return asText.ok ? (asText.value ?? undefined) : undefined;
}

/** Counts what becomes of cells, row after row. */
export class ConversionCount {
  readonly #from: Column;
  readonly #to: CellKind;
  readonly #examples: ConversionExample[] = [];
  #convertible = 0;
  #changed = 0;
  #lost = 0;

  constructor(from: Column, to: CellKind) {
    this.#from = from;
    this.#to = to;
  }

  add(row: Row): void {
    const value = storedCell(this.#from, row);
    if (value === undefined) return;
    const target: Column = { ...this.#from, ...this.#to };
    const converted = convertedCell(this.#from, this.#to, value);
    if (converted === undefined) {
      this.#lost += 1;
    } else {
      this.#convertible += 1;
      if (sameCell(convertedCell(target, this.#from, converted), value)) return;
      this.#changed += 1;
    }
    if (this.#examples.length >= examplesShown) return;
    const [before, after] = [showCell(this.#from, value), showCell(target, converted)];
    this.#examples.push({ row: row.number, before, after });
  }

  preview(): ConversionPreview {
    return {
      convertible: this.#convertible,
      changed: this.#changed,
      lost: this.#lost,
      examples: this.#examples,
    };
  }
}

/** The names that cells give as options, in the order in which they come, up to a number. */
export function optionNames(from: Column, rows: Iterable<Row>, to: CellKind, names: Set<string>): void {
  for (const row of rows) {
    const value = storedCell(from, row);
    if (value === undefined) continue;
    const shown = showCell(from, value);
    const isList = to.type === 'multiple-select' && Array.isArray(shown);
    const items = isList ? (shown as readonly unknown[]) : [printCellText(from, value)];
    for (const item of items) if (typeof item === 'string') names.add(item.trim());
  }
}

/** A row whose cells are stored as what a column is becoming, too; null when they are already. */
export function withConvertedCell(table: Table, column: Column, row: Row): Row | null {
  const { becomes } = column;
  const now = table.columns.find(({ key }) => key === column.key);
  if (!becomes || now?.becomes?.cellKey !== becomes.cellKey) return null;
  const converted = convertedCell(now, becomes, storedCell(now, row));
  if (converted === undefined || sameCell(row.cells[becomes.cellKey], converted)) return null;
  return { ...row, cells: { ...row.cells, [becomes.cellKey]: converted } };
}
