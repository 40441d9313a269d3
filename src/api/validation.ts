import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';
import { nearestWord } from '../config/nearest-word.ts';
import { type FieldError, invalidField, Problem } from '../model/problem.ts';
import { escapePointer, shown } from '../webhooks/field-reader.ts';

/** Most errors that one answer lists. */
const maxListedErrors = 50;
/** Every error of a value with more members than this would be slow to find: the first one must do. */
const maxMembersToExplain = 2_000;

/**
 * Keyword for schemas: says in words what a `pattern` allows, for error messages and the reference.
 * Example: `{ type: 'string', pattern: '^[a-z]+$', 'x-allowed': 'lower-case letters' }`.
 */
const allowedKeyword = 'x-allowed';

type Part = 'body' | 'querystring' | 'params' | 'headers';

function newAjv(part: Part, allErrors: boolean): Ajv {
  const ajv = new Ajv({
    // A body says exactly what it means; a query string has only text to say it with.
    coerceTypes: part !== 'body',
    removeAdditional: false,
    useDefaults: false,
    allErrors,
    verbose: true,
    strict: true,
    strictTypes: false,
    allowUnionTypes: true,
  });
  ajv.addKeyword(allowedKeyword);
  addFormats.default(ajv);
  return ajv;
}

/** Compiles a route's schemas: unknown members are refused, and all errors of a request are told at once. */
export function schemaCompiler(): FastifySchemaCompiler<object> {
  const quick = new Map<Part, Ajv>();
  const thorough = new Map<Part, Ajv>();
  const ajvFor = (known: Map<Part, Ajv>, part: Part): Ajv => {
    const ajv = known.get(part) ?? newAjv(part, known === thorough);
    known.set(part, ajv);
    return ajv;
  };
  return ({ schema, httpPart }) => {
    const part = (httpPart ?? 'body') as Part;
    const validate = ajvFor(quick, part).compile(schema);
    let explain: ValidateFunction | null = null;
    return (value: unknown) => {
      if (validate(value)) {
        const infinite = part === 'body' ? undefined : infiniteMember(value);
        if (infinite === undefined) return { value };
        return { error: invalidField(infinite, 'must be a number that fits a double') };
      }
      let errors = validate.errors ?? [];
      if (hasAtMostMembers(value, maxMembersToExplain)) {
        explain ??= ajvFor(thorough, part).compile(schema);
        if (!explain(value)) errors = explain.errors ?? [];
      }
      return { error: validationProblem(errors, part) };
    };
  };
}

/** The member of a query string that was read as a number beyond all: Ajv checks no bounds of such a one. */
function infiniteMember(value: unknown): string | undefined {
  const isInfinite = (member: unknown): boolean => member === Infinity || member === -Infinity;
  const found = Object.entries(value ?? {}).find(([, member]) => isInfinite(member));
  return found?.[0];
}

function validationProblem(errors: readonly ErrorObject[], part: Part): Problem {
  const told = new Map<string, FieldError>();
  for (const error of errors) {
    if (told.size >= maxListedErrors) break;
    const fieldError = { pointer: pointerOf(error, part), detail: detailOf(error, part) };
    const key = `${fieldError.pointer} ${fieldError.detail}`;
    if (fieldError.detail !== '') told.set(key, fieldError);
  }
  const fieldErrors = [...told.values()];
  return new Problem('invalid-input', summary(fieldErrors), fieldErrors);
}

/** One sentence for all errors. */
function summary(errors: readonly FieldError[]): string {
  const first = errors[0];
  if (!first) return 'The request has invalid values.';
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more, see errors)` : '';
  return `${first.pointer === '' ? 'The body' : first.pointer} ${first.detail}${more}.`;
}

function pointerOf(error: ErrorObject, part: Part): string {
  const member =
    error.keyword === 'required'
      ? `/${escapePointer(String(error.params.missingProperty))}`
      : error.keyword === 'additionalProperties'
        ? `/${escapePointer(String(error.params.additionalProperty))}`
        : '';
  const pointer = `${error.instancePath}${member}`;
  return part === 'body' ? pointer : pointer.replace(/^\//, '');
}

/** What is wrong, and what is allowed; '' for errors that only repeat others. */
function detailOf(error: ErrorObject, part: Part): string {
  const { params, data } = error;
  switch (error.keyword) {
    case 'required':
      return 'is missing';
    case 'additionalProperties':
      return unknownMember(String(params.additionalProperty), memberNames(error), part);
    case 'type':
      return typeDetail(params.type, data, part);
    case 'enum':
      return `must be one of ${(params.allowedValues as unknown[]).join(', ')}, not ${shown(data)}`;
    case 'const':
      return `must be ${shown(params.allowedValue)}, not ${shown(data)}`;
    case 'minimum':
      return `must be at least ${params.limit}, not ${shown(data)}`;
    case 'maximum':
      return `must be at most ${params.limit}, not ${shown(data)}`;
    case 'exclusiveMinimum':
      return `must be more than ${params.limit}, not ${shown(data)}`;
    case 'minLength':
      return params.limit === 1 ? 'must not be empty' : `must have at least ${params.limit} characters`;
    case 'maxLength':
      return `must have at most ${params.limit} characters`;
    case 'minItems':
      return params.limit === 1 ? 'must not be empty' : `must have at least ${params.limit} items`;
    case 'maxItems':
      return `must have at most ${params.limit} items`;
    case 'minProperties':
      return `must have at least ${params.limit} field${params.limit === 1 ? '' : 's'}`;
    case 'maxProperties':
      return `must have at most ${params.limit} fields`;
    case 'uniqueItems':
      return `must not have the same item twice (items ${params.j} and ${params.i})`;
    case 'pattern':
      return `must be ${allowedWords(error) ?? `text that matches ${params.pattern}`}, not ${shown(data)}`;
    case 'format':
      return `must be ${formatWords[String(params.format)] ?? `a valid ${params.format}`}, not ${shown(data)}`;
    case 'anyOf':
    case 'oneOf':
    case 'if':
      return '';
    default:
      return error.message ?? 'is not valid';
  }
}

const formatWords: Readonly<Record<string, string>> = {
  'date-time': 'a time like 2026-01-31T12:00:00Z',
  date: 'a date like 2026-01-31',
  uri: 'a URL',
};

function allowedWords(error: ErrorObject): string | null {
  const words = (error.parentSchema as Record<string, unknown> | undefined)?.[allowedKeyword];
  return typeof words === 'string' ? words : null;
}

function memberNames(error: ErrorObject): string[] {
  const properties = (error.parentSchema as { properties?: object } | undefined)?.properties;
  return Object.keys(properties ?? {});
}

/** Which field is not known, what was probably meant, and what is allowed. */
function unknownMember(name: string, allowed: readonly string[], part: Part): string {
  const kind = part === 'body' ? 'field' : 'parameter';
  if (allowed.length === 0) return `is not a known ${kind}; none are allowed here`;
  const near = nearestWord(name, allowed);
  const meant = near === null ? '' : ` (did you mean "${near}"?)`;
  return `is not a known ${kind}${meant}; allowed: ${allowed.join(', ')}`;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

function typeDetail(type: unknown, data: unknown, part: Part): string {
  const types = Array.isArray(type) ? type : String(type).split(',');
  const wanted = types.map((name) => typeWords[String(name)] ?? String(name)).join(' or ');
  if (data === null && part === 'body' && types.includes('object'))
    return `must be ${wanted}, not null or empty`;
  return `must be ${wanted}, not ${shown(data)}`;
}

function hasAtMostMembers(value: unknown, limit: number): boolean {
  const waiting: unknown[] = [value];
  let seen = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const members = Array.isArray(next) ? next : Object.values(next);
    seen += members.length;
    if (seen > limit) return false;
    for (const member of members) waiting.push(member);
  }
  return true;
}

/** For routes whose handler checks the body itself; its schema only documents it. */
export function exceptBody(compile: FastifySchemaCompiler<object>): FastifySchemaCompiler<object> {
  return (route) => (route.httpPart === 'body' ? (value: unknown) => ({ value }) : compile(route));
}
