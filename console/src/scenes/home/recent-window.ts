import { useQuery } from '@tanstack/react-query';
import { listDeliveries } from '../../api/queries/deliveries.ts';
import type { Delivery } from '../../api/types.ts';

const minuteMs = 60_000;
const windowMinutes = 30;
const maxDeliveries = 1_000;
/** A page of a thousand deliveries is not asked for every other second. */
const intervalMs = 15_000;

/** The deliveries of the last half hour. */
export interface RecentWindow {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly deliveries: readonly Delivery[];
  /** Whether there were more than are looked at; then it begins with the oldest of these. */
  readonly isPartial: boolean;
}

/** The window over which figures and charts are drawn; null until it is there. */
export function useWindow(): RecentWindow | null {
  const { data } = useQuery({
    queryKey: ['deliveries', 'window'],
    refetchInterval: intervalMs,
    queryFn: async ({ signal }): Promise<RecentWindow> => {
      const untilMs = Date.now();
      const fromMs = Math.floor(untilMs / minuteMs) * minuteMs - (windowMinutes - 1) * minuteMs;
      const since = new Date(fromMs).toISOString();
      const { data: deliveries, nextCursor } = await listDeliveries({ since, limit: maxDeliveries }, signal);
      const oldest = deliveries.at(-1);
      const isPartial = nextCursor !== null && oldest !== undefined;
      return { fromMs: isPartial ? Date.parse(oldest.createdAt) : fromMs, untilMs, deliveries, isPartial };
    },
  });
  return data ?? null;
}
