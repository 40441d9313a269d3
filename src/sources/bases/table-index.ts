import type { Column, SelectOption, Table } from '../../model/table.ts';

// Tables and columns are replaced, never changed, so an index can live as long as the object it is made of.
const columnPositions = new WeakMap<Table, ReadonlyMap<string, number>>();
const optionIndexes = new WeakMap<Column, OptionIndex>();

interface OptionIndex {
  readonly byId: ReadonlyMap<string, SelectOption>;
  /** By name and by id; no option's name is another one's id. */
  readonly byNameOrId: ReadonlyMap<string, SelectOption>;
}

/** Place in `table.columns` of the column with that key or, failing that, that name. */
export function columnPosition(table: Table, keyOrName: string): number | undefined {
  let positions = columnPositions.get(table);
  if (!positions) {
    const { columns } = table;
    positions = new Map([
      ...columns.map((column, position): [string, number] => [column.name, position]),
      ...columns.map((column, position): [string, number] => [column.key, position]),
    ]);
    columnPositions.set(table, positions);
  }
  return positions.get(keyOrName);
}

/** The column with that key or, failing that, that name. */
export function findColumn(table: Table, keyOrName: string): Column | undefined {
  const position = columnPosition(table, keyOrName);
  return position === undefined ? undefined : table.columns[position];
}

/** The options of a select column. */
export function optionIndex(column: Column): OptionIndex {
  let index = optionIndexes.get(column);
  if (!index) {
    const options = column.data.options ?? [];
    const byId = new Map(options.map((option) => [option.id, option]));
    index = {
      byId,
      byNameOrId: new Map([...options.map((o): [string, SelectOption] => [o.name, o]), ...byId]),
    };
    optionIndexes.set(column, index);
  }
  return index;
}
