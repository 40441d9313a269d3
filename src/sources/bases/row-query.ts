import { Problem } from '../../model/problem.ts';
import { type Column, type ColumnType, cellKeyOf, isAutoColumnType, type Table } from '../../model/table.ts';
import type { RowCondition, RowField, RowQuery, RowSort } from '../../store/port.ts';
import { readCellText } from './cell-text.ts';
import { normalisedMoment } from './dates.ts';
import { accepted, listed, quoted, type Reading, refused } from './faults.ts';
import { limits } from './limits.ts';
import { findColumn } from './table-index.ts';

/** What a caller wants of the rows of a table. */
export interface RowQueryInput {
  /** Each `COLUMN OPERATOR VALUE`, such as `Price>=10`; all of them must hold. */
  readonly filters: readonly string[];
  /** Key or name of a column; null: in the order in which rows were made. */
  readonly sort: string | null;
  readonly descending: boolean;
}

export const allRows: RowQueryInput = { filters: [], sort: null, descending: false };

const operators = ['!=', '>=', '<=', '!~', '=', '>', '<', '~'] as const;
type Operator = (typeof operators)[number];

const equality: readonly Operator[] = ['=', '!='];
const ordering: readonly Operator[] = [...equality, '<', '<=', '>', '>='];
const onTexts: readonly Operator[] = [...ordering, '~', '!~'];
const onLists: readonly Operator[] = [...equality, '~', '!~'];

/** Lists and objects can only be compared with nothing: whether the cell is empty. */
const allowedOperators: Readonly<Record<ColumnType, readonly Operator[]>> = {
  text: onTexts,
  'long-text': onTexts,
  email: onTexts,
  url: onTexts,
  'created-by': onTexts,
  'modified-by': onTexts,
  number: ordering,
  date: ordering,
  duration: ordering,
  rating: ordering,
  created: ordering,
  modified: ordering,
  'auto-number': ordering,
  checkbox: equality,
  'single-select': equality,
  'multiple-select': onLists,
  collaborator: onLists,
  image: onLists,
  link: onLists,
  file: equality,
  geolocation: equality,
};

/** Reads filters and order; a Problem says which filter is wrong, and what is allowed. */
export function readRowQuery(table: Table, { filters, sort, descending }: RowQueryInput): RowQuery {
  if (filters.length > limits.filtersPerQuery) {
    throw new Problem(
      'invalid-input',
      `A query has at most ${limits.filtersPerQuery} filters; got ${filters.length}.`,
    );
  }
  const conditions = filters.map((filter, position) => {
    const reading = readFilter(table, filter);
    if (reading.ok) return reading.value;
    const pointer = `filter/${position}`;
    throw new Problem('invalid-input', `${pointer}: ${quoted(filter)}: ${reading.fault}.`, [
      { pointer, detail: reading.fault },
    ]);
  });
  return { conditions, sort: sort === null ? null : readSort(table, sort, descending) };
}

function readSort(table: Table, name: string, descending: boolean): RowSort {
  const column = findColumn(table, name);
  const refuse = (detail: string) =>
    new Problem('invalid-input', `sort: ${detail}.`, [{ pointer: 'sort', detail }]);
  if (!column) throw refuse(noSuchColumn(table, name));
  if (!isSortable(column)) {
    throw refuse(`rows cannot be sorted by ${quoted(column.name)}, whose type is ${column.type}`);
  }
  const order = column.type === 'single-select' ? (column.data.options ?? []).map(({ id }) => id) : null;
  return { field: fieldOf(column), descending, order };
}

function isSortable({ type }: Column): boolean {
  return allowedOperators[type].includes('<') || type === 'checkbox' || type === 'single-select';
}

interface Filter {
  readonly column: Column;
  readonly operator: Operator;
  readonly value: string;
}

function readFilter(table: Table, text: string): Reading<RowCondition> {
  const filter = splitFilter(table, text);
  if (!filter.ok) return filter;
  const { column, operator, value } = filter.value;
  const allowed = allowedOperators[column.type];
  if (!allowed.includes(operator)) {
    const detail = `${operator} is not for a column of the type ${column.type}; allowed: ${allowed.join(' ')}`;
    return refused(detail);
  }
  if (value.trim() === '') return emptiness(column, operator);
  const condition = readCondition(column, operator, value);
  if (!condition.ok || !operator.startsWith('!')) return condition;
  return accepted({ kind: 'not', condition: condition.value });
}

/** A column's name may have operators in it: the longest key or name that an operator follows is meant. */
function splitFilter(table: Table, text: string): Reading<Filter> {
  const names = table.columns
    .flatMap((column) => [column.name, column.key].map((name): [string, Column] => [name, column]))
    .filter(([name]) => text.startsWith(name))
    .sort(([one], [other]) => other.length - one.length);
  for (const [name, column] of names) {
    const rest = text.slice(name.length).trimStart();
    const operator = operators.find((candidate) => rest.startsWith(candidate));
    if (operator) return accepted({ column, operator, value: rest.slice(operator.length) });
  }
  const [name = ''] = text.split(/[=<>~!]/, 1);
  if (name !== text && !names.some(([known]) => known === name.trim())) {
    return refused(noSuchColumn(table, name.trim()));
  }
  return refused(`must be a column, one of ${operators.join(' ')} and a value, such as Price>=10`);
}

function noSuchColumn(table: Table, name: string): string {
  return `there is no column ${quoted(name)}; allowed: ${listed(table.columns.map((column) => column.name))}`;
}

/** `COLUMN=` and `COLUMN!=`: whether the cell is empty. */
function emptiness(column: Column, operator: Operator): Reading<RowCondition> {
  if (operator !== '=' && operator !== '!=') return refused(`a value must follow ${operator}`);
  const known = column.data.options?.map(({ id }) => id) ?? null;
  const condition: RowCondition = { kind: 'empty', field: fieldOf(column), known };
  return accepted(operator === '=' ? condition : { kind: 'not', condition });
}

/** The condition without its `!`. */
function readCondition(column: Column, operator: Operator, text: string): Reading<RowCondition> {
  const field = fieldOf(column);
  if (operator === '~' || operator === '!~') {
    if (field.kind === 'fact' || onTexts === allowedOperators[column.type]) {
      return accepted({ kind: 'contains', field, text });
    }
    const item = column.type === 'multiple-select' ? readOptionId(column, text) : accepted(text.trim());
    return item.ok ? accepted({ kind: 'has', key: cellKeyOf(column), item: item.value }) : item;
  }
  const value = readValue(column, text);
  if (!value.ok) return value;
  // An empty checkbox is an unticked one.
  if (value.value === false) {
    const ticked: RowCondition = { kind: 'compare', field, operator: '=', value: true };
    return accepted({ kind: 'not', condition: ticked });
  }
  const plain = operator === '!=' ? '=' : (operator as Exclude<Operator, '!=' | '~' | '!~'>);
  return accepted({ kind: 'compare', field, operator: plain, value: value.value });
}

function readOptionId(column: Column, text: string): Reading<string> {
  const reading = readCellText({ ...column, type: 'single-select' }, text);
  return reading.ok ? accepted(reading.value as string) : reading;
}

function readValue(column: Column, text: string): Reading<string | number | boolean> {
  switch (column.type) {
    case 'text':
    case 'long-text':
    case 'email':
    case 'url':
    case 'created-by':
    case 'modified-by':
      return accepted(text);
    case 'created':
    case 'modified': {
      const moment = normalisedMoment(text.trim());
      return moment === null
        ? refused(`must be a day or a date and time such as 2026-05-31T13:30:00Z; got ${quoted(text)}`)
        : accepted(Date.parse(moment));
    }
    case 'auto-number':
      return readAutoNumber(column, text.trim());
    case 'number':
    case 'checkbox':
    case 'date':
    case 'duration':
    case 'rating':
    case 'single-select': {
      const reading = readCellText(column, text.trim());
      return reading.ok ? accepted(reading.value as string | number | boolean) : reading;
    }
    default:
      return refused(
        `a column of the type ${column.type} can only be compared with nothing, for an empty cell`,
      );
  }
}

function readAutoNumber({ data }: Column, text: string): Reading<number> {
  const digits = data.prefix && text.startsWith(data.prefix) ? text.slice(data.prefix.length) : text;
  return /^\d{1,15}$/.test(digits)
    ? accepted(Number(digits))
    : refused(`must be a number of a row such as ${data.prefix ?? ''}1; got ${quoted(text)}`);
}

const facts = {
  created: 'createdAtMs',
  modified: 'updatedAtMs',
  'created-by': 'createdBy',
  'modified-by': 'updatedBy',
  'auto-number': 'number',
} as const;

function fieldOf(column: Column): RowField {
  const { type, data } = column;
  if (isAutoColumnType(type)) return { kind: 'fact', fact: facts[type] };
  const shape = type !== 'date' ? 'plain' : data.time ? 'moment' : 'day';
  return { kind: 'cell', key: cellKeyOf(column), shape };
}
