import { nearestWord } from '../../config/nearest-word.ts';
import type { JsonSchema } from '../../model/event-type.ts';
import type { FieldError } from '../../model/problem.ts';
import { eventTypeLimits } from './limits.ts';
import { compilePattern, type LinearPattern } from './pattern.ts';
import { keywordShapes, refusedKeywords, schemaDialect } from './schema-keywords.ts';

/** The keyword that counts work; no schema of a user can have it, since it would be refused as unknown. */
export const costKeyword = '$rowhook-cost';

/** JSON nodes of a schema's own keywords that count as one step more. */
const nodesPerStep = 4;

export type GuardedSchema =
  | {
      readonly ok: true;
      readonly schema: JsonSchema;
      /** Its patterns, compiled. */
      readonly patterns: ReadonlyMap<string, LinearPattern>;
    }
  | { readonly ok: false; readonly faults: readonly FieldError[] };

/**
 * A copy of a stranger's schema that can be compiled and run in bounded time: without annotations, with
 * nothing that leads outside of it, and with a keyword in every schema that counts the work. Expects a schema
 * that the meta-schema has accepted.
 */
export function guardSchema(schema: JsonSchema): GuardedSchema {
  const guard = new SchemaGuard();
  const copy = guard.copy(schema, '', 1);
  guard.checkReferences();
  if (guard.faults.length > 0) return { ok: false, faults: guard.faults };
  return { ok: true, schema: copy as JsonSchema, patterns: guard.patterns };
}

class SchemaGuard {
  readonly faults: FieldError[] = [];
  readonly patterns = new Map<string, LinearPattern>();
  /** Pointers of every schema that was met: the only places that a `$ref` may name. */
  readonly #places = new Set<string>();
  readonly #references: Array<{ readonly pointer: string; readonly target: string }> = [];

  copy(schema: unknown, pointer: string, depth: number): unknown {
    this.#places.add(pointer);
    if (this.#places.size > eventTypeLimits.schemaNodes) {
      this.#fail('', `must have at most ${eventTypeLimits.schemaNodes} schemas inside`);
      return true;
    }
    if (depth > eventTypeLimits.schemaDepth) {
      this.#fail(pointer, `must not be nested deeper than ${eventTypeLimits.schemaDepth} schemas`);
      return true;
    }
    if (typeof schema !== 'object' || schema === null) return schema;
    const entries: Array<[string, unknown]> = [];
    let ownNodes = 0;
    for (const [keyword, value] of Object.entries(schema)) {
      const copied = this.#copyKeyword(keyword, value, pointer, depth);
      if (copied === undefined) continue;
      entries.push([keyword, copied]);
      ownNodes += keywordShapes.get(keyword) === 'plain' ? countNodes(value) : namesIn(value);
    }
    return Object.fromEntries([...entries, [costKeyword, 1 + Math.ceil(ownNodes / nodesPerStep)]]);
  }

  checkReferences(): void {
    for (const { pointer, target } of this.#references) {
      if (!this.#places.has(target)) {
        this.#fail(pointer, `must name a schema of this document, and there is none at #${target}`);
      }
    }
  }

  /** The keyword's value as it is compiled; undefined: it is left out. */
  #copyKeyword(keyword: string, value: unknown, pointer: string, depth: number): unknown {
    const place = `${pointer}/${escapeStep(keyword)}`;
    const refusal = refusedKeywords.get(keyword);
    if (refusal !== undefined) {
      this.#fail(place, refusal);
      return undefined;
    }
    switch (keywordShapes.get(keyword)) {
      case 'schema':
        return this.copy(value, place, depth + 1);
      case 'schemas':
        return (value as unknown[]).map((item, index) => this.copy(item, `${place}/${index}`, depth + 1));
      case 'named':
        return this.#copyNamed(keyword, value as object, place, depth);
      case 'plain':
        return this.#copyPlain(keyword, value, place);
      case 'annotation':
        this.#checkAnnotation(keyword, value, pointer, place);
        return undefined;
      case undefined:
        if (!keyword.startsWith('x-')) this.#fail(place, unknownKeyword(keyword));
        return undefined;
    }
  }

  #copyNamed(keyword: string, schemas: object, place: string, depth: number): unknown {
    const entries = Object.entries(schemas).map(([name, schema]): [string, unknown] => {
      const pointer = `${place}/${escapeStep(name)}`;
      if (keyword === 'patternProperties') this.#checkPattern(name, pointer);
      return [name, this.copy(schema, pointer, depth + 1)];
    });
    return Object.fromEntries(entries);
  }

  #copyPlain(keyword: string, value: unknown, place: string): unknown {
    if (keyword === 'pattern') this.#checkPattern(String(value), place);
    if (keyword === '$ref') {
      const target = localTarget(String(value));
      if (target === null) {
        this.#fail(place, 'must stay within this schema, such as #/$defs/name; nothing is fetched');
      } else this.#references.push({ pointer: place, target });
    }
    return value;
  }

  #checkAnnotation(keyword: string, value: unknown, pointer: string, place: string): void {
    if (keyword === '$id' && pointer !== '') {
      this.#fail(place, 'may stand at the top only');
    }
    if (keyword === '$schema' && String(value).replace(/#$/, '') !== schemaDialect) {
      this.#fail(place, `must be ${schemaDialect}, or be left out`);
    }
  }

  #checkPattern(source: string, place: string): void {
    if (this.patterns.has(source)) return;
    if (this.patterns.size >= eventTypeLimits.patterns) {
      this.#fail(
        place,
        `is one pattern too many: a schema may have ${eventTypeLimits.patterns} different ones`,
      );
      return;
    }
    try {
      this.patterns.set(source, compilePattern(source));
    } catch (error) {
      this.#fail(place, (error as Error).message);
    }
  }

  #fail(pointer: string, detail: string): void {
    if (this.faults.length >= eventTypeLimits.faults) return;
    if (this.faults.some((fault) => fault.pointer === pointer && fault.detail === detail)) return;
    this.faults.push({ pointer, detail });
  }
}

function unknownKeyword(keyword: string): string {
  const near = nearestWord(keyword, [...keywordShapes.keys()]);
  const meant = near === null ? '' : ` (did you mean "${near}"?)`;
  return `is no keyword of JSON Schema${meant}; keywords of your own begin with x-`;
}

/** The JSON pointer of a reference within the document; null when it leads outside. */
function localTarget(reference: string): string | null {
  if (reference === '#') return '';
  if (!reference.startsWith('#/')) return null;
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    return null;
  }
}

function namesIn(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 1;
}

function countNodes(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((count: number, member) => count + countNodes(member), 1);
}

/** A name as a step of a JSON pointer (RFC 6901). */
export function escapeStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
