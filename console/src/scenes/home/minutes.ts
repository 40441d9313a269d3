import type { Delivery } from '../../api/types.ts';

const minuteMs = 60_000;

/** Deliveries counted by the minute in which they were first sent. */
export interface Minutes {
  /** Starts of the minutes, in seconds since 1970, without gaps. */
  readonly startsSeconds: readonly number[];
  readonly succeeded: readonly number[];
  /** All of them, whatever came of them. */
  readonly all: readonly number[];
  readonly total: number;
  readonly totalSucceeded: number;
  /** Mean over the time that is covered, which need not be whole minutes. */
  readonly perMinute: number;
}

/** Counts deliveries created from `fromMs` to `untilMs`; others are left out. */
export function countByMinute(
  deliveries: readonly Pick<Delivery, 'createdAt' | 'state'>[],
  fromMs: number,
  untilMs: number,
): Minutes {
  const first = Math.floor(fromMs / minuteMs);
  const count = Math.max(1, Math.floor(untilMs / minuteMs) - first + 1);
  const all = new Array<number>(count).fill(0);
  const succeeded = new Array<number>(count).fill(0);
  for (const { createdAt, state } of deliveries) {
    const place = Math.floor(Date.parse(createdAt) / minuteMs) - first;
    if (place < 0 || place >= count) continue;
    all[place] = (all[place] ?? 0) + 1;
    if (state === 'succeeded') succeeded[place] = (succeeded[place] ?? 0) + 1;
  }
  const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);
  const total = sum(all);
  return {
    startsSeconds: all.map((_, place) => (first + place) * 60),
    succeeded,
    all,
    total,
    totalSucceeded: sum(succeeded),
    perMinute: Math.round((total / Math.max(1, (untilMs - fromMs) / minuteMs)) * 10) / 10,
  };
}
