import type { ReplayId } from './ids.ts';

/**
 * Which events of the period are sent again. `failed`: deliveries whose attempts are exhausted. `missed`:
 * events that match the webhook as it is now and were never delivered to it, because it was stopped,
 * listened to less, did not exist, or its queue was cleared. `all`: every event that matches.
 */
export const replayScopes = ['failed', 'missed', 'all'] as const;
export type ReplayScope = (typeof replayScopes)[number];

/** `paused` may go on; `cancelled` and `done` are final. */
export type ReplayState = 'running' | 'paused' | 'cancelled' | 'done';

/** A job that sends events of the past to one webhook again, behind everything new. */
export interface Replay {
  readonly id: ReplayId;
  readonly workspaceNumber: number;
  readonly webhookNumber: number;
  readonly scope: ReplayScope;
  /** Accepted at or after. */
  readonly sinceMs: number;
  /** Accepted before. */
  readonly untilMs: number;
  /** The same period as places in the journal: after `fromSeq`, up to `toSeq`. */
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Everything up to here has been dealt with. */
  readonly positionSeq: number;
  readonly ratePerSecond: number;
  readonly state: ReplayState;
  /** Why it is paused or cancelled. */
  readonly reason: string | null;
  readonly succeeded: number;
  readonly failed: number;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly finishedAtMs: number | null;
}
