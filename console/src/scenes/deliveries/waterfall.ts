import type { Attempt } from '../../api/types.ts';

export type Phase = 'dns' | 'connect' | 'tls' | 'wait' | 'read';

/** A phase of an exchange, placed on the line from its start to its end. */
export interface PlacedPhase {
  readonly phase: Phase;
  readonly startMs: number;
  readonly durationMs: number;
}

/**
 * Phases one after another, as an exchange goes through them. What did not happen is left out; what remains
 * after the first byte is the reading of the answer.
 */
export function placePhases({
  dnsMs,
  connectMs,
  tlsMs,
  firstByteMs,
  totalMs,
}: Attempt['timing']): readonly PlacedPhase[] {
  const placed: PlacedPhase[] = [];
  let startMs = 0;
  const place = (phase: Phase, durationMs: number | null): void => {
    if (durationMs === null) return;
    placed.push({ phase, startMs, durationMs });
    startMs += durationMs;
  };
  place('dns', dnsMs);
  place('connect', connectMs);
  place('tls', tlsMs);
  if (firstByteMs !== null) {
    place('wait', firstByteMs);
    place('read', Math.max(0, totalMs - startMs));
  } else if (totalMs > startMs) {
    place('wait', totalMs - startMs);
  }
  return placed;
}
