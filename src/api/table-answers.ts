import { Type } from 'typebox';
import {
  autoColumnTypes,
  type Base,
  type Column,
  type ColumnData,
  columnTypes,
  type Table,
} from '../model/table.ts';
import type { TableAddress } from '../sources/bases/address.ts';
import { limits } from '../sources/bases/limits.ts';
import type { Caller } from './auth.ts';
import { closedObject, oneOf, timestamp } from './schemas.ts';
import { showTime } from './times.ts';

export const baseParams = { base: Type.String({ description: 'Id of the base.' }) };
export const tableParams = { ...baseParams, table: Type.String({ description: 'Id or name of the table.' }) };

/** Where a table is, from the path of a request and its caller. */
export function tableAddress(
  caller: Caller,
  params: { readonly base: string; readonly table: string },
): TableAddress {
  return { workspaceNumber: caller.workspace.number, base: params.base, table: params.table };
}

export const nameProperty = (of: string) =>
  Type.String({
    minLength: 1,
    maxLength: limits.nameCharacters,
    description: `Name of the ${of}, without line breaks or blanks at its ends.`,
  });

const optionProperties = {
  name: nameProperty('option'),
  color: Type.Optional(Type.String({ description: 'Background as #RRGGBB.' })),
  textColor: Type.Optional(Type.String({ description: 'Text as #RRGGBB.' })),
};

export const columnTypeProperty = oneOf(
  columnTypes,
  `What its cells hold. Rowhook fills in ${autoColumnTypes.join(', ')}.`,
);

/** The data of a column in a body. */
export const columnDataInput = closedObject(
  {
    options: Type.Optional(
      Type.Array(
        closedObject({
          id: Type.Optional(Type.String({ description: 'Made, when left out; cells may name it.' })),
          ...optionProperties,
        }),
        { maxItems: limits.optionsPerColumn, description: 'For single-select and multiple-select.' },
      ),
    ),
    time: Type.Optional(
      Type.Boolean({ description: 'For date: whether cells have a time of day. Default: false.' }),
    ),
    table: Type.Optional(
      Type.String({ description: 'For link, needed: id or name of the table whose rows are linked.' }),
    ),
    prefix: Type.Optional(
      Type.String({
        maxLength: limits.prefixCharacters,
        description: 'For auto-number: what stands before the number.',
      }),
    ),
    indexed: Type.Optional(
      Type.Boolean({
        description:
          'For types with one value a cell: keep an index, so that rows of a large table are found and sorted ' +
          `by it quickly. At most ${limits.indexedColumns} columns of a table. Default: false.`,
      }),
    ),
  },
  { description: 'What belongs to the column beyond its type.' },
);

/** The definition of a new column in a body. */
export const newColumnProperties = {
  name: nameProperty('column'),
  type: columnTypeProperty,
  key: Type.Optional(
    Type.String({
      maxLength: limits.keyCharacters,
      description:
        'Letters, digits and underscores; stays when the column is renamed. Made, when left out: four of them.',
    }),
  ),
  data: Type.Optional(columnDataInput),
};

export const positionProperty = Type.Optional(
  Type.Integer({ minimum: 0, description: 'Its place among the columns, counted from 0.' }),
);

export const columnSchema = Type.Object(
  {
    key: Type.String({ description: 'Stays when the column is renamed.' }),
    name: Type.String(),
    type: columnTypeProperty,
    data: Type.Unsafe<ColumnData>(
      Type.Object({
        options: Type.Optional(Type.Array(Type.Object({ id: Type.String(), ...optionProperties }))),
        time: Type.Optional(Type.Boolean()),
        table: Type.Optional(Type.String({ description: 'Id of the table whose rows are linked.' })),
        prefix: Type.Optional(Type.String({ description: 'What stands before an auto-number.' })),
        indexed: Type.Optional(Type.Boolean({ description: 'Whether there is an index of its cells.' })),
      }),
    ),
  },
  { title: 'Column' },
);

export const tableSchema = Type.Object(
  {
    id: Type.String(),
    base: Type.String({ description: 'Id of the base.' }),
    name: Type.String({ description: 'Unique in the base; serves like the id.' }),
    columns: Type.Array(columnSchema, {
      description: 'In the order in which they are shown; the first one names the rows.',
    }),
    createdAt: timestamp('When it was created.'),
  },
  { title: 'Table' },
);

export const baseSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    createdAt: timestamp('When it was created.'),
  },
  { title: 'Base' },
);

/** A base as the API answers it. */
export function showBase({ id, name, createdAtMs }: Base) {
  return { id, name, createdAt: showTime(createdAtMs) };
}

/** A table as the API answers it. */
export function showTable({ id, baseId, name, columns, createdAtMs }: Table) {
  return { id, base: baseId, name, columns: columns.map(showColumn), createdAt: showTime(createdAtMs) };
}

/** A column as the API answers it. */
export function showColumn({ key, name, type, data }: Column) {
  return { key, name, type, data };
}
