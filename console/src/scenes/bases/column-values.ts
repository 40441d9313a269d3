import type { Column, ColumnType, Input } from '../../api/types.ts';

/** Every type, in the order in which a person looks for one. */
export const columnTypes: readonly ColumnType[] = [
  'text',
  'long-text',
  'number',
  'checkbox',
  'date',
  'single-select',
  'multiple-select',
  'email',
  'url',
  'collaborator',
  'file',
  'link',
  'image',
  'duration',
  'rating',
  'geolocation',
  'created',
  'modified',
  'created-by',
  'modified-by',
  'auto-number',
];

const filledInTypes: ReadonlySet<ColumnType> = new Set([
  'created',
  'modified',
  'created-by',
  'modified-by',
  'auto-number',
]);

/** Whether the server fills in the cells of such a column. */
export function isFilledIn(type: ColumnType): boolean {
  return filledInTypes.has(type);
}

const indexableTypes: ReadonlySet<ColumnType> = new Set([
  'text',
  'long-text',
  'number',
  'checkbox',
  'date',
  'single-select',
  'email',
  'url',
  'duration',
  'rating',
]);

/** Whether an index of the cells can be kept, which large tables need to be searched quickly. */
export function canBeIndexed(type: ColumnType): boolean {
  return indexableTypes.has(type);
}

/** An option of a select as it is edited; without an id it is a new one. */
export interface OptionValues {
  /** Tells lines apart while they are edited. */
  readonly line: string;
  readonly id?: string;
  readonly name: string;
  readonly color: string;
}

/** A column as it is edited. */
export interface ColumnValues {
  name: string;
  type: ColumnType;
  options: OptionValues[];
  time: boolean;
  indexed: boolean;
  table: string | null;
  prefix: string;
}

let lines = 0;
export function newOption(name = '', color = ''): OptionValues {
  return { line: `option-${++lines}`, name, color };
}

export const emptyColumn: ColumnValues = {
  name: '',
  type: 'text',
  options: [],
  time: false,
  indexed: false,
  table: null,
  prefix: '',
};

/** A column that there is, for editing. */
export function columnValues({ name, type, data }: Column): ColumnValues {
  return {
    name,
    type,
    options: (data.options ?? []).map(({ id, name: option, color }) => ({
      ...newOption(option, color ?? ''),
      id,
    })),
    time: data.time ?? false,
    indexed: data.indexed ?? false,
    table: data.table ?? null,
    prefix: data.prefix ?? '',
  };
}

type ColumnData = NonNullable<Input<'addColumn'>['data']>;

/** Text on a background so that it can be read: black on light ones, white on dark ones. */
export function textColorOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = (/^#(..)(..)(..)$/.exec(color) ?? []).slice(1).map((hex) => {
    const part = Number.parseInt(hex, 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  // Relative luminance, as WCAG 2 defines it; from 0.18 on black has the higher contrast.
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? '#000000' : '#FFFFFF';
}

/** What belongs to a column of its type, as the API takes it. */
export function columnData(values: Pick<ColumnValues, Exclude<keyof ColumnValues, 'name'>>): ColumnData {
  const { type, options, time, indexed, table, prefix } = values;
  return {
    ...(type === 'single-select' || type === 'multiple-select'
      ? {
          options: options
            .filter(({ name }) => name.trim() !== '')
            .map(({ id, name, color }) => ({
              ...(id === undefined ? {} : { id }),
              name: name.trim(),
              ...(/^#[0-9a-f]{6}$/i.test(color) ? { color, textColor: textColorOn(color) } : {}),
            })),
        }
      : {}),
    ...(type === 'date' && time ? { time } : {}),
    ...(type === 'link' && table !== null ? { table } : {}),
    ...(type === 'auto-number' && prefix !== '' ? { prefix } : {}),
    ...(canBeIndexed(type) && indexed ? { indexed } : {}),
  };
}
