import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import { plainFailure } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { HTTP2_IDLE_MS, HTTP2_STREAMS, MAX_RESPONSE_HEADER_BYTES } from './limits.ts';
import type { Target } from './target.ts';
import type { Transport, TransportHost } from './transport.ts';

const {
  NGHTTP2_CANCEL,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_HTTP_1_1_REQUIRED,
  NGHTTP2_NO_ERROR,
  NGHTTP2_PROTOCOL_ERROR,
  NGHTTP2_REFUSED_STREAM,
} = constants;

/** An exchange on its stream, and how far its answer has come. */
interface Carried {
  readonly exchange: Exchange;
  readonly stream: ClientHttp2Stream;
  /** What the answer announces; null: nothing. */
  announcedBytes: number | null;
  receivedBytes: number;
  answered: boolean;
}

/**
 * HTTP/2 on one socket, with an exchange on each stream. It begins with room for one exchange and has room for
 * as many as the consumer allows once that is known. It ends in one of these ways:
 *
 *  GOAWAY        nothing new is started; streams that the consumer says it has not looked at are unsent, and
 *                start again elsewhere; the others come to their end
 *  a lost socket every exchange on it fails
 *  idle          it is closed when it has not been used for a while
 *
 * Written on node:http2 and not on undici's HTTP/2, which sends requests again by itself.
 */
export class Http2Transport implements Transport {
  readonly #session: ClientHttp2Session;
  readonly #host: TransportHost;
  readonly #target: Target;
  readonly #carried = new Map<Exchange, Carried>();
  /** Streams above it were not looked at by the consumer. */
  #lastStreamId = Number.POSITIVE_INFINITY;
  #capacity = 1;
  #error: unknown = null;
  #idleTimer: NodeJS.Timeout | null = null;

  constructor(target: Target, socket: Socket, host: TransportHost) {
    this.#target = target;
    this.#host = host;
    this.#session = connect(target.origin, {
      createConnection: () => socket,
      peerMaxConcurrentStreams: HTTP2_STREAMS,
      settings: { enablePush: false, maxHeaderListSize: MAX_RESPONSE_HEADER_BYTES },
    });
    this.#session.on('remoteSettings', ({ maxConcurrentStreams = HTTP2_STREAMS }) => {
      // With 0 a consumer takes nothing for now: the one exchange that is tried waits until it does.
      this.#capacity = Math.max(1, Math.min(maxConcurrentStreams, HTTP2_STREAMS));
      host.roomier();
    });
    this.#session.on('goaway', (_code, lastStreamId) => {
      this.#lastStreamId = lastStreamId;
      host.retire();
    });
    this.#session.on('error', (error) => {
      this.#error ??= error;
    });
    this.#session.on('close', () => this.#lost());
  }

  get capacity(): number {
    return this.#capacity;
  }

  start(exchange: Exchange): void {
    this.#stopIdling();
    try {
      exchange.onRequestStart();
    } catch {
      // It may not be sent any more, and has ended itself.
      return;
    }
    let stream: ClientHttp2Stream;
    try {
      stream = this.#session.request(this.#headersOf(exchange));
    } catch (error) {
      // Not within the call, so that who lends connections need not expect it back at once.
      queueMicrotask(() => this.#refuse(exchange, error));
      return;
    }
    const carried = { exchange, stream, announcedBytes: null, receivedBytes: 0, answered: false };
    this.#carried.set(exchange, carried);
    this.#listen(carried);
    stream.end(exchange.options.body);
  }

  finished(): void {
    if (this.#carried.size === 0) this.#idle();
  }

  abandon(exchange: Exchange): boolean {
    const carried = this.#carried.get(exchange);
    if (carried !== undefined) {
      this.#carried.delete(exchange);
      carried.stream.close(NGHTTP2_CANCEL);
      // Without an answer nobody knows whether the other side is still there.
      if (!carried.answered) this.#host.retire();
    }
    if (this.#session.destroyed) return false;
    if (this.#carried.size === 0) this.#idle();
    return true;
  }

  destroy(): void {
    this.#stopIdling();
    this.#session.destroy();
  }

  #headersOf({ target, options }: Exchange): OutgoingHttpHeaders {
    const headers: OutgoingHttpHeaders = {
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_SCHEME]: this.#target.scheme,
      [constants.HTTP2_HEADER_AUTHORITY]: new URL(target.origin).host,
      [constants.HTTP2_HEADER_PATH]: target.path,
    };
    const flat = options.headers as readonly string[];
    for (let index = 0; index + 1 < flat.length; index += 2) {
      headers[(flat[index] ?? '').toLowerCase()] = flat[index + 1];
    }
    headers['content-length'] = Buffer.byteLength(options.body as string | Uint8Array);
    return headers;
  }

  #listen(carried: Carried): void {
    const { exchange, stream } = carried;
    stream.on('response', (headers: IncomingHttpHeaders & { ':status'?: number }) => {
      const { ':status': status = 0, ...others } = headers;
      // The first streams of a session are open before the other side knows the bound that it is told.
      if (bytesOf(others) > MAX_RESPONSE_HEADER_BYTES) {
        this.#carried.delete(exchange);
        stream.close(NGHTTP2_CANCEL);
        exchange.onFailed(plainFailure('RESPONSE_HEADERS_TOO_LARGE'));
        return;
      }
      const length = others['content-length'];
      carried.announcedBytes = length === undefined ? null : Number(length);
      carried.answered = true;
      exchange.onResponseStart(null, status, others);
    });
    stream.on('data', (chunk: Buffer) => {
      carried.receivedBytes += chunk.length;
      exchange.onResponseData(null, chunk);
    });
    stream.on('end', () => {
      // A stream that the other side resets without an error ends, too.
      if (!carried.answered || isCut(carried)) return;
      if (!this.#carried.delete(exchange)) return;
      if (!stream.writableFinished) stream.close(NGHTTP2_CANCEL);
      exchange.onResponseEnd();
    });
    // Without a listener it would end the process; what it says is told by the stream's code.
    stream.on('error', () => {});
    stream.on('close', () => {
      if (this.#carried.delete(exchange)) this.#fail(carried);
    });
  }

  /** The stream closed before the answer was complete. */
  #fail(carried: Carried): void {
    const { exchange, stream, answered } = carried;
    const code = stream.rstCode;
    const unseen = (stream.id ?? 0) > this.#lastStreamId || code === NGHTTP2_REFUSED_STREAM;
    if (!answered && code === NGHTTP2_HTTP_1_1_REQUIRED) {
      this.#host.refusedHttp2();
      exchange.onRefused();
    } else if (!answered && unseen) {
      exchange.onRefused();
    } else if (this.#error !== null && (this.#session.destroyed || this.#session.closed)) {
      exchange.onResponseError(null, this.#error as Error);
    } else if (answered && isCut(carried)) {
      exchange.onFailed(plainFailure('RESPONSE_ABORTED'));
    } else if (code === NGHTTP2_ENHANCE_YOUR_CALM && !answered) {
      exchange.onFailed(plainFailure('RESPONSE_HEADERS_TOO_LARGE'));
    } else if (code === NGHTTP2_PROTOCOL_ERROR) {
      exchange.onFailed(plainFailure('RESPONSE_INVALID'));
    } else if (answered) {
      exchange.onFailed(plainFailure('RESPONSE_ABORTED'));
    } else {
      exchange.onFailed(plainFailure(code === NGHTTP2_NO_ERROR ? 'CONNECTION_CLOSED' : 'CONNECTION_RESET'));
    }
  }

  /** No stream could be opened; nothing was written. */
  #refuse(exchange: Exchange, error: unknown): void {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ERR_HTTP2_INVALID_CONNECTION_HEADERS' || code === 'ERR_HTTP2_HEADER_SINGLE_VALUE') {
      exchange.onFailed(plainFailure('REQUEST_INVALID'), { unsent: true });
      return;
    }
    this.#host.retire();
    exchange.onRefused();
  }

  #lost(): void {
    this.#stopIdling();
    for (const carried of [...this.#carried.values()]) {
      if (this.#carried.delete(carried.exchange)) this.#fail(carried);
    }
    this.#host.lost();
  }

  #idle(): void {
    this.#idleTimer ??= setTimeout(() => this.#host.lost(), HTTP2_IDLE_MS).unref();
  }

  #stopIdling(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
  }
}

function bytesOf(headers: IncomingHttpHeaders): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) bytes += name.length + String(value).length;
  return bytes;
}

/** Less has come than the answer had announced. */
function isCut({ announcedBytes, receivedBytes }: Carried): boolean {
  return announcedBytes !== null && receivedBytes < announcedBytes;
}
