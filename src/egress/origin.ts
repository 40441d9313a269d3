import type { Connection } from './connection.ts';
import type { Target } from './target.ts';
import { WaitingLine } from './waiting-line.ts';

/** The connections to one scheme, host and port, and the exchanges that wait for one of them. */
export class Origin {
  /** Any target of this origin; its path is not used. */
  readonly target: Target;
  readonly connections = new Set<Connection>();
  /** Those without an exchange, the most recently used last. */
  readonly idle: Connection[] = [];
  readonly waiting = new WaitingLine();

  constructor(target: Target) {
    this.target = target;
  }
}
