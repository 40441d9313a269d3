/** One bad member of what was sent. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

/** The server refused a call, or did not answer (`status` 0). */
export class RowhookError extends Error {
  override readonly name = 'RowhookError';
  readonly status: number;
  /** The last part of the problem's type, such as `not-found`; null when the answer was no problem document. */
  readonly code: string | null;
  readonly errors: readonly FieldError[];
  /** Names the request in the log of the server. */
  readonly requestId: string | null;

  constructor(
    message: string,
    about: {
      readonly status: number;
      readonly code?: string | null;
      readonly errors?: readonly FieldError[];
      readonly requestId?: string | null;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: about.cause });
    this.status = about.status;
    this.code = about.code ?? null;
    this.errors = about.errors ?? [];
    this.requestId = about.requestId ?? null;
  }
}

/** The error of an answer that is none of success. */
export function errorOf(response: Response, body: unknown): RowhookError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as {
    type?: unknown;
    title?: unknown;
    detail?: unknown;
    errors?: readonly FieldError[];
  };
  const code = typeof problem.type === 'string' ? (problem.type.split(/[/:#]/).at(-1) ?? null) : null;
  const told = [problem.detail, problem.title].find((text) => typeof text === 'string' && text !== '');
  return new RowhookError(String(told ?? `The server answered ${response.status}.`), {
    status: response.status,
    code,
    errors: Array.isArray(problem.errors) ? problem.errors : [],
    requestId: response.headers.get('request-id'),
  });
}
