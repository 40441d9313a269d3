import type { JournalEvent } from '../model/event.ts';
import { jsonPayload, type Payload } from './payload.ts';

/**
 * Standard Webhooks: `{type, timestamp, data}`, and a JSON array of these for a batch. The event's data is
 * in JSON already, so the body is put together as text: nothing is parsed or printed again.
 */
export function renderStandard(events: readonly JournalEvent[], batched: boolean): Payload {
  return jsonPayload(events.map(renderEvent), batched);
}

function renderEvent(event: JournalEvent): string {
  const timestamp = new Date(event.occurredAtMs).toISOString();
  return `{"type":${JSON.stringify(event.type)},"timestamp":"${timestamp}","data":${event.dataJson}}`;
}
