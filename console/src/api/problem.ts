/** A bad member of what was sent. */
export interface FieldFault {
  /** JSON pointer into the body, or the name of a parameter. */
  readonly pointer: string;
  readonly detail: string;
}

/** What kind of failure it was, for the advice that is shown with it. */
export type ProblemKind = 'offline' | 'refused' | 'missing' | 'invalid' | 'failed';

/** A call that failed: the server's problem details, or no answer at all (`status` 0). */
export class ApiProblem extends Error {
  readonly status: number;
  /** Which problem it is: `not-found`; null when the server did not say. */
  readonly code: string | null;
  readonly title: string;
  readonly errors: readonly FieldFault[];
  readonly requestId: string | null;

  constructor(
    status: number,
    title: string,
    detail: string,
    errors: readonly FieldFault[],
    requestId: string | null,
    code: string | null = null,
  ) {
    super(detail);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code;
    this.title = title;
    this.errors = errors;
    this.requestId = requestId;
  }

  get kind(): ProblemKind {
    if (this.status === 0) return 'offline';
    if (this.status === 401 || this.status === 403) return 'refused';
    if (this.status === 404 || this.status === 410) return 'missing';
    return this.status < 500 ? 'invalid' : 'failed';
  }
}

/** What a person typed is wrong, found without asking the server. */
export function inputProblem(detail: string): ApiProblem {
  return new ApiProblem(400, detail, detail, [], null);
}

/** Reads problem details (RFC 9457), and makes the best of anything else. */
export function problemFrom(status: number, body: unknown): ApiProblem {
  const document = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
  const errors = Array.isArray(document.errors) ? (document.errors as FieldFault[]) : [];
  const title = text(document.title, `HTTP ${status}`);
  const requestId = typeof document.requestId === 'string' ? document.requestId : null;
  const code = /^\/problems\/([\w-]+)$/.exec(text(document.type, ''))?.[1] ?? null;
  return new ApiProblem(status, title, text(document.detail, text(body, title)), errors, requestId, code);
}

/** Any caught value as a problem. */
export function toProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiProblem(error instanceof TypeError ? 0 : 500, detail, detail, [], null);
}

/** Pointers as form paths: `/retry/delaysMs/0` becomes `retry.delaysMs.0`. */
export function pathOf(pointer: string): string {
  return pointer
    .replace(/^[#/]+/, '')
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}
