import type { FastifyRequest } from 'fastify';
import { Problem } from '../model/problem.ts';

/**
 * A page of another site cannot send it without asking first, and is never allowed to. The console sends it
 * with every change.
 */
export const csrfHeader = 'rowhook-csrf';

declare module 'fastify' {
  interface FastifyInstance {
    /** Under which the settings say that people reach the server, such as `https://hooks.example.com`; or null. */
    publicOrigin: string | null;
  }
}

/** Whether the browser came over https, to this server or to a trusted proxy before it. */
export function isSecure(request: FastifyRequest): boolean {
  return originOf(request).startsWith('https:');
}

/**
 * Refuses what a page of another site may have made a browser send: the browser says where a request comes from
 * with `Sec-Fetch-Site`, an older one with `Origin`.
 */
export function requireOwnOrigin(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw foreign();
  const { origin } = request.headers;
  if (origin !== undefined && origin !== originOf(request)) throw foreign();
}

/** For requests that are let in by a cookie, which browsers send along whoever asks them to. */
export function requireConsole(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  requireOwnOrigin(request);
  if (!request.headers[csrfHeader]) {
    throw new Problem(
      'forbidden',
      'A request with the cookie of a session needs the header "Rowhook-CSRF: 1" to change something.',
    );
  }
}

/** Where the pages of the console are, for links that are handed to people; without a slash at the end. */
export function consoleUrl(request: FastifyRequest, publicUrl: string | null): string {
  return publicUrl ?? originOf(request);
}

/** Under which the browser reaches the server. A proxy may end TLS without saying so: then the settings tell. */
function originOf(request: FastifyRequest): string {
  const { publicOrigin } = request.server;
  if (publicOrigin !== null && new URL(publicOrigin).host === request.host) return publicOrigin;
  return `${request.protocol}://${request.host}`;
}

function foreign(): Problem {
  return new Problem('forbidden', 'This request comes from a page of another site.');
}
