import { Connection, type ConnectionOwner } from './connection.ts';
import type { Network } from './connector.ts';
import type { Exchange } from './exchange.ts';
import { Origin, originKey } from './origin.ts';

interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerOrigin: number;
}

/**
 * Lends connections to exchanges, within the limits of the process and of each origin.
 *
 * At the limit of the process, an unused connection of another origin is closed to make
 * room. If none is unused, origins wait for their turn in two lines: those that have no
 * connection at all come first, and for them even a busy origin gives up a connection at
 * the end of an exchange. So no origin, however many requests it has, keeps another out.
 *
 * An origin without connections and waiting exchanges is forgotten, so memory follows the
 * number of connections, not that of hosts ever seen.
 */
export class Connections implements ConnectionOwner {
  readonly #network: Network;
  readonly #limits: ConnectionLimits;
  readonly #origins = new Map<string, Origin>();
  /** Origins with waiting exchanges that may open a connection once there is room. */
  readonly #withoutConnection = new Set<Origin>();
  readonly #wantingMore = new Set<Origin>();
  /** Connections that end, once their exchanges have ended, for the sake of origins that have none. */
  readonly #makingRoom = new Set<Connection>();
  #open = 0;
  #idle = 0;

  constructor(network: Network, limits: ConnectionLimits) {
    this.#network = network;
    this.#limits = limits;
  }

  /** Connections that are open or being opened. */
  get open(): number {
    return this.#open;
  }

  /** Open connections that nothing is sent over at present. */
  get idle(): number {
    return this.#idle;
  }

  /** Origins with connections or waiting exchanges. */
  get origins(): number {
    return this.#origins.size;
  }

  submit(exchange: Exchange): void {
    const origin = this.#originOf(exchange);
    const connection = firstOf(origin.partlyUsed) ?? this.#takeIdle(origin);
    if (connection !== undefined) {
      this.#start(connection, exchange);
    } else if (this.#mayOpen(origin) && this.#makeRoom()) {
      this.#openFor(origin, exchange);
    } else {
      origin.waiting.push(exchange);
      this.#enlist(origin);
    }
  }

  /** Starts an exchange again that was not written, or not looked at by the consumer. */
  restart(exchange: Exchange): void {
    const origin = this.#originOf(exchange);
    origin.waiting.unshift(exchange);
    this.#fill(origin);
    this.#enlist(origin);
    this.#serve();
  }

  /** Takes an exchange out that waits for a connection. */
  withdraw(exchange: Exchange): void {
    const origin = this.#originOf(exchange);
    origin.waiting.remove(exchange);
    this.#forgetIfUnused(origin);
  }

  finished(connection: Connection): void {
    if (connection.isRetired) {
      if (connection.load === 0) connection.close();
      return;
    }
    const { origin } = connection;
    const othersWait = this.#withoutConnection.size > this.#makingRoom.size;
    const next = othersWait || !connection.hasRoom ? null : origin.waiting.shift();
    if (next !== null) {
      this.#start(connection, next);
    } else if (othersWait) {
      this.#makingRoom.add(connection);
      connection.retire();
    } else if (connection.load > 0) {
      if (connection.hasRoom) origin.partlyUsed.add(connection);
    } else if (this.#wantingMore.size > 0) {
      connection.close();
    } else {
      origin.partlyUsed.delete(connection);
      origin.idle.push(connection);
      this.#idle += 1;
    }
  }

  roomier(connection: Connection): void {
    const { origin } = connection;
    if (connection.load > 0 && connection.hasRoom) origin.partlyUsed.add(connection);
    this.#fill(origin);
    this.#enlist(origin);
    this.#serve();
  }

  retired(connection: Connection): void {
    this.#takeOut(connection);
  }

  closed(connection: Connection): void {
    const { origin } = connection;
    this.#takeOut(connection);
    this.#makingRoom.delete(connection);
    origin.connections.delete(connection);
    this.#open -= 1;
    this.#enlist(origin);
    this.#serve();
    this.#forgetIfUnused(origin);
  }

  /** Closes every connection; the exchanges must have been ended before. */
  close(): void {
    for (const origin of [...this.#origins.values()]) {
      for (const connection of [...origin.connections]) connection.close();
    }
  }

  #originOf({ target, identity }: Exchange): Origin {
    const key = originKey(target, identity);
    let origin = this.#origins.get(key);
    if (origin === undefined) {
      origin = new Origin(key, target, identity);
      this.#origins.set(key, origin);
    }
    return origin;
  }

  #start(connection: Connection, exchange: Exchange): void {
    connection.start(exchange);
    const { partlyUsed } = connection.origin;
    if (connection.hasRoom) partlyUsed.add(connection);
    else if (partlyUsed.size > 0) partlyUsed.delete(connection);
  }

  #openFor(origin: Origin, exchange: Exchange): void {
    const connection = new Connection(origin, this.#network, this);
    origin.connections.add(connection);
    this.#open += 1;
    connection.start(exchange);
  }

  /** Gives waiting exchanges to connections that carry some and have room for more. */
  #fill(origin: Origin): void {
    for (;;) {
      const connection = firstOf(origin.partlyUsed);
      const exchange = connection === undefined ? null : origin.waiting.shift();
      if (connection === undefined || exchange === null) return;
      this.#start(connection, exchange);
    }
  }

  #takeIdle(origin: Origin): Connection | undefined {
    const connection = origin.idle.pop();
    if (connection !== undefined) this.#idle -= 1;
    return connection;
  }

  /** Takes a connection out of those that can be given exchanges. */
  #takeOut(connection: Connection): void {
    const { idle, partlyUsed } = connection.origin;
    partlyUsed.delete(connection);
    const position = idle.indexOf(connection);
    if (position === -1) return;
    idle.splice(position, 1);
    this.#idle -= 1;
  }

  #mayOpen({ key, connections }: Origin): boolean {
    if (connections.size >= this.#limits.maxConnectionsPerOrigin) return false;
    // One connection may be enough for all; whether it is, is known once it is open.
    if (connections.size === 0 || this.#network.protocols.get(key) !== 'h2') return true;
    for (const connection of connections) if (connection.attempt !== null) return false;
    return true;
  }

  #makeRoom(): boolean {
    if (this.#open >= this.#limits.maxConnections && this.#idle > 0) {
      for (const { idle } of this.#origins.values()) {
        const longestUnused = idle[0];
        if (longestUnused === undefined) continue;
        longestUnused.close();
        break;
      }
    }
    return this.#open < this.#limits.maxConnections;
  }

  /** Puts an origin into the line that it belongs to, or into none. */
  #enlist(origin: Origin): void {
    const waits = !origin.waiting.isEmpty && this.#mayOpen(origin);
    const line = origin.connections.size === 0 ? this.#withoutConnection : this.#wantingMore;
    const other = line === this.#withoutConnection ? this.#wantingMore : this.#withoutConnection;
    other.delete(origin);
    if (waits) line.add(origin);
    else line.delete(origin);
  }

  /** Gives the room there is to the origins that wait for it, one connection each turn. */
  #serve(): void {
    while (this.#open < this.#limits.maxConnections) {
      const origin = firstOf(this.#withoutConnection) ?? firstOf(this.#wantingMore);
      if (origin === undefined) return;
      this.#withoutConnection.delete(origin);
      this.#wantingMore.delete(origin);
      const exchange = origin.waiting.shift();
      if (exchange === null) continue;
      this.#openFor(origin, exchange);
      this.#enlist(origin);
    }
  }

  #forgetIfUnused(origin: Origin): void {
    this.#enlist(origin);
    if (origin.connections.size === 0 && origin.waiting.isEmpty) this.#origins.delete(origin.key);
  }
}

function firstOf<T>(set: ReadonlySet<T>): T | undefined {
  for (const item of set) return item;
  return undefined;
}
