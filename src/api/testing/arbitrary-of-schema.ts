import fc from 'fast-check';

/** What of a JSON Schema the API's own schemas use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export type Components = Readonly<Record<string, JsonSchema>>;

const mostItems = 3;
const mostCharacters = 40;
const deepest = 4;

/** Values that fit a schema, or nearly so: what only its `pattern` or `format` says is kept to most of the time. */
export function arbitraryOf(schema: JsonSchema, components: Components, depth = 0): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    return arbitraryOf(components[name] ?? {}, components, depth);
  }
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.anyOf !== undefined) {
    return fc.oneof(...schema.anyOf.map((one) => arbitraryOf(one, components, depth)));
  }
  if (depth >= deepest) return fc.constant(null);
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  if (types.length === 0) return fc.jsonValue({ maxDepth: 2 });
  return fc.oneof(...types.map((type) => ofType(type, schema, components, depth)));
}

function ofType(
  type: string,
  schema: JsonSchema,
  components: Components,
  depth: number,
): fc.Arbitrary<unknown> {
  const { minimum = -1_000_000, maximum = 1_000_000 } = schema;
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: Math.ceil(minimum), max: Math.floor(Math.max(minimum, maximum)) });
    case 'number':
      return fc.double({ min: minimum, max: Math.max(minimum, maximum), noNaN: true });
    case 'array':
      return fc.array(arbitraryOf(schema.items ?? {}, components, depth + 1), {
        minLength: Math.min(schema.minItems ?? 0, mostItems),
        maxLength: Math.min(schema.maxItems ?? mostItems, mostItems),
      });
    case 'object':
      return objectOf(schema, components, depth);
    default:
      return textOf(schema);
  }
}

function objectOf(schema: JsonSchema, components: Components, depth: number): fc.Arbitrary<unknown> {
  const { properties, additionalProperties, required = [] } = schema;
  if (properties === undefined) {
    const member =
      typeof additionalProperties === 'object'
        ? arbitraryOf(additionalProperties, components, depth + 1)
        : fc.jsonValue({ maxDepth: 2 });
    return fc.dictionary(fc.string({ maxLength: 10 }), member, { maxKeys: mostItems });
  }
  const members = Object.entries(properties).map(
    ([name, member]) => [name, arbitraryOf(member, components, depth + 1)] as const,
  );
  const known = required.filter((name) => name in properties);
  return fc.record(Object.fromEntries(members), { requiredKeys: known });
}

function textOf({
  format,
  pattern,
  minLength = 0,
  maxLength = mostCharacters,
}: JsonSchema): fc.Arbitrary<string> {
  const most = Math.max(minLength, Math.min(maxLength, mostCharacters));
  const plain = fc.string({ unit: 'grapheme', minLength: Math.min(minLength, most), maxLength: most });
  if (format === 'date-time') {
    const time = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') });
    return fc.oneof({ weight: 5, arbitrary: time.map((date) => date.toISOString()) }, plain);
  }
  if (pattern !== undefined && !/\\p\{/.test(pattern)) {
    return fc.oneof(
      { weight: 5, arbitrary: fc.stringMatching(new RegExp(pattern), { size: 'small' }) },
      plain,
    );
  }
  return plain;
}
