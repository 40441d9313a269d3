import type { JournalEvent, RowEventData } from '../model/event.ts';
import { eventId } from '../model/ids.ts';
import { dataOf } from './event-data.ts';

/**
 * What a template can name: `events`, all events of the delivery; `event`, the first of them; and what that
 * is about: `data`, and for a row change `record`, `previous`, `changes`, `row`, `table`, `base`, `actor`.
 */
export function templateContextOf(events: readonly JournalEvent[]): object {
  const shown = events.map(showEvent);
  const first = shown[0];
  return { ...first, event: first, events: shown };
}

function showEvent(event: JournalEvent): object {
  return {
    id: eventId(event.acceptedAtMs, event.seq),
    type: event.type,
    time: new Date(event.occurredAtMs).toISOString(),
    tags: event.tags,
    data: dataOf(event),
    ...(event.subject === null ? {} : showRow(dataOf(event) as RowEventData)),
  };
}

function showRow({ base, table, row, actor, changes, record, previous }: RowEventData): object {
  return { base, table, row, actor, changes, record, previous };
}
