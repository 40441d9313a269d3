import type { onRequestHookHandler } from 'fastify';
import { Problem } from '../model/problem.ts';

/** Nothing is decompressed: a small body that becomes a large one has no way in. */
export const refuseEncodedBodies: onRequestHookHandler = (request, _reply, done) => {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() === 'identity') return done();
  done(
    new Problem(
      'unsupported-media-type',
      'Bodies must not be compressed or encoded; leave out the header Content-Encoding.',
    ),
  );
};
