import type { RetentionStep } from './port.ts';

/** Data looked at in one step: removing a long value reads it, so a few large ones count as many small ones. */
const stepBytes = 4 * 1024 * 1024;

/** The sweep is over, and this step found nothing. */
export const atEnd: RetentionStep = { removed: 0, next: null };

/** The first rows whose data together stay within the bound of a step; at least one, if there is one. */
export function withinBytes<Row extends { readonly bytes: number }>(rows: Iterable<Row>): Row[] {
  const taken: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    taken.push(row);
    bytes += row.bytes;
    if (bytes >= stepBytes) break;
  }
  return taken;
}
