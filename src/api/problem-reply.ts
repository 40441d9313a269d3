import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type FieldError, Problem, type ProblemCode, problemCodes } from '../model/problem.ts';
import type { ProblemDocument } from './schemas.ts';

export const problemContentType = 'application/problem+json';

/** The document that tells of a problem. `status` differs from the code's own where HTTP has a closer one. */
export function problemDocument(problem: Problem, requestId: string, status?: number): ProblemDocument {
  const known = problemCodes[problem.code];
  return {
    type: `/problems/${problem.code}`,
    title: known.title,
    status: status ?? known.status,
    detail: shortened(problem.message),
    ...(problem.errors.length > 0 ? { errors: problem.errors.map(shortenedError) } : {}),
    requestId,
  };
}

/** Characters of a text in an answer: what a caller sent is repeated to be recognized, not to be sent back whole. */
const maxTextCharacters = 2_000;

function shortened(text: string): string {
  return text.length > maxTextCharacters ? `${text.slice(0, maxTextCharacters)}…` : text;
}

function shortenedError({ pointer, detail }: FieldError): FieldError {
  return { pointer: shortened(pointer), detail: shortened(detail) };
}

/** Answers with a problem. The body is printed here, so that no route's schema can cut it. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Problem,
  status?: number,
): void {
  const document = problemDocument(problem, request.id, status);
  if (problem.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="rowhook"');
  if (problem.retryAfterSeconds !== null) reply.header('retry-after', String(problem.retryAfterSeconds));
  reply.code(document.status).header('content-type', problemContentType).send(JSON.stringify(document));
}

/** Turns whatever a handler or Fastify threw into an answer; what nobody expected is logged, not shown. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof Problem) {
    if (error.code === 'internal') request.log.error({ err: error }, 'a request failed');
    sendProblem(request, reply, error);
    return;
  }
  const status = statusOf(error);
  if (status >= 400 && status < 500) {
    sendProblem(request, reply, fastifyProblem(error as FastifyError, status, request), status);
    return;
  }
  if (status === 503) {
    sendProblem(request, reply, new Problem('unavailable', 'The server is stopping; try again in a moment.'));
    return;
  }
  request.log.error({ err: error, method: request.method, url: request.url }, 'a request failed');
  sendProblem(
    request,
    reply,
    new Problem(
      'internal',
      'Something unexpected went wrong; the log of the server has more under this requestId.',
    ),
  );
}

function statusOf(error: unknown): number {
  const isFastifys = error instanceof Error && 'code' in error && String(error.code).startsWith('FST_');
  return isFastifys && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
}

const codeOfStatus: Readonly<Record<number, ProblemCode>> = {
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'too-large',
  414: 'too-large',
  415: 'unsupported-media-type',
};

function fastifyProblem(error: FastifyError, status: number, request: FastifyRequest): Problem {
  if (status === 413) {
    const limit = request.routeOptions.bodyLimit;
    return new Problem('too-large', `The body may have ${limit} bytes (setting ROWHOOK_MAX_BODY_BYTES).`);
  }
  if (status === 415) {
    const given = request.headers['content-type'];
    const shown = given === undefined ? 'The request has no content-type' : `The content-type is "${given}"`;
    return new Problem('unsupported-media-type', `${shown}; send application/json.`);
  }
  return new Problem(codeOfStatus[status] ?? 'invalid-input', `${error.message}.`.replace(/\.\.$/, '.'));
}

/**
 * The bytes of an answer to a request so broken that no route could see it: HTTP that does not parse,
 * headers that are too large or do not end.
 */
export function brokenRequestAnswer(errorCode: string, maxHeaderBytes: number): string {
  const [status, code, detail] = brokenRequest(errorCode, maxHeaderBytes);
  const body = JSON.stringify(problemDocument(new Problem(code, detail), 'none', status));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${problemContentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function brokenRequest(errorCode: string, maxHeaderBytes: number): [number, ProblemCode, string] {
  switch (errorCode) {
    case 'HPE_HEADER_OVERFLOW':
      return [
        431,
        'too-large',
        `The headers may have ${maxHeaderBytes} bytes (setting ROWHOOK_MAX_HEADER_BYTES).`,
      ];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'invalid-input', 'The request did not arrive in time.'];
    default:
      return [400, 'invalid-input', 'This is not a valid HTTP/1.1 request.'];
  }
}
