import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { personLimits } from '../../identity/index.ts';
import { Problem } from '../../model/problem.ts';
import type { SessionHolder } from '../../model/session.ts';
import { type Principal, principalOf } from '../caller.ts';
import { closedObject, noContent, oneOf, pageOf } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { meSchema, sessionSchema, showMe, showSession } from '../session-answers.ts';
import { takeSessionBack } from '../session-cookie.ts';
import { tellSessionsEnded } from '../session-end.ts';
import { newPassword } from './sign-in.ts';

/** Whoever calls: who they are, their password, their sessions. */
export const meRoutes: RouteModule = (api, { identity, audit }) => {
  const { people, sessions } = identity;

  api.get(
    '/v1/me',
    {
      config: { access: 'signed-in' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'getMe',
        summary: 'Show who calls, and where they may act',
        response: { 200: meSchema },
      },
    },
    (request) => showMe(principalOf(request), api.directory),
  );

  api.patch(
    '/v1/me',
    {
      config: { access: 'signed-in' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'changeMe',
        summary: 'Change your name',
        body: closedObject({
          name: Type.String({ minLength: 1, maxLength: personLimits.nameCharacters }),
        }),
        response: { 200: meSchema },
      },
    },
    async (request) => {
      const { person, session } = personOf(request);
      const changed = await people.change(person, { name: request.body.name });
      return showMe({ kind: 'person', person: changed, session }, api.directory);
    },
  );

  api.post(
    '/v1/me/password',
    {
      config: { access: 'signed-in' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'changeMyPassword',
        summary: 'Change your password',
        description: 'Your other sessions end.',
        body: closedObject({
          currentPassword: Type.Optional(
            Type.String({ maxLength: 1_000, description: 'Needed when there is one already.' }),
          ),
          password: newPassword,
        }),
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const { person, session } = personOf(request);
      const { currentPassword = null, password } = request.body;
      people.requireGoodPassword(password, person.email, '/password');
      await identity.signIn.guarded(person.email, request.ip, () =>
        people.changePassword(person, currentPassword, password, session.id),
      );
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/v1/me/sessions',
    {
      config: { access: 'signed-in' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'listMySessions',
        summary: 'List your sessions, the one used last first',
        description:
          'Who signed in with an API token sees the sessions of everybody who did so with the same one.',
        response: { 200: pageOf(sessionSchema) },
      },
    },
    async (request) => {
      const { session } = principalOf(request);
      const all = session === null ? [] : await sessions.list(session.holder);
      return { data: all.map((one) => showSession(one, session)), nextCursor: null };
    },
  );

  api.delete(
    '/v1/me/sessions',
    {
      config: { access: 'signed-in' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'endMySessions',
        summary: 'Sign out everywhere',
        querystring: closedObject({
          except: Type.Optional(oneOf(['current'], '`current`: the session that calls goes on.')),
        }),
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const { session } = principalOf(request);
      if (session) {
        const kept = request.query.except === 'current' ? session.id : null;
        await sessions.endAll(session.holder, kept);
        await tellSessionsEnded(audit, request);
        if (kept === null) takeSessionBack(request, reply);
      }
      return reply.code(204).send(null);
    },
  );

  api.delete(
    '/v1/me/sessions/:id',
    {
      config: { access: 'signed-in' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'endMySession',
        summary: 'End one of your sessions',
        params: closedObject({ id: Type.String({ description: 'Id of the session.' }) }),
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const holder = holderOf(principalOf(request));
      const all = holder === null ? [] : await sessions.list(holder);
      const ended = all.find(({ id }) => id === request.params.id);
      if (!ended) throw new Problem('not-found', `You have no session "${request.params.id}".`);
      await sessions.end(ended.id);
      await tellSessionsEnded(audit, request);
      return reply.code(204).send(null);
    },
  );
};

/** The person who calls. Throws a Problem when it is no person. */
function personOf(request: FastifyRequest): Principal & { kind: 'person' } {
  const principal = principalOf(request);
  if (principal.kind === 'person') return principal;
  throw new Problem('forbidden', 'An API token has no account; sign in as a person.');
}

const holderOf = ({ session }: Principal): SessionHolder | null => session?.holder ?? null;
