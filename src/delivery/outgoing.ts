import type { EgressFailure, EgressResult } from '../egress/index.ts';
import type { Attempt, Delivery, DeliveryState, ReplayMark } from '../model/delivery.ts';
import type { SuccessRule, Webhook } from '../model/webhook.ts';
import type { Retry } from '../store/port.ts';
import type { Unsendable } from './prepare.ts';
import type { UnsettledEvent } from './unsettled-events.ts';

/**
 * `new`: events from the intake, or a batch that a crash interrupted. `retry`: a failed delivery that is due.
 * `again`: asked for by a person or a replay; one attempt, after which the delivery is what it was before,
 * unless it succeeded.
 */
export type Origin =
  | { readonly kind: 'new' }
  | { readonly kind: 'retry' }
  | {
      readonly kind: 'again';
      /** The state to fall back to; null when there was no delivery of these events. */
      readonly before: Delivery | null;
      readonly onFinished: (succeeded: boolean) => void;
    };

/** A delivery on its way out: the next attempt of it, ready to be sent. */
export interface Outgoing {
  readonly seq: number;
  readonly acceptedAtMs: number;
  readonly batchSeqs: readonly number[] | null;
  readonly eventType: string;
  readonly simulated: boolean;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** Set when no request can be made of it: its attempt fails without one. */
  readonly unsendable: Unsendable | null;
  /** Attempts made before this one. */
  readonly attempts: number;
  /** Of these, the ones since the retry schedule began. */
  readonly scheduleStep: number;
  /** Where it comes from, which says what its end means to the lane. */
  readonly origin: Origin;
  /** Why events are sent again although they are not new; null when they are. */
  readonly mark: ReplayMark | null;
  /** The store knows the delivery already. */
  readonly recorded: boolean;
  /** Null for a delivery that is not recorded yet: it is created by its first attempt. */
  readonly createdAtMs: number | null;
  /** What its end settles in the queue of the webhook; empty for a retry, which is settled there already. */
  readonly entries: readonly UnsettledEvent[];
}

/** What came of an attempt: of its request, or of there being none. */
export type AttemptResult =
  | EgressResult
  | (Omit<EgressFailure, 'code'> & { readonly code: Unsendable['code'] });

const noTime = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 0 };

/** The result of an attempt that made no request. */
export function notSent({ code, message }: Unsendable): AttemptResult {
  return { kind: 'error', code, message, mayHaveArrived: false, timing: noTime };
}

/** What came of an attempt, in the words of the log. */
export interface AttemptReport {
  readonly succeeded: boolean;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly httpStatus: number | null;
}

/** Whether the answer counts as success, and if not, what the log calls the failure. */
export function judge(result: AttemptResult, rule: SuccessRule): AttemptReport {
  if (result.kind === 'error') {
    return { succeeded: false, errorCode: result.code, errorMessage: result.message, httpStatus: null };
  }
  const { status } = result;
  if (rule === '200' ? status === 200 : status >= 200 && status < 300) {
    return { succeeded: true, errorCode: null, errorMessage: null, httpStatus: status };
  }
  return {
    succeeded: false,
    errorCode: 'HTTP_STATUS',
    errorMessage: `The consumer answered ${status}; only ${rule === '200' ? '200' : '200 to 299'} counts as success.`,
    httpStatus: status,
  };
}

export function attemptOf(
  outgoing: Outgoing,
  webhook: Webhook,
  startedAtMs: number,
  result: AttemptResult,
  report: AttemptReport,
): Attempt {
  const answered = result.kind === 'response' ? result : null;
  return {
    number: outgoing.attempts + 1,
    startedAtMs,
    webhookVersion: webhook.version,
    outcome: report.succeeded ? 'succeeded' : 'failed',
    errorCode: report.errorCode,
    errorMessage: report.errorMessage,
    httpStatus: report.httpStatus,
    responseHeaders: answered?.headers ?? null,
    responseBody: answered?.body ?? null,
    responseTruncated: answered?.bodyTruncated ?? false,
    timing: result.timing,
    replay: outgoing.mark,
  };
}

export function deliveryOf(
  outgoing: Outgoing,
  webhook: Webhook,
  state: DeliveryState,
  startedAtMs: number,
  finishedAtMs: number | null,
  attempt: Attempt | null,
  nextAttemptAtMs: number | null,
): Delivery {
  return {
    workspaceNumber: webhook.workspaceNumber,
    webhookNumber: webhook.number,
    seq: outgoing.seq,
    acceptedAtMs: outgoing.acceptedAtMs,
    batchSeqs: outgoing.batchSeqs,
    eventType: outgoing.eventType,
    webhookVersion: webhook.version,
    state,
    simulated: outgoing.simulated,
    attempts: outgoing.attempts + (attempt ? 1 : 0),
    createdAtMs: outgoing.createdAtMs ?? startedAtMs,
    finishedAtMs,
    nextAttemptAtMs,
    lastHttpStatus: attempt?.httpStatus ?? null,
    lastErrorCode: attempt?.errorCode ?? null,
    discardedBy: null,
  };
}

/** The retry that keeps a failed delivery and its bytes until `dueAtMs`. */
export function retryOf(outgoing: Outgoing, webhook: Webhook, dueAtMs: number): Retry {
  return {
    webhookNumber: webhook.number,
    seq: outgoing.seq,
    acceptedAtMs: outgoing.acceptedAtMs,
    batchSeqs: outgoing.batchSeqs,
    eventType: outgoing.eventType,
    simulated: outgoing.simulated,
    attempts: outgoing.attempts + 1,
    scheduleStep: outgoing.scheduleStep + 1,
    dueAtMs,
    contentType: outgoing.contentType,
    body: typeof outgoing.body === 'string' ? Buffer.from(outgoing.body) : outgoing.body,
  };
}

/** The outgoing delivery that a due retry becomes: the same bytes again. */
export function outgoingFromRetry(retry: Retry): Outgoing {
  return {
    seq: retry.seq,
    acceptedAtMs: retry.acceptedAtMs,
    batchSeqs: retry.batchSeqs,
    eventType: retry.eventType,
    simulated: retry.simulated,
    contentType: retry.contentType,
    body: retry.body,
    unsendable: null,
    attempts: retry.attempts,
    scheduleStep: retry.scheduleStep,
    origin: { kind: 'retry' },
    mark: null,
    recorded: true,
    createdAtMs: null,
    entries: [],
  };
}
