import type { Base } from '../../model/table.ts';
import { callerOf } from '../auth.ts';
import { numberKey, pageAnswer, pageInMemory, pageRequest } from '../pages.ts';
import { closedObject, noContent, pageOf, pageQuery } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { baseParams, baseSchema, nameProperty, showBase } from '../table-answers.ts';

const baseBody = closedObject({ name: nameProperty('base') });

/** Bases. */
export const baseRoutes: RouteModule = (api, { bases }) => {
  api.get(
    '/v1/bases',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Bases'],
        operationId: 'listBases',
        summary: 'List bases',
        querystring: pageQuery,
        response: { 200: pageOf(baseSchema) },
      },
    },
    async (request) => {
      const all = await bases.listBases(callerOf(request).workspace.number);
      return pageAnswer(pageInMemory(all, keyOfBase, pageRequest(request.query)), showBase);
    },
  );

  api.post(
    '/v1/bases',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Bases'],
        operationId: 'createBase',
        summary: 'Create a base',
        body: baseBody,
        response: { 201: baseSchema },
      },
    },
    async (request, reply) => {
      const base = await bases.createBase(callerOf(request).workspace.number, request.body.name);
      return reply.code(201).send(showBase(base));
    },
  );

  api.get(
    '/v1/bases/:base',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Bases'],
        operationId: 'getBase',
        summary: 'Show a base',
        params: closedObject(baseParams),
        response: { 200: baseSchema },
      },
    },
    async (request) => showBase(await bases.getBase(callerOf(request).workspace.number, request.params.base)),
  );

  api.patch(
    '/v1/bases/:base',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Bases'],
        operationId: 'renameBase',
        summary: 'Rename a base',
        params: closedObject(baseParams),
        body: baseBody,
        response: { 200: baseSchema },
      },
    },
    async (request) => {
      const { workspace } = callerOf(request);
      return showBase(await bases.renameBase(workspace.number, request.params.base, request.body.name));
    },
  );

  api.delete(
    '/v1/bases/:base',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Bases'],
        operationId: 'deleteBase',
        summary: 'Delete a base',
        description: 'With its tables and rows. The rows make no events; the events so far stay.',
        params: closedObject(baseParams),
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await bases.deleteBase(callerOf(request).workspace.number, request.params.base);
      return reply.code(204).send(null);
    },
  );
};

const keyOfBase = (base: Base): string => `${numberKey(base.createdAtMs)}${base.id}`;
