import { createHash } from 'node:crypto';

/** A statement that the server prepares once for each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Named after its text, so that two versions of Rowhook on one pooled connection never mean different things. */
export function statement(text: string): Statement {
  return { name: `rowhook_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`, text };
}

/** A statement with its parameters, to be sent together with others. */
export interface Call {
  readonly statement: Statement;
  readonly values: readonly unknown[];
  /** Rows that it writes, where the server does not tell: it counts those of the outermost statement. */
  readonly rowsWritten?: number;
}

export function call(statement: Statement, ...values: readonly unknown[]): Call {
  return { statement, values };
}
