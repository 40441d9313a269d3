import { CommanderError } from 'commander';

/** How the process ends. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** A command that did not work: what happened, and what to do. */
export class Failure extends Error {
  /** Printed below the message, one a line. */
  readonly details: readonly string[];
  readonly exitCode: number;

  constructor(message: string, details: readonly string[] = [], exitCode: number = exitCodes.failed) {
    super(message);
    this.name = 'Failure';
    this.details = details;
    this.exitCode = exitCode;
  }
}

/** A command that was written wrongly. */
export function usageFailure(message: string, details: readonly string[] = []): Failure {
  return new Failure(message, details, exitCodes.usage);
}

/** Tells a person why a command did not work, and sets the exit code. */
export function report(error: unknown): void {
  if (error instanceof Failure) {
    console.error([`error: ${error.message}`, ...error.details.map((line) => `  ${line}`)].join('\n'));
    process.exitCode = error.exitCode;
    return;
  }
  if (error instanceof CommanderError) throw error;
  console.error('unexpected error:', error);
  process.exitCode = exitCodes.failed;
}
