/** How the value of a keyword is to be read: where schemas are inside it. */
export type KeywordShape = 'schema' | 'schemas' | 'named' | 'plain' | 'annotation';

/** The keywords of JSON Schema 2020-12 that a schema may have, and those of OpenAPI that only annotate. */
export const keywordShapes: ReadonlyMap<string, KeywordShape> = new Map<string, KeywordShape>([
  ...shaped('schema', [
    'not',
    'if',
    'then',
    'else',
    'items',
    'contains',
    'additionalProperties',
    'propertyNames',
    'unevaluatedItems',
    'unevaluatedProperties',
  ]),
  ...shaped('schemas', ['allOf', 'anyOf', 'oneOf', 'prefixItems']),
  ...shaped('named', ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions']),
  ...shaped('plain', [
    'type',
    'enum',
    'const',
    'multipleOf',
    'maximum',
    'exclusiveMaximum',
    'minimum',
    'exclusiveMinimum',
    'maxLength',
    'minLength',
    'pattern',
    'maxItems',
    'minItems',
    'uniqueItems',
    'maxContains',
    'minContains',
    'maxProperties',
    'minProperties',
    'required',
    'dependentRequired',
    'format',
    '$ref',
  ]),
  ...shaped('annotation', [
    '$schema',
    '$id',
    '$comment',
    'title',
    'description',
    'default',
    'deprecated',
    'readOnly',
    'writeOnly',
    'examples',
    'contentEncoding',
    'contentMediaType',
    'contentSchema',
    'example',
    'discriminator',
    'externalDocs',
    'xml',
  ]),
]);

/** Keywords that are refused, and what to do instead. */
export const refusedKeywords: ReadonlyMap<string, string> = new Map([
  ['$anchor', 'is not supported; refer to a place by its path, such as #/$defs/name'],
  ['$dynamicAnchor', 'is not supported; refer to a place by its path with $ref'],
  ['$dynamicRef', 'is not supported; use $ref'],
  ['$recursiveRef', 'is not supported; use $ref'],
  ['$recursiveAnchor', 'is not supported; use $ref'],
  ['$vocabulary', 'is not supported'],
  ['id', 'is no keyword of JSON Schema 2020-12; leave it out'],
  ['nullable', 'is no keyword of JSON Schema 2020-12; use "type": ["string", "null"] or the like'],
  ['dependencies', 'is no keyword of JSON Schema 2020-12; use dependentRequired or dependentSchemas'],
  ['additionalItems', 'is no keyword of JSON Schema 2020-12; use prefixItems and items'],
]);

export const schemaDialect = 'https://json-schema.org/draft/2020-12/schema';

function shaped(shape: KeywordShape, names: readonly string[]): Array<[string, KeywordShape]> {
  return names.map((name) => [name, shape]);
}
