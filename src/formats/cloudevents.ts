import type { JournalEvent } from '../model/event.ts';
import { eventId } from '../model/ids.ts';
import type { Payload } from './payload.ts';

/** CloudEvents 1.0 in structured mode, and its batch format for a batch. */
export function renderCloudEvents(events: readonly JournalEvent[], batched: boolean): Payload {
  const bodies = events.map(renderEvent);
  return batched
    ? { contentType: 'application/cloudevents-batch+json', body: `[${bodies.join(',')}]` }
    : { contentType: 'application/cloudevents+json', body: bodies.join('') };
}

function renderEvent(event: JournalEvent): string {
  const attributes = {
    specversion: '1.0',
    id: eventId(event.acceptedAtMs, event.seq),
    source: sourceOf(event),
    type: event.type,
    time: new Date(event.occurredAtMs).toISOString(),
    ...(event.subject === null ? {} : { subject: event.subject.rowId }),
    datacontenttype: 'application/json',
  };
  // The data is in JSON already: it is put in as it is.
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${event.dataJson}}`;
}

/** Where an event comes from, as a relative URI: the table whose row changed, or the event API. */
function sourceOf(event: JournalEvent): string {
  if (event.subject === null) return '/events';
  const { baseId, id } = event.subject.table;
  return `/bases/${baseId}/tables/${id}`;
}
