import { Type } from 'typebox';
import { payloadFormats, presets, signatures } from '../model/webhook.ts';
import { webhookLimits } from '../webhooks/limits.ts';
import { retrySchedules } from '../webhooks/presets.ts';
import {
  closedObject,
  nullableNumber,
  nullableText,
  nullableTimestamp,
  oneOf,
  texts,
  timestamp,
} from './schemas.ts';

const limits = webhookLimits;

const headers = Type.Unsafe<Readonly<Record<string, string>>>({
  type: 'object',
  additionalProperties: { type: 'string' },
  maxProperties: limits.headers,
  description:
    'Headers of every request. Values of secret ones (`authorization`, names with `token`, `secret`, …) are ' +
    'answered as `***`; sent back so, they stay as they are.',
});

const retryMembers = {
  delaysMs: Type.Unsafe<readonly number[]>({
    type: 'array',
    items: { type: 'integer', minimum: 0, maximum: limits.maxRetryDelayMs },
    maxItems: limits.retryDelays,
    description: 'Waits between a failure and the next attempt. N delays allow N + 1 attempts.',
  }),
  jitter: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'A delay d becomes a random one from d to d × (1 + jitter).',
  }),
  forever: Type.Boolean({ description: 'Go on with the last delay and never give up.' }),
};
const disableMembers = {
  afterFailures: nullableNumber('Attempts that fail in a row; null: never.', {
    minimum: 1,
    maximum: limits.maxDisableFailures,
  }),
  afterFailingMs: nullableNumber('Every attempt failed for so long; null: never.', {
    minimum: limits.minDisableFailingMs,
    maximum: limits.maxDisableFailingMs,
  }),
};
const batchMembers = {
  maxEvents: Type.Integer({
    minimum: 1,
    maximum: limits.batchEvents,
    description: 'Events in one request. With more than 1 the body is a list.',
  }),
  maxWaitMs: Type.Integer({
    minimum: 0,
    maximum: limits.maxBatchWaitMs,
    description: 'How long the first event of a batch may wait for others.',
  }),
};

const pem = (description: string) => nullableText(description, { maxLength: limits.pemCharacters });
const tlsMembers = {
  certificate: pem('Client certificate in PEM, with those between it and its authority.'),
  key: pem(
    'Its private key in PEM, without a passphrase. Answered as `***`; sent back so, it stays as it is.',
  ),
  ca: pem("Authorities in PEM that alone may have signed the consumer's certificate."),
};

const emails = Type.Unsafe<readonly string[] | null>({
  type: ['array', 'null'],
  items: { type: 'string', maxLength: 254 },
  minItems: 1,
  maxItems: limits.emails,
  description:
    'Mail addresses that get a readable message, instead of a `url`; the answer then has a `url` of `mailto:`. Needs a ' +
    'mail server (setting ROWHOOK_SMTP_URL).',
});

/** Settings in the form that is both sent and answered; `retry`, `disable` and `batch` come separately. */
const commonSettings = {
  name: Type.String({ minLength: 1, maxLength: limits.nameCharacters }),
  memo: Type.String({ maxLength: limits.memoCharacters, description: 'A note for people.' }),
  url: Type.String({
    maxLength: limits.urlCharacters,
    description:
      'Where requests go: http or https, and not into private networks unless the server allows it.',
  }),
  preset: oneOf(presets, 'Known system to behave like: it fills in every knob that is not given.'),
  eventTypes: texts({
    minItems: 1,
    maxItems: limits.eventTypes,
    description:
      'Exact names (`row.inserted`), all below a name (`invoice.*`), groups of the catalogue (`group:billing`), or `*`.',
  }),
  base: nullableText('Only rows of this base: its id.'),
  table: nullableText('Only rows of this table: its id, or its name when sent.'),
  tags: texts({
    maxItems: limits.tags,
    description: 'Only events with any of these `key:value` tags; empty: not filtered.',
  }),
  readyColumn: nullableText(
    'Checkbox column, by key or name: rows count only while it is true; becoming true is an insert.',
  ),
  filterColumns: texts({
    maxItems: limits.filterColumns,
    description: 'Updates count only when one of these columns, by key or name, changed; empty: any.',
  }),
  filter: nullableText('Expression in CEL on the event, such as `record.Price > 100.0`; docs/filters.md.'),
  format: oneOf(payloadFormats, 'Format of the body.'),
  template: Type.Unsafe<{ readonly contentType: string; readonly source: string } | null>({
    type: ['object', 'null'],
    description: 'The body, for the format `template`: Liquid, with its content type; docs/formats.md.',
    properties: { contentType: { type: 'string' }, source: { type: 'string' } },
    required: ['contentType', 'source'],
    additionalProperties: false,
  }),
  signature: oneOf(
    signatures,
    '`standard`: Standard Webhooks with a secret that both sides know. `standardAsymmetric`: with a private key, so ' +
      'that the consumer needs a public one only.',
  ),
  headers,
  success: oneOf(['2xx', '200'], 'HTTP statuses that count as success.'),
  timeoutMs: Type.Integer({
    minimum: limits.minTimeoutMs,
    maximum: limits.maxTimeoutMs,
    description: 'For the whole exchange.',
  }),
  connectTimeoutMs: Type.Integer({
    minimum: limits.minTimeoutMs,
    maximum: limits.maxTimeoutMs,
    description: 'For DNS, connecting and TLS; `timeoutMs` ends them, too.',
  }),
  order: oneOf(['ordered', 'independent'], '`ordered`: nothing passes a failed delivery.'),
  concurrency: Type.Integer({
    minimum: 1,
    maximum: limits.concurrency,
    description: 'Requests under way at once; 1 for an ordered webhook.',
  }),
  ratePerSecond: nullableNumber('Requests a second, with a burst of as many; null: unlimited.', {
    minimum: limits.minRatePerSecond,
    maximum: limits.maxRatePerSecond,
  }),
};

const retryNames = Object.keys(retrySchedules);
const partialRetry = Type.Unsafe<unknown>({
  anyOf: [{ type: 'string', enum: retryNames }, Type.Partial(closedObject(retryMembers))],
  description: `A schedule, or the name of one: ${retryNames.join(', ')}.`,
});

const inputMembers = Type.Partial(
  Type.Object({
    ...commonSettings,
    emails,
    enabled: Type.Boolean({ description: 'Whether deliveries leave; events are held meanwhile.' }),
    retry: partialRetry,
    tls: Type.Unsafe<unknown>({
      ...Type.Partial(closedObject(tlsMembers)),
      type: ['object', 'null'],
      description: 'What the consumer is shown in TLS, and whom it must be; for https only.',
    }),
    disable: Type.Partial(closedObject(disableMembers), {
      description: 'When to give the webhook up by itself.',
    }),
    batch: Type.Partial(closedObject(batchMembers)),
  }),
).properties;

const secret = Type.String({
  description:
    `Signing secret: \`whsec_\` and the base64 of ${limits.minSecretBytes} to ${limits.maxSecretBytes} bytes; for the ` +
    'signature `standardAsymmetric`, `whsk_` and the base64 of an ed25519 private key (seed and public key).',
});
const shownSecret = nullableText('Signing secret, `whsec_…`; null for an asymmetric signature.');
const publicKey = nullableText(
  'With which consumers verify an asymmetric signature: `whpk_` and base64; null for any other.',
);
const previousSecretUntil = nullableTimestamp(
  'Until when a former secret signs, too; null: requests are signed with the present one only.',
);

/** Body of `POST /v1/webhooks`. Checked by `resolveSettings`, which sees all mistakes at once. */
export const newWebhookBody = closedObject(
  {
    ...inputMembers,
    name: commonSettings.name,
    secret: Type.Optional(secret),
  },
  { title: 'NewWebhook' },
);

/** Body of `PATCH /v1/webhooks/:id`. Checked by `patchSettings`. */
export const webhookPatchBody = closedObject(inputMembers, { title: 'WebhookPatch' });

export const secretsAnswer = Type.Object(
  {
    secret: shownSecret,
    publicKey,
    previousSecretUntil,
    previous: Type.Array(
      Type.Object({ secret: shownSecret, publicKey, until: timestamp('Until when it signs.') }),
      { description: 'Former secrets that still sign, the newest first.' },
    ),
  },
  { title: 'SigningSecrets' },
);
export const rotationBody = Type.Unsafe<{ secret?: string; overlapMs?: number } | null>({
  ...closedObject({
    secret: Type.Optional(secret),
    overlapMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: limits.maxOverlapMs,
        default: limits.defaultOverlapMs,
        description: 'How long the former secret signs, too; 0: no former one signs any more.',
      }),
    ),
  }),
  type: ['object', 'null'],
});

const { eventTypes, format, signature, success, timeoutMs, connectTimeoutMs } = commonSettings;
const { order, concurrency, ratePerSecond } = commonSettings;
/** What a preset fills in. */
export const presetMembers = {
  eventTypes,
  format,
  signature,
  success,
  timeoutMs,
  connectTimeoutMs,
  order,
  concurrency,
  ratePerSecond,
  retry: Type.Object(retryMembers),
  disable: Type.Object(disableMembers),
  batch: Type.Object(batchMembers),
};

const webhookMembers = {
  id: Type.String(),
  version: Type.Integer({ description: 'Counts saves.' }),
  ...commonSettings,
  emails,
  retry: Type.Object(retryMembers),
  disable: Type.Object(disableMembers),
  batch: Type.Object(batchMembers),
  differsFromPreset: texts({ description: 'Knobs that are not as the preset has them.' }),
  enabled: Type.Boolean({ description: 'False while paused or disabled.' }),
  status: Type.Object({
    state: oneOf(
      ['active', 'degraded', 'paused', 'disabled', 'invalid'],
      '`degraded`: failing, one probe at a time. `paused`: by a person. `disabled`: by policy.',
    ),
    reason: nullableText('Why.'),
    since: timestamp('Since when.'),
  }),
  usage: Type.Object({
    waiting: Type.Integer({ description: 'Events that wait to be sent.' }),
    oldestWaitingAt: nullableTimestamp('When the oldest of them was accepted.'),
    nextAttemptAt: nullableTimestamp('When a failed delivery is tried again.'),
    lastSuccessAt: nullableTimestamp('When an attempt last succeeded.'),
    lastFailureAt: nullableTimestamp('When an attempt last failed.'),
    lastError: nullableText('How.'),
    lastHttpStatus: nullableNumber('Status of the last answer.'),
  }),
  tls: Type.Union([Type.Object(tlsMembers), Type.Null()]),
  clientCertificate: Type.Union(
    [
      Type.Object({
        subject: Type.String(),
        issuer: Type.String(),
        validFrom: timestamp('From when it is valid.'),
        expiresAt: timestamp('Until when it is valid.'),
        fingerprint: Type.String({ description: 'SHA-256, in hexadecimal.' }),
      }),
      Type.Null(),
    ],
    { description: 'What the client certificate says; null: there is none.' },
  ),
  publicKey,
  previousSecretUntil,
  createdAt: timestamp('When it was created.'),
  updatedAt: timestamp('When it was last saved.'),
};

export const webhookSchema = Type.Object(webhookMembers, { title: 'Webhook' });
export const createdWebhookSchema = Type.Object(
  { ...webhookMembers, secret: shownSecret },
  { title: 'CreatedWebhook' },
);
