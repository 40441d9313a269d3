import { isUtf8 } from 'node:buffer';
import type { CurrentBehaviour } from './behaviour.ts';
import type { Answer, Inbox, ReceivedRequest } from './inbox.ts';
import { limits } from './limits.ts';

const showTime = (timeMs: number): string => new Date(timeMs).toISOString();

/** An inbox as it is answered. */
export function showInbox(inbox: Inbox) {
  const { name, received, repeats, keptRequests, lastReceivedAtMs, secret, current } = inbox;
  return {
    name,
    received,
    repeats,
    kept: keptRequests,
    lastReceivedAt: lastReceivedAtMs === null ? null : showTime(lastReceivedAtMs),
    hasSecret: secret !== null,
    behaviour: showBehaviour(current),
  };
}

function showBehaviour({ behaviour, remainingRequests }: CurrentBehaviour) {
  return { ...behaviour, forNextRequests: remainingRequests };
}

/** A request without its headers and body. */
export function showSummary(request: ReceivedRequest) {
  return {
    number: request.number,
    receivedAt: showTime(request.receivedAtMs),
    method: request.method,
    path: request.path,
    webhookId: request.headers['webhook-id'] ?? null,
    repeat: request.repeat,
    verdict: request.verdict,
    answer: showAnswer(request.answer),
    bodyBytes: request.bodyBytes,
  };
}

function showAnswer(answer: Answer) {
  switch (answer.kind) {
    case 'answer':
      return { kind: answer.kind, status: answer.status, delayMs: answer.delayMs };
    case 'too-many-waiting':
      return { kind: answer.kind, status: 503 };
    default:
      return answer;
  }
}

/** A request as it is answered. */
export function showRequest(request: ReceivedRequest) {
  const bodyTruncated = request.bodyBytes > request.body.length;
  const body = bodyTruncated ? wholeCharacters(request.body) : request.body;
  const isText = isUtf8(body);
  return {
    ...showSummary(request),
    headers: request.headers,
    body: isText ? body.toString('utf8') : null,
    bodyBase64: isText ? null : request.body.toString('base64'),
    bodyTruncated,
  };
}

/** The kept requests numbered below `before`, the newest first, as many as fit a page. */
export function showPage(inbox: Inbox, limit: number, before: number) {
  const data: ReturnType<typeof showRequest>[] = [];
  let bytes = 0;
  let more = false;
  for (const request of inbox.newestFirst(before)) {
    bytes += request.body.length;
    more = data.length >= limit || (data.length > 0 && bytes > limits.pageBytes);
    if (more) break;
    data.push(showRequest(request));
  }
  return { ...showInbox(inbox), data, nextCursor: more ? String(data.at(-1)?.number) : null };
}

/** Without a character that was cut at the end. */
function wholeCharacters(body: Buffer): Buffer {
  for (let length = body.length; length > body.length - 4 && length > 0; length--) {
    const start = body.subarray(0, length);
    if (isUtf8(start)) return start;
  }
  return body;
}
