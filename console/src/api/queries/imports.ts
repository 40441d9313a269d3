import { queryOptions } from '@tanstack/react-query';
import { answerOf, api, refusal, sessionHeaders } from '../client.ts';
import type { Import } from '../types.ts';
import type { TablePlace } from './rows.ts';

export interface ImportChoice {
  readonly createColumns: boolean;
  readonly onError: 'stop' | 'skip';
  readonly delimiter: string;
}

const pollMs = 500;

/** A new id for an import, so that its progress can be asked for while the file is still being sent. */
export function newImportId(): string {
  return `console-${crypto.randomUUID()}`;
}

/** Sends a file as it is; the generated client would read it into memory first. */
export async function importCsv(
  place: TablePlace,
  id: string,
  file: File,
  choice: ImportChoice,
): Promise<Import> {
  const query = new URLSearchParams({
    importId: id,
    createColumns: String(choice.createColumns),
    onError: choice.onError,
    delimiter: choice.delimiter,
  });
  const response = await fetch(`/v1/bases/${place.base}/tables/${place.table}/import?${query}`, {
    method: 'POST',
    headers: { ...sessionHeaders(), 'content-type': 'text/csv' },
    body: file,
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusal(response.status, body);
  return body as Import;
}

const path = '/v1/bases/{base}/tables/{table}/imports/{import}' as const;

/** How far an import is; asked for again until it has ended. */
export const importQuery = ({ base, table }: TablePlace, id: string) =>
  queryOptions({
    queryKey: ['imports', id],
    queryFn: ({ signal }) =>
      answerOf(api.GET(path, { params: { path: { base, table, import: id } }, signal })),
    // At first the request with the file may not have arrived yet.
    retry: 10,
    retryDelay: pollMs,
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'running' ? false : pollMs),
  });

export const cancelImport = ({ base, table }: TablePlace, id: string) =>
  answerOf(api.DELETE(path, { params: { path: { base, table, import: id } } }));
