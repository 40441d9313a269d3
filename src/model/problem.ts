/** One bad member of the input. */
export interface FieldError {
  /** JSON pointer into the body, or the name of the query parameter. */
  readonly pointer: string;
  readonly detail: string;
}

/** Every code the API can answer with; docs/errors.md lists cause and cure of each. */
export const problemCodes = {
  'invalid-input': { status: 400, title: 'The request has invalid values' },
  unauthenticated: { status: 401, title: 'A valid bearer token is needed' },
  forbidden: { status: 403, title: 'This token may not do that' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'This route does not know the method' },
  conflict: { status: 409, title: 'The request conflicts with what exists' },
  gone: { status: 410, title: 'It is no longer there' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported here' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Rowhook failed' },
  unavailable: { status: 503, title: 'Rowhook cannot take this right now' },
  'storage-full': { status: 507, title: 'The disk is full' },
} as const;
export type ProblemCode = keyof typeof problemCodes;

/** An expected failure on its way to the caller; the API prints it as RFC 9457 problem details. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[];
  /** When it is worth to ask again; the API says so with `Retry-After`. */
  readonly retryAfterSeconds: number | null;

  constructor(
    code: ProblemCode,
    detail: string,
    errors: readonly FieldError[] = [],
    retryAfterSeconds: number | null = null,
  ) {
    super(detail);
    this.name = 'Problem';
    this.code = code;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A problem with exactly one bad member. */
export function invalidField(pointer: string, detail: string): Problem {
  return new Problem('invalid-input', `${pointer}: ${detail}`, [{ pointer, detail }]);
}
