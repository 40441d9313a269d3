import type { JournalEvent } from '../model/event.ts';
import { eventId } from '../model/ids.ts';
import { jsonPayload, type Payload } from './payload.ts';

/** Codat: `{id, eventType, generatedDate, payload}`, one event per request. */
export function renderCodat(events: readonly JournalEvent[], batched: boolean): Payload {
  return jsonPayload(events.map(renderEvent), batched);
}

function renderEvent(event: JournalEvent): string {
  const id = eventId(event.acceptedAtMs, event.seq);
  const generatedDate = new Date(event.occurredAtMs).toISOString();
  const eventType = JSON.stringify(event.type);
  return `{"id":"${id}","eventType":${eventType},"generatedDate":"${generatedDate}","payload":${event.dataJson}}`;
}
