import { Type } from 'typebox';
import type { Attempt, Delivery } from '../model/delivery.ts';
import { deliveryId, eventId, type WebhookId } from '../model/ids.ts';
import { nullableNumber, nullableText, nullableTimestamp, oneOf, timestamp } from './schemas.ts';
import type { SentRequest } from './sent-request.ts';
import { showMaybeTime, showTime } from './times.ts';

export const deliveryStates = ['sending', 'retrying', 'succeeded', 'exhausted', 'discarded'] as const;

export const deliverySchema = Type.Object(
  {
    id: Type.String({ description: 'The `webhook-id` of its requests.' }),
    webhook: nullableText('Id of the webhook; null when it was deleted.'),
    webhookVersion: Type.Integer({ description: 'Version of the webhook that made it.' }),
    event: Type.String({ description: 'Id of its event, or of the first one of a batch.' }),
    events: Type.Integer({ description: 'How many events it carries.' }),
    eventType: Type.String({ description: 'Type of its event, or of the first one of a batch.' }),
    state: oneOf(
      deliveryStates,
      '`retrying`: failed, due again. `exhausted`: given up after the last retry. `discarded`: by a person.',
    ),
    simulated: Type.Boolean({ description: 'Whether its event never happened.' }),
    attempts: Type.Integer({ description: 'Requests made so far.' }),
    createdAt: timestamp('When it was first sent.'),
    finishedAt: nullableTimestamp('When it came to its end.'),
    nextAttemptAt: nullableTimestamp('When it is due again.'),
    lastHttpStatus: nullableNumber('Status of the last answer.'),
    lastErrorCode: nullableText('Code of the last failure; docs/errors.md lists all.'),
    discardedBy: nullableText('Who discarded it.'),
  },
  { title: 'Delivery' },
);

/** A delivery as the API answers it. */
export function showDelivery(delivery: Delivery, webhook: WebhookId | null) {
  const { acceptedAtMs, seq, webhookNumber } = delivery;
  return {
    id: deliveryId(acceptedAtMs, seq, webhookNumber),
    webhook,
    webhookVersion: delivery.webhookVersion,
    event: eventId(acceptedAtMs, seq),
    events: delivery.batchSeqs?.length ?? 1,
    eventType: delivery.eventType,
    state: delivery.state,
    simulated: delivery.simulated,
    attempts: delivery.attempts,
    createdAt: showTime(delivery.createdAtMs),
    finishedAt: showMaybeTime(delivery.finishedAtMs),
    nextAttemptAt: showMaybeTime(delivery.nextAttemptAtMs),
    lastHttpStatus: delivery.lastHttpStatus,
    lastErrorCode: delivery.lastErrorCode,
    discardedBy: delivery.discardedBy,
  };
}

const headerMap = { type: 'object', additionalProperties: { type: 'string' } };

export const attemptSchema = Type.Object(
  {
    number: Type.Integer({ description: 'Counts from 1.' }),
    startedAt: timestamp('When the request began.'),
    webhookVersion: Type.Integer({ description: 'Version of the webhook whose URL and headers it used.' }),
    outcome: oneOf(['succeeded', 'failed'], 'What came of it.'),
    errorCode: nullableText('Code of the failure; docs/errors.md lists all.'),
    errorMessage: nullableText('The failure as a sentence.'),
    replay: Type.Unsafe<Attempt['replay']>({
      type: ['string', 'null'],
      enum: ['resend', 'replay', 'recover', null],
      description: 'Why it was sent again although it was not new.',
    }),
    request: Type.Unsafe<SentRequest | null>({
      type: ['object', 'null'],
      description:
        'What was sent, put together again from the event and the settings of then; null when these are no longer ' +
        'kept. Values of secret headers are hidden; the signature is made with the present secret.',
      properties: {
        method: { type: 'string' },
        url: { type: 'string' },
        headers: headerMap,
        body: { type: ['string', 'null'], description: 'Null when an event of it is no longer kept.' },
        bodyTruncated: { type: 'boolean', description: 'Whether `body` is only the beginning.' },
      },
      required: ['method', 'url', 'headers', 'body', 'bodyTruncated'],
    }),
    response: Type.Unsafe<{
      status: number;
      headers: Readonly<Record<string, string>>;
      body: string;
      bodyTruncated: boolean;
    } | null>({
      type: ['object', 'null'],
      description: 'The answer; null when there was none.',
      properties: {
        status: { type: 'integer' },
        headers: headerMap,
        body: { type: 'string', description: 'The first 16 KiB.' },
        bodyTruncated: { type: 'boolean' },
      },
      required: ['status', 'headers', 'body', 'bodyTruncated'],
    }),
    timing: Type.Object(
      {
        dnsMs: nullableNumber('Looking up the host.'),
        connectMs: nullableNumber('Connecting.'),
        tlsMs: nullableNumber('The TLS handshake.'),
        firstByteMs: nullableNumber('From sending to the first byte of the answer.'),
        totalMs: Type.Number({ description: 'All of it.' }),
      },
      { description: 'Milliseconds; null for what did not happen, as when a connection was open already.' },
    ),
  },
  { title: 'Attempt' },
);

/** An attempt as the API answers it. */
export function showAttempt(attempt: Attempt, request: SentRequest | null) {
  const { httpStatus } = attempt;
  return {
    number: attempt.number,
    startedAt: showTime(attempt.startedAtMs),
    webhookVersion: attempt.webhookVersion,
    outcome: attempt.outcome,
    errorCode: attempt.errorCode,
    errorMessage: attempt.errorMessage,
    replay: attempt.replay,
    request,
    response:
      httpStatus === null
        ? null
        : {
            status: httpStatus,
            headers: attempt.responseHeaders ?? {},
            body: attempt.responseBody ?? '',
            bodyTruncated: attempt.responseTruncated,
          },
    timing: attempt.timing,
  };
}
