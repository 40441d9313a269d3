import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type AuditAction, type AuditEntry, type AuditFilter, auditActions } from '../../model/audit.ts';
import { Problem } from '../../model/problem.ts';
import { guarded } from '../../sources/bases/formula-guard.ts';
import { authorOf, callerOf } from '../caller.ts';
import { pageAnswer, pageRequest } from '../pages.ts';
import { closedObject, nullableText, oneOf, pageOf, pageQueryProperties, timestamp } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { readPeriod, showTime } from '../times.ts';

/** Entries that an export reads at once. */
const exportedAtOnce = 500;
const maxFilterCharacters = 200;
const scopes = ['workspace', 'installation', 'all'] as const;

const entrySchema = Type.Object(
  {
    id: Type.String({ description: 'Place in the log; grows.' }),
    at: timestamp('When.'),
    action: Type.Unsafe<AuditAction>({
      type: 'string',
      enum: [...auditActions],
      description: 'What was done.',
    }),
    workspace: nullableText(
      'Id of the workspace that it concerns; null: the whole installation, or a deleted one.',
    ),
    author: Type.Object({
      kind: oneOf(
        ['person', 'token', 'portal', 'stranger', 'server'],
        '`portal`: whoever opened a portal link. `stranger`: nobody knows who. `server`: Rowhook itself.',
      ),
      id: nullableText('Of the person, the token, or the portal link.'),
      name: Type.String({ description: 'As they were called then.' }),
      onBehalfOf: nullableText('The person whom a program named with `Rowhook-User`.'),
      address: nullableText('From where: an IP address.'),
      requestId: nullableText('The request; the log of the server has it, too.'),
    }),
    target: Type.Object({
      kind: Type.String({ description: '`webhook`, `token`, `person`, …' }),
      id: Type.String(),
      name: Type.String({ description: 'As it was called then.' }),
    }),
    changes: Type.Array(
      Type.Object({
        field: Type.String(),
        before: Type.Unsafe<unknown>({ description: 'Null: it was not there.' }),
        after: Type.Unsafe<unknown>({ description: 'Null: it is not there any more.' }),
      }),
      { description: 'What is different now. Of what is secret only `***`.' },
    ),
  },
  { title: 'AuditEntry' },
);

const filterProperties = {
  action: Type.Optional(
    Type.String({
      pattern: '^[a-z-]+\\.([a-z-]+|\\*)$',
      'x-allowed': 'an action such as webhook.changed, or a group of them such as webhook.*',
      maxLength: maxFilterCharacters,
      description: 'Only this action, or all of a group: `webhook.changed`, `webhook.*`.',
    }),
  ),
  author: Type.Optional(
    Type.String({
      maxLength: maxFilterCharacters,
      description: 'Only by this person, token or portal link: its id.',
    }),
  ),
  target: Type.Optional(
    Type.String({ maxLength: maxFilterCharacters, description: 'Only about what has this id.' }),
  ),
  since: Type.Optional(Type.String({ format: 'date-time', description: 'Only at or after this time.' })),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Only before this time.' })),
  scope: Type.Optional(
    oneOf(
      scopes,
      '`workspace`, the default: what concerns the workspace. For operators: `installation`, what concerns none; ' +
        '`all`.',
    ),
  ),
};

interface FilterQuery {
  readonly action?: string;
  readonly author?: string;
  readonly target?: string;
  readonly since?: string;
  readonly until?: string;
  readonly scope?: (typeof scopes)[number];
}

const contentTypes = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson' } as const;

/** Who changed what, for the admins of a workspace and for operators. */
export const auditRoutes: RouteModule = (api, { audit }) => {
  const show = async (entry: AuditEntry) => {
    const { workspaceNumber, author, target, changes } = entry;
    const workspace = workspaceNumber === null ? null : await api.directory.find(workspaceNumber);
    const { kind, id, name, onBehalfOf, address, requestId } = author;
    return {
      id: String(entry.seq),
      at: showTime(entry.atMs),
      action: entry.action,
      workspace: workspace?.id ?? null,
      author: { kind, id, name, onBehalfOf, address, requestId },
      target: { ...target },
      changes: [...changes],
    };
  };

  api.get(
    '/v1/audit',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Audit log'],
        operationId: 'listAuditEntries',
        summary: 'List who changed what, the newest first',
        querystring: closedObject({ ...pageQueryProperties, ...filterProperties }),
        response: { 200: pageOf(entrySchema) },
      },
    },
    async (request) => {
      const page = await audit.list(filterOf(request, request.query), pageRequest(request.query));
      const items = await Promise.all(page.items.map(show));
      return pageAnswer({ items, nextCursor: page.nextCursor }, (entry) => entry);
    },
  );

  api.get(
    '/v1/audit/export',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Audit log'],
        operationId: 'exportAuditEntries',
        summary: 'Export who changed what, the newest first',
        description:
          'As JSON lines, or as CSV, where values that look like formulas get an apostrophe before them.',
        querystring: closedObject({
          ...filterProperties,
          format: Type.Optional(oneOf(['jsonl', 'csv'], 'Default: jsonl.')),
        }),
        response: {
          200: {
            description: 'The file.',
            content: Object.fromEntries(
              Object.values(contentTypes).map((type) => [
                type.split(';')[0] ?? type,
                { schema: Type.Unsafe<Readable>({ type: 'string', format: 'binary' }) },
              ]),
            ),
          },
        },
      },
    },
    async (request, reply) => {
      const { format = 'jsonl', ...query } = request.query;
      const filter = filterOf(request, query);
      await audit.append(authorOf(request), {
        action: 'audit.exported',
        workspaceNumber: callerOf(request).workspace.number,
        target: { kind: 'audit', id: '', name: query.scope ?? 'workspace' },
        changes: [],
      });
      const lines = async function* (): AsyncGenerator<string> {
        if (format === 'csv') yield `${csvHeader}\r\n`;
        for (let cursor: string | null = null; ; ) {
          const page = await audit.list(filter, { limit: exportedAtOnce, cursor });
          const shown = await Promise.all(page.items.map(show));
          yield shown
            .map((entry) => (format === 'csv' ? csvLine(entry) : `${JSON.stringify(entry)}\n`))
            .join('');
          cursor = page.nextCursor;
          if (cursor === null) return;
        }
      };
      return reply
        .header('content-type', contentTypes[format])
        .header('content-disposition', `attachment; filename="audit.${format}"`)
        .send(Readable.from(lines(), { highWaterMark: 1 }));
    },
  );
};

function filterOf(request: FastifyRequest, query: FilterQuery): AuditFilter {
  const { workspace, role } = callerOf(request);
  const { scope = 'workspace', action, author, target } = query;
  if (scope !== 'workspace' && role !== 'operator') {
    throw new Problem('forbidden', 'Only an operator sees what does not concern one workspace.');
  }
  return {
    ...(scope === 'all' ? {} : { workspaceNumber: scope === 'workspace' ? workspace.number : null }),
    ...(action === undefined ? {} : { action }),
    ...(author === undefined ? {} : { authorId: author }),
    ...(target === undefined ? {} : { targetId: target }),
    ...readPeriod(query),
  };
}

const csvHeader =
  'id,at,action,workspace,author kind,author id,author,on behalf of,address,request,target kind,target id,target,changes';

interface ShownEntry {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly workspace: string | null;
  readonly author: Readonly<Record<'kind' | 'name', string>> &
    Readonly<Record<'id' | 'onBehalfOf' | 'address' | 'requestId', string | null>>;
  readonly target: Readonly<Record<'kind' | 'id' | 'name', string>>;
  readonly changes: readonly unknown[];
}

function csvLine({ id, at, action, workspace, author, target, changes }: ShownEntry): string {
  const values = [
    ...[id, at, action, workspace, author.kind, author.id, author.name, author.onBehalfOf, author.address],
    ...[author.requestId, target.kind, target.id, target.name, JSON.stringify(changes)],
  ];
  return `${values.map((value) => `"${guarded(value ?? '').replaceAll('"', '""')}"`).join(',')}\r\n`;
}
