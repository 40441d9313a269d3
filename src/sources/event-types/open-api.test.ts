import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readOpenApi } from './open-api.ts';
import { compileSchema } from './schema.ts';

const json = (schema: object, more: object = {}) => ({
  requestBody: { content: { 'application/json': { schema, ...more } } },
});
const documentOf = (webhooks: object, components: object = {}) => ({
  openapi: '3.1.0',
  webhooks,
  components,
});

function read(document: object, bodies: 'data' | 'standard' = 'data') {
  const candidates = readOpenApi(document as Record<string, unknown>, bodies);
  if (!Array.isArray(candidates)) assert.fail(JSON.stringify(candidates));
  return candidates;
}

describe('event types from an OpenAPI document', () => {
  it('have what the operation says of them', () => {
    const post = {
      summary: 'Invoice paid',
      description: 'A customer paid.',
      tags: ['billing', 'No Group!'],
      deprecated: true,
      ...json({ type: 'object' }, { example: { number: 'A-1' } }),
    };
    assert.deepEqual(read(documentOf({ 'invoice.paid': { post } })), [
      {
        pointer: '/webhooks/invoice.paid',
        name: 'invoice.paid',
        given: {
          description: 'Invoice paid\n\nA customer paid.',
          groups: ['billing'],
          deprecated: true,
          archived: false,
          schema: { type: 'object' },
          example: { number: 'A-1' },
        },
        faults: [],
        notes: ['The tag "No Group!" is no name of a group, and was left out.'],
      },
    ]);
  });

  it('bring along the components that they refer to, and what those refer to', () => {
    const schemas = {
      Invoice: {
        type: 'object',
        properties: { lines: { type: 'array', items: { $ref: '#/components/schemas/Line' } } },
      },
      Line: {
        type: 'object',
        properties: { text: { type: 'string' }, parts: { items: { $ref: '#/components/schemas/Line' } } },
      },
      Unused: { type: 'number' },
    };
    const [candidate] = read(
      documentOf({ 'invoice.paid': { post: json({ $ref: '#/components/schemas/Invoice' }) } }, { schemas }),
    );
    const schema = candidate?.given.schema;
    assert.ok(schema);
    assert.equal(schema.$ref, '#/$defs/Invoice');
    assert.deepEqual(Object.keys(schema.$defs as object).sort(), ['Invoice', 'Line']);
    const compiled = compileSchema(schema);
    assert.ok(compiled.ok, JSON.stringify(compiled));
    assert.equal(compiled.check({ lines: [{ text: 'a', parts: [{ text: 'b' }] }] }, 100), null);
    assert.deepEqual(
      compiled.check({ lines: [{ text: 'a', parts: [{ text: 1 }] }] }, 100)?.map(({ pointer }) => pointer),
      ['/lines/0/parts/0/text'],
    );
  });

  it('are the data inside of the standard body, where the bodies are that', () => {
    const body = {
      type: 'object',
      properties: { type: { type: 'string' }, timestamp: {}, data: { $ref: '#/components/schemas/Paid' } },
    };
    const schemas = { Body: body, Paid: { type: 'object', required: ['number'] } };
    const example = { type: 'invoice.paid', timestamp: '', data: { number: 'A-1' } };
    for (const schema of [body, { $ref: '#/components/schemas/Body' }]) {
      const document = documentOf({ 'invoice.paid': { post: json(schema, { example }) } }, { schemas });
      const [candidate] = read(document, 'standard');
      assert.deepEqual(candidate?.given.example, { number: 'A-1' });
      const compiled = compileSchema(candidate?.given.schema ?? {});
      assert.ok(compiled.ok);
      assert.deepEqual(
        compiled.check({}, 2)?.map(({ pointer }) => pointer),
        ['/number'],
      );
    }
    const [refused] = read(documentOf({ a: { post: json({ type: 'object' }) } }), 'standard');
    assert.match(refused?.faults[0]?.detail ?? '', /has no property `data`/);
  });

  it('take their example from wherever there is one', () => {
    const exampleOf = (schema: object, more: object = {}, components: object = {}) =>
      read(documentOf({ a: { post: json(schema, more) } }, components))[0]?.given.example;
    assert.deepEqual(exampleOf({}, { examples: { one: { value: { a: 1 } }, two: { value: { a: 2 } } } }), {
      a: 1,
    });
    assert.deepEqual(exampleOf({ examples: [{ a: 3 }] }), { a: 3 });
    assert.deepEqual(exampleOf({ example: { a: 4 } }), { a: 4 });
    const components = { schemas: { S: { example: { a: 5 } } }, examples: { E: { value: { a: 6 } } } };
    assert.deepEqual(exampleOf({ $ref: '#/components/schemas/S' }, {}, components), { a: 5 });
    const reference = { examples: { e: { $ref: '#/components/examples/E' } } };
    assert.deepEqual(exampleOf({}, reference, components), { a: 6 });
    assert.equal(exampleOf({ example: 'text' }), null);
  });

  it('follow references to path items and request bodies', () => {
    const document = {
      openapi: '3.2.0',
      webhooks: { 'a.b': { $ref: '#/components/pathItems/Hook' } },
      components: {
        pathItems: { Hook: { post: { requestBody: { $ref: '#/components/requestBodies/Body' } } } },
        requestBodies: {
          Body: { content: { 'application/vnd.api+json; charset=utf-8': { schema: { type: 'object' } } } },
        },
      },
    };
    assert.deepEqual(read(document)[0]?.given.schema, { type: 'object' });
  });

  it('say what is missing', () => {
    const document = documentOf({
      none: {},
      outside: { $ref: 'https://example.com/hook' },
      circle: { $ref: '#/webhooks/circle' },
      bodiless: { post: { summary: 'Ping' } },
      xml: { post: { requestBody: { content: { 'application/xml': {} } } } },
    });
    const [none, outside, circle, bodiless, xml] = read(document);
    for (const candidate of [none, outside, circle]) assert.equal(candidate?.faults.length, 1);
    assert.deepEqual(bodiless?.notes, ['It has no request body, and so no schema.']);
    assert.deepEqual(xml?.notes, ['Its request body is not JSON, and so has no schema.']);
  });

  it('need a document that can have them', () => {
    const fault = (document: object) => {
      const found = readOpenApi(document as Record<string, unknown>, 'data');
      return 'pointer' in found ? found.pointer : null;
    };
    assert.equal(fault({ swagger: '2.0' }), '/openapi');
    assert.equal(fault({ openapi: '3.0.3', webhooks: {} }), '/openapi');
    assert.equal(fault({ openapi: '3.1.0' }), '/webhooks');
    assert.equal(fault({ openapi: '3.1.0', webhooks: {} }), null);
  });

  it('are read without a fault of our own, whatever the document is', () => {
    const word = fc.constantFrom(
      'post',
      '$ref',
      'requestBody',
      'content',
      'application/json',
      'schema',
      'examples',
      'value',
    );
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 7 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.constantFrom('#/webhooks/a', '#/components/schemas/A', '#/%'),
        tie('object'),
      ),
      object: fc.dictionary(word, tie('any'), { maxKeys: 3 }),
    }));
    fc.assert(
      fc.property(any, any, (webhook, schema) => {
        const document = documentOf({ a: webhook as object }, { schemas: { A: schema } });
        for (const bodies of ['data', 'standard'] as const) readOpenApi(document, bodies);
      }),
      { numRuns: 500 },
    );
  });
});
