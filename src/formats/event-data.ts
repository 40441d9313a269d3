import type { JournalEvent, RowEventData } from '../model/event.ts';

let lastEvent: JournalEvent | null = null;
let lastData: unknown;

/** The data of an event, parsed; once when many webhooks send the same event one after the other. */
export function dataOf(event: JournalEvent): unknown {
  if (event !== lastEvent) {
    lastData = JSON.parse(event.dataJson);
    lastEvent = event;
  }
  return lastData;
}

/** The data of an event that has a row as its subject. */
export function rowDataOf(event: JournalEvent): RowEventData {
  return dataOf(event) as RowEventData;
}
