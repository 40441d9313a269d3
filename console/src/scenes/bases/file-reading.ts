import type { FileReading } from '../../api/queries/imports.ts';

export const delimiters = [',', ';', 'tab'] as const;
const sampleBytes = 4_096;

/** How a file is most likely to be read: by its name, and by what its first line holds most of. */
export async function guessReading(file: File): Promise<FileReading> {
  const format = /\.(jsonl|ndjson)$/i.test(file.name) ? 'jsonl' : 'csv';
  const [firstLine = ''] = (await file.slice(0, sampleBytes).text()).split(/\r?\n/, 1);
  return { format, delimiter: likelyDelimiter(firstLine) };
}

/** What separates the values of a line. */
export function likelyDelimiter(line: string): (typeof delimiters)[number] {
  const outsideOfQuotes = line.replaceAll(/"(?:[^"]|"")*"/g, '');
  const count = (delimiter: string): number =>
    outsideOfQuotes.split(delimiter === 'tab' ? '\t' : delimiter).length;
  return delimiters.reduce((best, each) => (count(each) > count(best) ? each : best));
}
