import type { FastifyRequest } from 'fastify';
import { groupPrefix } from '../model/event-type.ts';
import type { PortalLink } from '../model/portal-link.ts';
import { type FieldError, invalidField, Problem } from '../model/problem.ts';
import type { Webhook } from '../model/webhook.ts';
import { escapePointer } from '../webhooks/field-reader.ts';

/**
 * What a customer may say about a webhook. The others are of the inside: rows of bases, formats, how hard the server
 * tries.
 */
const portalSettings: ReadonlySet<string> = new Set([
  'name',
  'memo',
  'url',
  'enabled',
  'eventTypes',
  'tags',
  'filter',
  'headers',
  'ratePerSecond',
  'tls',
  'secret',
]);

function linkOf(request: FastifyRequest): PortalLink | null {
  const { principal } = request;
  return principal?.kind === 'portal' ? principal.link : null;
}

/** Whether the portal offers an event type, exact or a group. Everybody else is offered all. */
export function isOffered(request: FastifyRequest, pattern: string): boolean {
  const offer = linkOf(request)?.eventTypes ?? null;
  if (offer === null) return true;
  return offer.some((offered) => {
    if (pattern === offered) return true;
    if (pattern === '*' || pattern.startsWith(groupPrefix)) return false;
    return offered.endsWith('.*') && pattern.startsWith(offered.slice(0, -1));
  });
}

/** Whether the caller may know of a webhook: the portal has those that ask for nothing but what it offers. */
export function isShown(request: FastifyRequest, webhook: Webhook): boolean {
  return webhook.settings.eventTypes.every((pattern) => isOffered(request, pattern));
}

/** Refuses lists over all webhooks where the portal has only some of them. */
export function requireNamedWebhook(request: FastifyRequest, webhook: Webhook | null): void {
  const offer = linkOf(request)?.eventTypes ?? null;
  if (offer !== null && webhook === null) {
    throw invalidField('webhook', 'must be given: this portal has some of the webhooks only');
  }
}

/** Refuses settings of a webhook that are none of the customer's business. `isNew`: nothing is there yet. */
export function requirePortalSettings(request: FastifyRequest, body: unknown, isNew: boolean): void {
  const link = linkOf(request);
  if (link === null || typeof body !== 'object' || body === null) return;
  const { eventTypes } = body as { eventTypes?: unknown };
  const errors: FieldError[] = Object.keys(body)
    .filter((field) => !portalSettings.has(field))
    .map((field) => ({ pointer: `/${escapePointer(field)}`, detail: 'is not offered in the portal' }));
  if (link.eventTypes !== null) {
    const names = link.eventTypes.join(', ');
    if (Array.isArray(eventTypes)) {
      for (const [index, pattern] of eventTypes.entries()) {
        if (typeof pattern === 'string' && isOffered(request, pattern)) continue;
        errors.push({ pointer: `/eventTypes/${index}`, detail: `is not offered; offered: ${names}` });
      }
    } else if (isNew || 'eventTypes' in body) {
      errors.push({ pointer: '/eventTypes', detail: `must be given; offered: ${names}` });
    }
  }
  const [first] = errors;
  if (first) throw new Problem('invalid-input', `${first.pointer} ${first.detail}.`, errors);
}
