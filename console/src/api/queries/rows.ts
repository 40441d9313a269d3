import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';

/** Where rows are. */
export interface TablePlace {
  readonly base: string;
  readonly table: string;
}

/** Which rows, and in which order; all members are as the API takes them. */
export interface RowQuery {
  readonly filter?: readonly string[];
  readonly sort?: string;
  readonly order?: 'asc' | 'desc';
}

export interface CellChange {
  readonly id: string;
  readonly cells: Readonly<Record<string, unknown>>;
}

/** Rows in one call; more are sent in several. */
export const rowsPerCall = 10_000;

const cellsBy = 'key' as const;
const path = '/v1/bases/{base}/tables/{table}/rows' as const;

export const listRows = (
  place: TablePlace,
  { filter = [], ...query }: RowQuery,
  page: { limit: number; cursor?: string },
  signal: AbortSignal,
) =>
  answerOf(
    api.GET(path, {
      params: { path: { ...place }, query: { ...query, filter: [...filter], ...page, cellsBy } },
      signal,
    }),
  );

export const insertRows = (place: TablePlace, rows: { cells: Record<string, unknown> }[]) =>
  answerOf(api.POST(path, { params: { path: { ...place }, query: { cellsBy } }, body: { rows } }));

export const updateRows = (place: TablePlace, rows: CellChange[]) =>
  answerOf(
    api.PATCH(path, {
      params: { path: { ...place }, query: { cellsBy } },
      body: { rows: rows.map(({ id, cells }) => ({ id, cells: { ...cells } })) },
    }),
  );

export const deleteRows = (place: TablePlace, ids: string[]) =>
  answerOf(api.DELETE(path, { params: { path: { ...place } }, body: { ids } }));

export const duplicateRow = ({ base, table }: TablePlace, row: string) =>
  answerOf(
    api.POST('/v1/bases/{base}/tables/{table}/rows/{row}/duplicate', {
      params: { path: { base, table, row }, query: { cellsBy } },
    }),
  );

/** The last changes of a table, the newest first. */
export const changeSetsQuery = ({ base, table }: TablePlace) =>
  queryOptions({
    queryKey: ['bases', base, 'tables', table, 'change-sets'],
    queryFn: async ({ signal }) =>
      (
        await answerOf(
          api.GET('/v1/bases/{base}/tables/{table}/change-sets', {
            params: { path: { base, table } },
            signal,
          }),
        )
      ).data,
  });

/** Takes a change of rows back, which is a change itself. */
export const undoChange = ({ base, table }: TablePlace, changeSet: string) =>
  answerOf(
    api.POST('/v1/bases/{base}/tables/{table}/undo', {
      params: { path: { base, table } },
      body: { changeSet },
    }),
  );
