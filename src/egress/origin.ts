import type { Connection } from './connection.ts';
import type { TlsIdentity } from './sockets.ts';
import type { Target } from './target.ts';
import { WaitingLine } from './waiting-line.ts';

/**
 * The connections to one scheme, host and port under one TLS identity, and the exchanges that wait for one of
 * them. A connection that a client certificate was shown on is never lent to who shows another one, or none.
 */
export class Origin {
  readonly key: string;
  /** Any target of this origin; its path is not used. */
  readonly target: Target;
  readonly identity: TlsIdentity | null;
  readonly connections = new Set<Connection>();
  /** Those without an exchange, the most recently used last. */
  readonly idle: Connection[] = [];
  /** Those with exchanges and room for more: HTTP/2 only. */
  readonly partlyUsed = new Set<Connection>();
  readonly waiting = new WaitingLine();

  constructor(key: string, target: Target, identity: TlsIdentity | null) {
    this.key = key;
    this.target = target;
    this.identity = identity;
  }
}

/** What tells origins apart. */
export function originKey(target: Target, identity: TlsIdentity | null): string {
  return identity === null ? target.origin : `${target.origin} ${identity.id}`;
}
