import { sign, signSeaTable } from '../egress/index.ts';
import type { Signature } from '../model/webhook.ts';
import { printable } from './table.ts';

/** The program on this machine answers within this time, as a consumer must by default. */
const answerTimeoutMs = 15_000;
/** Characters of a body that are shown. */
const shownBodyCharacters = 2_000;

/** An event as the feed tells it. */
export interface Followed {
  readonly id: string;
  readonly type: string;
  readonly contentType?: string;
  readonly body?: string;
  /** Why there is no body. */
  readonly failure?: string;
}

/** What was sent to the program on this machine, and what it said. */
export interface Exchange {
  readonly at: string;
  readonly event: string;
  readonly type: string;
  readonly succeeded: boolean;
  readonly status: number | null;
  readonly error: string | null;
  readonly totalMs: number;
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  readonly response: { readonly headers: Readonly<Record<string, string>>; readonly body: string } | null;
}

/**
 * Posts an event as a webhook would: signed, with the three headers of Standard Webhooks. There is no
 * delivery, so `webhook-id` is the id of the event; it is the same each time.
 */
export async function forward(
  event: Followed,
  url: string,
  signing: { readonly signature: Signature; readonly secret: string },
): Promise<Exchange> {
  const startedAtMs = Date.now();
  const body = event.body ?? '';
  const headers = headersOf(event, body, signing, Math.floor(startedAtMs / 1_000));
  const exchange = {
    at: new Date(startedAtMs).toISOString(),
    event: event.id,
    type: event.type,
    request: { headers, body },
  };
  const failed = (error: string): Exchange => ({
    ...exchange,
    succeeded: false,
    status: null,
    error,
    totalMs: Date.now() - startedAtMs,
    response: null,
  });
  if (event.failure !== undefined) return failed(event.failure);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    const text = await answer.text();
    return {
      ...exchange,
      succeeded: answer.ok,
      status: answer.status,
      error: null,
      totalMs: Date.now() - startedAtMs,
      response: { headers: Object.fromEntries(answer.headers), body: text },
    };
  } catch (error) {
    return failed(reasonOf(error));
  }
}

function headersOf(
  event: Followed,
  body: string,
  { signature, secret }: { readonly signature: Signature; readonly secret: string },
  timestampSeconds: number,
): Record<string, string> {
  const headers = { 'content-type': event.contentType ?? 'application/json', 'user-agent': 'Rowhook/1' };
  if (signature === 'standard' || signature === 'standardAsymmetric') {
    return { ...headers, ...sign(secret, event.id, timestampSeconds, body) };
  }
  return {
    ...headers,
    'webhook-id': event.id,
    'webhook-timestamp': String(timestampSeconds),
    ...(signature === 'seatable' ? { 'x-seatable-signature': signSeaTable(secret, body) } : {}),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `no answer within ${answerTimeoutMs / 1_000} s`;
  }
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}

/** An exchange for people: a line, and with `bodies` what was said. */
export function renderExchange(exchange: Exchange, bodies: boolean): string {
  const { at, type, event, status, error, totalMs, request, response } = exchange;
  const line = `${at.slice(11, 19)}  ${type}  ${event}  ${status ?? printable(error ?? '')}  ${totalMs} ms`;
  if (!bodies) return line;
  const shown = (mark: string, text: string): string =>
    `  ${mark} ${printable(text.slice(0, shownBodyCharacters))}`;
  return [line, shown('>', request.body), ...(response ? [shown('<', response.body)] : [])].join('\n');
}
