import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AnySchema, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { type OpenApiDocument, operationsOf } from './reference.ts';
import { type Answer, ApiUnderTest } from './testing/api-under-test.ts';
import { arbitraryOf, type Components, type JsonSchema } from './testing/arbitrary-of-schema.ts';
import { FurnishedWorkspace } from './testing/furnished-workspace.ts';

/** Requests to each route; `FUZZ_RUNS` asks for more. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 25);
/** For each route. */
const mostMs = 10_000;

const hostile = fc.constantFrom(
  ...['', ' ', '.', '..', '%', '%00', '\u0000', '\ud800', "'; DROP TABLE webhooks; --", '__proto__'],
  ...['constructor', 'null', '-1', '1e309', '9007199254740993', 'x'.repeat(300), '\r\nx: y', '🙂', '*'],
);
const text = fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 30 }));

describe('whatever is sent to the API', () => {
  let server: ApiUnderTest;
  let document: OpenApiDocument;
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  addFormats.default(ajv);
  const compiled = new Map<string, ValidateFunction>();
  let furnished: FurnishedWorkspace;
  before(async () => {
    server = await ApiUnderTest.start();
    document = (await server.call('GET', '/openapi.json')).body;
    ajv.addSchema(document as unknown as AnySchema, 'document');
    furnished = await FurnishedWorkspace.furnish(server, 'default', 'fuzzed');
  });
  after(() => server.stop());

  const schemaAt = (pointer: readonly string[]): ValidateFunction => {
    const path = pointer
      .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const known = compiled.get(path) ?? ajv.compile({ $ref: `document#/${path}` });
    compiled.set(path, known);
    return known;
  };

  const check = (method: string, path: string, answer: Answer): void => {
    const { status, headers, body } = answer;
    assert.ok(status < 500, `${status}: ${answer.text}`);
    const isProblem = status >= 400;
    const type = String(headers['content-type'] ?? '').split(';')[0] ?? '';
    if (isProblem) {
      assert.equal(type, 'application/problem+json');
      assert.equal(body.status, status);
    }
    if (status === 204 || (status >= 300 && status < 400)) return;
    const operation = document.paths[path]?.[method.toLowerCase()];
    const key = isProblem ? 'default' : String(status);
    const content = operation?.responses[key]?.content;
    assert.ok(content?.[type], `${status} with ${type} is not documented`);
    if (!/[/+]json$/.test(type)) return;
    const validate = schemaAt([
      ...['paths', path, method.toLowerCase(), 'responses', key, 'content', type, 'schema'],
    ]);
    assert.ok(validate(body), `${ajv.errorsText(validate.errors)}: ${answer.text.slice(0, 500)}`);
  };

  /** Requests to a route: mostly as its schemas want them, with something wrong here and there. */
  const requestsTo = (path: string, operation: ReturnType<typeof operationsOf>[number]['operation']) => {
    const components = document.components.schemas as Components;
    const parameters = operation.parameters ?? [];
    const names = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
    const stepAt = (name: string) =>
      fc.oneof({ weight: 5, arbitrary: fc.constant(furnished.idAt(path, name)) }, text);
    const queries = parameters
      .filter((one) => one.in === 'query')
      .map(
        ({ name, schema }) =>
          [
            name,
            fc.oneof({ weight: 5, arbitrary: queryValue(schema as JsonSchema, components) }, text),
          ] as const,
      );
    const [contentType, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
    const body = !contentType
      ? fc.constant(undefined)
      : contentType === 'application/json'
        ? fc.oneof(
            { weight: 6, arbitrary: arbitraryOf((media?.schema ?? {}) as JsonSchema, components) },
            { weight: 1, arbitrary: fc.jsonValue() },
            { weight: 1, arbitrary: fc.constant('{"__proto__": {}}') },
            { weight: 1, arbitrary: text },
          )
        : fc.string({ unit: 'binary', maxLength: 200 });
    return fc.record({
      url: fc
        .record(Object.fromEntries(names.map((name) => [name, stepAt(name)])))
        .map((steps) => path.replace(/\{([^}]+)\}/g, (_, name: string) => encode(String(steps[name])))),
      query: fc.oneof(
        { weight: 3, arbitrary: fc.record(Object.fromEntries(queries), { requiredKeys: [] }) },
        { weight: 3, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.dictionary(text, text, { maxKeys: 2 }) },
      ),
      headers: contentType ? fc.constant({ 'content-type': contentType }) : fc.constant({}),
      body,
    });
  };

  it('is answered as documented: no 5xx, every 4xx a problem, every 2xx as its schema says', async () => {
    // What deletes comes last, so that the others find something.
    const isDelete = ({ method }: { method: string }): number => (method === 'DELETE' ? 1 : 0);
    const operations = operationsOf(document).sort((one, other) => isDelete(one) - isDelete(other));
    for (const { method, path, operation } of operations) {
      const types = Object.values(operation.responses).flatMap(({ content }) => Object.keys(content ?? {}));
      // Streams do not end.
      if (types.includes('text/event-stream')) continue;
      await fc.assert(
        fc.asyncProperty(requestsTo(path, operation), async ({ url, query, headers, body }) => {
          const search = new URLSearchParams(query as Record<string, string>).toString();
          const answer = await server.call(method, search === '' ? url : `${url}?${search}`, {
            headers: headers as Record<string, string>,
            ...(body === undefined ? {} : { body }),
          });
          check(method, path, answer);
        }),
        {
          numRuns,
          interruptAfterTimeLimit: mostMs,
          markInterruptAsFailure: false,
          reporter: (run) => {
            if (run.failed) assert.fail(`${method} ${path}: ${fc.defaultReportMessage(run)}`);
          },
        },
      );
    }
  });
});

function queryValue(schema: JsonSchema | undefined, components: Components): fc.Arbitrary<string> {
  return arbitraryOf(schema ?? {}, components).map((value) =>
    typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
  );
}

/** As a client writes a step of a path, lone surrogates included. */
function encode(step: string): string {
  const encoded = encodeURIComponent(step.toWellFormed());
  return encoded === '' || /^\.+$/.test(encoded) ? '%20' : encoded;
}
