import type { Exchange } from './exchange.ts';

/** What carries exchanges over one open socket, in one version of HTTP. */
export interface Transport {
  /** Exchanges that it can carry at once; it may grow or shrink, but is never below one. */
  readonly capacity: number;
  start(exchange: Exchange): void;
  /** The exchange has its whole answer. */
  finished(exchange: Exchange): void;
  /**
   * No more is wanted of an exchange.
   *
   * @returns whether the connection can still be used for others
   */
  abandon(exchange: Exchange): boolean;
  /** Closes the socket, in whatever state it is. */
  destroy(): void;
}

/** The connection that a transport belongs to, as the transport sees it. */
export interface TransportHost {
  /** There is room for more exchanges than before. */
  roomier(): void;
  /** Nothing new is to be started on it. */
  retire(): void;
  /** The other side does not want this version of HTTP. */
  refusedHttp2(): void;
  /** The socket is gone; the exchanges on it have been told. */
  lost(): void;
}
