import type { JournalEvent } from '../model/event.ts';

let lastEvent: JournalEvent | null = null;
let lastData: unknown;

/**
 * The data of an event, parsed. Matching asks for one event after the other, for each of them once per
 * webhook, so remembering the last one parses each event once and holds one in memory.
 */
export function dataOf(event: JournalEvent): unknown {
  if (event !== lastEvent) {
    lastData = JSON.parse(event.dataJson);
    lastEvent = event;
  }
  return lastData;
}
