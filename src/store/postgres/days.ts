export const dayMs = 24 * 60 * 60 * 1_000;

/** The number of a day since 1970, in UTC: what partitions are made by. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs);
}
