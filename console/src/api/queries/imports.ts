import { queryOptions } from '@tanstack/react-query';
import { answerOf, api, refusal, sessionHeaders } from '../client.ts';
import type { Import, ImportPreview } from '../types.ts';
import type { TablePlace } from './rows.ts';

/** How a file is read. */
export interface FileReading {
  readonly format: 'csv' | 'jsonl';
  readonly delimiter: string;
}

export interface ImportChoice extends FileReading {
  readonly onError: 'stop' | 'skip';
  /** Whether the rows make events. */
  readonly fire: boolean;
}

const pollMs = 500;
/** The beginning of a file that shows what its columns hold. */
const previewBytes = 256 * 1024;

/** A new id for an import, so that its progress can be asked for while the file is still being sent. */
export function newImportId(): string {
  return `console-${crypto.randomUUID()}`;
}

/** Sends a file as it is; the generated client would read it into memory first. */
async function send(
  path: string,
  body: Blob,
  { format, delimiter }: FileReading,
  query: Record<string, string>,
) {
  const all = new URLSearchParams({ ...query, ...(format === 'csv' ? { delimiter } : {}) });
  const response = await fetch(`${path}?${all}`, {
    method: 'POST',
    headers: {
      ...sessionHeaders(),
      'content-type': format === 'csv' ? 'text/csv' : 'application/x-ndjson',
    },
    body,
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusal(response.status, answer);
  return answer;
}

/** What an import would make of a file. */
export const importPreviewQuery = ({ base, table }: TablePlace, file: File | null, reading: FileReading) =>
  queryOptions({
    queryKey: ['import-preview', base, table, file?.name, file?.size, file?.lastModified, reading],
    enabled: file !== null,
    retry: false,
    gcTime: 0,
    queryFn: async (): Promise<ImportPreview> => {
      const whole = file ?? new File([], '');
      const partial = whole.size > previewBytes;
      const path = `/v1/bases/${base}/tables/${table}/import/preview`;
      const answer = await send(path, whole.slice(0, previewBytes), reading, { partial: String(partial) });
      return answer as ImportPreview;
    },
  });

export async function importFile(
  { base, table }: TablePlace,
  id: string,
  file: File,
  { onError, fire, ...reading }: ImportChoice,
): Promise<Import> {
  const query = { importId: id, onError, fire: String(fire) };
  return (await send(`/v1/bases/${base}/tables/${table}/import`, file, reading, query)) as Import;
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
