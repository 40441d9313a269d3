import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../model/problem.ts';

/** Bodies up to this size always have room: many of them fit into what one large one takes. */
const smallBytes = 64 * 1024;
/** Told to clients that are turned away, in seconds. */
const retryAfterSeconds = 1;

/**
 * Lets large bodies in only as long as all that are being worked on fit into `maxBytes` together, so that clients
 * cannot use up the memory of the process with requests of which each is allowed. One always has room.
 */
export function limitBodyMemory(api: FastifyInstance, maxBytes: number): void {
  const reserved = new WeakMap<FastifyRequest, number>();
  let total = 0;
  api.addHook('onRequest', (request, reply, done) => {
    const bytes = announcedBytes(request);
    if (bytes <= smallBytes) return done();
    if (total > 0 && total + bytes > maxBytes) {
      reply.header('retry-after', String(retryAfterSeconds));
      return done(
        new Problem(
          'unavailable',
          'Too many large requests are being worked on (setting ROWHOOK_BODY_MEMORY_BYTES); try again in a moment.',
        ),
      );
    }
    reserved.set(request, bytes);
    total += bytes;
    done();
  });
  const release = (request: FastifyRequest): void => {
    total -= reserved.get(request) ?? 0;
    reserved.delete(request);
  };
  api.addHook('onResponse', (request, _reply, done) => {
    release(request);
    done();
  });
  api.addHook('onRequestAbort', (request, done) => {
    release(request);
    done();
  });
}

/** Bytes that the body of a request will have at most. */
function announcedBytes({ headers, routeOptions }: FastifyRequest): number {
  // What is streamed never is in memory as a whole.
  if (routeOptions.config.streamsBody === true) return 0;
  const most = routeOptions.bodyLimit;
  if (headers['transfer-encoding'] !== undefined) return most;
  return Math.min(Number(headers['content-length'] ?? 0), most);
}
