export const activitySpans = ['minute', 'hour', 'day'] as const;
export type ActivitySpan = (typeof activitySpans)[number];

export const spanMs: Readonly<Record<ActivitySpan, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** What the attempts of a span of time came to. */
export interface ActivityCounts {
  readonly attempts: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Deliveries given up after their last retry. */
  readonly exhausted: number;
  /** Attempts by how long they took, one count for each of `latencyBoundsMs` and one for longer ones. */
  readonly latencies: readonly number[];
}

/** Upper bounds of the classes of latencies, in milliseconds. Stored counts depend on them. */
export const latencyBoundsMs: readonly number[] = [
  5, 10, 20, 35, 50, 75, 100, 150, 200, 350, 500, 750, 1_000, 1_500, 2_000, 3_500, 5_000, 7_500, 10_000,
  15_000, 20_000, 35_000, 60_000, 120_000,
];

export const noActivity: ActivityCounts = {
  attempts: 0,
  succeeded: 0,
  failed: 0,
  exhausted: 0,
  latencies: new Array<number>(latencyBoundsMs.length + 1).fill(0),
};

/** The class of a latency: its place in `latencies`. */
export function latencyClass(latencyMs: number): number {
  const found = latencyBoundsMs.findIndex((boundMs) => latencyMs <= boundMs);
  return found < 0 ? latencyBoundsMs.length : found;
}

export function addActivity(one: ActivityCounts, other: ActivityCounts): ActivityCounts {
  return {
    attempts: one.attempts + other.attempts,
    succeeded: one.succeeded + other.succeeded,
    failed: one.failed + other.failed,
    exhausted: one.exhausted + other.exhausted,
    latencies: one.latencies.map((count, index) => count + (other.latencies[index] ?? 0)),
  };
}

/**
 * The latency that a share of the attempts stayed below, in milliseconds, as if those of a class were spread
 * evenly over it; null when there are none. Longer than the last bound is answered as that bound.
 */
export function latencyPercentile({ latencies }: ActivityCounts, share: number): number | null {
  const total = latencies.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const wanted = share * total;
  let before = 0;
  for (const [index, count] of latencies.entries()) {
    if (count > 0 && before + count >= wanted) {
      const lowMs = latencyBoundsMs[index - 1] ?? 0;
      const highMs = latencyBoundsMs[index] ?? lowMs;
      return Math.round((lowMs + ((highMs - lowMs) * Math.max(0, wanted - before)) / count) * 10) / 10;
    }
    before += count;
  }
  return latencyBoundsMs.at(-1) ?? null;
}
