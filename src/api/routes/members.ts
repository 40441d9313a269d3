import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { personLimits } from '../../identity/index.ts';
import type { Person } from '../../model/person.ts';
import { Problem } from '../../model/problem.ts';
import { workspaceRoles } from '../../model/role.ts';
import { callerOf, nameOf } from '../caller.ts';
import { numberKey, pageAnswer, pageInMemory, pageRequest } from '../pages.ts';
import { showPasswordLink } from '../password-link-url.ts';
import { closedObject, noContent, oneOf, pageOf, pageQuery } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { memberSchema, passwordLinkSchema, showMember } from '../session-answers.ts';

/** Of one workspace. */
const mostMembers = 1_000;

const role = oneOf(workspaceRoles, '`viewer` reads, `editor` changes, `admin` also gives access to others.');
const memberParams = closedObject({ id: Type.String({ description: 'Id of the person.' }) });

/** Who may act in a workspace, for its admins. */
export const memberRoutes: RouteModule = (api, { identity }, config) => {
  const { people } = identity;

  const found = async (request: FastifyRequest): Promise<Person> => {
    const { id } = request.params as { id: string };
    const members = await people.ofWorkspace(callerOf(request).workspace.number);
    const member = members.find((person) => person.id === id);
    if (!member) throw new Problem('not-found', `The workspace has no member "${id}".`);
    return member;
  };

  api.get(
    '/v1/members',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['People'],
        operationId: 'listMembers',
        summary: 'List the members of the workspace',
        querystring: pageQuery,
        response: { 200: pageOf(memberSchema) },
      },
    },
    async (request) => {
      const { number } = callerOf(request).workspace;
      const all = await people.ofWorkspace(number);
      const page = pageInMemory(all, (person) => numberKey(person.number), pageRequest(request.query));
      return pageAnswer(page, (person) => showMember(person, number));
    },
  );

  api.post(
    '/v1/members',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['People'],
        operationId: 'addMember',
        summary: 'Invite a person into the workspace',
        description:
          'The answer has a link with which the person sets their password. Who has an account already, with ' +
          'another workspace, can be added by an operator only.',
        body: closedObject({
          email: Type.String({ minLength: 3, maxLength: personLimits.emailCharacters }),
          name: Type.Optional(Type.String({ minLength: 1, maxLength: personLimits.nameCharacters })),
          role,
        }),
        response: {
          201: Type.Object({
            ...memberSchema.properties,
            passwordLink: Type.Union([passwordLinkSchema, Type.Null()]),
          }),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { number } = caller.workspace;
      const { email, name = email, role: wanted } = request.body;
      const members = await people.ofWorkspace(number);
      if (members.length >= mostMembers) {
        throw new Problem('conflict', `A workspace may have ${mostMembers} members.`);
      }
      const known = await people.findByEmail(email);
      if (known?.memberships.some(({ workspaceNumber }) => workspaceNumber === number)) {
        throw new Problem('conflict', `${known.email} is a member already.`);
      }
      reply.code(201);
      if (known !== null) {
        if (caller.role !== 'operator') {
          throw new Problem(
            'conflict',
            `${known.email} has an account already; ask an operator to add them.`,
          );
        }
        const added = await people.changeRole(known, number, wanted);
        return { ...showMember(added, number), passwordLink: null };
      }
      const memberships = [{ workspaceNumber: number, role: wanted }];
      const person = await people.create({ email, name, memberships }, nameOf(caller));
      const link = await people.makePasswordLink(person);
      const passwordLink = showPasswordLink(request, config.publicUrl, link);
      return { ...showMember(person, number), passwordLink };
    },
  );

  api.post(
    '/v1/members/:id/password-link',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['People'],
        operationId: 'inviteMemberAgain',
        summary: 'Make another invitation for a member who has not used theirs',
        description:
          'The one before works no more. For those who have a password only an operator makes a link.',
        params: memberParams,
        response: { 201: passwordLinkSchema },
      },
    },
    async (request, reply) => {
      const member = await found(request);
      const isOnlyHere = member.memberships.length === 1 && !member.operator;
      if (callerOf(request).role !== 'operator' && (member.hasPassword || !isOnlyHere)) {
        throw new Problem('forbidden', `${member.email} has an account in use; ask an operator for a link.`);
      }
      const link = await people.makePasswordLink(member);
      return reply.code(201).send(showPasswordLink(request, config.publicUrl, link));
    },
  );

  api.patch(
    '/v1/members/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['People'],
        operationId: 'changeMember',
        summary: 'Change the role of a member',
        params: memberParams,
        body: closedObject({ role }),
        response: { 200: memberSchema },
      },
    },
    async (request) => {
      const { number } = callerOf(request).workspace;
      return showMember(await people.changeRole(await found(request), number, request.body.role), number);
    },
  );

  api.delete(
    '/v1/members/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['People'],
        operationId: 'removeMember',
        summary: 'Remove a member from the workspace',
        description: 'Their account stays.',
        params: memberParams,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await people.changeRole(await found(request), callerOf(request).workspace.number, null);
      return reply.code(204).send(null);
    },
  );
};
