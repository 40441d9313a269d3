import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { CallKey } from '../sources/events/service.ts';

const maxKeyCharacters = 255;

/** Headers of a route that knows repeats of a call by their key. */
export const idempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: maxKeyCharacters,
      pattern: '^[\\x21-\\x7e]+$',
      'x-allowed': 'printable ASCII characters without spaces',
      description:
        'A name of your choice for this call, such as a UUID. A repeat with the same key and body gets the same answer ' +
        'and does nothing; another body is a conflict.',
    }),
  ),
});

/** How the call can be known again; null: it has no key. */
export function callKeyOf(request: FastifyRequest): CallKey | null {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string') return null;
  const call = `${request.method} ${request.routeOptions.url}\n${JSON.stringify(request.body)}`;
  return { key, fingerprint: createHash('sha256').update(call).digest('base64url') };
}
