import type { LoadPlan, Pace } from '../parts/load.ts';
import type { Rig } from '../parts/rig.ts';
import type { Server } from '../parts/server.ts';
import { webhookConcurrency } from '../parts/server.ts';

/** Data of an event such that a request of the standard format has a body of about 1 KB. */
export const dataBytes = 930;
export const bodyBytes = 1_000;
const eventsPerCall = 100;
/** Calls of the API under way at once. */
const callers = 4;
const pacedCallers = 32;
/** A webhook that has no more than this many events under way keeps up: they wait in memory. */
export const keepingUp = 500;

/** Events to the API, a hundred a call, as fast as they are delivered. */
export function eventsPlan(
  server: Server,
  types: readonly string[],
  window: number,
  arrivalsPerEvent = 1,
): LoadPlan {
  return planFor(
    server,
    { kind: 'events', types, eventsPerCall: Math.min(eventsPerCall, window), dataBytes },
    { kind: 'window', events: window, arrivalsPerEvent },
  );
}

export function planFor(server: Server, work: LoadPlan['work'], pace: Pace): LoadPlan {
  return { url: server.url, headers: server.headers, connections: callers, work, pace, events: null };
}

/** The raw ceiling: a bare loop of undici requests, as many at once as a webhook has. */
export function barePlan(rig: Rig, name: string, bytes = bodyBytes): LoadPlan {
  return {
    url: rig.consumerUrl,
    headers: { 'content-type': 'application/json' },
    connections: webhookConcurrency,
    work: { kind: 'bare', path: `/count/${name}`, bodyBytes: bytes },
    pace: { kind: 'flatOut' },
    events: null,
  };
}

/** Events to the API, one a call, at a fixed rate for so long. */
export function pacedPlan(
  server: Server,
  types: readonly string[],
  eventsPerSecond: number,
  durationMs: number,
): LoadPlan {
  return {
    ...planFor(
      server,
      { kind: 'events', types, eventsPerCall: 1, dataBytes },
      { kind: 'rate', eventsPerSecond },
    ),
    connections: pacedCallers,
    events: Math.ceil((eventsPerSecond * durationMs) / 1_000),
  };
}

/**
 * Measures both sides of a pair right after one another, in every other round the second side first, so that
 * what changes on the machine meanwhile favours neither.
 */
export async function inTurns<Side, Measured>(
  round: number,
  [first, second]: readonly [Side, Side],
  measure: (side: Side) => Promise<Measured>,
): Promise<[Measured, Measured]> {
  if (round % 2 === 0) return [await measure(first), await measure(second)];
  const measured = await measure(second);
  return [await measure(first), measured];
}

/** A number as people write it. */
export function counted(number: number): string {
  return number.toLocaleString('en-US');
}
