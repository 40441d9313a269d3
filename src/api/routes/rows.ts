import { Type } from 'typebox';
import { Problem } from '../../model/problem.ts';
import type { Row, Table } from '../../model/table.ts';
import { limits } from '../../sources/bases/limits.ts';
import type { TableRows } from '../../sources/bases/row-changes.ts';
import type { Changed } from '../../sources/bases/row-service.ts';
import { type CellsBy, showRow } from '../../sources/bases/row-values.ts';
import { callerOf } from '../auth.ts';
import { cellsOfGristRow } from '../grist-rows.ts';
import { pageAnswer, pageRequest } from '../pages.ts';
import {
  closedObject,
  nullableText,
  oneOf,
  pageOf,
  pageQueryProperties,
  texts,
  timestamp,
} from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { tableAddress, tableParams } from '../table-answers.ts';
import { showTime } from '../times.ts';

const rowParams = { ...tableParams, row: Type.String({ description: 'Id of the row.' }) };

/** Cells in a body or an answer; which there are depends on the table. */
const cells = (description: string) =>
  Type.Unsafe<Readonly<Record<string, unknown>>>({
    type: 'object',
    additionalProperties: true,
    description,
  });

const cellsInput = cells(
  'By column key or column name. Options by name or id; null, an empty text or an empty list empties a cell.',
);

const rowSchema = Type.Object(
  {
    id: Type.String(),
    number: Type.Integer({ description: 'Counts up in the table, and is never given out again.' }),
    cells: cells('By column name, or by key with `cellsBy=key`. Options by name; an empty cell is null.'),
    createdAt: timestamp('When it was inserted.'),
    updatedAt: timestamp('When a cell of it changed last.'),
    createdBy: nullableText('The user who inserted it, or else the API token used.'),
    updatedBy: nullableText('The user who changed a cell of it last, or else the API token used.'),
  },
  { title: 'Row' },
);
const changeSetProperty = nullableText('The change set, which can be undone; null when nothing changed.');
const rowsSchema = Type.Object({ rows: Type.Array(rowSchema), changeSet: changeSetProperty });

const cellsByProperty = {
  cellsBy: Type.Optional(
    oneOf(['name', 'key'], 'Whether cells are named by column name, the default, or key.'),
  ),
};
/** A sorted list's cursor holds the text that the last row was sorted by. */
const maxRowCursorLength = 4_000;

const rowQueryProperties = {
  cursor: Type.Optional(
    Type.String({
      maxLength: maxRowCursorLength,
      description: 'Where to go on: the `nextCursor` of the page before, with the same filters and order.',
    }),
  ),
  filter: Type.Optional(
    texts({
      maxItems: limits.filtersPerQuery,
      description: 'Only rows for which it holds; may be given several times, for all of them together.',
    }),
  ),
  sort: Type.Optional(Type.String({ description: 'Key or name of the column to sort by.' })),
  order: Type.Optional(oneOf(['asc', 'desc'], 'Direction of the order. Default: asc.')),
};
const cellsByQuery = closedObject(cellsByProperty);

const flatProperty = Type.Optional(
  oneOf(['1'], 'The body is a bare list of rows as Grist sends them, instead of `{rows}`.'),
);

const rowsOfCall = { minItems: 1, maxItems: limits.rowsPerCall };

/** Rows. Every change of a row is durable together with its event when it is answered. */
export const rowRoutes: RouteModule = (api, { bases }) => {
  const { rows } = bases;
  api.get(
    '/v1/bases/:base/tables/:table/rows',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Rows'],
        operationId: 'listRows',
        summary: 'List rows',
        description:
          'The oldest first, or sorted by a column. Empty cells come last, or first with `order=desc`; texts are ' +
          'sorted by their first 200 characters, without case.\n\n' +
          'A filter is a column, an operator and a value: `Price>=10`, `State=Done`, `Name~ada`. `=` and `!=` are ' +
          'for every type, with no value for whether the cell is empty; `<`, `<=`, `>` and `>=` for texts, numbers ' +
          'and times; `~` and `!~` for whether a text contains another, without case, or a list has an item. ' +
          'An unticked checkbox is false, filled or not. In a large table, mark the columns used as `indexed`.',
        params: closedObject(tableParams),
        querystring: closedObject({ ...pageQueryProperties, ...cellsByProperty, ...rowQueryProperties }),
        response: { 200: pageOf(rowSchema) },
      },
      preValidation: (request, _reply, done) => {
        const query = request.query as Record<string, unknown>;
        if (typeof query.filter === 'string') query.filter = [query.filter];
        done();
      },
    },
    async (request) => {
      const address = tableAddress(callerOf(request), request.params);
      const { filter = [], sort = null, order } = request.query;
      const query = { filters: filter, sort, descending: order === 'desc' };
      const page = await rows.list(address, pageRequest(request.query), query);
      const { table, rows: items, nextCursor } = page;
      return pageAnswer({ items, nextCursor }, (row) => answeredRow(table, row, request.query.cellsBy));
    },
  );

  api.post(
    '/v1/bases/:base/tables/:table/rows',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Rows'],
        operationId: 'insertRows',
        summary: 'Insert rows',
        description:
          'In order; all of them, or none. Each makes an event `row.inserted`. With `flat=1` the body is a bare list ' +
          'of rows as Grist sends them, each an object with cells by column, in its encoding; `id` and `manualSort` ' +
          'are dropped.',
        params: closedObject(tableParams),
        querystring: closedObject({ ...cellsByProperty, flat: flatProperty }),
        body: closedObject({ rows: Type.Array(closedObject({ cells: cellsInput }), rowsOfCall) }),
        response: { 201: rowsSchema },
      },
      preValidation: (request, _reply, done) => {
        if (isFlat(request.query)) request.body = { rows: flatRows(request.body) } as typeof request.body;
        done();
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const address = tableAddress(caller, request.params);
      const { flat, cellsBy } = request.query;
      const table = flat === undefined ? null : await bases.getTable(address);
      const given = table
        ? request.body.rows.map((row) => ({ cells: cellsOfGristRow(table, row.cells) }))
        : request.body.rows;
      const inserted = await rows.insert(address, given, caller.actor);
      return reply.code(201).send(answeredRows(inserted, cellsBy));
    },
  );

  api.patch(
    '/v1/bases/:base/tables/:table/rows',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Rows'],
        operationId: 'updateRows',
        summary: 'Update rows',
        description:
          'Only the cells named; all of the rows, or none. Each row in which something changes makes an ' +
          'event `row.updated`.',
        params: closedObject(tableParams),
        querystring: cellsByQuery,
        body: closedObject({
          rows: Type.Array(
            closedObject({ id: Type.String({ description: 'Id of the row.' }), cells: cellsInput }),
            rowsOfCall,
          ),
        }),
        response: { 200: rowsSchema },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const address = tableAddress(caller, request.params);
      const updated = await rows.update(address, request.body.rows, caller.actor);
      return answeredRows(updated, request.query.cellsBy);
    },
  );

  api.delete(
    '/v1/bases/:base/tables/:table/rows',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Rows'],
        operationId: 'deleteRows',
        summary: 'Delete rows',
        description: 'All of them, or none. Each makes an event `row.deleted`.',
        params: closedObject(tableParams),
        body: closedObject({ ids: texts({ ...rowsOfCall, description: 'Ids of the rows.' }) }),
        response: {
          200: Type.Object({
            deleted: Type.Integer({ description: 'How many were deleted.' }),
            changeSet: changeSetProperty,
          }),
        },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const address = tableAddress(caller, request.params);
      const { deleted, changeSetId } = await rows.delete(address, request.body.ids, caller.actor);
      return { deleted, changeSet: changeSetId };
    },
  );

  api.get(
    '/v1/bases/:base/tables/:table/rows/:row',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Rows'],
        operationId: 'getRow',
        summary: 'Show a row',
        params: closedObject(rowParams),
        querystring: cellsByQuery,
        response: { 200: rowSchema },
      },
    },
    async (request) => {
      const address = tableAddress(callerOf(request), request.params);
      const { table, row } = await rows.get(address, request.params.row);
      return answeredRow(table, row, request.query.cellsBy);
    },
  );

  api.post(
    '/v1/bases/:base/tables/:table/rows/:row/duplicate',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Rows'],
        operationId: 'duplicateRow',
        summary: 'Duplicate a row',
        description: 'Inserts its cells again under a new id, which makes an event `row.inserted`.',
        params: closedObject(rowParams),
        querystring: cellsByQuery,
        response: { 201: rowsSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const address = tableAddress(caller, request.params);
      const inserted = await rows.duplicate(address, request.params.row, caller.actor);
      return reply.code(201).send(answeredRows(inserted, request.query.cellsBy));
    },
  );
};

function answeredRow(table: Table, row: Row, cellsBy: CellsBy = 'name') {
  const { createdAtMs, updatedAtMs, ...shown } = showRow(table, row, cellsBy);
  return { ...shown, createdAt: showTime(createdAtMs), updatedAt: showTime(updatedAtMs) };
}

function answeredRows({ table, rows, changeSetId }: Changed<TableRows>, cellsBy?: CellsBy) {
  return { rows: rows.map((row) => answeredRow(table, row, cellsBy)), changeSet: changeSetId };
}

function isFlat(query: unknown): boolean {
  return (query as { readonly flat?: unknown }).flat === '1';
}

/** The rows of a bare list as a body has them otherwise. */
function flatRows(body: unknown): readonly { readonly cells: unknown }[] {
  if (!Array.isArray(body)) {
    throw new Problem('invalid-input', 'The body must be a list of rows, as flat=1 is given.');
  }
  return body.map((cells: unknown) => ({ cells }));
}
