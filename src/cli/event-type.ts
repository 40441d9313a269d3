import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse as parseYaml } from 'yaml';
import type { EventTypeAnswer, EventTypeImportAnswer } from './answers.ts';
import { readData } from './event.ts';
import { usageFailure } from './failure.ts';
import { collect, connected, remarkMore, withExample, withLimit } from './session.ts';
import { renderFields, renderTable } from './table.ts';

interface SaveOptions {
  readonly description?: string;
  readonly schema?: string;
  readonly example?: string;
  readonly group?: readonly string[];
  readonly enforcement?: string;
  readonly deprecated?: string | boolean;
}

interface ImportOptions {
  readonly bodies?: string;
  readonly archiveMissing?: boolean;
  readonly dryRun?: boolean;
}

/** Members of an event type that a person sets. */
const definitionMembers = [
  'description',
  'groups',
  'schema',
  'example',
  'enforcement',
  'deprecated',
  'deprecationNote',
  'archived',
] as const;

const pathOf = (name: string): string => `/v1/event-types/${encodeURIComponent(name)}`;

/** `rowhook event-type`: the catalogue. */
export function addEventTypeCommands(program: Command): void {
  const eventType = program.command('event-type').description('the catalogue of event types');
  addLooking(eventType);
  addSaving(eventType);
  addImportAndExport(eventType);
}

function addLooking(eventType: Command): void {
  const list = withLimit(eventType.command('list').description('list event types, by name'))
    .option('--group <group>', 'only of this group')
    .option('--archived', 'the archived ones, too');
  withExample(list, 'rowhook event-type list --group billing');
  connected<{ limit: number; group?: string; archived?: true }>(
    list,
    async (session, { limit, group, archived }) => {
      const query = { group, archived: archived ? 'include' : undefined };
      const page = await session.client.list<EventTypeAnswer>('/v1/event-types', limit, query);
      session.print(page, () =>
        renderTable(page.data, [
          { title: 'name', value: ({ name }) => name },
          { title: 'version', value: ({ version }) => version },
          { title: 'groups', value: ({ groups }) => groups.join(' ') },
          { title: 'schema', value: ({ schema }) => (schema === null ? 'no' : 'yes') },
          { title: 'state', value: stateOf },
          { title: 'description', value: ({ description }) => description.split('\n', 1)[0] },
        ]),
      );
      remarkMore(session, page);
    },
  );

  const show = eventType
    .command('show')
    .description('show an event type, with its schema')
    .argument('<name>', 'name of the event type');
  withExample(show, 'rowhook event-type show invoice.paid');
  connected<object, [string]>(show, async ({ client, print }, _, name) => {
    const answer = await client.get<EventTypeAnswer>(pathOf(name));
    print(answer, () => render(answer));
  });

  const versions = withLimit(
    eventType.command('versions').description('list the schemas it has had, the newest first'),
  ).argument('<name>', 'name of the event type');
  withExample(versions, 'rowhook event-type versions invoice.paid');
  connected<{ limit: number }, [string]>(versions, async (session, { limit }, name) => {
    const page = await session.client.list<Pick<EventTypeAnswer, 'version' | 'schema' | 'createdAt'>>(
      `${pathOf(name)}/versions`,
      limit,
    );
    session.print(page, () =>
      renderTable(page.data, [
        { title: 'version', value: ({ version }) => version },
        { title: 'since', value: ({ createdAt }) => createdAt },
        { title: 'schema', value: ({ schema }) => schema },
      ]),
    );
    remarkMore(session, page);
  });
}

function addSaving(eventType: Command): void {
  const save = eventType
    .command('save')
    .description('create an event type, or change one: what is left out stays')
    .argument('<name>', 'name, such as invoice.paid')
    .option('--description <text>', 'what it means, for people')
    .option('--schema <json>', 'JSON Schema of its data: JSON, @FILE, - for standard input, or null')
    .option('--example <json>', 'data as it could be: JSON, @FILE, - for standard input, or null')
    .option('--group <group>', 'a group it belongs to; give it once for each', collect)
    .option('--enforcement <word>', 'off, warn, refuse, or default: as the workspace has it')
    .option('--deprecated [note]', 'nothing new should rely on it: why, and what replaces it')
    .option('--no-deprecated', 'it is not deprecated any more');
  withExample(
    save,
    'rowhook event-type save invoice.paid --description "A customer paid." --schema @invoice.schema.json --group billing',
    'rowhook event-type save invoice.paid --deprecated "Use invoice.settled."',
  );
  connected<SaveOptions, [string]>(save, async ({ client, print }, options, name) => {
    const before = (await client.all<EventTypeAnswer>('/v1/event-types?archived=include')).find(
      (known) => known.name === name,
    );
    const kept = before
      ? Object.fromEntries(definitionMembers.map((member) => [member, before[member]]))
      : {};
    const body = { ...kept, archived: false, ...definitionOf(options) };
    const saved = await client.put<EventTypeAnswer>(pathOf(name), body);
    print(saved, () => render(saved));
  });

  const archive = eventType
    .command('archive')
    .description('no longer offer an event type; its history stays')
    .argument('<name>', 'name of the event type')
    .option('--expunge', 'delete it with its history instead');
  withExample(archive, 'rowhook event-type archive invoice.paid');
  connected<{ expunge?: true }, [string]>(archive, async ({ client, print }, { expunge }, name) => {
    await client.delete(`${pathOf(name)}${expunge ? '?expunge=true' : ''}`);
    print(null, () => `${name} is ${expunge ? 'deleted' : 'archived'}.`);
  });
}

function addImportAndExport(eventType: Command): void {
  const importTypes = eventType
    .command('import')
    .description('import event types from an OpenAPI document, or from an export; all or none')
    .argument('<file>', 'JSON or YAML; - for standard input')
    .option('--bodies <word>', 'what the bodies in the document are: data (default) or standard')
    .option('--archive-missing', 'archive event types that are not in the file')
    .option('--dry-run', 'tell what would change, and change nothing');
  withExample(
    importTypes,
    'rowhook event-type import openapi.yaml --dry-run',
    'rowhook event-type import event-types.json --archive-missing',
  );
  connected<ImportOptions, [string]>(importTypes, async ({ client, print }, options, file) => {
    const { bodies, archiveMissing = false, dryRun = false } = options;
    const source = sourceOf(readDocument(file));
    const body = { ...source, archiveMissing, dryRun, ...(bodies === undefined ? {} : { bodies }) };
    const answer = await client.post<EventTypeImportAnswer>('/v1/event-types/import', body);
    print(answer, () => renderImport(answer));
  });

  const exportTypes = eventType
    .command('export')
    .description('print the event types of the workspace as JSON, as import reads them');
  withExample(exportTypes, 'rowhook event-type export > event-types.json');
  connected(exportTypes, async ({ client }) => {
    const all = await client.all<EventTypeAnswer>('/v1/event-types?archived=include&builtIn=false');
    console.log(JSON.stringify({ eventTypes: all }, null, 2));
  });
}

function definitionOf(options: SaveOptions): Record<string, unknown> {
  const { description, schema, example, group, enforcement, deprecated } = options;
  return {
    ...(description === undefined ? {} : { description }),
    ...(schema === undefined ? {} : { schema: readData(schema, '--schema') }),
    ...(example === undefined ? {} : { example: readData(example, '--example') }),
    ...(group === undefined ? {} : { groups: group }),
    ...(enforcement === undefined ? {} : { enforcement: enforcement === 'default' ? null : enforcement }),
    ...(deprecated === undefined
      ? {}
      : {
          deprecated: deprecated !== false,
          deprecationNote: typeof deprecated === 'string' ? deprecated : '',
        }),
  };
}

function readDocument(file: string): unknown {
  const named = file === '-' ? 'standard input' : `the file ${file}`;
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw usageFailure(`${named} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  try {
    // JSON is YAML, too.
    return parseYaml(text);
  } catch (error) {
    throw usageFailure(`${named} is neither JSON nor YAML: ${(error as Error).message.split('\n', 1)[0]}`);
  }
}

/** What the API is to import: a list, or a document. */
function sourceOf(document: unknown): Record<string, unknown> {
  if (Array.isArray(document)) return { eventTypes: document };
  if (typeof document === 'object' && document !== null) {
    if ('eventTypes' in document) return { eventTypes: document.eventTypes };
    if ('openapi' in document) return { document };
  }
  throw usageFailure('The file is neither an OpenAPI document nor an export of event types.');
}

function stateOf({ builtIn, archived, deprecated }: EventTypeAnswer): string {
  if (builtIn) return 'built in';
  return archived ? 'archived' : deprecated ? 'deprecated' : 'offered';
}

function render(eventType: EventTypeAnswer): string {
  const { groups, enforcement, deprecationNote } = eventType;
  return renderFields({
    name: eventType.name,
    version: eventType.version,
    state: stateOf(eventType),
    note: deprecationNote === '' ? undefined : deprecationNote,
    description: eventType.description === '' ? undefined : eventType.description,
    groups: groups.length > 0 ? groups.join(' ') : undefined,
    enforcement: enforcement ?? undefined,
    schema: eventType.schema ?? undefined,
    example: eventType.example ?? undefined,
  });
}

function renderImport({ dryRun, data }: EventTypeImportAnswer): string {
  if (data.length === 0) return 'There are no event types in it.';
  const table = renderTable(data, [
    { title: 'name', value: ({ name }) => name },
    { title: dryRun ? 'would be' : 'was', value: ({ outcome }) => outcome },
    { title: 'changes', value: ({ changes }) => changes.join(' ') },
    {
      title: 'remarks',
      value: ({ errors, notes }) =>
        [...errors.map(({ pointer, detail }) => `${pointer} ${detail}`), ...notes].join(' '),
    },
  ]);
  return dryRun ? `${table}\n\nNothing was changed.` : table;
}
