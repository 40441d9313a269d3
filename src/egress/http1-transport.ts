import type { Socket } from 'node:net';
import { Client } from 'undici';
import type { Exchange } from './exchange.ts';
import { UnwrittenError } from './failure.ts';
import {
  KEEP_ALIVE_HINT_MARGIN_MS,
  KEEP_ALIVE_HINT_MAX_MS,
  KEEP_ALIVE_MS,
  MAX_RESPONSE_HEADER_BYTES,
} from './limits.ts';
import type { Transport, TransportHost } from './transport.ts';

/**
 * HTTP/1.1 on one socket: an undici client that is never given more than one exchange at a time. So undici has
 * nothing to queue, to pipeline or to send again by itself, and which request used which socket is known
 * without asking.
 */
export class Http1Transport implements Transport {
  readonly capacity = 1;
  readonly #client: Client;
  #socket: Socket | null;
  #exchange: Exchange | null = null;
  /**
   * Between an answer and the next request the event loop turns once, so that undici sees
   * whether the consumer has closed the connection together with its answer.
   */
  #resting = false;

  constructor(origin: string, socket: Socket, host: TransportHost) {
    this.#socket = socket;
    this.#client = new Client(origin, {
      connect: (_options, done) => {
        // Not within the call: undici takes no notice of a connection that is there before it returns.
        queueMicrotask(() => {
          const unused = this.#socket;
          this.#socket = null;
          if (unused !== null && !unused.destroyed) done(null, unused);
          // For an exchange that is not written yet undici would connect again; who lends connections does that.
          else done(new UnwrittenError(), null);
        });
      },
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_HINT_MAX_MS,
      keepAliveTimeoutThreshold: KEEP_ALIVE_HINT_MARGIN_MS,
      // Deadlines are the exchange's; undici would start two timers per request.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#client.on('disconnect', () => {
      if (this.#exchange === null) host.lost();
    });
  }

  start(exchange: Exchange): void {
    this.#exchange = exchange;
    if (!this.#resting) this.#client.dispatch(exchange.options, exchange);
  }

  finished(): void {
    this.#exchange = null;
    this.#resting = true;
    setImmediate(this.#endRest);
  }

  /** What is left of an answer can only be got rid of together with the connection. */
  abandon(): boolean {
    return false;
  }

  destroy(): void {
    this.#exchange = null;
    this.#socket?.destroy();
    this.#client.destroy(() => {});
  }

  readonly #endRest = (): void => {
    this.#resting = false;
    if (this.#exchange !== null) this.#client.dispatch(this.#exchange.options, this.#exchange);
  };
}
