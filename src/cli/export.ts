import { createWriteStream } from 'node:fs';
import { extname } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { Failure } from './failure.ts';
import { isJsonLinesFile } from './json-lines-file.ts';
import { findBase, findTable, tablePath } from './lookup.ts';
import { collect, connected, withExample } from './session.ts';

interface ExportOptions {
  readonly output?: string;
  readonly format?: 'csv' | 'jsonl';
  readonly filter?: readonly string[];
  readonly byKey?: boolean;
  readonly raw?: boolean;
}

/** `rowhook export`: a table as a file, which `rowhook import` takes back. */
export function addExportCommand(program: Command): void {
  const command = program
    .command('export')
    .description('export the rows of a table as CSV or JSON lines')
    .argument('<base>', 'id or name of the base')
    .argument('<table>', 'id or name of the table')
    .option('-o, --output <file>', 'write into this file; if left out: to standard output')
    .addOption(
      new Option('--format <format>', 'of the rows; if left out: as the file is named, or else CSV').choices([
        'csv',
        'jsonl',
      ]),
    )
    .option(
      '--filter <filter>',
      'only rows for which it holds, such as "Price>=10"; may be given often',
      collect,
    )
    .option('--by-key', 'name columns by their keys')
    .option('--raw', 'in CSV, put no apostrophe before what a spreadsheet would take for a formula');
  withExample(
    command,
    'rowhook export Shop Orders --output orders.csv',
    'rowhook export Shop Orders --format jsonl --filter "Paid=true" | jq .Total',
  );
  connected<ExportOptions, [string, string]>(
    command,
    async ({ client, remark }, options, baseName, tableName) => {
      const base = await findBase(client, baseName);
      const table = await findTable(client, base, tableName);
      const { output } = options;
      const format = options.format ?? (output !== undefined && isJsonLinesFile(output) ? 'jsonl' : 'csv');
      const bytes = await client.download(`${tablePath(base, table)}/export`, {
        format,
        filter: options.filter ?? [],
        cellsBy: options.byKey ? 'key' : 'name',
        raw: options.raw ?? false,
      });
      try {
        // Standard output stays open: others may still write to it.
        await pipeline(bytes, targetOf(output), { end: output !== undefined });
      } catch (error) {
        throw new Failure(
          `The export broke off (${error instanceof Error ? error.message : String(error)}).`,
        );
      }
      if (output !== undefined) remark(`Written: ${output}${extname(output) === '' ? ` (${format})` : ''}`);
    },
  );
}

function targetOf(output: string | undefined): Writable {
  return output === undefined ? process.stdout : createWriteStream(output);
}
