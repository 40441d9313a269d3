import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { OpenIdFlow } from '../../identity/open-id.ts';
import { Problem } from '../../model/problem.ts';
import { consoleUrl, isSecure } from '../own-origin.ts';
import type { RouteModule } from '../server.ts';
import { giveSession } from '../session-cookie.ts';
import { fromOf } from './sign-in.ts';

/** How long someone may take at the provider. */
const flowSeconds = 600;
const callbackPath = '/v1/sign-in/openid/callback';

const redirect = {
  302: Type.Null({ description: 'The browser goes on at the address in the header `location`.' }),
};

/** Signing in through an OpenID provider: two redirects of the browser. */
export const openIdRoutes: RouteModule = (api, { identity }, config) => {
  const provider = () => {
    if (identity.openId) return identity.openId;
    throw new Problem('conflict', 'This server has no OpenID provider (setting ROWHOOK_OIDC_ISSUER).');
  };
  const redirectUri = (request: FastifyRequest) => `${consoleUrl(request, config.publicUrl)}${callbackPath}`;

  api.get(
    '/v1/sign-in/openid',
    {
      config: { access: 'public' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'beginOpenIdSignIn',
        summary: 'Go to the OpenID provider',
        response: redirect,
      },
    },
    async (request, reply) => {
      const { url, flow } = await provider().begin(redirectUri(request));
      setFlow(request, reply, flow);
      return reply.code(302).header('location', url).send(null);
    },
  );

  api.get(
    callbackPath,
    {
      config: { access: 'public' },
      schema: {
        tags: ['Sign-in'],
        operationId: 'finishOpenIdSignIn',
        summary: 'Come back from the OpenID provider',
        description:
          'Opens a session and goes to the console; if nobody is let in, to `/?sign-in-error=` and the reason.',
        response: redirect,
      },
    },
    async (request, reply) => {
      const openId = provider();
      const flow = flowOf(request);
      setFlow(request, reply, null);
      const goTo = (path: string) =>
        reply
          .code(302)
          .header('location', `${consoleUrl(request, config.publicUrl)}${path}`)
          .send(null);
      try {
        if (flow === null)
          throw new Problem('unauthenticated', 'The sign-in took too long, or began elsewhere.');
        const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
        const person = await openId.finish(new URL(`${redirectUri(request)}${query}`), flow);
        const opened = await identity.signIn.ofPerson(person, 'OpenID provider', fromOf(request));
        giveSession(request, reply, opened, false);
        return goTo('/');
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        return goTo(`/?sign-in-error=${encodeURIComponent(error.message)}`);
      }
    },
  );
};

function cookieName(request: FastifyRequest): string {
  return isSecure(request) ? '__Secure-rowhook-openid' : 'rowhook-openid';
}

/** Null takes it back. */
function setFlow(request: FastifyRequest, reply: FastifyReply, flow: OpenIdFlow | null): void {
  const cookie = stringifySetCookie({
    name: cookieName(request),
    value: flow === null ? '' : JSON.stringify(flow),
    path: callbackPath,
    httpOnly: true,
    // The provider sends the browser back from another site.
    sameSite: 'lax',
    secure: isSecure(request),
    maxAge: flow === null ? 0 : flowSeconds,
  });
  reply.header('set-cookie', cookie);
}

function flowOf(request: FastifyRequest): OpenIdFlow | null {
  const value = parseCookie(request.headers.cookie ?? '')[cookieName(request)];
  if (!value) return null;
  try {
    const { state, nonce, codeVerifier } = JSON.parse(value) as Partial<OpenIdFlow>;
    const isWhole = [state, nonce, codeVerifier].every((part) => typeof part === 'string');
    return isWhole ? ({ state, nonce, codeVerifier } as OpenIdFlow) : null;
  } catch {
    return null;
  }
}
