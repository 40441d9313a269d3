import type { Dispatcher } from 'undici';
import type { Connection } from './connection.ts';
import type { ConnectTiming } from './connector.ts';
import type { EgressRequest, EgressResult, EgressSender, EgressTiming } from './contract.ts';
import { type Failure, plainFailure } from './errors.ts';
import { ConnectError, exchangeFailure } from './failure.ts';
import { MAX_UNSENT_RESTARTS } from './limits.ts';
import { ResponseBody } from './response-body.ts';
import type { TlsIdentity } from './sockets.ts';
import type { Target } from './target.ts';

/** What an exchange asks of the connections it may get. */
export interface ExchangeHost {
  /** Gives an exchange whose connection closed before it was written another one. */
  restart(exchange: Exchange): void;
  /** The exchange has ended while it waited for a connection. */
  withdraw(exchange: Exchange): void;
  /** The exchange has its result. */
  settled(exchange: Exchange): void;
}

/**
 * One request and its answer, from the call of `send` to the result; undici calls it as the
 * handler of the request. It goes one way, and ends once, from any of these states:
 *
 *  waiting   no connection yet: all are busy
 *  given     it has a connection, which may still be connecting; nothing is written
 *  sent      the request is written: from here on it may have arrived
 *  answered  the head of the answer has come; the body follows
 *
 * An answer whose body is longer than we read is complete as soon as we stop reading. An
 * answer whose body breaks off is none, and neither is one that has not ended at the deadline.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly target: Target;
  /** What the consumer is shown, and whom it must be; null: nothing of its own. */
  readonly identity: TlsIdentity | null;
  readonly connectTimeoutMs: number;
  readonly sender: EgressSender | null;
  readonly options: Dispatcher.DispatchOptions;
  /** Neighbours in the line of those who wait for a connection. */
  next: Exchange | null = null;
  previous: Exchange | null = null;

  readonly #host: ExchangeHost;
  readonly #resolve: (result: EgressResult) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #startedAt: number;
  readonly #deadlineAt: number;
  #connection: Connection | null = null;
  #connectTiming: ConnectTiming | null = null;
  #reused = false;
  #restarts = 0;
  #sentAt: number | null = null;
  #firstByteMs: number | null = null;
  #status = 0;
  #headers: Record<string, string> = {};
  #body: ResponseBody | null = null;
  #settled = false;

  constructor(
    request: EgressRequest,
    target: Target,
    identity: TlsIdentity | null,
    headers: string[],
    startedAt: number,
    host: ExchangeHost,
    resolve: (result: EgressResult) => void,
  ) {
    this.target = target;
    this.identity = identity;
    this.connectTimeoutMs = request.connectTimeoutMs;
    this.sender = request.sender ?? null;
    this.options = { method: 'POST', path: target.path, headers, body: request.body };
    this.#host = host;
    this.#resolve = resolve;
    this.#signal = request.signal;
    this.#startedAt = startedAt;
    this.#deadlineAt = startedAt + request.timeoutMs;
  }

  /** A connection was chosen; it calls back when the request is being written. */
  give(connection: Connection): void {
    this.#connection = connection;
  }

  /** Ends the exchange if its time is over or it was aborted. */
  checkDeadline(now: number): void {
    if (this.#signal?.aborted === true) this.abort();
    else if (now >= this.#deadlineAt) this.#expire();
    else if (now >= (this.#connection?.attempt?.deadlineAt ?? Number.POSITIVE_INFINITY)) this.#expire();
  }

  abort(): void {
    this.#fail(plainFailure('ABORTED'));
  }

  onRequestStart(): void {
    // undici repeats requests it takes for idempotent or unsent. This is the last word on it.
    if (this.#sentAt !== null) throw new Error('a request must not be written twice');
    if (this.sender !== null && !this.sender.maySend()) {
      this.abort();
      throw new Error('the sender may not send any more');
    }
    this.#sentAt = performance.now();
    this.#connectTiming = this.#connection?.takeTiming() ?? null;
    this.#reused = this.#connectTiming === null;
  }

  onResponseStart(
    _controller: unknown,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#firstByteMs = performance.now() - (this.#sentAt ?? this.#startedAt);
    this.#status = status;
    this.#headers = joinRepeated(headers);
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#body ??= new ResponseBody();
    if (this.#body.add(chunk)) return;
    const connection = this.#connection;
    this.#answer();
    connection?.abandon(this);
  }

  onResponseEnd(): void {
    const connection = this.#connection;
    this.#answer();
    connection?.finish(this);
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#settled) return;
    if (error instanceof ConnectError) {
      this.#fail(error);
      return;
    }
    const failure = exchangeFailure(error, { answered: this.#status !== 0, reused: this.#reused });
    if (this.#sentAt === null && failure.code !== 'REQUEST_INVALID') this.#restart(failure);
    else this.#fail(failure);
  }

  /** The consumer says that it has not looked at the request, or no byte of it was written. */
  onRefused(): void {
    if (this.#settled) return;
    this.#sentAt = null;
    this.#restart(plainFailure('CONNECTION_CLOSED'));
  }

  /** The request was written, unless it is said not to have been, and this came of it. */
  onFailed(failure: Failure, { unsent }: { readonly unsent: boolean } = { unsent: false }): void {
    if (unsent) this.#sentAt = null;
    this.#fail(failure);
  }

  /** Begins again on another connection, unless that was tried often enough. */
  #restart(failure: Failure): void {
    if (this.#restarts >= MAX_UNSENT_RESTARTS) {
      this.#fail(failure);
      return;
    }
    const connection = this.#connection;
    this.#restarts += 1;
    this.#connection = null;
    this.#connectTiming = null;
    // First into the line, so that the room the connection leaves is its own.
    const leave = connection?.release(this);
    this.#host.restart(this);
    leave?.();
  }

  #expire(): void {
    const attempt = this.#connection?.attempt;
    if (attempt) this.#fail(plainFailure(attempt.phase === 'dns' ? 'DNS_TIMEOUT' : 'CONNECT_TIMEOUT'));
    else this.#fail(plainFailure(this.#connection === null ? 'TOO_MANY_CONNECTIONS' : 'TIMEOUT'));
  }

  #answer(): void {
    if (this.#settled) return;
    this.#settle({
      kind: 'response',
      status: this.#status,
      headers: this.#headers,
      body: this.#body?.text() ?? '',
      bodyTruncated: this.#body?.truncated ?? false,
      timing: this.#timing(),
    });
  }

  #fail({ code, message }: Failure): void {
    if (this.#settled) return;
    const connection = this.#connection;
    this.#settle({
      kind: 'error',
      code,
      message,
      mayHaveArrived: this.#sentAt !== null,
      timing: this.#timing(),
    });
    if (connection === null) this.#host.withdraw(this);
    else connection.abandon(this);
  }

  #settle(result: EgressResult): void {
    this.#settled = true;
    this.#connection = null;
    this.#host.settled(this);
    this.#resolve(result);
  }

  #timing(): EgressTiming {
    const connecting = this.#connectTiming ?? this.#connection?.attempt?.timing;
    return {
      dnsMs: rounded(connecting?.dnsMs),
      connectMs: rounded(connecting?.connectMs),
      tlsMs: rounded(connecting?.tlsMs),
      firstByteMs: rounded(this.#firstByteMs),
      totalMs: rounded(performance.now() - this.#startedAt) ?? 0,
    };
  }
}

/** To a hundredth of a millisecond: more digits would only make the log longer. */
function rounded(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : Math.round(ms * 100) / 100;
}

function joinRepeated(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  for (const name in headers) {
    const value = headers[name];
    if (Array.isArray(value)) headers[name] = value.join(', ');
  }
  return headers as Record<string, string>;
}
