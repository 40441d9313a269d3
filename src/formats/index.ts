import type { JournalEvent } from '../model/event.ts';
import type { PayloadFormat, WebhookSettings } from '../model/webhook.ts';
import type { Payload } from './payload.ts';
import { renderStandard } from './standard.ts';

export type { Payload } from './payload.ts';

/** Formats that webhooks may choose. */
export const supportedFormats = ['standard'] as const satisfies readonly PayloadFormat[];

/**
 * The body for one delivery. Depends on nothing but its arguments, so that a delivery interrupted by a
 * crash is sent again with the same bytes. A webhook that batches gets an array even for one event.
 */
export function render(events: readonly JournalEvent[], settings: WebhookSettings): Payload {
  return renderStandard(events, settings.batch.maxEvents > 1 || events.length > 1);
}
