import { type Static, Type } from 'typebox';
import type { EventTypeDefinition } from '../../model/event-type.ts';
import { invalidField, Problem } from '../../model/problem.ts';
import { type ImportedEventType, importEventTypes } from '../../sources/event-types/import.ts';
import { eventTypeLimits } from '../../sources/event-types/limits.ts';
import { type ImportCandidate, readOpenApi } from '../../sources/event-types/open-api.ts';
import { eventLimits } from '../../sources/events/limits.ts';
import { callerOf } from '../auth.ts';
import {
  definitionBody,
  eventTypeSchema,
  eventTypeVersionSchema,
  importedEventTypeBody,
  importReportSchema,
  newEventTypeBody,
  policySchema,
  showEventType,
  showVersion,
} from '../event-type-answers.ts';
import { pageAnswer, pageRequest } from '../pages.ts';
import { isOffered } from '../portal-scope.ts';
import { closedObject, noContent, oneOf, pageOf, pageQuery, pageQueryProperties } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { Turns } from '../turns.ts';

const nameParams = closedObject({
  name: Type.String({ maxLength: eventLimits.typeCharacters, description: 'Name of the event type.' }),
});

/** The catalogue: what may be published, and what consumers can expect. */
export const eventTypeRoutes: RouteModule = (api, services) => {
  const { eventTypes } = services;
  const changes = new Turns<number>();

  api.get(
    '/v1/event-types',
    {
      config: { access: 'viewer', portal: true },
      schema: {
        tags: ['Event types'],
        operationId: 'listEventTypes',
        summary: 'List event types, by name',
        querystring: closedObject({
          ...pageQueryProperties,
          archived: Type.Optional(
            oneOf(['exclude', 'include', 'only'], 'Whether archived ones are listed; left out: `exclude`.'),
          ),
          group: Type.Optional(
            Type.String({ maxLength: eventTypeLimits.groupCharacters, description: 'Only of this group.' }),
          ),
          builtIn: Type.Optional(
            Type.Boolean({ description: 'Only those that Rowhook itself sends, or only others.' }),
          ),
        }),
        response: { 200: pageOf(eventTypeSchema) },
      },
    },
    async (request) => {
      const { archived = 'exclude', group, builtIn } = request.query;
      const filter = {
        archived,
        ...(group === undefined ? {} : { group }),
        ...(builtIn === undefined ? {} : { builtIn }),
      };
      const { number } = callerOf(request).workspace;
      const page = await eventTypes.list(number, filter, pageRequest(request.query));
      const items = page.items.filter(({ name }) => isOffered(request, name));
      return pageAnswer({ ...page, items }, showEventType);
    },
  );

  api.post(
    '/v1/event-types',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Event types'],
        operationId: 'createEventType',
        summary: 'Create an event type',
        description: 'The schema may refer to itself (`#/$defs/…`), to nothing else; an example must fit it.',
        body: newEventTypeBody,
        response: { 201: eventTypeSchema },
      },
    },
    async (request, reply) => {
      const { name, ...given } = request.body;
      const { number } = callerOf(request).workspace;
      const entry = await changes.take(number, () => eventTypes.create(number, name, definitionOf(given)));
      reply.code(201).header('location', `/v1/event-types/${encodeURIComponent(name)}`);
      return showEventType(entry);
    },
  );

  api.post(
    '/v1/event-types/import',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Event types'],
        operationId: 'importEventTypes',
        summary: 'Import event types',
        description:
          'From the `webhooks` section of an OpenAPI document (3.1 or later), or from a list as the catalogue exports ' +
          'it; all or none. With `dryRun` nothing is saved, and the answer tells what would change.',
        body: closedObject({
          document: Type.Optional(
            Type.Unsafe<Readonly<Record<string, unknown>>>({
              type: 'object',
              additionalProperties: true,
              description: 'An OpenAPI document.',
            }),
          ),
          bodies: Type.Optional(
            oneOf(
              ['data', 'standard'],
              'What the bodies in the document are: `data`, the default: the data of the event alone. `standard`: ' +
                'the standard body `{type, timestamp, data}`.',
            ),
          ),
          eventTypes: Type.Optional(Type.Array(importedEventTypeBody, { description: 'Event types.' })),
          archiveMissing: Type.Optional(
            Type.Boolean({ description: 'Archive those of the workspace that are not among them.' }),
          ),
          dryRun: Type.Optional(Type.Boolean({ description: 'Look, but save nothing.' })),
        }),
        response: { 200: importReportSchema },
      },
    },
    async (request) => {
      const { dryRun = false, archiveMissing = false } = request.body;
      const { number } = callerOf(request).workspace;
      const candidates = candidatesOf(request.body);
      const imported = await changes.take(number, () =>
        importEventTypes(eventTypes, number, candidates, { dryRun, archiveMissing }),
      );
      return { dryRun, data: imported.map(showImported) };
    },
  );

  api.get(
    '/v1/event-types/:name',
    {
      config: { access: 'viewer', portal: true },
      schema: {
        tags: ['Event types'],
        operationId: 'getEventType',
        summary: 'Show an event type',
        params: nameParams,
        response: { 200: eventTypeSchema },
      },
    },
    async (request) => {
      const { name } = request.params;
      if (!isOffered(request, name)) throw new Problem('not-found', `There is no event type "${name}".`);
      return showEventType(await eventTypes.get(callerOf(request).workspace.number, name));
    },
  );

  api.put(
    '/v1/event-types/:name',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Event types'],
        operationId: 'putEventType',
        summary: 'Create an event type, or replace it',
        description:
          'What is left out goes back to nothing. Another schema makes another version; the ones before are kept.',
        params: nameParams,
        body: definitionBody,
        response: { 200: eventTypeSchema },
      },
    },
    async (request) => {
      const { name } = request.params;
      const { number } = callerOf(request).workspace;
      const entry = await changes.take(number, () =>
        eventTypes.replace(number, name, definitionOf(request.body)),
      );
      return showEventType(entry);
    },
  );

  api.delete(
    '/v1/event-types/:name',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Event types'],
        operationId: 'deleteEventType',
        summary: 'Archive an event type, or delete it',
        description:
          'An archived one is no longer offered; its history stays, and `PUT` brings it back. Webhooks that ask for it ' +
          'stay as they are, and its events are still taken, unless the workspace refuses unknown types.',
        params: nameParams,
        querystring: closedObject({
          expunge: Type.Optional(
            Type.Boolean({ description: 'Delete it with its history, as if it had never been there.' }),
          ),
        }),
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { number } = callerOf(request).workspace;
      await changes.take(number, async () => {
        if (request.query.expunge === true) await eventTypes.delete(number, name);
        else await eventTypes.archive(number, name);
      });
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/v1/event-types/:name/check',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Event types'],
        operationId: 'checkEventData',
        summary: 'Hold data against the schema of an event type',
        description: 'Whatever the workspace asks of posted events; nothing is posted.',
        params: nameParams,
        body: closedObject({
          data: Type.Unsafe<Readonly<Record<string, unknown>>>({
            type: 'object',
            additionalProperties: true,
          }),
        }),
        response: {
          200: Type.Object({
            hasSchema: Type.Boolean({ description: 'Without a schema any data fits.' }),
            fits: Type.Boolean(),
            errors: Type.Array(
              Type.Object({
                pointer: Type.String({ description: 'JSON pointer into the body.' }),
                detail: Type.String({ description: 'What does not fit.' }),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const { workspace } = callerOf(request);
      const { data } = request.body;
      const found = await eventTypes.faultsOfData(workspace.number, request.params.name, data);
      const errors = (found ?? []).map(({ pointer, detail }) => ({ pointer: `/data${pointer}`, detail }));
      return { hasSchema: found !== null, fits: errors.length === 0, errors };
    },
  );

  api.get(
    '/v1/event-types/:name/versions',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Event types'],
        operationId: 'listEventTypeVersions',
        summary: 'List the schemas that an event type has had, the newest first',
        params: nameParams,
        querystring: pageQuery,
        response: { 200: pageOf(eventTypeVersionSchema) },
      },
    },
    async (request) => {
      const { number } = callerOf(request).workspace;
      const page = await eventTypes.versions(number, request.params.name, pageRequest(request.query));
      return pageAnswer(page, showVersion);
    },
  );

  api.get(
    '/v1/publishing-policy',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Event types'],
        operationId: 'getPublishingPolicy',
        summary: 'Show what the workspace asks of posted events',
        response: { 200: policySchema },
      },
    },
    (request) => eventTypes.policy(callerOf(request).workspace.number),
  );

  api.put(
    '/v1/publishing-policy',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Event types'],
        operationId: 'putPublishingPolicy',
        summary: 'Say what the workspace asks of posted events',
        description: 'Both are `off` at first. In other processes of a cluster it holds within five seconds.',
        body: policySchema,
        response: { 200: policySchema },
      },
    },
    async (request) => {
      const { number } = callerOf(request).workspace;
      await changes.take(number, () => eventTypes.savePolicy(number, request.body));
      return request.body;
    },
  );
};

function definitionOf(given: Static<typeof definitionBody>): EventTypeDefinition {
  return {
    description: given.description ?? '',
    groups: given.groups ?? [],
    schema: given.schema ?? null,
    example: given.example ?? null,
    enforcement: given.enforcement ?? null,
    deprecated: given.deprecated ?? false,
    deprecationNote: given.deprecationNote ?? '',
    archived: given.archived ?? false,
  };
}

interface ImportBody {
  readonly document?: Readonly<Record<string, unknown>>;
  readonly bodies?: 'data' | 'standard';
  readonly eventTypes?: readonly Static<typeof importedEventTypeBody>[];
}

function candidatesOf({ document, bodies, eventTypes }: ImportBody): readonly ImportCandidate[] {
  if ((document === undefined) === (eventTypes === undefined)) {
    throw invalidField('', 'must have either `document` or `eventTypes`');
  }
  if (bodies !== undefined && document === undefined) throw invalidField('/bodies', 'needs `document`');
  if (document !== undefined) {
    const read = readOpenApi(document, bodies ?? 'data');
    if ('detail' in read) throw invalidField(`/document${read.pointer}`, read.detail);
    return read.map((candidate) => ({
      ...candidate,
      pointer: `/document${candidate.pointer}`,
      faults: candidate.faults.map((fault) => ({ ...fault, pointer: `/document${fault.pointer}` })),
    }));
  }
  return (eventTypes ?? []).flatMap((given, index): ImportCandidate[] => {
    const { name, version: _, builtIn, createdAt: __, updatedAt: ___, ...definition } = given;
    if (builtIn === true) return [];
    return [{ pointer: `/eventTypes/${index}`, name, given: definition, faults: [], notes: [] }];
  });
}

function showImported({ faults, ...imported }: ImportedEventType) {
  return { ...imported, errors: faults };
}
