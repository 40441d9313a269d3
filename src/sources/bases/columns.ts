import { type ColumnKey, newColumnKey, type TableId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import {
  type Column,
  type ColumnData,
  type ColumnType,
  columnTypes,
  isAutoColumnType,
} from '../../model/table.ts';
import { Faults, listed, quoted } from './faults.ts';
import { limits } from './limits.ts';
import { type OptionInput, readOptions } from './options.ts';
import { keyFault, nameFault } from './texts.ts';

export interface ColumnDataInput {
  readonly options?: readonly OptionInput[];
  readonly time?: boolean;
  readonly table?: string;
  readonly prefix?: string;
  readonly indexed?: boolean;
}

export interface ColumnInput {
  readonly name: string;
  readonly type: ColumnType;
  /** Chosen by the caller, or made: four letters or digits, as in SeaTable. */
  readonly key?: string;
  readonly data?: ColumnDataInput;
}

/** What to change about a column; what is left out stays. */
export interface ColumnChange {
  readonly name?: string;
  readonly type?: ColumnType;
  /** Replaces the whole of the column's data. */
  readonly data?: ColumnDataInput;
}

/** What columns refer to outside of their table. */
export interface Surroundings {
  /** The table of the base with that id or name. */
  readonly findTable: (idOrName: string) => { readonly id: TableId } | undefined;
}

const textTypes: readonly ColumnType[] = ['text', 'long-text', 'email', 'url'];

/** Members that the data of a column may have, by type. */
const dataMembers: Readonly<Record<ColumnType, readonly (keyof ColumnData)[]>> = {
  text: ['indexed'],
  'long-text': ['indexed'],
  number: ['indexed'],
  checkbox: ['indexed'],
  date: ['time', 'indexed'],
  'single-select': ['options', 'indexed'],
  'multiple-select': ['options'],
  email: ['indexed'],
  url: ['indexed'],
  collaborator: [],
  file: [],
  image: [],
  link: ['table'],
  duration: ['indexed'],
  rating: ['indexed'],
  geolocation: [],
  created: [],
  modified: [],
  'created-by': [],
  'modified-by': [],
  'auto-number': ['prefix'],
};

/** The present columns followed by new ones. `pointer` leads to the definition of the n-th new one. */
export function withNewColumns(
  present: readonly Column[],
  inputs: readonly ColumnInput[],
  pointer: (position: number) => string,
  surroundings: Surroundings,
): readonly Column[] {
  const count = present.length + inputs.length;
  if (count > limits.columnsPerTable) {
    throw new Problem(
      'invalid-input',
      `A table has at most ${limits.columnsPerTable} columns; it would have ${count}.`,
    );
  }
  const faults = new Faults();
  const taken = new Set(
    [...present, ...inputs].flatMap(({ key, name }) => (key === undefined ? [name] : [key, name])),
  );
  const columns = inputs.map((input, position): Column => {
    const key = input.key ?? newKey(taken);
    faultsOfNames({ key, name: input.name }, pointer(position), faults);
    const { type } = input;
    if (!columnTypes.includes(type)) faults.add(`${pointer(position)}/type`, typeFault(type));
    const data = readData(type, input.data ?? {}, {}, `${pointer(position)}/data`, surroundings, faults);
    return { key: key as ColumnKey, name: input.name, type, data };
  });
  faults.throwIfAny();
  const all = [...present, ...columns];
  refuseManyIndexes(all);
  refuseAmbiguous(all, (position) => pointer(position - present.length));
  return all;
}

/** The columns after a change of one of them. Pointers start at the change. */
export function withChangedColumn(
  columns: readonly Column[],
  column: Column,
  change: ColumnChange,
  surroundings: Surroundings,
): readonly Column[] {
  const faults = new Faults();
  const { key, name, type, data } = { ...column, ...definedMembers(change) };
  faultsOfNames({ key, name }, '', faults);
  if (column.becomes && (type !== column.type || change.data)) {
    throw new Problem('conflict', `The column ${quoted(column.name)} is being converted; wait until it is.`);
  }
  if (type !== column.type && !(textTypes.includes(type) && textTypes.includes(column.type))) {
    faults.add(
      '/type',
      `a column of the type ${column.type} cannot become ${type}; only ${listed(textTypes)} change into each other. ` +
        'Convert it instead',
    );
  }
  const changed: Column = {
    ...column,
    name,
    type,
    data: change.data ? readData(type, data, column.data, '/data', surroundings, faults) : column.data,
  };
  if (changed.data.table !== column.data.table) {
    faults.add('/data/table', 'the table that a column links to cannot change; add a column instead');
  }
  faults.throwIfAny();
  const all = columns.map((other) => (other.key === column.key ? changed : other));
  refuseManyIndexes(all);
  refuseAmbiguous(all, () => '');
  return all;
}

/** What a column is to become; faults point into the request. */
export function readConversion(
  column: Column,
  { type, data = {} }: { readonly type: ColumnType; readonly data?: ColumnDataInput },
  surroundings: Surroundings,
): Pick<Column, 'type' | 'data'> {
  const faults = new Faults();
  if (!columnTypes.includes(type)) faults.add('/type', typeFault(type));
  for (const one of [column.type, type]) {
    if (isAutoColumnType(one)) {
      faults.add('/type', `Rowhook fills in a column of the type ${one}, which nothing converts from or to`);
    }
  }
  const read = readData(type, data, column.data, '/data', surroundings, faults);
  faults.throwIfAny();
  return { type, data: read };
}

/** The columns with the one of that name moved to a position, counted from 0; beyond the end is the end. */
export function withMovedColumn(
  columns: readonly Column[],
  name: string,
  position: number,
): readonly Column[] {
  const others = columns.filter((column) => column.name !== name);
  const moved = columns.filter((column) => column.name === name);
  return [...others.slice(0, position), ...moved, ...others.slice(position)];
}

function definedMembers<Members extends object>(members: Members): Partial<Members> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Partial<Members>;
}

function faultsOfNames(
  column: { readonly key: string; readonly name: string },
  pointer: string,
  faults: Faults,
): void {
  const name = nameFault(column.name);
  if (name !== null) faults.add(`${pointer}/name`, name);
  const key = keyFault(column.key);
  if (key !== null) faults.add(`${pointer}/key`, key);
}

function typeFault(type: unknown): string {
  return `${quoted(type)} is not a column type; allowed: ${listed(columnTypes)}`;
}

function refuseManyIndexes(columns: readonly Column[]): void {
  const count = columns.filter(({ data }) => data.indexed).length;
  if (count <= limits.indexedColumns) return;
  throw new Problem(
    'invalid-input',
    `A table has at most ${limits.indexedColumns} indexed columns, as each slows down every change of its rows; it would have ${count}.`,
  );
}

/** Cells are given by key or by name, so no text may stand for two columns. */
function refuseAmbiguous(columns: readonly Column[], pointer: (position: number) => string): void {
  const keys = new Map<string, number>();
  const names = new Map<string, number>();
  const conflicts = new Faults();
  for (const [position, { key, name }] of columns.entries()) {
    if (keys.has(key))
      conflicts.add(`${pointer(position)}/key`, `the table has a column with the key "${key}" already`);
    if (names.has(name))
      conflicts.add(`${pointer(position)}/name`, `the table has a column named ${quoted(name)} already`);
    keys.set(key, position);
    names.set(name, position);
  }
  for (const [name, position] of names) {
    const keyPosition = keys.get(name) ?? position;
    if (keyPosition > position) {
      conflicts.add(`${pointer(keyPosition)}/key`, `another column is named ${quoted(name)}`);
    } else if (keyPosition < position) {
      conflicts.add(`${pointer(position)}/name`, `another column has the key ${quoted(name)}`);
    }
  }
  conflicts.throwIfAny('conflict');
}

function newKey(taken: Set<string>): string {
  let key: string;
  do key = newColumnKey();
  while (taken.has(key));
  taken.add(key);
  return key;
}

function readData(
  type: ColumnType,
  input: ColumnDataInput,
  present: ColumnData,
  pointer: string,
  surroundings: Surroundings,
  faults: Faults,
): ColumnData {
  const allowed = dataMembers[type] ?? [];
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined || allowed.includes(member as keyof ColumnData)) continue;
    const members = allowed.length > 0 ? `may have ${listed(allowed)}` : 'has none';
    faults.add(`${pointer}/${member}`, `does not belong to the type ${type}, whose data ${members}`);
  }
  const data = dataOfType(type, input, present, pointer, surroundings, faults);
  return input.indexed ? { ...data, indexed: true } : data;
}

function dataOfType(
  type: ColumnType,
  input: ColumnDataInput,
  present: ColumnData,
  pointer: string,
  surroundings: Surroundings,
  faults: Faults,
): ColumnData {
  switch (type) {
    case 'date':
      return input.time ? { time: true } : {};
    case 'single-select':
    case 'multiple-select':
      return {
        options: readOptions(input.options ?? [], present.options ?? [], `${pointer}/options`, faults),
      };
    case 'link': {
      const table = surroundings.findTable(input.table ?? '');
      if (table) return { table: table.id };
      const fault = input.table === undefined ? 'is needed' : `the base has no table ${quoted(input.table)}`;
      faults.add(`${pointer}/table`, `${fault}: the id or name of the table whose rows are linked`);
      return {};
    }
    case 'auto-number':
      return readPrefix(input.prefix, `${pointer}/prefix`, faults);
    default:
      return {};
  }
}

function readPrefix(prefix: string | undefined, pointer: string, faults: Faults): ColumnData {
  if (prefix === undefined || prefix === '') return {};
  const isShort = typeof prefix === 'string' && prefix.length <= limits.prefixCharacters;
  const isPrintable = isShort && !/\p{Cc}/u.test(prefix) && prefix.isWellFormed();
  if (!isPrintable) {
    faults.add(
      pointer,
      `must be text of at most ${limits.prefixCharacters} characters without line breaks; got ${quoted(prefix)}`,
    );
  }
  return { prefix };
}
