import { DatabaseError } from 'pg';
import { Problem } from '../../model/problem.ts';

/** PostgreSQL's name for what went wrong: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function sqlStateOf(error: unknown): string | null {
  return error instanceof DatabaseError ? (error.code ?? null) : null;
}

/** Another transaction was in the way; the same one again may well succeed. */
export function isConflict(error: unknown): boolean {
  const state = sqlStateOf(error);
  // unique_violation, foreign_key_violation: decided on what another has changed meanwhile.
  return state === '40001' || state === '40P01' || state === '23505' || state === '23503';
}

/** The connection is gone, or there is none to be had. */
export function isConnectionLoss(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== null) return state.startsWith('08') || state.startsWith('57P') || state === '25P03';
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (code !== undefined && socketErrors.has(code)) || lostMessages.test(error.message);
}

const socketErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);
/** How the driver tells of the same things where it has no code. */
const lostMessages =
  /Connection terminated|connection error and is not queryable|Client was closed|timeout exceeded when trying to connect|Cannot use a pool after|the session of shards is lost/i;

/** What a caller can be told; everything else passes through. */
export function asProblem(error: unknown): unknown {
  const state = sqlStateOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (isConnectionLoss(error)) {
    return because(
      error,
      'unavailable',
      `The database cannot be reached at the moment (${reason}). Try again.`,
    );
  }
  switch (state) {
    case '53100':
    case '58030':
      return because(
        error,
        'storage-full',
        "The database server's disk is full or failing; nothing was changed.",
      );
    case '53000':
    case '53200':
    case '53300':
    case '53400':
      return because(
        error,
        'unavailable',
        `The database server has not enough resources (${reason}). Try again.`,
      );
    case '25006':
      return because(
        error,
        'unavailable',
        'The database takes no writes: the server is a standby or in recovery, or set to read-only. Try again.',
      );
    case '57014':
      return because(
        error,
        'unavailable',
        `The database took too long (${reason}). Try again, or ask for less.`,
      );
    case '55P03':
    case '40001':
    case '40P01':
      return because(error, 'unavailable', 'Others change the same at the moment. Try again.');
    case '22021':
    case '22P05':
      return because(
        error,
        'invalid-input',
        'A text holds the character U+0000, which the database cannot keep.',
      );
    default:
      return error;
  }
}

function because(cause: unknown, code: Problem['code'], detail: string): Problem {
  const problem = new Problem(code, detail);
  problem.cause = cause;
  return problem;
}
