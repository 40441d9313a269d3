import type { FastifyRequest } from 'fastify';
import type { MadePasswordLink } from '../identity/index.ts';
import { consoleUrl } from './own-origin.ts';
import { showTime } from './times.ts';

/**
 * A link to set a password as it is answered. The secret stands behind the `#`, which browsers do not send: no
 * log of a server or a proxy has it, and no scanner of mails that looks at the page uses it up.
 */
export function showPasswordLink(
  request: FastifyRequest,
  publicUrl: string | null,
  { secret, purpose, expiresAtMs }: MadePasswordLink,
) {
  const url = `${consoleUrl(request, publicUrl)}/set-password#link=${secret}`;
  return { purpose, url, expiresAt: showTime(expiresAtMs) };
}
