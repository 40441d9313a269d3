import { nearestWord } from '../config/nearest-word.ts';
import { type ColumnType, columnTypes } from '../model/table.ts';
import { usageFailure } from './failure.ts';

/** A column as the API takes it. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: ColumnType;
  readonly data?: Readonly<Record<string, unknown>>;
}

const isType = (text: string | undefined): text is ColumnType =>
  columnTypes.some((type) => type === text?.toLowerCase());

/** Reads `Name:type` or `Name:type:data`; the name itself may have colons. */
export function readColumn(text: string): ColumnDefinition {
  const parts = text.split(':');
  const last = parts.at(-1);
  const before = parts.at(-2);
  if (parts.length > 2 && isType(before) && !isType(last)) {
    return define(parts.slice(0, -2).join(':'), before, last ?? '', text);
  }
  if (parts.length > 1 && isType(last)) return define(parts.slice(0, -1).join(':'), last, null, text);
  const given = (parts.length > 1 ? last : undefined) ?? '';
  const near = nearestWord(given, columnTypes);
  throw usageFailure(
    given === ''
      ? `The column "${text}" has no type; write it as NAME:TYPE.`
      : `The column "${text}" has the unknown type "${given}"${near === null ? '.' : `; did you mean "${near}"?`}`,
    [`Types: ${columnTypes.join(', ')}`],
  );
}

function define(name: string, typeText: ColumnType, data: string | null, text: string): ColumnDefinition {
  const type = typeText.toLowerCase() as ColumnType;
  if (name === '') throw usageFailure(`The column "${text}" has no name; write it as NAME:TYPE.`);
  if (data === null) return { name, type };
  switch (type) {
    case 'single-select':
    case 'multiple-select':
      return { name, type, data: { options: data.split('|').map((option) => ({ name: option.trim() })) } };
    case 'date':
      if (data === 'time') return { name, type, data: { time: true } };
      throw usageFailure(
        `The column "${text}": after date only "time" may follow, as in "${name}:date:time".`,
      );
    case 'link':
      return { name, type, data: { table: data } };
    default:
      throw usageFailure(`The column "${text}": nothing may follow the type ${type}.`);
  }
}
