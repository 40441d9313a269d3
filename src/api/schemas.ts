import { type Static, type TSchema, Type } from 'typebox';
import { problemCodes } from '../model/problem.ts';

/** An object whose members are all known: others are refused, by name. */
export function closedObject<Properties extends Record<string, TSchema>>(
  properties: Properties,
  options: { title?: string; description?: string } = {},
) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/** A text or null, without the cost of a union when it is printed. */
export function nullableText(description: string, options: Record<string, unknown> = {}) {
  return Type.Unsafe<string | null>({ type: ['string', 'null'], description, ...options });
}

/** A number or null. */
export function nullableNumber(description: string, options: Record<string, unknown> = {}) {
  return Type.Unsafe<number | null>({ type: ['number', 'null'], description, ...options });
}

/** A list of texts, as bodies and answers have it. */
export function texts(options: { minItems?: number; maxItems?: number; description?: string } = {}) {
  return Type.Unsafe<readonly string[]>({ type: 'array', items: { type: 'string' }, ...options });
}

/** A time in an answer: ISO 8601, UTC, milliseconds. */
export const timestamp = (description: string) => Type.String({ format: 'date-time', description });
export const nullableTimestamp = (description: string) => nullableText(description, { format: 'date-time' });

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(words: Words, description: string) {
  return Type.Unsafe<Words[number]>({ type: 'string', enum: [...words], description });
}

export const maxPageLimit = 1_000;
export const defaultPageLimit = 100;
const maxCursorLength = 500;

/** Query parameters of every list. */
export const pageQueryProperties = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: maxPageLimit,
      default: defaultPageLimit,
      description: 'How many to answer with at most.',
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      maxLength: maxCursorLength,
      description: 'Where to go on: the `nextCursor` of the page before.',
    }),
  ),
};
export const pageQuery = closedObject(pageQueryProperties);

/** Said of lists whose filters may let little through. */
export const rareThings =
  'What is rare among very many is looked for in bounded steps: a page may be short, or empty, although `nextCursor` ' +
  'says that there may be more.';

/** A page of a list. */
export function pageOf<Item extends TSchema>(item: Item) {
  return Type.Object({
    data: Type.Array(item),
    nextCursor: nullableText('Ask again with `?cursor=` this for the next page; null on the last page.'),
  });
}

/** An answer without a body. */
export const noContent = Type.Null({ description: 'Done; the answer has no body.' });

/** RFC 9457 problem details: the body of every error. */
export const problemSchema = Type.Object(
  {
    type: Type.String({ description: 'Which problem it is: `/problems/` and a code of docs/errors.md.' }),
    title: Type.String({ description: 'The problem in general.' }),
    status: Type.Integer({ description: 'The HTTP status of the answer.' }),
    detail: Type.String({ description: 'What went wrong this time, and what to do.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({
            description: 'JSON pointer into the body, or the name of the parameter or header.',
          }),
          detail: Type.String({ description: 'What is wrong with it, and what is allowed.' }),
        }),
        { description: 'Every bad value of the request.' },
      ),
    ),
    requestId: Type.String({ description: 'Finds the request in the log of the server.' }),
  },
  {
    title: 'Problem',
    description: `Problem details (RFC 9457). Codes: ${Object.keys(problemCodes).join(', ')}.`,
  },
);
export type ProblemDocument = Static<typeof problemSchema>;
