import { Client } from 'undici';
import { ConnectAttempt, type ConnectTiming, type Network } from './connector.ts';
import type { Exchange } from './exchange.ts';
import {
  KEEP_ALIVE_HINT_MARGIN_MS,
  KEEP_ALIVE_HINT_MAX_MS,
  KEEP_ALIVE_MS,
  MAX_RESPONSE_HEADER_BYTES,
} from './limits.ts';
import type { Origin } from './origin.ts';

/** Who lends connections out; it is told when one comes back or is gone. */
export interface ConnectionOwner {
  finished(connection: Connection): void;
  closed(connection: Connection): void;
}

/**
 * One connection to one origin, an undici client that is never given more than one exchange
 * at a time. So undici has nothing to queue, to pipeline or to send again by itself, and
 * which request used which socket is known without asking.
 */
export class Connection {
  readonly origin: Origin;
  /** The attempt to connect that is underway. */
  attempt: ConnectAttempt | null = null;
  readonly #owner: ConnectionOwner;
  readonly #client: Client;
  #exchange: Exchange | null = null;
  #timing: ConnectTiming | null = null;
  #closed = false;
  /**
   * Between an answer and the next request the event loop turns once, so that undici sees
   * whether the consumer has closed the connection together with its answer.
   */
  #resting = false;

  constructor(origin: Origin, network: Network, owner: ConnectionOwner) {
    this.origin = origin;
    this.#owner = owner;
    this.#client = new Client(origin.target.origin, {
      connect: (_options, done) => {
        const deadlineAt = performance.now() + (this.#exchange?.connectTimeoutMs ?? 0);
        const attempt = new ConnectAttempt(network, origin.target, deadlineAt);
        this.attempt = attempt;
        attempt.open().then(
          (socket) => {
            this.attempt = null;
            this.#timing = attempt.timing;
            done(null, socket);
          },
          (error) => done(error, null),
        );
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
      // With an exchange on it that is not written yet, undici connects again.
      if (this.#exchange === null) this.close();
    });
  }

  start(exchange: Exchange): void {
    this.#exchange = exchange;
    exchange.give(this);
    if (!this.#resting) this.#client.dispatch(exchange.options, exchange);
  }

  /** The timing of connecting, for the first request on a socket only. */
  takeTiming(): ConnectTiming | null {
    const timing = this.#timing;
    this.#timing = null;
    return timing;
  }

  /** The exchange has its whole answer; the connection can carry the next one. */
  finish(): void {
    this.#exchange = null;
    this.#resting = true;
    setImmediate(this.#endRest);
    this.#owner.finished(this);
  }

  /** Closes the connection, in whatever state it is. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#exchange = null;
    this.attempt?.cancel();
    this.#client.destroy(() => {});
    this.#owner.closed(this);
  }

  readonly #endRest = (): void => {
    this.#resting = false;
    if (this.#exchange !== null) this.#client.dispatch(this.#exchange.options, this.#exchange);
  };
}
