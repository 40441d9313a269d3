import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';
import type { Input, Table } from '../types.ts';

const limit = 1_000;

export const basesQuery = queryOptions({
  queryKey: ['bases'],
  queryFn: async ({ signal }) =>
    (await answerOf(api.GET('/v1/bases', { params: { query: { limit } }, signal }))).data,
});

export const tablesQuery = (base: string) =>
  queryOptions({
    queryKey: ['bases', base, 'tables'],
    queryFn: async ({ signal }) =>
      (
        await answerOf(
          api.GET('/v1/bases/{base}/tables', { params: { path: { base }, query: { limit } }, signal }),
        )
      ).data,
  });

export const createBase = (name: string) => answerOf(api.POST('/v1/bases', { body: { name } }));
export const renameBase = (base: string, name: string) =>
  answerOf(api.PATCH('/v1/bases/{base}', { params: { path: { base } }, body: { name } }));
export const deleteBase = (base: string) =>
  answerOf(api.DELETE('/v1/bases/{base}', { params: { path: { base } } }));

export const createTable = (base: string, body: Input<'createTable'>) =>
  answerOf(api.POST('/v1/bases/{base}/tables', { params: { path: { base } }, body }));
export const renameTable = (base: string, table: string, name: string) =>
  answerOf(
    api.PATCH('/v1/bases/{base}/tables/{table}', { params: { path: { base, table } }, body: { name } }),
  );
export const deleteTable = (base: string, table: string) =>
  answerOf(api.DELETE('/v1/bases/{base}/tables/{table}', { params: { path: { base, table } } }));

export const addColumn = (base: string, table: string, body: Input<'addColumn'>) =>
  answerOf(api.POST('/v1/bases/{base}/tables/{table}/columns', { params: { path: { base, table } }, body }));
export const changeColumn = (base: string, table: string, column: string, body: Input<'changeColumn'>) =>
  answerOf(
    api.PATCH('/v1/bases/{base}/tables/{table}/columns/{column}', {
      params: { path: { base, table, column } },
      body,
    }),
  );
export const deleteColumn = (base: string, table: string, column: string) =>
  answerOf(
    api.DELETE('/v1/bases/{base}/tables/{table}/columns/{column}', {
      params: { path: { base, table, column } },
    }),
  );

const conversionPath = '/v1/bases/{base}/tables/{table}/columns/{column}/convert' as const;
type ConversionWish = Omit<Input<'convertColumn'>, 'dryRun'>;

/** What would become of the cells of a column in another type. */
export const conversionQuery = ({ base, id }: Table, column: string, wish: ConversionWish) =>
  queryOptions({
    queryKey: ['conversion', base, id, column, wish],
    staleTime: 0,
    gcTime: 0,
    retry: false,
    queryFn: ({ signal }) =>
      answerOf(
        api.POST(conversionPath, {
          params: { path: { base, table: id, column } },
          body: { ...wish, dryRun: true },
          signal,
        }),
      ),
  });

/** Changes the type of a column, with its cells. */
export const convertColumn = ({ base, id }: Table, column: string, wish: ConversionWish) =>
  answerOf(api.POST(conversionPath, { params: { path: { base, table: id, column } }, body: { ...wish } }));
