import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OpenedSession } from '../identity/sessions.ts';
import { isSecure } from './own-origin.ts';

/**
 * The name of the cookie that holds a session. With https no other host or path can set it (`__Host-`). Without,
 * it has the port in it: cookies are shared by all ports of a host, and two servers on one machine would sign
 * each other's people out.
 */
function cookieName(request: FastifyRequest): string {
  if (isSecure(request)) return '__Host-rowhook-session';
  return `rowhook-session-${/:(\d+)$/.exec(request.host)?.[1] ?? '80'}`;
}

/** The secret of the session that the browser sends; null: none. */
export function sessionSecret(request: FastifyRequest): string | null {
  const { cookie } = request.headers;
  if (cookie === undefined) return null;
  return parseCookie(cookie)[cookieName(request)] || null;
}

/** Gives the browser a session: for as long as it runs, or, with `stay`, until the session ends. */
export function giveSession(
  request: FastifyRequest,
  reply: FastifyReply,
  { session, secret }: OpenedSession,
  stay: boolean,
): void {
  setCookie(request, reply, secret, stay ? new Date(session.expiresAtMs) : null);
}

export function takeSessionBack(request: FastifyRequest, reply: FastifyReply): void {
  setCookie(request, reply, '', new Date(0));
}

function setCookie(request: FastifyRequest, reply: FastifyReply, value: string, expires: Date | null): void {
  const cookie = stringifySetCookie({
    name: cookieName(request),
    value,
    path: '/',
    httpOnly: true,
    // The console is a page that calls from its own address, so that it needs the cookie nowhere else.
    sameSite: 'strict',
    secure: isSecure(request),
    ...(expires === null ? {} : { expires }),
  });
  reply.header('set-cookie', cookie);
}
