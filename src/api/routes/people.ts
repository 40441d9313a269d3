import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { personLimits } from '../../identity/index.ts';
import type { Person } from '../../model/person.ts';
import { invalidField, Problem } from '../../model/problem.ts';
import { workspaceRoles } from '../../model/role.ts';
import type { Workspace } from '../../model/workspace.ts';
import { callerOf, nameOf, principalOf } from '../caller.ts';
import { pageAnswer, pageRequest } from '../pages.ts';
import { showPasswordLink } from '../password-link-url.ts';
import { closedObject, noContent, oneOf, pageOf, pageQuery } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { passwordLinkSchema, personSchema, showPerson } from '../session-answers.ts';
import { tellSessionsEnded } from '../session-end.ts';
import { newPassword } from './sign-in.ts';

const mostMemberships = 1_000;

const email = Type.String({ minLength: 3, maxLength: personLimits.emailCharacters });
const name = Type.String({ minLength: 1, maxLength: personLimits.nameCharacters });
const operator = Type.Boolean({ description: 'May do everything, in every workspace. Default: false.' });
const role = oneOf(workspaceRoles, '`viewer` reads, `editor` changes, `admin` also gives access to others.');
const personParams = closedObject({ id: Type.String({ description: 'Id of the person.' }) });
const membershipParams = closedObject({
  ...personParams.properties,
  workspace: Type.String({ description: 'Id or name of the workspace.' }),
});

/** Everybody who signs in, for operators. */
export const peopleRoutes: RouteModule = (api, { identity, audit }, config) => {
  const { people } = identity;
  const found = (request: FastifyRequest): Promise<Person> =>
    people.get((request.params as { id: string }).id);
  const show = (person: Person) => showPerson(person, api.directory);

  const workspaceOf = async (wanted: string, pointer: string): Promise<Workspace> => {
    const workspace = await api.directory.find(wanted);
    if (!workspace) throw invalidField(pointer, `there is no workspace "${wanted}"`);
    return workspace;
  };

  api.get(
    '/v1/people',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['People'],
        operationId: 'listPeople',
        summary: 'List people',
        querystring: pageQuery,
        response: { 200: pageOf(personSchema) },
      },
    },
    async (request) => {
      const page = await people.list(pageRequest(request.query));
      const items = await Promise.all(page.items.map(show));
      return pageAnswer({ items, nextCursor: page.nextCursor }, (person) => person);
    },
  );

  api.post(
    '/v1/people',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['People'],
        operationId: 'createPerson',
        summary: 'Create an account for a person',
        description: 'Without a `password` the answer has a link with which the person sets their own.',
        body: closedObject({
          email,
          name,
          operator: Type.Optional(operator),
          memberships: Type.Optional(
            Type.Array(closedObject({ workspace: Type.String({ description: 'Id or name.' }), role }), {
              maxItems: mostMemberships,
            }),
          ),
          password: Type.Optional(newPassword),
        }),
        response: {
          201: Type.Object({
            ...personSchema.properties,
            passwordLink: Type.Union([passwordLinkSchema, Type.Null()]),
          }),
        },
      },
    },
    async (request, reply) => {
      const { memberships = [], password, ...input } = request.body;
      const found = await Promise.all(
        memberships.map(async ({ workspace, role }, index) => ({
          workspaceNumber: (await workspaceOf(workspace, `/memberships/${index}/workspace`)).number,
          role,
        })),
      );
      if (new Set(found.map(({ workspaceNumber }) => workspaceNumber)).size < found.length) {
        throw invalidField('/memberships', 'must not have the same workspace twice');
      }
      if (password !== undefined) people.requireGoodPassword(password, input.email, '/password');
      const person = await people.create({ ...input, memberships: found }, nameOf(callerOf(request)));
      if (password !== undefined) await people.setPassword(person, password, '/password');
      const passwordLink =
        password === undefined
          ? showPasswordLink(request, config.publicUrl, await people.makePasswordLink(person))
          : null;
      reply.code(201).header('location', `/v1/people/${person.id}`);
      return { ...(await show({ ...person, hasPassword: password !== undefined })), passwordLink };
    },
  );

  api.get(
    '/v1/people/:id',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['People'],
        operationId: 'getPerson',
        summary: 'Show a person',
        params: personParams,
        response: { 200: personSchema },
      },
    },
    async (request) => show(await found(request)),
  );

  api.patch(
    '/v1/people/:id',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['People'],
        operationId: 'changePerson',
        summary: 'Change a person',
        description: 'Who is suspended is signed out everywhere and cannot sign in.',
        params: personParams,
        body: closedObject({
          email: Type.Optional(email),
          name: Type.Optional(name),
          operator: Type.Optional(operator),
          state: Type.Optional(oneOf(['active', 'suspended'], 'Whether the person may sign in.')),
        }),
        response: { 200: personSchema },
      },
    },
    async (request) => {
      const person = await found(request);
      if (
        isSelf(request, person) &&
        (request.body.operator === false || request.body.state === 'suspended')
      ) {
        throw new Problem('conflict', 'You cannot take this from yourself; let another operator do it.');
      }
      return show(await people.change(person, request.body));
    },
  );

  api.delete(
    '/v1/people/:id',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['People'],
        operationId: 'deletePerson',
        summary: 'Delete the account of a person',
        description: 'With their memberships and sessions. What they did stays, under their name.',
        params: personParams,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const person = await found(request);
      if (isSelf(request, person)) {
        throw new Problem('conflict', 'You cannot delete yourself; let another operator do it.');
      }
      await people.delete(person);
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/v1/people/:id/password',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['People'],
        operationId: 'setPassword',
        summary: 'Set the password of a person',
        description: 'They are signed out everywhere. A link is better: then nobody but them knows it.',
        params: personParams,
        body: closedObject({ password: newPassword }),
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await people.setPassword(await found(request), request.body.password, '/password');
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/v1/people/:id/password-link',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['People'],
        operationId: 'createPasswordLink',
        summary: 'Make a link with which a person sets their password',
        description: 'The link made before for the same person works no more.',
        params: personParams,
        response: { 201: passwordLinkSchema },
      },
    },
    async (request, reply) => {
      const link = await people.makePasswordLink(await found(request));
      return reply.code(201).send(showPasswordLink(request, config.publicUrl, link));
    },
  );

  api.delete(
    '/v1/people/:id/sessions',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['People'],
        operationId: 'endSessions',
        summary: 'Sign a person out everywhere',
        params: personParams,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const person = await found(request);
      await identity.sessions.endAll({ kind: 'person', personNumber: person.number }, null);
      await tellSessionsEnded(audit, request, person);
      return reply.code(204).send(null);
    },
  );

  api.put(
    '/v1/people/:id/memberships/:workspace',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['People'],
        operationId: 'setMembership',
        summary: 'Make a person a member of a workspace, or change their role there',
        params: membershipParams,
        body: closedObject({ role }),
        response: { 200: personSchema },
      },
    },
    async (request) => {
      const person = await found(request);
      const { number } = await workspaceOf(request.params.workspace, 'workspace');
      return show(await people.changeRole(person, number, request.body.role));
    },
  );

  api.delete(
    '/v1/people/:id/memberships/:workspace',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['People'],
        operationId: 'endMembership',
        summary: 'End the membership of a person in a workspace',
        params: membershipParams,
        response: { 200: personSchema },
      },
    },
    async (request) => {
      const person = await found(request);
      const { number } = await workspaceOf(request.params.workspace, 'workspace');
      return show(await people.changeRole(person, number, null));
    },
  );
};

function isSelf(request: FastifyRequest, person: Person): boolean {
  const principal = principalOf(request);
  return principal.kind === 'person' && principal.person.id === person.id;
}
