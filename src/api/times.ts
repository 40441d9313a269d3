import { invalidField } from '../model/problem.ts';
import { readTime } from '../sources/events/texts.ts';

/** A time as the API shows it: ISO 8601, UTC, milliseconds. */
export function showTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** Like `showTime`, for what may not have happened. */
export function showMaybeTime(timeMs: number | null): string | null {
  return timeMs === null ? null : showTime(timeMs);
}

/** Bounds of a list in time, of the query parameters `since` and `until`. */
export function readPeriod(query: { readonly since?: string; readonly until?: string }): {
  sinceMs?: number;
  untilMs?: number;
} {
  return {
    ...(query.since === undefined ? {} : { sinceMs: readTimeAt('since', query.since) }),
    ...(query.until === undefined ? {} : { untilMs: readTimeAt('until', query.until) }),
  };
}

/** A time that was sent; `pointer` says where. Throws a Problem when it is none. */
export function readTimeAt(pointer: string, text: string): number {
  const timeMs = readTime(text);
  if (timeMs === null) throw invalidField(pointer, 'must be a time like 2026-01-31T12:00:00Z');
  return timeMs;
}
