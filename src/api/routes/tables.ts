import { Type } from 'typebox';
import type { Table } from '../../model/table.ts';
import { limits } from '../../sources/bases/limits.ts';
import { callerOf } from '../auth.ts';
import { numberKey, pageAnswer, pageInMemory, pageRequest } from '../pages.ts';
import { closedObject, noContent, pageOf, pageQuery } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import {
  baseParams,
  columnDataInput,
  columnSchema,
  columnTypeProperty,
  nameProperty,
  newColumnProperties,
  positionProperty,
  showColumn,
  showTable,
  tableAddress,
  tableParams,
  tableSchema,
} from '../table-answers.ts';

const columnParams = { ...tableParams, column: Type.String({ description: 'Key or name of the column.' }) };

/** Tables and their columns. Changes of them make no events. */
export const tableRoutes: RouteModule = (api, { bases }) => {
  api.get(
    '/v1/bases/:base/tables',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Tables'],
        operationId: 'listTables',
        summary: 'List the tables of a base',
        params: closedObject(baseParams),
        querystring: pageQuery,
        response: { 200: pageOf(tableSchema) },
      },
    },
    async (request) => {
      const all = await bases.listTables(callerOf(request).workspace.number, request.params.base);
      return pageAnswer(pageInMemory(all, keyOfTable, pageRequest(request.query)), showTable);
    },
  );

  api.post(
    '/v1/bases/:base/tables',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Tables'],
        operationId: 'createTable',
        summary: 'Create a table',
        params: closedObject(baseParams),
        body: closedObject({
          name: nameProperty('table'),
          columns: Type.Array(closedObject(newColumnProperties, { title: 'NewColumn' }), {
            minItems: 1,
            maxItems: limits.columnsPerTable,
            description: 'The first one names the rows.',
          }),
        }),
        response: { 201: tableSchema },
      },
    },
    async (request, reply) => {
      const { workspace } = callerOf(request);
      const table = await bases.createTable(workspace.number, request.params.base, request.body);
      return reply.code(201).send(showTable(table));
    },
  );

  api.get(
    '/v1/bases/:base/tables/:table',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Tables'],
        operationId: 'getTable',
        summary: 'Show a table',
        params: closedObject(tableParams),
        response: { 200: tableSchema },
      },
    },
    async (request) => showTable(await bases.getTable(tableAddress(callerOf(request), request.params))),
  );

  api.patch(
    '/v1/bases/:base/tables/:table',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Tables'],
        operationId: 'renameTable',
        summary: 'Rename a table',
        params: closedObject(tableParams),
        body: closedObject({ name: nameProperty('table') }),
        response: { 200: tableSchema },
      },
    },
    async (request) => {
      const address = tableAddress(callerOf(request), request.params);
      return showTable(await bases.renameTable(address, request.body.name));
    },
  );

  api.delete(
    '/v1/bases/:base/tables/:table',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Tables'],
        operationId: 'deleteTable',
        summary: 'Delete a table',
        description: 'With its rows, which make no events; the events so far stay.',
        params: closedObject(tableParams),
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await bases.deleteTable(tableAddress(callerOf(request), request.params));
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/v1/bases/:base/tables/:table/columns',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Tables'],
        operationId: 'addColumn',
        summary: 'Add a column',
        description: 'At a position, or after the present ones.',
        params: closedObject(tableParams),
        body: closedObject({ ...newColumnProperties, position: positionProperty }),
        response: { 201: columnSchema },
      },
    },
    async (request, reply) => {
      const column = await bases.addColumn(tableAddress(callerOf(request), request.params), request.body);
      return reply.code(201).send(showColumn(column));
    },
  );

  api.patch(
    '/v1/bases/:base/tables/:table/columns/:column',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Tables'],
        operationId: 'changeColumn',
        summary: 'Rename a column, change its options or its type, or move it',
        description:
          'What is left out stays. `data` replaces all of the data: an option that is named without its id ' +
          'stays the same option; cells with an option that is gone become empty. Types of text (text, ' +
          'long-text, email, url) change into each other; for others, convert the column.',
        params: closedObject(columnParams),
        body: closedObject({
          name: Type.Optional(nameProperty('column')),
          type: Type.Optional(columnTypeProperty),
          data: Type.Optional(columnDataInput),
          position: positionProperty,
        }),
        response: { 200: columnSchema },
      },
    },
    async (request) => {
      const { column } = request.params;
      const address = tableAddress(callerOf(request), request.params);
      return showColumn(await bases.changeColumn(address, column, request.body));
    },
  );

  api.post(
    '/v1/bases/:base/tables/:table/columns/:column/convert',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Tables'],
        operationId: 'convertColumn',
        summary: 'Convert a column into another type',
        description:
          'With its cells, or with `dryRun` only to see what would become of them. A cell that does not fit the ' +
          'new type becomes empty. Select options that are not given are made from the cells. The change makes no ' +
          'events, and is answered when it is complete; until then the column is what it was. Columns that ' +
          'Rowhook fills in are converted neither from nor to.',
        params: closedObject(columnParams),
        body: closedObject({
          type: columnTypeProperty,
          data: Type.Optional(columnDataInput),
          dryRun: Type.Optional(Type.Boolean({ description: 'Change nothing. Default: false.' })),
        }),
        response: {
          200: Type.Object({
            convertible: Type.Integer({ description: 'Filled cells that have a value of the new type.' }),
            changed: Type.Integer({
              description: 'Of these, cells that would not be the same again if they were converted back.',
            }),
            lost: Type.Integer({ description: 'Filled cells that become empty.' }),
            examples: Type.Array(
              Type.Object({
                row: Type.Integer({ description: 'Number of the row.' }),
                before: Type.Unknown({ description: 'The cell.' }),
                after: Type.Unknown({ description: 'The cell afterwards; null when it is lost.' }),
              }),
              { description: 'The first cells that are changed or lost.' },
            ),
            column: Type.Union([columnSchema, Type.Null()]),
          }),
        },
      },
    },
    async (request) => {
      const { dryRun = false, ...input } = request.body;
      const address = tableAddress(callerOf(request), request.params);
      const name = request.params.column;
      if (dryRun) {
        const preview = await bases.previewConversion(address, name, input);
        return { ...preview, examples: [...preview.examples], column: null };
      }
      const { column, preview } = await bases.convertColumn(address, name, input);
      return { ...preview, examples: [...preview.examples], column: showColumn(column) };
    },
  );

  api.delete(
    '/v1/bases/:base/tables/:table/columns/:column',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Tables'],
        operationId: 'deleteColumn',
        summary: 'Delete a column',
        description: 'Its cells are no longer shown. A webhook that needs it becomes invalid.',
        params: closedObject(columnParams),
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const { column } = request.params;
      await bases.deleteColumn(tableAddress(callerOf(request), request.params), column);
      return reply.code(204).send(null);
    },
  );
};

const keyOfTable = (table: Table): string => numberKey(table.number);
