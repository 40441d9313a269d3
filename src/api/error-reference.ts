import { unsendableCodes } from '../delivery/prepare.ts';
import { type EgressErrorDescription, egressErrors } from '../egress/index.ts';
import { type ProblemCode, problemCodes } from '../model/problem.ts';
import { tableCell } from './reference.ts';

/** What each code of a problem means, and what to do about it. */
const problemDescriptions: Readonly<Record<ProblemCode, EgressErrorDescription>> = {
  'invalid-input': {
    cause: 'A value of the path, the query, a header or the body is not allowed.',
    cure: '`errors` has a `pointer` and a `detail` for each bad value: what was wrong and what is allowed.',
  },
  unauthenticated: {
    cause: 'The request has no bearer token, or one that the server does not know.',
    cure: "Send `Authorization: Bearer TOKEN`. The operator's token is in `operator-token` in the data directory.",
  },
  forbidden: {
    cause:
      'The token is known, but may not do that: its role is too low for the route, or it belongs to another workspace.',
    cure: 'Use a token with the role that `detail` names, or leave out the header `Rowhook-Workspace`.',
  },
  'not-found': {
    cause: 'There is no such route, or the workspace has nothing with this id.',
    cure: "Check the path and the id, and with an operator's token the header `Rowhook-Workspace`.",
  },
  'method-not-allowed': {
    cause: 'The route exists, but not for this method.',
    cure: 'The header `allow` of the answer names the methods that it knows.',
  },
  conflict: {
    cause:
      'What is asked for does not go together with what exists: a name is taken, or a state does not fit.',
    cure: '`detail` says what stands in the way. Change that first, then ask again.',
  },
  gone: {
    cause: 'It existed, but what is needed of it is no longer kept.',
    cure: 'Nothing brings it back. Events that are still in the journal can be replayed.',
  },
  'too-large': {
    cause: 'The body, the headers or a batch of events is larger than the server takes.',
    cure: 'Send less at once, or let the operator raise the setting that `detail` names.',
  },
  'unsupported-media-type': {
    cause: 'The content type of the body is not one that the route reads.',
    cure: 'Send `content-type: application/json`; for an import `text/csv` in UTF-8.',
  },
  'too-many-requests': {
    cause: 'More was asked than the server takes at a time.',
    cure: 'Wait a little, then ask again; ask for less at a time.',
  },
  internal: {
    cause: 'Something went wrong that nobody expected.',
    cure: 'The log of the server has more under the `requestId` of the answer. Please report it.',
  },
  unavailable: {
    cause: 'The server is stopping, its store takes nothing at the moment, or all places are taken.',
    cure: 'Ask again in a moment. If it stays so, see the log of the server.',
  },
  'storage-full': {
    cause: 'The disk of the data directory is full or failing. Nothing was changed.',
    cure: 'Make room. The server goes on by itself, without a restart.',
  },
};

/** Codes of failed attempts: there was an answer, there was nothing to send, or the egress failed. */
const attemptDescriptions: Readonly<Record<string, EgressErrorDescription>> = {
  HTTP_STATUS: {
    cause: 'The consumer answered, but with a status that does not count as success (knob `success`).',
    cure: 'The attempt shows status, headers and body of the answer. Redirects count as failures, too: use the final URL.',
  },
  ...unsendableCodes,
  ...egressErrors,
};

/** The page docs/errors.md. */
export function errorReference(): string {
  const problems = Object.entries(problemCodes).map(([code, { status, title }]) => {
    const { cause, cure } = problemDescriptions[code as ProblemCode];
    return `| \`${code}\` | ${status} | ${title} | ${tableCell(cause)} | ${tableCell(cure)} |`;
  });
  const attempts = Object.entries(attemptDescriptions).map(
    ([code, { cause, cure }]) => `| \`${code}\` | ${tableCell(cause)} | ${tableCell(cure)} |`,
  );
  return [
    '# Errors',
    '',
    '<!-- Made by `npm run docs` from src/; do not edit. -->',
    '',
    'Codes are stable: scripts and alerts may rely on them. The sentences are for people and may change.',
    '',
    '## Of the API',
    '',
    'Every error is a problem document (RFC 9457) with the content type `application/problem+json`. The code is the last',
    'part of `type`. The server refuses a bad request as a whole: nothing was changed. An import is the exception: rows',
    'before the bad one stay, and the problem says how many.',
    '',
    '```json',
    '{',
    '  "type": "/problems/invalid-input",',
    `  "title": "${problemCodes['invalid-input'].title}",`,
    `  "status": ${problemCodes['invalid-input'].status},`,
    '  "detail": "/timeoutMs must be a whole number from 100 to 120000, not 5.",',
    '  "errors": [{ "pointer": "/timeoutMs", "detail": "must be a whole number from 100 to 120000, not 5" }],',
    '  "requestId": "req_kJhN22hO000020"',
    '}',
    '```',
    '',
    'HTTP sometimes has a closer status than the one of the code: 408, 414 and 431 are used as well.',
    '',
    '| code | status | title | cause | cure |',
    '|---|---|---|---|---|',
    ...problems,
    '',
    '## Of an attempt',
    '',
    'The field `errorCode` of an attempt, and `lastErrorCode` of a delivery. The next attempt comes when the retry',
    'schedule says so, or when a person asks for it, never by itself. "May have arrived" means that the consumer can have',
    'got the request although no answer came: the next attempt carries the same `webhook-id`, so that it can drop the',
    'repeat.',
    '',
    '| code | cause | cure |',
    '|---|---|---|',
    ...attempts,
    '',
    'The policy codes (`URL_…`, `EGRESS_…`) also refuse a webhook when it is saved; then they come as `invalid-input` with',
    'the pointer `/url`.',
    '',
  ].join('\n');
}
