import { createReadStream, type Stats, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { Readable } from 'node:stream';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { newImportId } from '../model/ids.ts';
import { placeOf } from '../sources/bases/import-fault.ts';
import type { BaseAnswer, ImportAnswer, TableAnswer } from './answers.ts';
import { type Client, ConnectionFailure } from './client.ts';
import { fileColumns } from './csv-file.ts';
import { Failure, usageFailure } from './failure.ts';
import { ImportProgressLine } from './import-progress.ts';
import { isJsonLinesFile, jsonLinesColumns } from './json-lines-file.ts';
import { findBase, findTable, pick, tablePath } from './lookup.ts';
import { connected, type Session, withExample } from './session.ts';
import { printable, renderFields } from './table.ts';

interface ImportOptions {
  readonly base: string;
  readonly table?: string;
  readonly create?: boolean;
  readonly delimiter: string;
  readonly onError: 'stop' | 'skip';
  readonly fire: boolean;
}

/** Skipped rows that are named at the end; `--json` has those that the server lists. */
const shownSkips = 10;

/** `rowhook import`: many rows at once, from a file of any length. */
export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .description('import a file of CSV or JSON lines: each row is inserted, and its event sent')
    .argument(
      '<file>',
      'in UTF-8: .jsonl or .ndjson with an object a line, or else CSV, its first line naming the columns',
    )
    .requiredOption('--base <base>', 'id or name of the base')
    .option('--table <table>', 'id or name of the table; if left out: the name of the file')
    .option('--create', 'make what is not there yet: base, table and columns, with types found in the file')
    .option('--delimiter <character>', 'between the values of a line, or the word tab', readDelimiter, ',')
    .addOption(
      new Option('--on-error <what>', 'at a row that does not fit: stop, or skip it and go on')
        .choices(['stop', 'skip'])
        .default('stop'),
    )
    .option('--no-fire', 'make no events: no webhook hears of the rows, and the import cannot be undone');
  withExample(
    command,
    'rowhook import airports.csv --base Travel --create',
    'rowhook import orders.csv --base Shop --table Orders --delimiter ";" --on-error skip',
    'rowhook import orders.jsonl --base Shop --no-fire',
  );
  connected<ImportOptions, [string]>(command, async (session, options, file) => {
    const stats = statOf(file);
    const { base, table } = await findTarget(session, options, file);
    const answer = await send(session, tablePath(base, table), options, file, stats.size);
    session.print(answer, () => renderImport(base, table, answer));
    if (answer.state !== 'done') throw new Failure('The import was cancelled.');
  });
}

function readDelimiter(text: string): string {
  if (text === 'tab' || text === '\\t') return 'tab';
  if ([...text].length === 1 && !/["\r\n]/.test(text)) return text;
  throw new InvalidArgumentError('It must be one character, but no quote or line break, or the word tab.');
}

function statOf(file: string): Stats {
  try {
    const stats = statSync(file);
    if (stats.isFile()) return stats;
  } catch (error) {
    throw usageFailure(`The file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  throw usageFailure(`${file} is no file.`);
}

/** The table that the rows go into, made now if it is to be. */
async function findTarget(
  { client, remark }: Session,
  options: ImportOptions,
  file: string,
): Promise<{ base: BaseAnswer; table: TableAnswer }> {
  const tableName = options.table ?? basename(file, extname(file));
  if (!options.create) {
    const base = await findBase(client, options.base);
    return { base, table: await findTable(client, base, tableName) };
  }
  const columns = isJsonLinesFile(file)
    ? await jsonLinesColumns(file)
    : await fileColumns(file, options.delimiter);
  const bases = await client.all<BaseAnswer>('/v1/bases');
  const isThere = bases.some(({ id, name }) => id === options.base || name === options.base);
  const base = isThere
    ? pick('base', bases, options.base)
    : await client.post<BaseAnswer>('/v1/bases', { name: options.base });
  const tables = await client.all<TableAnswer>(`/v1/bases/${base.id}/tables`);
  const found = tables.find(({ id, name }) => id === tableName || name === tableName);
  if (found) return { base, table: found };
  const table = await client.post<TableAnswer>(`/v1/bases/${base.id}/tables`, { name: tableName, columns });
  remark(
    `Created the table ${printable(table.name)}: ${table.columns.map(({ name, type }) => printable(`${name}:${type}`)).join(', ')}`,
  );
  return { base, table };
}

/** Sends the file while it says how far it is. */
async function send(
  { client }: Session,
  path: string,
  options: ImportOptions,
  file: string,
  byteLength: number,
): Promise<ImportAnswer> {
  const importId = newImportId();
  const source = createReadStream(file);
  const progress = new ImportProgressLine(process.stderr, byteLength, () =>
    client.get<ImportAnswer>(`${path}/imports/${importId}`),
  );
  try {
    return await client.upload<ImportAnswer>(`${path}/import`, {
      query: {
        importId,
        ...(isJsonLinesFile(file) ? {} : { delimiter: options.delimiter }),
        fire: options.fire,
        onError: options.onError,
        createColumns: options.create ?? false,
      },
      bytes: Readable.toWeb(source) as ReadableStream<Uint8Array>,
      byteLength,
      contentType: isJsonLinesFile(file) ? 'application/x-ndjson' : 'text/csv',
    });
  } catch (error) {
    throw error instanceof ConnectionFailure
      ? await whyBroken(client, `${path}/imports/${importId}`, error)
      : error;
  } finally {
    progress.end();
    source.destroy();
  }
}

/** When the connection breaks the server may know more than the client. */
async function whyBroken(client: Client, path: string, broken: ConnectionFailure): Promise<Failure> {
  try {
    const { error, rowsImported } = await client.get<ImportAnswer>(path);
    if (!error) return broken;
    return new Failure(`${placeOf(error)}: ${error.detail}. ${rowsImported} rows were imported before that.`);
  } catch {
    return broken;
  }
}

function renderImport(base: BaseAnswer, table: TableAnswer, answer: ImportAnswer): string {
  const { rowsImported, rowsSkipped, skipped } = answer;
  const summary = renderFields({
    base: `${base.name} (${base.id})`,
    table: `${table.name} (${table.id})`,
    'rows imported': rowsImported,
    'rows skipped': rowsSkipped > 0 ? rowsSkipped : undefined,
  });
  const skips = skipped
    .slice(0, shownSkips)
    .map((fault) => printable(`  ${placeOf(fault)}: ${fault.detail}`));
  const more = rowsSkipped > skips.length ? [`  and ${rowsSkipped - skips.length} more`] : [];
  return [summary, ...(skips.length > 0 ? ['', 'Skipped:', ...skips, ...more] : [])].join('\n');
}
