import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Problem, type ProblemCode, problemCodes } from '../../model/problem.ts';
import { placeOf } from '../../sources/bases/import-fault.ts';
import type { ImportProgress } from '../../sources/bases/import-run.ts';
import { defaultImportOptions, type ImportOptions } from '../../sources/bases/import-service.ts';
import { importLimits } from '../../sources/bases/limits.ts';
import { callerOf } from '../auth.ts';
import { numberKey, pageAnswer, pageInMemory, pageRequest } from '../pages.ts';
import {
  closedObject,
  nullableNumber,
  nullableText,
  nullableTimestamp,
  oneOf,
  pageOf,
  pageQuery,
  texts,
  timestamp,
} from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { columnTypeProperty, tableAddress, tableParams } from '../table-answers.ts';
import { showMaybeTime, showTime } from '../times.ts';

const importParams = { ...tableParams, import: Type.String({ description: 'Id of the import.' }) };

const faultProperties = {
  line: nullableNumber('Line of the file on which the row starts; null when the whole file is at fault.'),
  column: nullableText('Name of the column in the header of the file; null when the whole row is at fault.'),
  detail: Type.String({ description: 'What is wrong, and what is allowed.' }),
};

const importSchema = Type.Object(
  {
    id: Type.String(),
    table: Type.String({ description: 'Id of the table.' }),
    state: oneOf(['running', 'done', 'failed', 'cancelled'], 'What became of it.'),
    rowsImported: Type.Integer({ description: 'Rows that are durable with their events; they stay.' }),
    rowsSkipped: Type.Integer({ description: 'Rows left out, with `onError=skip`.' }),
    skipped: Type.Array(Type.Object(faultProperties), {
      description: `The first ${importLimits.listedSkips} of the rows left out, and why.`,
    }),
    bytesRead: Type.Integer({ description: 'How much of the file was read.' }),
    bytesTotal: nullableNumber('Length of the file; null when the request had no content-length.'),
    startedAt: timestamp('When it started.'),
    finishedAt: nullableTimestamp('When it ended; null while it runs.'),
    error: Type.Union([
      Type.Object({
        code: oneOf(Object.keys(problemCodes) as ProblemCode[], 'Code of the problem.'),
        ...faultProperties,
      }),
      Type.Null(),
    ]),
  },
  { title: 'Import' },
);

const fileQuery = {
  delimiter: Type.Optional(
    Type.String({
      description: 'CSV: between the values of a line: one character, or `tab`. Default: a comma.',
    }),
  ),
  raw: Type.Optional(
    Type.Boolean({
      description:
        'CSV: whether an apostrophe before what looks like a formula is part of the value, and stays. Default: false.',
    }),
  ),
};

const importQuery = closedObject({
  ...fileQuery,
  fire: Type.Optional(
    Type.Boolean({
      description:
        'Whether the rows make events, and so reach webhooks. Default: true. Without, they cannot be undone.',
    }),
  ),
  onError: Type.Optional(
    oneOf(['stop', 'skip'], 'At a row that does not fit the table: stop, the default, or go on without it.'),
  ),
  createColumns: Type.Optional(
    Type.Boolean({
      description: 'Whether to add columns of the file that the table lacks. Default: false.',
    }),
  ),
  columnTypes: Type.Optional(
    oneOf(
      ['detect', 'text'],
      `Types of added columns: detected from the first ${importLimits.rowsPerTransaction} rows, the default, or text.`,
    ),
  ),
  importId: Type.Optional(
    Type.String({
      maxLength: importLimits.idCharacters,
      description:
        'Your own id for the import, to ask for its progress while it runs: letters, digits, - and _.',
    }),
  ),
});

const previewQuery = closedObject({
  ...fileQuery,
  partial: Type.Optional(
    Type.Boolean({
      description: 'Whether only the beginning of the file is sent: then its last row is left out.',
    }),
  ),
});

const previewSchema = Type.Object(
  {
    columns: Type.Array(
      Type.Object({
        name: Type.String({ description: 'As the file names it.' }),
        key: nullableText('Key of the column of the table that it fills; null when there is none yet.'),
        type: columnTypeProperty,
        time: Type.Boolean({ description: 'Whether a date has a time of day.' }),
        examples: texts({ description: 'The first filled values.' }),
      }),
    ),
    rows: Type.Integer({ description: 'Rows of the file that were looked at.' }),
  },
  { title: 'ImportPreview' },
);

const jsonLinesTypes = ['application/x-ndjson', 'application/jsonl'] as const;

const fileBody = {
  content: Object.fromEntries(
    ['text/csv', ...jsonLinesTypes].map((type) => [
      type,
      { schema: Type.Unsafe({ format: 'binary', description: 'The file.' }) },
    ]),
  ),
};

/** Imports of files of any length, and how far they are. */
export const importRoutes: RouteModule = (api, { bases: { imports } }) => {
  // An import ends with its file, which may take hours: a server that stops does not wait for that.
  let stopping = false;
  api.addHook('preClose', async () => {
    stopping = true;
    await imports.stop();
  });

  api.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      ['text/csv', ...jsonLinesTypes],
      async (request: FastifyRequest, payload: IncomingMessage) => {
        requireUtf8(request.headers['content-type']);
        return payload;
      },
    );
    scope.addContentTypeParser('*', async (request: FastifyRequest) => {
      const given = request.headers['content-type'];
      const shown =
        given === undefined ? 'The request has no content-type' : `The content-type is "${given}"`;
      throw new Problem(
        'unsupported-media-type',
        `${shown}; send the file as text/csv or application/x-ndjson.`,
      );
    });

    scope.withTypeProvider<TypeBoxTypeProvider>().post(
      '/v1/bases/:base/tables/:table/import',
      {
        config: { access: 'editor', streamsBody: true },
        schema: {
          tags: ['Imports'],
          operationId: 'importCsv',
          summary: 'Import a file of CSV or JSON lines',
          description:
            'UTF-8. The first line of CSV names columns by name or key; a line of JSON is an object with cells by ' +
            'name or key. Columns that Rowhook fills in are passed over. Streamed: the file may have any length. ' +
            `Its rows are inserted in order, in transactions of up to ${importLimits.rowsPerTransaction}, each row ` +
            'with an event `row.inserted`. When a row is bad, the rows before it stay, and the problem says ' +
            'which line it was and how many rows were imported.',
          params: closedObject(tableParams),
          querystring: importQuery,
          body: fileBody,
          response: { 200: importSchema },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request);
        const { source, drain } = upload(request.body);
        const options = importOptions(request.query, request.headers);
        try {
          const address = tableAddress(caller, request.params);
          return showImport(successful(await imports.run(address, source, options, caller.actor)));
        } finally {
          if (stopping) reply.header('connection', 'close');
          else drain();
        }
      },
    );

    scope.withTypeProvider<TypeBoxTypeProvider>().post(
      '/v1/bases/:base/tables/:table/import/preview',
      {
        config: { access: 'editor', streamsBody: true },
        schema: {
          tags: ['Imports'],
          operationId: 'previewImport',
          summary: 'See what an import would make of a file',
          description:
            'Where its columns go, and of which types the table would get new ones, found from the first ' +
            `${importLimits.rowsPerTransaction} rows. Nothing is changed. The beginning of the file is enough.`,
          params: closedObject(tableParams),
          querystring: previewQuery,
          body: fileBody,
          response: { 200: previewSchema },
        },
      },
      async (request) => {
        const { source, drain } = upload(request.body);
        const { partial = false, ...query } = request.query;
        try {
          const options = { ...importOptions(query, request.headers), partial };
          const { columns, rows } = await imports.preview(
            tableAddress(callerOf(request), request.params),
            source,
            options,
          );
          return { columns: [...columns], rows };
        } finally {
          drain();
        }
      },
    );
  });

  api.get(
    '/v1/bases/:base/tables/:table/imports',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Imports'],
        operationId: 'listImports',
        summary: 'List imports, the last one first',
        description: 'Those that run, and the last ones that ran; a restart of the server forgets them.',
        params: closedObject(tableParams),
        querystring: pageQuery,
        response: { 200: pageOf(importSchema) },
      },
    },
    async (request) => {
      const all = await imports.list(tableAddress(callerOf(request), request.params));
      return pageAnswer(pageInMemory(all, keyOfImport, pageRequest(request.query)), showImport);
    },
  );

  api.get(
    '/v1/bases/:base/tables/:table/imports/:import',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Imports'],
        operationId: 'getImport',
        summary: 'Show how far an import is',
        params: closedObject(importParams),
        response: { 200: importSchema },
      },
    },
    async (request) =>
      showImport(await imports.find(tableAddress(callerOf(request), request.params), request.params.import)),
  );

  api.delete(
    '/v1/bases/:base/tables/:table/imports/:import',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Imports'],
        operationId: 'cancelImport',
        summary: 'Cancel an import',
        description: 'Its rows so far stay. One that has ended stays as it is.',
        params: closedObject(importParams),
        response: { 200: importSchema },
      },
    },
    async (request) =>
      showImport(
        await imports.cancel(tableAddress(callerOf(request), request.params), request.params.import),
      ),
  );
};

/** `latin1` and the like are told at once, not at the first byte that shows it. */
function requireUtf8(contentType: string | undefined): void {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(contentType ?? '')?.[1];
  if (charset === undefined || /^(?:utf-?8|us-ascii)$/i.test(charset)) return;
  throw new Problem('unsupported-media-type', `The file is sent as ${charset}; send it as UTF-8.`);
}

/**
 * The bytes of a request's body. `drain` reads on to its end without an aim, for when an import ends before
 * its file: many clients do not read an answer before they have sent everything.
 */
function upload(body: unknown): { source: AsyncIterable<Uint8Array>; drain: () => void } {
  const iterator = (body as IncomingMessage).iterator({ destroyOnReturn: false });
  const next = (): Promise<IteratorResult<Uint8Array>> => iterator.next();
  const readOn = async (): Promise<void> => {
    while (!(await next()).done);
  };
  return {
    source: { [Symbol.asyncIterator]: () => ({ next }) },
    drain: () => void readOn().catch(() => undefined),
  };
}

function importOptions(
  query: {
    readonly delimiter?: string;
    readonly raw?: boolean;
    readonly fire?: boolean;
    readonly onError?: ImportOptions['onError'];
    readonly createColumns?: boolean;
    readonly columnTypes?: ImportOptions['columnTypes'];
    readonly importId?: string;
  },
  headers: IncomingHttpHeaders,
): ImportOptions {
  const { delimiter, importId, ...rest } = query;
  const contentLength = headers['content-length'];
  const isJsonLines = jsonLinesTypes.some((type) => headers['content-type']?.toLowerCase().startsWith(type));
  return {
    ...defaultImportOptions,
    ...rest,
    id: importId ?? null,
    format: isJsonLines ? 'jsonLines' : 'csv',
    delimiter: delimiter === 'tab' ? '\t' : (delimiter ?? defaultImportOptions.delimiter),
    bytesTotal: contentLength === undefined ? null : Number(contentLength),
  };
}

/** A failed import is answered as the problem that it is. */
function successful(progress: ImportProgress): ImportProgress {
  const { error, rowsImported, id } = progress;
  if (!error) return progress;
  const pointer = placeOf(error);
  const imported = `${rowsImported} ${rowsImported === 1 ? 'row was' : 'rows were'} imported before that`;
  throw new Problem(error.code, `${pointer}: ${error.detail}. ${imported} (import ${id}).`, [
    { pointer, detail: error.detail },
  ]);
}

/** The last one first. */
const keyOfImport = (progress: ImportProgress): string =>
  `${numberKey(Number.MAX_SAFE_INTEGER - progress.startedAtMs)}${progress.id}`;

function showImport(progress: ImportProgress) {
  const { tableId, startedAtMs, finishedAtMs, skipped, ...rest } = progress;
  return {
    ...rest,
    table: tableId,
    skipped: [...skipped],
    startedAt: showTime(startedAtMs),
    finishedAt: showMaybeTime(finishedAtMs),
  };
}
