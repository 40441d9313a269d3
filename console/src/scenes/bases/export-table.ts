import { refusal, sessionHeaders } from '../../api/client.ts';
import type { TablePlace } from '../../api/queries/rows.ts';

export type ExportFormat = 'csv' | 'jsonl';

/** Fetches a table as a file and hands it to the browser's downloads. */
export async function exportTable(
  { base, table }: TablePlace,
  format: ExportFormat,
  filter: readonly string[],
  name: string,
): Promise<void> {
  const query = new URLSearchParams([['format', format], ...filter.map((each) => ['filter', each])]);
  const response = await fetch(`/v1/bases/${base}/tables/${table}/export?${query}`, {
    headers: sessionHeaders(),
  });
  if (!response.ok) throw refusal(response.status, await response.json().catch(() => null));
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = `${name.replaceAll(/[/\\:*?"<>|]/g, '_')}.${format}`;
  link.click();
  URL.revokeObjectURL(address);
}
