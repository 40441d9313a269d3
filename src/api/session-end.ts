import type { FastifyRequest } from 'fastify';
import type { Person } from '../model/person.ts';
import type { AuditStore } from '../store/port.ts';
import { authorOf } from './caller.ts';

/** Enters into the audit log that sessions ended: the caller's own, or those of another person. */
export function tellSessionsEnded(
  audit: Pick<AuditStore, 'append'>,
  request: FastifyRequest,
  of: Person | null = null,
): Promise<void> {
  const author = authorOf(request);
  const target =
    of === null
      ? { kind: author.kind, id: author.id ?? '', name: author.name }
      : { kind: 'person', id: of.id, name: of.email };
  return audit.append(author, { action: 'session.ended', workspaceNumber: null, target, changes: [] });
}
