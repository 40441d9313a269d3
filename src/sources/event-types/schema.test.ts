import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { JsonSchema } from '../../model/event-type.ts';
import { eventTypeLimits } from './limits.ts';
import { compileSchema } from './schema.ts';

const refusals = (schema: JsonSchema): string[] => {
  const compiled = compileSchema(schema);
  return compiled.ok ? [] : compiled.faults.map(({ pointer, detail }) => `${pointer} ${detail}`);
};

const faultsOf = (schema: JsonSchema, data: unknown): string[] => {
  const compiled = compileSchema(schema);
  assert.ok(compiled.ok, JSON.stringify(compiled));
  const faults = compiled.check(data, JSON.stringify(data).length);
  return (faults ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
};

/** A schema that refers to the next one twice, and so on: small to write, and without end to evaluate. */
function doubling(levels: number, last: JsonSchema): JsonSchema {
  const $defs: Record<string, JsonSchema> = { [`a${levels}`]: last };
  for (let level = 0; level < levels; level++) {
    const $ref = `#/$defs/a${level + 1}`;
    $defs[`a${level}`] = { allOf: [{ $ref }, { $ref }] };
  }
  return { $ref: '#/$defs/a0', $defs };
}

describe('the schema of an event type', () => {
  const invoice: JsonSchema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://example.com/invoice',
    title: 'Invoice',
    type: 'object',
    required: ['number', 'lines'],
    additionalProperties: false,
    properties: {
      number: { type: 'string', pattern: '^[A-Z]{1,3}-\\d+$', examples: ['A-17'] },
      due: { type: 'string', format: 'date' },
      state: { enum: ['open', 'paid'] },
      lines: { type: 'array', items: { $ref: '#/$defs/line' }, minItems: 1, uniqueItems: true },
    },
    $defs: {
      line: {
        type: 'object',
        properties: {
          text: { type: ['string', 'null'] },
          parts: { type: 'array', items: { $ref: '#/$defs/line' } },
        },
        required: ['text'],
        unevaluatedProperties: false,
      },
    },
    'x-owner': { team: 'billing' },
  };

  it('lets data that fits pass', () => {
    const data = {
      number: 'AB-1',
      due: '2026-01-31',
      state: 'paid',
      lines: [{ text: 'a', parts: [{ text: null }] }, { text: 'b' }],
    };
    assert.deepEqual(faultsOf(invoice, data), []);
  });

  it('names every place where data does not fit', () => {
    const data = {
      number: 'xAB-1',
      due: '31.1.2026',
      state: 'late',
      lines: [{ text: 1 }, { txet: 'a', 'a/b': 1 }],
      more: 1,
    };
    assert.deepEqual(faultsOf(invoice, data).sort(), [
      '/due must match format "date"',
      '/lines/0/text must be string,null',
      '/lines/1/a~1b is not part of the schema',
      '/lines/1/text is missing',
      '/lines/1/txet is not part of the schema',
      '/more is not part of the schema',
      '/number must match pattern "^[A-Z]{1,3}-\\d+$"',
      '/state must be one of "open", "paid"',
    ]);
    assert.deepEqual(faultsOf(invoice, {}), ['/number is missing', '/lines is missing']);
  });

  it('may be a draft 2020-12 in all its keywords', () => {
    const schema: JsonSchema = {
      type: 'object',
      properties: {
        kind: { const: 'card' },
        list: { prefixItems: [{ type: 'number' }], items: false, contains: { minimum: 5 }, maxContains: 1 },
      },
      patternProperties: { '^n_': { type: 'number', multipleOf: 2 } },
      propertyNames: { maxLength: 10 },
      dependentRequired: { list: ['kind'] },
      dependentSchemas: { kind: { minProperties: 2 } },
      if: { properties: { kind: { const: 'card' } }, required: ['kind'] },
      // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema.
      then: { required: ['n_card'] },
      else: { not: { required: ['n_card'] } },
      anyOf: [{ required: ['kind'] }, { required: ['list'] }],
      unevaluatedProperties: false,
    };
    assert.deepEqual(faultsOf(schema, { kind: 'card', n_card: 2, list: [5] }), []);
    assert.notDeepEqual(faultsOf(schema, { kind: 'card' }), []);
    assert.notDeepEqual(faultsOf(schema, { kind: 'card', n_card: 3 }), []);
    assert.notDeepEqual(faultsOf(schema, { kind: 'card', n_card: 2, list: [5, 6] }), []);
    assert.notDeepEqual(faultsOf(schema, { kind: 'card', n_card: 2, other: 1 }), []);
    assert.notDeepEqual(faultsOf(schema, { list: [5] }), []);
    assert.notDeepEqual(faultsOf(schema, { kind: 'card', n_card: 2, n_very_long_name: 2 }), []);
  });

  it('finds equal items that are written differently', () => {
    const schema: JsonSchema = { properties: { list: { uniqueItems: true } } };
    assert.deepEqual(
      faultsOf(schema, {
        list: [
          { a: 1, b: [2] },
          { b: [2], a: 1 },
        ],
      }),
      ['/list must not have the same item twice'],
    );
    assert.deepEqual(faultsOf(schema, { list: [1, '1', null, 'null', [1], { 0: 1 }] }), []);
  });

  const table: Array<[string, JsonSchema, string[]]> = [
    [
      'a word that is no type',
      { type: 'strin' },
      [
        '/type must be one of "array", "boolean", "integer", "null", "number", "object", "string"',
        '/type must be array',
        '/type must match a schema in anyOf',
      ],
    ],
    [
      'a keyword that is none',
      { propertis: {} },
      [
        '/propertis is no keyword of JSON Schema (did you mean "properties"?); keywords of your own begin with x-',
      ],
    ],
    [
      'a keyword that is none, deep inside',
      { items: { 'a/b': 1 } },
      ['/items/a~1b is no keyword of JSON Schema; keywords of your own begin with x-'],
    ],
    [
      'an older draft',
      { $schema: 'http://json-schema.org/draft-07/schema#' },
      ['/$schema must be https://json-schema.org/draft/2020-12/schema, or be left out'],
    ],
    [
      'nullable',
      { properties: { a: { nullable: true } } },
      [
        '/properties/a/nullable is no keyword of JSON Schema 2020-12; use "type": ["string", "null"] or the like',
      ],
    ],
    [
      'a reference elsewhere',
      { $ref: 'https://example.com/schema' },
      ['/$ref must stay within this schema, such as #/$defs/name; nothing is fetched'],
    ],
    [
      'a reference to a file',
      { properties: { a: { $ref: 'other.json#/a' } } },
      ['/properties/a/$ref must stay within this schema, such as #/$defs/name; nothing is fetched'],
    ],
    [
      'a reference to nothing',
      { $ref: '#/$defs/a' },
      ['/$ref must name a schema of this document, and there is none at #/$defs/a'],
    ],
    [
      'a reference to what is no schema',
      { $ref: '#/enum/0', enum: [{}] },
      ['/$ref must name a schema of this document, and there is none at #/enum/0'],
    ],
    ['an id inside', { properties: { a: { $id: 'b' } } }, ['/properties/a/$id may stand at the top only']],
    [
      'a pattern that does not parse',
      { pattern: '(' },
      [
        '/pattern is no regular expression that can be checked in bounded time: missing closing ): `(`; look-arounds and references back are not supported',
      ],
    ],
    [
      'a look-ahead',
      { pattern: '^(?=a)b' },
      [
        '/pattern is no regular expression that can be checked in bounded time: invalid or unsupported Perl syntax: `(?=`; look-arounds and references back are not supported',
      ],
    ],
    [
      'a pattern without end',
      { patternProperties: { ['a'.repeat(501)]: true } },
      [`/patternProperties/${'a'.repeat(501)} must have at most 500 characters`],
    ],
    [
      'more text than is taken',
      { description: 'x'.repeat(64 * 1024) },
      [` must have at most ${64 * 1024} bytes as JSON`],
    ],
    ['nesting without end', nested(40), [`${'/not'.repeat(32)} must not be nested deeper than 32 schemas`]],
    [
      'more schemas than are taken',
      { prefixItems: Array.from({ length: 1_001 }, () => ({})) },
      [' must have at most 1000 schemas inside'],
    ],
  ];
  for (const [what, schema, expected] of table) {
    it(`is refused for ${what}`, () => assert.deepEqual(refusals(schema).sort(), expected.toSorted()));
  }

  it('checks within bounds, however it multiplies itself', () => {
    assert.deepEqual(faultsOf(doubling(10, { type: 'object' }), {}), []);
    assert.deepEqual(faultsOf(doubling(60, { type: 'object' }), {}), [
      ' takes too much work to check against the schema',
    ]);
    const twice = { $ref: '#' };
    const deep = { properties: { a: { allOf: [twice, twice] } } };
    let data: unknown = {};
    for (let level = 0; level < 60; level++) data = { a: data };
    assert.deepEqual(faultsOf(deep, data), [' takes too much work to check against the schema']);
  });

  it('checks within bounds when it refers to itself', () => {
    assert.deepEqual(faultsOf({ allOf: [{ $ref: '#' }] }, {}), [
      ' takes too much work to check against the schema',
    ]);
    assert.deepEqual(faultsOf({ anyOf: [{ $ref: '#/$defs/a' }], $defs: { a: { $ref: '#' } } }, {}), [
      ' takes too much work to check against the schema',
    ]);
  });

  it('checks within bounds whatever its patterns are', () => {
    const schema = { properties: { text: { pattern: '^(a+)+$' } } };
    assert.deepEqual(faultsOf(schema, { text: 'a'.repeat(50_000) }), []);
    assert.deepEqual(faultsOf(schema, { text: `${'a'.repeat(50_000)}!` }), [
      '/text must match pattern "^(a+)+$"',
    ]);
    const patterns = Array.from({ length: 50 }, (_, index) => ({ pattern: `^(a|b){1,${index + 1}}c` }));
    assert.deepEqual(faultsOf({ properties: { text: { allOf: patterns } } }, { text: 'a'.repeat(50_000) }), [
      ' takes too much work to check against the schema',
    ]);
  });

  it('takes the size of the data into account', () => {
    const schema = {
      properties: {
        list: { items: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'string' } } } },
      },
    };
    const list = Array.from({ length: 8_000 }, (_, a) => ({ a, b: `number ${a}` }));
    assert.deepEqual(faultsOf(schema, { list }), []);
  });

  it('names some faults of very many', () => {
    const list = Array.from({ length: 1_000 }, () => 'no number');
    const faults = faultsOf({ properties: { list: { items: { type: 'number' } } } }, { list });
    assert.equal(faults.length, eventTypeLimits.faults);
  });

  it('answers something to whatever is sent, and never throws', () => {
    const word = fc.constantFrom(
      'type',
      'properties',
      'items',
      '$ref',
      'allOf',
      'enum',
      'pattern',
      '__proto__',
      'if',
    );
    const schema = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue(),
        fc.constantFrom('#', 'string', 'number', '#/items'),
        tie('object'),
        fc.array(tie('any'), { maxLength: 3 }),
      ),
      object: fc.dictionary(word, tie('any'), { maxKeys: 4 }),
    })).object as fc.Arbitrary<JsonSchema>;
    fc.assert(
      fc.property(schema, fc.jsonValue(), (given, data) => {
        const compiled = compileSchema(given);
        if (compiled.ok) compiled.check(data, JSON.stringify(data).length);
        else assert.ok(compiled.faults.length > 0);
      }),
      { numRuns: 500 },
    );
  });
});

function nested(levels: number): JsonSchema {
  let schema: JsonSchema = {};
  for (let level = 0; level < levels; level++) schema = { not: schema };
  return schema;
}
