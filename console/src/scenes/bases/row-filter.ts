import type { Column } from '../../api/types.ts';

/** How a filter of rows compares; as the API writes it. */
export const operators = ['=', '!=', '<', '<=', '>', '>=', '~', '!~'] as const;
export type Operator = (typeof operators)[number];

/** One condition on rows. */
export interface Condition {
  readonly column: string;
  readonly operator: Operator;
  readonly value: string;
}

const texts: readonly Column['type'][] = ['text', 'long-text', 'email', 'url', 'created-by', 'modified-by'];
const lists: readonly Column['type'][] = ['multiple-select', 'collaborator', 'image', 'link'];
const measures: readonly Column['type'][] = [
  'number',
  'date',
  'duration',
  'rating',
  'created',
  'modified',
  'auto-number',
];
const ordered: ReadonlySet<Column['type']> = new Set([...texts, ...measures]);
const searchable: ReadonlySet<Column['type']> = new Set([...texts, ...lists]);

/** The operators that a column's cells know. */
export function operatorsOf(type: Column['type']): readonly Operator[] {
  return [
    '=',
    '!=',
    ...(ordered.has(type) ? (['<', '<=', '>', '>='] as const) : []),
    ...(searchable.has(type) ? (['~', '!~'] as const) : []),
  ];
}

/** Whether rows can be sorted by a column. */
export function isSortable(type: Column['type']): boolean {
  return ordered.has(type) || type === 'single-select' || type === 'checkbox';
}

/** As the API takes it; columns are named by key, which holds none of the signs. */
export function filterText({ column, operator, value }: Condition): string {
  return `${column}${operator}${value}`;
}

/** The condition of a filter that names its column by key; null when it is none. */
export function readFilter(text: string): Condition | null {
  const match = /^(\w+)(!=|<=|>=|!~|=|<|>|~)(.*)$/s.exec(text);
  if (!match?.[1] || !match[2]) return null;
  return { column: match[1], operator: match[2] as Operator, value: match[3] ?? '' };
}
