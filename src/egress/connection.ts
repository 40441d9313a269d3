import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ConnectAttempt, type ConnectTiming, type Network } from './connector.ts';
import type { Exchange } from './exchange.ts';
import { Http1Transport } from './http1-transport.ts';
import { Http2Transport } from './http2-transport.ts';
import type { Origin } from './origin.ts';
import type { Transport, TransportHost } from './transport.ts';

/** Who lends connections out; it is told when there is room on one, and when one is gone. */
export interface ConnectionOwner {
  /** An exchange has left the connection. */
  finished(connection: Connection): void;
  /** The connection can carry more exchanges than before. */
  roomier(connection: Connection): void;
  /** The connection carries nothing new. */
  retired(connection: Connection): void;
  closed(connection: Connection): void;
}

/**
 * One connection to one origin. It is opened for its first exchange; which version of HTTP it speaks is known
 * once it is open, and so is how many exchanges it can carry.
 */
export class Connection implements TransportHost {
  readonly origin: Origin;
  /** The attempt to connect that is underway. */
  attempt: ConnectAttempt | null = null;
  readonly #network: Network;
  readonly #owner: ConnectionOwner;
  readonly #exchanges = new Set<Exchange>();
  #transport: Transport | null = null;
  #timing: ConnectTiming | null = null;
  #isRetired = false;
  #closed = false;

  constructor(origin: Origin, network: Network, owner: ConnectionOwner) {
    this.origin = origin;
    this.#network = network;
    this.#owner = owner;
  }

  /** Exchanges on it. */
  get load(): number {
    return this.#exchanges.size;
  }

  get hasRoom(): boolean {
    return !this.#isRetired && !this.#closed && this.load < (this.#transport?.capacity ?? 1);
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  start(exchange: Exchange): void {
    this.#exchanges.add(exchange);
    exchange.give(this);
    if (this.#transport !== null) this.#transport.start(exchange);
    else if (this.attempt === null) this.#open(exchange);
  }

  /** The timing of connecting, for the first request on a socket only. */
  takeTiming(): ConnectTiming | null {
    const timing = this.#timing;
    this.#timing = null;
    return timing;
  }

  /** The exchange has its whole answer; the connection can carry the next one. */
  finish(exchange: Exchange): void {
    this.#exchanges.delete(exchange);
    this.#transport?.finished(exchange);
    this.#owner.finished(this);
  }

  /** No more is wanted of the exchange, in whatever state it is. */
  abandon(exchange: Exchange): void {
    if (this.#exchanges.has(exchange)) this.release(exchange)();
  }

  /** Like `abandon`, but the connection serves others, or closes, only when the answer is called. */
  release(exchange: Exchange): () => void {
    this.#exchanges.delete(exchange);
    const usable = this.#transport?.abandon(exchange) ?? false;
    return () => {
      if (usable && !this.#closed) this.#owner.finished(this);
      else this.close();
    };
  }

  roomier(): void {
    if (!this.#closed) this.#owner.roomier(this);
  }

  /** Carries nothing new, and is closed once what is on it has ended. */
  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#owner.retired(this);
    if (this.load === 0) this.close();
  }

  refusedHttp2(): void {
    this.#network.protocols.set(this.origin.key, 'http/1.1');
    this.retire();
  }

  lost(): void {
    this.close();
  }

  /** Closes the connection, in whatever state it is; the exchanges on it must have been ended before. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#exchanges.clear();
    this.attempt?.cancel();
    this.#transport?.destroy();
    this.#owner.closed(this);
  }

  #open({ connectTimeoutMs }: Exchange): void {
    const deadlineAt = performance.now() + connectTimeoutMs;
    const attempt = new ConnectAttempt(this.#network, this.origin, deadlineAt);
    this.attempt = attempt;
    attempt.open().then(
      (socket) => {
        this.attempt = null;
        if (this.#closed) socket.destroy();
        else this.#opened(socket, attempt.timing);
      },
      (error: Error) => {
        this.#forgetHttp2();
        for (const exchange of [...this.#exchanges]) exchange.onResponseError(null, error);
      },
    );
  }

  #opened(socket: Socket, timing: ConnectTiming): void {
    this.#timing = timing;
    const { target, key } = this.origin;
    if (socket instanceof TLSSocket && socket.alpnProtocol === 'h2') {
      this.#network.protocols.set(key, 'h2');
      this.#transport = new Http2Transport(target, socket, this);
    } else {
      this.#transport = new Http1Transport(target.origin, socket, this);
      if (this.#forgetHttp2()) this.#owner.roomier(this);
    }
    for (const exchange of this.#exchanges) this.#transport.start(exchange);
  }

  /** Requests to the origin no longer wait for a connection that would carry them all. */
  #forgetHttp2(): boolean {
    const { protocols } = this.#network;
    if (protocols.get(this.origin.key) !== 'h2') return false;
    protocols.set(this.origin.key, 'unknown');
    return true;
  }
}
