import type { EventTypeDefinition, JsonSchema } from '../../model/event-type.ts';
import type { FieldError } from '../../model/problem.ts';
import { faultOfGroup } from './names.ts';
import { escapeStep } from './schema-guard.ts';

/** What the request bodies of a document are: the data of the event alone, or the standard body around it. */
export type DocumentBodies = 'data' | 'standard';

/** An event type as a source has it: what it says, and what cannot be read. */
export interface ImportCandidate {
  /** Where it stands in the source. */
  readonly pointer: string;
  readonly name: string;
  /** What the source says; the rest stays as it is. */
  readonly given: Partial<EventTypeDefinition>;
  readonly faults: readonly FieldError[];
  /** What was left out. */
  readonly notes: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

const componentSchemas = '#/components/schemas/';
/** References that lead to references, at most. */
const referenceHops = 10;

/**
 * The event types in the `webhooks` section of an OpenAPI document (3.1 or later). A fault of the document as
 * a whole is a candidate's that has no name.
 */
export function readOpenApi(document: Json, bodies: DocumentBodies): readonly ImportCandidate[] | FieldError {
  const { openapi, webhooks } = document;
  if (typeof openapi !== 'string' || !/^3\.[1-9]/.test(openapi)) {
    return {
      pointer: '/openapi',
      detail: 'must be 3.1 or later: only there do documents have a `webhooks` section',
    };
  }
  if (!isObject(webhooks)) return { pointer: '/webhooks', detail: 'is missing, or no object' };
  return Object.keys(webhooks).map((name) => new WebhookReader(document, name, bodies).read());
}

/** Reads one entry of the `webhooks` section. */
class WebhookReader {
  readonly #document: Json;
  readonly #name: string;
  readonly #bodies: DocumentBodies;
  readonly #pointer: string;
  readonly #faults: FieldError[] = [];
  readonly #notes: string[] = [];

  constructor(document: Json, name: string, bodies: DocumentBodies) {
    this.#document = document;
    this.#name = name;
    this.#bodies = bodies;
    this.#pointer = `/webhooks/${escapeStep(name)}`;
  }

  read(): ImportCandidate {
    const item = this.#resolve((this.#document.webhooks as Json)[this.#name], this.#pointer);
    const operation = item && this.#resolve(item.post ?? item.put, `${this.#pointer}/post`);
    const given = operation ? this.#definition(operation, item) : {};
    return {
      pointer: this.#pointer,
      name: this.#name,
      given,
      faults: this.#faults,
      notes: this.#notes,
    };
  }

  #definition(operation: Json, item: Json): Partial<EventTypeDefinition> {
    const texts = [operation.summary ?? item.summary, operation.description ?? item.description];
    const description = texts.filter((text) => typeof text === 'string' && text !== '').join('\n\n');
    const media = this.#media(operation);
    const schema = media && this.#schema(media);
    const example = media && this.#example(media, schema ?? null);
    return {
      ...(description === '' ? {} : { description }),
      groups: this.#groups(operation.tags),
      deprecated: operation.deprecated === true,
      archived: false,
      schema: schema ?? null,
      example: example ?? null,
    };
  }

  #media(operation: Json): Json | null {
    const place = `${this.#pointer}/post/requestBody`;
    if (operation.requestBody === undefined) {
      this.#notes.push('It has no request body, and so no schema.');
      return null;
    }
    const body = this.#resolve(operation.requestBody, place);
    const content = body && isObject(body.content) ? body.content : {};
    const type = Object.keys(content).find((name) => /^application\/([\w.-]+\+)?json\b/.test(name));
    if (type === undefined) {
      this.#notes.push('Its request body is not JSON, and so has no schema.');
      return null;
    }
    return this.#resolve(content[type], `${place}/content/${escapeStep(type)}`);
  }

  #schema(media: Json): JsonSchema | null {
    if (!isObject(media.schema)) return null;
    const found = new Map<string, JsonSchema>();
    const gathered = this.#gather(media.schema, found);
    const schema = this.#bodies === 'standard' ? this.#dataOf(gathered, found) : gathered;
    if (schema === null || found.size === 0) return schema;
    const own = isObject(schema.$defs) ? schema.$defs : {};
    return { ...schema, $defs: { ...own, ...Object.fromEntries(found) } };
  }

  /** The schema of `data` inside that of the standard body. */
  #dataOf(schema: JsonSchema, found: ReadonlyMap<string, JsonSchema>): JsonSchema | null {
    const name = typeof schema.$ref === 'string' ? schema.$ref.replace('#/$defs/', '') : null;
    const body = name === null ? schema : found.get(name);
    const data = isObject(body?.properties) ? body.properties.data : undefined;
    if (isObject(data)) return data;
    this.#faults.push({
      pointer: `${this.#pointer}/post/requestBody`,
      detail: 'has no property `data`, as the standard body has; are the bodies the data alone?',
    });
    return null;
  }

  /** The schema with its references to components led to `$defs`; what they name comes into `found`. */
  #gather(schema: JsonSchema, found: Map<string, JsonSchema>): JsonSchema {
    const visit = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(visit);
      if (!isObject(value)) return value;
      const copy = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, visit(member)]));
      if (typeof value.$ref === 'string') copy.$ref = this.#gatherReference(value.$ref, found);
      return copy;
    };
    return visit(schema) as JsonSchema;
  }

  #gatherReference(reference: string, found: Map<string, JsonSchema>): string {
    if (!reference.startsWith(componentSchemas)) return reference;
    const [name = '', ...rest] = reference.slice(componentSchemas.length).split('/');
    const target = at(this.#document, ['components', 'schemas', unescapeStep(name)]);
    if (isObject(target) && !found.has(unescapeStep(name))) {
      // Before it is gathered: it may refer to itself.
      found.set(unescapeStep(name), {});
      found.set(unescapeStep(name), this.#gather(target, found));
    }
    return ['#/$defs', name, ...rest].join('/');
  }

  #example(media: Json, schema: JsonSchema | null): Json | null {
    const named = isObject(media.examples) ? Object.values(media.examples)[0] : undefined;
    const example = named === undefined ? null : this.#resolve(named, `${this.#pointer}/post/requestBody`);
    const candidates = [media.example, example?.value, ...examplesOf(schema)];
    const value = candidates.find((candidate) => candidate !== undefined);
    if (value === undefined) return null;
    const isOfSchema = media.example === undefined && example?.value === undefined;
    const data = this.#bodies === 'standard' && !isOfSchema && isObject(value) ? value.data : value;
    if (isObject(data)) return data;
    this.#notes.push('Its example is no object, and was left out.');
    return null;
  }

  #groups(tags: unknown): readonly string[] {
    const names = Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
    const groups = [...new Set(names)].filter((name) => faultOfGroup(name) === null);
    for (const name of names) {
      if (faultOfGroup(name) !== null)
        this.#notes.push(`The tag "${name}" is no name of a group, and was left out.`);
    }
    return groups;
  }

  /** What stands in a place, references followed; null when it is no object. */
  #resolve(value: unknown, pointer: string): Json | null {
    let current = value;
    for (let hop = 0; hop < referenceHops; hop++) {
      if (!isObject(current)) break;
      if (typeof current.$ref !== 'string') return current;
      const steps = current.$ref.startsWith('#/') ? current.$ref.slice(2).split('/').map(unescapeStep) : null;
      current = steps && at(this.#document, steps);
    }
    this.#faults.push({ pointer, detail: 'is missing, no object, or refers to what is not in the document' });
    return null;
  }
}

function examplesOf(schema: JsonSchema | null): unknown[] {
  if (schema === null) return [];
  const { example, examples, $ref, $defs } = schema;
  const list = Array.isArray(examples) ? examples : [];
  const name = typeof $ref === 'string' && $ref.startsWith('#/$defs/') ? $ref.slice('#/$defs/'.length) : null;
  const target = name !== null && isObject($defs) ? $defs[name] : undefined;
  const own = [example, ...list].filter((value) => value !== undefined);
  return own.length > 0 || !isObject(target) ? own : [target.example, ...listOf(target.examples)];
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function at(document: Json, steps: readonly string[]): unknown {
  let current: unknown = document;
  for (const step of steps) {
    if (!isObject(current) || !Object.hasOwn(current, step)) return undefined;
    current = current[step];
  }
  return current;
}

function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
