import { Type } from 'typebox';
import { behaviourKinds } from './behaviour.ts';
import { limits } from './limits.ts';
import { verdicts } from './verdict.ts';

const closed = { additionalProperties: false };
const nullable = <Value>(type: string, description: string) =>
  Type.Unsafe<Value | null>({ type: [type, 'null'], description });

export const nameParams = Type.Object(
  {
    name: Type.String({ description: 'Name of the inbox: 1 to 64 lower-case letters, digits and hyphens.' }),
  },
  closed,
);

export const pageQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.requestsPerInbox,
        default: limits.defaultPageRequests,
        description: `How many to answer with at most; fewer when their bodies have more than ${limits.pageBytes} bytes.`,
      }),
    ),
    cursor: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,15}$', description: 'Where to go on: the `nextCursor` before.' }),
    ),
  },
  closed,
);

const kind = Type.Unsafe<(typeof behaviourKinds)[number]>({
  type: 'string',
  enum: [...behaviourKinds],
  description:
    '`answer`, the default; `never-answer`: take the request and keep the connection open; ' +
    '`reset-connection`: take the request and break the connection.',
});
const delay = { minimum: 0, maximum: limits.delayMs };

export const behaviourBody = Type.Object(
  {
    kind: Type.Optional(kind),
    status: Type.Optional(
      Type.Integer({ minimum: 200, maximum: 599, description: 'HTTP status of an answer; 200 if left out.' }),
    ),
    body: Type.Optional(
      Type.String({
        maxLength: limits.answerBodyBytes,
        description: 'Body of an answer, sent as plain text.',
      }),
    ),
    delayMs: Type.Optional(
      Type.Integer({ ...delay, description: 'How long to wait before the answer, or the reset.' }),
    ),
    forNextRequests: Type.Optional(
      Type.Unsafe<number | null>({
        type: ['integer', 'null'],
        minimum: 1,
        maximum: limits.nextRequests,
        description: 'For so many requests, then back to 200; null, the default: until it is changed.',
      }),
    ),
  },
  closed,
);

export const secretBody = Type.Object(
  { secret: nullable<string>('string', "`whsec_…`; null: the secrets of this server's webhooks are tried.") },
  closed,
);

const behaviour = Type.Object({
  kind,
  status: Type.Optional(Type.Integer()),
  body: Type.Optional(Type.String()),
  delayMs: Type.Optional(Type.Integer()),
  forNextRequests: nullable<number>('integer', 'How many more requests; null: until it is changed.'),
});

const inboxMembers = {
  name: Type.String(),
  received: Type.Integer({ description: 'Requests since it was last cleared.' }),
  repeats: Type.Integer({ description: 'Those whose `webhook-id` had come before.' }),
  kept: Type.Integer({ description: 'Requests that can still be looked at.' }),
  lastReceivedAt: nullable<string>('string', 'When the last request came.'),
  hasSecret: Type.Boolean({ description: 'Whether a signing secret was set for it.' }),
  behaviour,
};
export const inboxSchema = Type.Object(inboxMembers);
export const inboxesSchema = Type.Object({
  data: Type.Array(inboxSchema),
  nextCursor: Type.Null({ description: 'There is never a next page.' }),
});

const summaryMembers = {
  number: Type.Integer({ description: 'Counts from 1 within the inbox.' }),
  receivedAt: Type.String({ format: 'date-time' }),
  method: Type.String(),
  path: Type.String({ description: 'With the query string.' }),
  webhookId: nullable<string>('string', 'Its header `webhook-id`.'),
  repeat: Type.Boolean({ description: 'Whether its `webhook-id` had come before.' }),
  verdict: Type.Unsafe<(typeof verdicts)[number]>({
    type: 'string',
    enum: [...verdicts],
    description: 'What came of checking the signature when it arrived.',
  }),
  answer: Type.Object(
    {
      kind: Type.String({ description: 'As in the behaviour, or `too-many-waiting`: 503.' }),
      status: Type.Optional(Type.Integer()),
      delayMs: Type.Optional(Type.Integer()),
    },
    { description: 'What it was answered with.' },
  ),
  bodyBytes: Type.Integer({ description: 'Length of the body.' }),
};
export const inboxPageSchema = Type.Object({
  ...inboxMembers,
  data: Type.Array(
    Type.Object({
      ...summaryMembers,
      headers: Type.Record(Type.String(), Type.String()),
      body: nullable<string>('string', 'The body as text; null when it is not UTF-8.'),
      bodyBase64: nullable<string>('string', 'The body when it is not UTF-8.'),
      bodyTruncated: Type.Boolean({
        description: `Whether only the first ${limits.keptBodyBytes} bytes were kept.`,
      }),
    }),
  ),
  nextCursor: nullable<string>(
    'string',
    'Ask again with `?cursor=` this for older ones; null on the last page.',
  ),
});

export const noContent = Type.Null({ description: 'Done; the answer has no body.' });
