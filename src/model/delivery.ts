/**
 * `sending`: a batch that has been put together and is on its way (single deliveries are recorded only
 * with their first attempt). `retrying`: failed, due again. The rest is final, but a resend or replay
 * may add attempts and a new outcome.
 */
export type DeliveryState = 'sending' | 'retrying' | 'succeeded' | 'exhausted' | 'discarded';

/** Why events were sent again although they were not new. */
export type ReplayMark = 'resend' | 'replay' | 'recover';

export interface AttemptTiming {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly firstByteMs: number | null;
  readonly totalMs: number;
}

/** One HTTP request made for a delivery, and what came of it. */
export interface Attempt {
  /** Counts from 1 within the delivery. */
  readonly number: number;
  readonly startedAtMs: number;
  readonly webhookVersion: number;
  readonly outcome: 'succeeded' | 'failed';
  /** Stable code of the fault, documented in docs/errors.md; null when there was an answer that counts as success. */
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly httpStatus: number | null;
  readonly responseHeaders: Readonly<Record<string, string>> | null;
  /** First 16 KiB. */
  readonly responseBody: string | null;
  readonly responseTruncated: boolean;
  readonly timing: AttemptTiming;
  readonly replay: ReplayMark | null;
}

/** One or more events that one webhook must receive in one request. */
export interface Delivery {
  readonly workspaceNumber: number;
  readonly webhookNumber: number;
  /** Place of its first event in the journal; with the webhook it names the delivery. */
  readonly seq: number;
  /** Acceptance time of the first event; part of the delivery's id. */
  readonly acceptedAtMs: number;
  /** Places of all its events, when there is more than one. */
  readonly batchSeqs: readonly number[] | null;
  readonly eventType: string;
  readonly webhookVersion: number;
  readonly state: DeliveryState;
  readonly simulated: boolean;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly finishedAtMs: number | null;
  readonly nextAttemptAtMs: number | null;
  readonly lastHttpStatus: number | null;
  readonly lastErrorCode: string | null;
  /** Who discarded it. */
  readonly discardedBy: string | null;
}
