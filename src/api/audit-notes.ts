import type { FastifyRequest } from 'fastify';
import type { AuditAction, AuditNote } from '../model/audit.ts';
import type { Replay } from '../model/replay.ts';
import type { Webhook } from '../model/webhook.ts';
import type { AuditStore } from '../store/port.ts';
import { authorOf } from './caller.ts';

type Told = Readonly<Record<string, unknown>>;

/** Enters into the audit log what a request did with a webhook without changing it in the store. */
export function noteOfWebhook(
  audit: Pick<AuditStore, 'append'>,
  request: FastifyRequest,
  action: AuditAction,
  webhook: Webhook,
  told: Told = {},
): Promise<void> {
  return audit.append(authorOf(request), {
    action,
    workspaceNumber: webhook.workspaceNumber,
    target: { kind: 'webhook', id: webhook.id, name: webhook.settings.name },
    changes: changesOf(told),
  });
}

/** Enters that a replay was begun, paused, continued or cancelled. */
export function noteOfReplay(
  audit: Pick<AuditStore, 'append'>,
  request: FastifyRequest,
  action: 'replay.started' | 'replay.changed',
  replay: Replay,
  told: Told,
): Promise<void> {
  return audit.append(authorOf(request), {
    action,
    workspaceNumber: replay.workspaceNumber,
    target: { kind: 'replay', id: replay.id, name: replay.scope },
    changes: changesOf(told),
  });
}

function changesOf(told: Told): AuditNote['changes'] {
  return Object.entries(told).map(([field, after]) => ({ field, before: null, after }));
}
