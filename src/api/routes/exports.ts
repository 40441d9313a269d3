import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { exportRows } from '../../sources/bases/export.ts';
import { limits } from '../../sources/bases/limits.ts';
import { callerOf } from '../auth.ts';
import { closedObject, oneOf, texts } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { tableAddress, tableParams } from '../table-answers.ts';

const contentTypes = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson' } as const;

/** Exports of tables of any length. */
export const exportRoutes: RouteModule = (api, { bases }) => {
  api.get(
    '/v1/bases/:base/tables/:table/export',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Imports'],
        operationId: 'exportRows',
        summary: 'Export a table',
        description:
          'Its rows in the order in which they were made, as CSV or as JSON lines, streamed; the import takes the ' +
          'file back. In CSV, what a spreadsheet would take for a formula (a value that begins with =, +, -, @ ' +
          'or a tab, and is no number) gets an apostrophe before it, which the import takes off again; ' +
          '`raw=true` leaves it out. Lists are texts with commas between them, or JSON where that would be ' +
          'ambiguous; files are JSON.',
        params: closedObject(tableParams),
        querystring: closedObject({
          format: Type.Optional(oneOf(['csv', 'jsonl'], 'Default: csv.')),
          raw: Type.Optional(Type.Boolean({ description: 'Leave values as they are. Default: false.' })),
          cellsBy: Type.Optional(oneOf(['name', 'key'], 'What columns are named by. Default: name.')),
          filter: Type.Optional(
            texts({
              maxItems: limits.filtersPerQuery,
              description: 'Only rows for which it holds, as in a list of rows; may be given several times.',
            }),
          ),
        }),
        response: {
          200: {
            description: 'The file.',
            content: Object.fromEntries(
              Object.values(contentTypes).map((type) => [
                type.split(';')[0] ?? type,
                { schema: Type.Unsafe<Readable>({ type: 'string', format: 'binary' }) },
              ]),
            ),
          },
        },
      },
      preValidation: (request, _reply, done) => {
        const query = request.query as Record<string, unknown>;
        if (typeof query.filter === 'string') query.filter = [query.filter];
        done();
      },
    },
    async (request, reply) => {
      const { format = 'csv', raw = false, cellsBy = 'name', filter: filters = [] } = request.query;
      const address = tableAddress(callerOf(request), request.params);
      const { name } = await bases.getTable(address);
      const pieces = exportRows(bases.rows, address, { format, raw, cellsBy, filters });
      // What is wrong with the request shows with the first piece, while there can still be a problem as answer.
      const first = await pieces.next();
      return reply
        .header('content-type', contentTypes[format])
        .header('content-disposition', `attachment; filename*=UTF-8''${fileName(name, format)}`)
        .send(Readable.from(allPieces(first, pieces), { highWaterMark: 1 }));
    },
  );
};

async function* allPieces(
  first: IteratorResult<string>,
  rest: AsyncGenerator<string>,
): AsyncGenerator<string> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** As RFC 8187 has it. */
function fileName(table: string, format: string): string {
  const encoded = encodeURIComponent(`${table.replace(/[/\\]/g, '_')}.${format}`);
  return encoded.replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
