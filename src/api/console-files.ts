import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiPlugin } from './plugin.ts';

/** Paths of the API and of machines, which are never pages of the console. */
const otherPaths = /^\/(?:v1|test-consumer|healthz|readyz|metrics|openapi\.json)(?:\/|$)/;
/** The build puts a hash of the content into the names of these files: they never change. */
const hashedPath = /^\/assets\/[\w.-]+$/;
const knownFile = /^\/[\w-]+\.(?:svg|js)$/;

/**
 * Scripts and calls come from here and nowhere else. Styles may stand in the page, as the components write
 * theirs there.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/**
 * Serves the built console out of `directory`: its files, and its page at every address that is not the
 * API's, so that links into the console work. To be registered after all other routes.
 */
export function consoleFiles(directory: string): ApiPlugin {
  return (api) => {
    api.register(fastifyStatic, {
      root: directory,
      serve: false,
      preCompressed: true,
      cacheControl: false,
      index: false,
    });
    api.get('/*', { config: { access: 'public' } }, (request, reply) => serve(directory, request, reply));
  };
}

function serve(directory: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0] ?? '/';
  if (otherPaths.test(path)) {
    reply.callNotFound();
    return reply;
  }
  if (hashedPath.test(path)) {
    // A page that was loaded before an update asks for files of the build before: say so, do not send a page.
    if (!existsSync(join(directory, path))) {
      reply.callNotFound();
      return reply;
    }
    return reply
      .headers({ ...headers, 'cache-control': 'public, max-age=31536000, immutable' })
      .sendFile(path.slice(1));
  }
  const isFile = knownFile.test(path) && existsSync(join(directory, path));
  const accepts = request.headers.accept ?? '*/*';
  if (!isFile && !/text\/html|\*\/\*/.test(accepts)) {
    reply.callNotFound();
    return reply;
  }
  return reply
    .headers({ ...headers, 'cache-control': 'no-cache' })
    .sendFile(isFile ? path.slice(1) : 'index.html');
}
