import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { passwordLimits, type SignInRequest } from '../../identity/index.ts';
import type { OpenedSession } from '../../identity/sessions.ts';
import { invalidField, Problem } from '../../model/problem.ts';
import { principalOf } from '../caller.ts';
import { requireOwnOrigin } from '../own-origin.ts';
import { closedObject, noContent, oneOf, timestamp } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { meSchema, showMe } from '../session-answers.ts';
import { giveSession, sessionSecret, takeSessionBack } from '../session-cookie.ts';
import { tellSessionsEnded } from '../session-end.ts';
import { showTime } from '../times.ts';

/** Longer than every password that may be chosen; hashing what is sent costs time. */
const maxSentCharacters = 1_000;

const stay = Type.Optional(
  Type.Boolean({ description: 'Keep the session when the browser is closed. Default: false.' }),
);
export const newPassword = Type.String({
  maxLength: maxSentCharacters,
  description: `At least ${passwordLimits.minCharacters} characters, of any kind.`,
});
const link = Type.String({ maxLength: maxSentCharacters, description: 'What follows `#link=` in the URL.' });

/** Signing in to the console and out of it, and setting a password through a link. */
export const signInRoutes: RouteModule = (api, { identity, audit }) => {
  api.get(
    '/v1/sign-in',
    {
      config: { access: 'public' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'getSignInWays',
        summary: 'Show in which ways people sign in here',
        response: {
          200: closedObject({
            password: Type.Boolean({ description: 'With e-mail address and password.' }),
            token: Type.Boolean({ description: 'With an API token.' }),
            openId: Type.Boolean({ description: 'Through an OpenID provider: go to `/v1/sign-in/openid`.' }),
          }),
        },
      },
    },
    () => ({ password: true, token: true, openId: Boolean(identity.openId) }),
  );

  api.post(
    '/v1/sign-in',
    {
      config: { access: 'public' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'signIn',
        summary: 'Open a session of the console',
        description:
          'With `email` and `password`, or with an API `token`. The answer sets a cookie that pages cannot read; it ' +
          'stands for the session from then on. Too many failed attempts, for one account or from one address, are ' +
          'answered with 429 and `Retry-After`.',
        body: closedObject({
          email: Type.Optional(Type.String({ maxLength: maxSentCharacters })),
          password: Type.Optional(Type.String({ maxLength: maxSentCharacters })),
          token: Type.Optional(Type.String({ maxLength: maxSentCharacters })),
          stay,
        }),
        response: { 200: meSchema },
      },
    },
    async (request, reply) => {
      requireOwnOrigin(request);
      const opened = await signIn(request.body, fromOf(request));
      return giveAndShow(request, reply, opened, request.body.stay);
    },
  );

  api.post(
    '/v1/sign-out',
    {
      config: { access: 'signed-in' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'signOut',
        summary: 'End the session that calls',
        description: 'A call with an API token has no session, and ends none.',
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const { session } = principalOf(request);
      if (session) {
        await identity.sessions.end(session.id);
        await tellSessionsEnded(audit, request);
      }
      takeSessionBack(request, reply);
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/v1/password-links/read',
    {
      config: { access: 'public' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'readPasswordLink',
        summary: 'Show for whom a link to set a password is',
        description: 'The link stays usable. One that was used, or whose time is up, is answered with 410.',
        body: closedObject({ link }),
        response: {
          200: Type.Object({
            purpose: oneOf(
              ['invitation', 'reset'],
              '`invitation`: the first password. `reset`: another one.',
            ),
            email: Type.String(),
            name: Type.String(),
            expiresAt: timestamp('Until when it can be used.'),
          }),
        },
      },
    },
    async (request) => {
      const { person, link: found } = await identity.people.readPasswordLink(request.body.link);
      const { purpose, expiresAtMs } = found;
      return { purpose, email: person.email, name: person.name, expiresAt: showTime(expiresAtMs) };
    },
  );

  api.post(
    '/v1/password-links/use',
    {
      config: { access: 'public' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'usePasswordLink',
        summary: 'Set a password through a link, and sign in',
        description: 'The link works once. Sessions that the person had end.',
        body: closedObject({ link, password: newPassword, stay }),
        response: { 200: meSchema },
      },
    },
    async (request, reply) => {
      requireOwnOrigin(request);
      const from = fromOf(request);
      const { person } = await identity.people.readPasswordLink(request.body.link);
      const author = {
        kind: 'person',
        id: person.id,
        name: person.email,
        onBehalfOf: null,
        requestId: request.id,
        address: request.ip,
      } as const;
      const owner = await audit.during(author, () =>
        identity.people.usePasswordLink(request.body.link, request.body.password),
      );
      const opened = await identity.signIn.ofPerson(owner, 'password link', from);
      return giveAndShow(request, reply, opened, request.body.stay);
    },
  );

  const signIn = (
    given: { email?: string; password?: string; token?: string },
    from: SignInRequest,
  ): Promise<OpenedSession> => {
    const { email, password, token } = given;
    if (token !== undefined) {
      if (email !== undefined || password !== undefined) {
        throw invalidField('/token', 'goes without email and password');
      }
      return identity.signIn.withToken(token, from);
    }
    if (email === undefined) throw invalidField('/email', 'is missing');
    if (password === undefined) throw invalidField('/password', 'is missing');
    return identity.signIn.withPassword(email, password, from);
  };

  const giveAndShow = async (
    request: FastifyRequest,
    reply: FastifyReply,
    opened: OpenedSession,
    stays = false,
  ) => {
    // The session that the browser had before ends, so that nobody who knows it is signed in along.
    const before = sessionSecret(request);
    if (before !== null) await identity.sessions.endBySecret(before);
    giveSession(request, reply, opened, stays);
    const signedIn = await identity.sessions.find(opened.secret);
    if (signedIn.kind === 'portal')
      throw new Problem('internal', 'a session of the console is one of the portal');
    return showMe(signedIn, api.directory);
  };
};

/** From where a request to sign in comes. */
export function fromOf(request: FastifyRequest): SignInRequest {
  const userAgent = request.headers['user-agent'] ?? '';
  return { requestId: request.id, address: request.ip, userAgent };
}
