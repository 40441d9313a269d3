import { pino } from 'pino';
import { describeSettings, loadConfig } from '../config/index.ts';
import { systemClock } from '../model/clock.ts';
import { buildApi } from './app.ts';
import { accessExtension, portalExtension } from './openapi.ts';
import type { Access } from './plugin.ts';
import type { Services } from './services.ts';

/** What the reference needs of an OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly [accessExtension]?: Access;
  readonly [portalExtension]?: true;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string;
        readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
      }
    >
  >;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly format?: string;
}

/** The routes of a document, in its order. */
export function operationsOf(
  document: OpenApiDocument,
): { readonly method: string; readonly path: string; readonly operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** Whether the route answers with server-sent events, so that its answer never ends. */
export function isStream({ responses }: Operation): boolean {
  return responses['200']?.content?.['text/event-stream'] !== undefined;
}

/** The OpenAPI document of the API with default settings; nothing is opened for it. */
export async function openApiDocument(): Promise<OpenApiDocument> {
  const loaded = loadConfig({});
  if (!loaded.ok) throw new Error('the default settings are not allowed');
  const api = buildApi(servicesForReference(), loaded.config);
  await api.ready();
  // Never listened, so there is nothing to close, and no service that could be told of it.
  return api.swagger() as unknown as OpenApiDocument;
}

/**
 * Routes are only described, never called, so that a clock and a log are all they need for real. They may say
 * what they want to be told of (`onChange`), and are told nothing.
 */
function servicesForReference(): Services {
  const listenToNothing = (): void => undefined;
  const absent: unknown = new Proxy(
    () => {
      throw new Error('a route called a service while it was being described');
    },
    {
      get: (_target, name) => {
        if (name === 'then') return undefined;
        return typeof name === 'string' && /^on[A-Z]/.test(name) ? listenToNothing : absent;
      },
    },
  );
  const present: Partial<Services> = {
    clock: systemClock,
    log: pino({ level: 'silent' }),
    onAppended: listenToNothing,
  };
  return new Proxy(present as Services, {
    get: (services, name: keyof Services) => services[name] ?? absent,
  });
}

/** The page docs/reference/api.md. */
export function apiReference(document: OpenApiDocument): string {
  const lines = [
    '# The API',
    '',
    '<!-- Made by `npm run docs` from the routes; do not edit. -->',
    '',
    document.info.description,
    '',
    'Errors are problem details (RFC 9457): `type`, `title`, `status`, `detail`, `requestId`, and `errors`, a list of',
    '`pointer` and `detail` for every bad value. Lists take `?limit=` (1 to 1000, by default 100) and `?cursor=`, and',
    'answer with `data` and `nextCursor`.',
    '',
  ];
  for (const tag of document.tags) {
    const operations = operationsOf(document).filter(({ operation }) => operation.tags?.includes(tag.name));
    if (operations.length === 0) continue;
    lines.push(`## ${tag.name}`, '', tag.description, '');
    for (const { method, path, operation } of operations)
      lines.push(...operationLines(method, path, operation));
  }
  lines.push('## Objects', '');
  for (const [name, schema] of Object.entries(document.components.schemas).sort()) {
    lines.push(`### ${name}`, '');
    if (schema.description) lines.push(schema.description, '');
    lines.push(...fieldTable(schema), '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function operationLines(method: string, path: string, operation: Operation): string[] {
  const lines = [`### ${operation.summary}`, '', `    ${method} ${path}`, ''];
  if (operation.description) lines.push(operation.description, '');
  lines.push(accessLine(operation), '');
  const parameters = operation.parameters ?? [];
  if (parameters.length > 0) {
    lines.push('| parameter | in | type | |', '|---|---|---|---|');
    for (const { name, in: place, required, schema, description } of parameters) {
      const optional = required || place === 'path' ? '' : ', optional';
      lines.push(`| \`${name}\` | ${place}${optional} | ${typeOf(schema)} | ${tableCell(description)} |`);
    }
    lines.push('');
  }
  for (const [type, { schema }] of Object.entries(operation.requestBody?.content ?? {})) {
    lines.push(`Body, \`${type}\`: ${typeOf(schema)}`, '', ...inlineFields(schema));
  }
  for (const [status, answer] of Object.entries(operation.responses)) {
    if (status === 'default') continue;
    const schema = Object.values(answer.content ?? {})[0]?.schema;
    lines.push(
      `Answer, \`${status}\`: ${schema ? typeOf(schema) : answer.description}`,
      '',
      ...inlineFields(schema),
    );
  }
  return lines;
}

function accessLine({ [accessExtension]: access, [portalExtension]: portal }: Operation): string {
  if (access === 'public') return 'Needs no token.';
  if (access === 'signed-in') return 'For everyone who is signed in.';
  return `For \`${access}\` and above${portal ? ', and for the portal' : ''}.`;
}

function inlineFields(schema: Schema | undefined): string[] {
  return schema?.properties ? [...fieldTable(schema), ''] : [];
}

function fieldTable(schema: Schema): string[] {
  const rows = fieldRows(schema, '');
  return rows.length === 0 ? [] : ['| field | type | |', '|---|---|---|', ...rows];
}

function fieldRows(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const optional = schema.required?.includes(name) ? '' : ', optional';
    const row = `| \`${prefix}${name}\` | ${typeOf(member)}${optional} | ${tableCell(member.description)} |`;
    const nested = member.items?.properties
      ? { schema: member.items, mark: '[].' }
      : { schema: member, mark: '.' };
    return [row, ...fieldRows(nested.schema, `${prefix}${name}${nested.mark}`)];
  });
}

function typeOf(schema: Schema | undefined): string {
  if (!schema) return 'any';
  if (schema.$ref) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['any']);
  return types.map((type) => (type === 'string' && schema.format ? schema.format : type)).join(' or ');
}

/** A text as the cell of a Markdown table. */
export function tableCell(text: string | undefined): string {
  return (text ?? '').replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** The page docs/reference/settings.md. */
export function settingsReference(): string {
  const rows = describeSettings().map(
    ({ variable, flag, fallback, unit, description }) =>
      `| \`${variable}\`<br>\`${flag}\` | ${tableCell(fallback)} | ${tableCell(unit ?? 'text')} | ${tableCell(description)} |`,
  );
  return [
    '# Settings',
    '',
    '<!-- Made by `npm run docs` from src/config; do not edit. -->',
    '',
    'Each is an environment variable and a flag of `rowhook serve`; the flag wins. An empty variable counts as absent.',
    'A variable that begins with `ROWHOOK_` and is none of these is refused, since it is most likely a slip.',
    '',
    '| setting | default | values | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
