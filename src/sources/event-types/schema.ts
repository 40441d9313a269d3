import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JsonSchema } from '../../model/event-type.ts';
import type { FieldError } from '../../model/problem.ts';
import { eventTypeLimits } from './limits.ts';
import { compilePattern, type LinearPattern } from './pattern.ts';
import { costKeyword, escapeStep, guardSchema } from './schema-guard.ts';

/** Checks data against a schema; null: it fits. Pointers are relative to the data. */
export type DataCheck = (data: unknown, bytes: number) => readonly FieldError[] | null;

export type CompiledSchema =
  | { readonly ok: true; readonly check: DataCheck }
  /** Pointers are relative to the schema. */
  | { readonly ok: false; readonly faults: readonly FieldError[] };

/** Formats that are checked; any other is an annotation. None of them takes longer than its text is long. */
const checkedFormats = [
  'date',
  'time',
  'date-time',
  'duration',
  'uri',
  'uri-reference',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
  'json-pointer',
  'int32',
  'int64',
] as const;

/** Data took more work to check than its size allows. */
class TooMuchWork extends Error {}

/** Work that the check under way may still do. */
let stepsLeft = 0;

function work(steps: number): void {
  stepsLeft -= steps;
  if (stepsLeft < 0) throw new TooMuchWork();
}

/** Knows the meta-schema only; compiling is done by an Ajv of its own for each schema, which is forgotten with it. */
const metaSchemas = new Ajv2020({ strict: false, allErrors: true, logger: false });

/** Compiles a schema that a stranger wrote. Neither this nor the check takes more than a bounded time. */
export function compileSchema(schema: JsonSchema): CompiledSchema {
  const size = faultOfSize(schema);
  if (size !== null) return { ok: false, faults: [{ pointer: '', detail: size }] };
  const { $schema: _, ...undeclared } = schema;
  if (!metaSchemas.validateSchema(undeclared)) {
    return { ok: false, faults: faultsOf(metaSchemas.errors ?? []) };
  }
  const guarded = guardSchema(schema);
  if (!guarded.ok) return guarded;
  let validate: ValidateFunction;
  try {
    validate = newCompiler(guarded.patterns).compile(guarded.schema);
  } catch (error) {
    return { ok: false, faults: [{ pointer: '', detail: `cannot be used: ${(error as Error).message}` }] };
  }
  return { ok: true, check: (data, bytes) => check(validate, data, bytes) };
}

function check(validate: ValidateFunction, data: unknown, bytes: number): readonly FieldError[] | null {
  stepsLeft = eventTypeLimits.steps + bytes * eventTypeLimits.stepsPerByte;
  try {
    return validate(data) ? null : faultsOf(validate.errors ?? []);
  } catch (error) {
    // A schema that refers to itself without going deeper into the data ends as a stack that is full.
    if (!(error instanceof TooMuchWork) && !(error instanceof RangeError)) throw error;
    return [{ pointer: '', detail: 'takes too much work to check against the schema' }];
  } finally {
    validate.errors = null;
  }
}

function newCompiler(patterns: ReadonlyMap<string, LinearPattern>): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    logger: false,
    meta: false,
    validateSchema: false,
    // A schema that many refer to would be copied into each of them.
    inlineRefs: false,
    unicodeRegExp: false,
    code: {
      regExp: Object.assign(
        (source: string) => {
          const pattern = patterns.get(source) ?? compilePattern(source);
          return {
            test: (text: string) => {
              work(pattern.cost(text.length));
              return pattern.test(text);
            },
          };
        },
        { code: 'compilePattern' },
      ),
    },
  });
  ajv.addKeyword({
    keyword: costKeyword,
    schemaType: 'number',
    errors: false,
    compile: (steps: number) => () => {
      work(steps);
      return true;
    },
  });
  // Ajv's own compares every item with every other.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must not have the same item twice' },
    compile: (wanted: boolean) => (items: readonly unknown[]) => {
      if (!wanted) return true;
      work(items.length);
      return new Set(items.map((item) => canonical(item))).size === items.length;
    },
  });
  addBoundedFormats(ajv);
  return ajv;
}

function addBoundedFormats(ajv: Ajv2020): void {
  addFormats.default(ajv, [...checkedFormats]);
  for (const [name, format] of Object.entries(ajv.formats)) {
    if (format === undefined || typeof format === 'boolean' || typeof format === 'string') continue;
    const given = typeof format === 'object' && 'validate' in format ? format.validate : format;
    const isNumber = typeof format === 'object' && 'type' in format && format.type === 'number';
    if (isNumber || typeof given === 'string' || given === undefined) continue;
    const test = given instanceof RegExp ? (text: string) => given.test(text) : given;
    ajv.addFormat(name, (text: string) => {
      if (text.length > eventTypeLimits.formatCharacters) return false;
      work(1 + text.length / 4);
      return Boolean((test as (text: string) => boolean)(text));
    });
  }
}

function faultOfSize(schema: JsonSchema): string | null {
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  return bytes <= eventTypeLimits.schemaBytes
    ? null
    : `must have at most ${eventTypeLimits.schemaBytes} bytes as JSON`;
}

/** Errors that only repeat what those inside them say. */
const echoes = new Set(['if', 'allOf', '$ref', '$dynamicRef', 'propertyNames']);

function faultsOf(errors: readonly ErrorObject[]): FieldError[] {
  const faults = new Map<string, FieldError>();
  for (const error of errors) {
    if (faults.size >= eventTypeLimits.faults) break;
    if (echoes.has(error.keyword) && errors.length > 1) continue;
    const fault = { pointer: pointerOf(error), detail: detailOf(error) };
    faults.set(`${fault.pointer} ${fault.detail}`, fault);
  }
  return [...faults.values()];
}

function pointerOf({ instancePath, keyword, params }: ErrorObject): string {
  const member =
    keyword === 'required' || keyword === 'dependentRequired'
      ? params.missingProperty
      : keyword === 'additionalProperties'
        ? params.additionalProperty
        : keyword === 'unevaluatedProperties'
          ? params.unevaluatedProperty
          : undefined;
  return member === undefined ? instancePath : `${instancePath}/${escapeStep(String(member))}`;
}

function detailOf(error: ErrorObject): string {
  switch (error.keyword) {
    case 'required':
    case 'dependentRequired':
      return 'is missing';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not part of the schema';
    case 'enum':
      return `must be one of ${listed(error.params.allowedValues as readonly unknown[])}`;
    case 'const':
      return `must be ${listed([error.params.allowedValue])}`;
    case 'false schema':
      return 'must not be there';
    default:
      return error.message ?? 'does not fit the schema';
  }
}

/** Values in a message, as far as they fit one. */
function listed(values: readonly unknown[]): string {
  const shown = values.slice(0, 20).map((value) => JSON.stringify(value));
  const text = shown.join(', ');
  if (text.length > 300) return `${text.slice(0, 300)}…`;
  return values.length > shown.length ? `${text}, …` : text;
}

/** Equal values print alike, whatever the order of their members. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  work(1);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
