import type { FieldError } from '../../model/problem.ts';

/** An event that is to be checked against the catalogue. */
export interface EventToCheck {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Of the data, printed. */
  readonly bytes: number;
}

/** What the catalogue says of an event; pointers are relative to it. */
export interface EventVerdict {
  /** Groups of its type. */
  readonly groups: readonly string[];
  /** Why it is refused; empty: it is not. */
  readonly faults: readonly FieldError[];
  /** What is wrong with it, although it is taken. */
  readonly warnings: readonly FieldError[];
}

/** What events are held against before they are accepted. */
export interface EventChecks {
  check(workspaceNumber: number, events: readonly EventToCheck[]): Promise<readonly EventVerdict[]>;
}
