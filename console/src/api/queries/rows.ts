import { answerOf, api } from '../client.ts';

/** Where rows are. */
export interface TablePlace {
  readonly base: string;
  readonly table: string;
}

export interface CellChange {
  readonly id: string;
  readonly cells: Readonly<Record<string, unknown>>;
}

/** Rows in one call; more are sent in several. */
export const rowsPerCall = 1_000;

const cellsBy = 'key' as const;
const path = '/v1/bases/{base}/tables/{table}/rows' as const;

export const listRows = (place: TablePlace, page: { limit: number; cursor?: string }, signal: AbortSignal) =>
  answerOf(api.GET(path, { params: { path: { ...place }, query: { ...page, cellsBy } }, signal }));

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
