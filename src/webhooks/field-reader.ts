import { nearestWord } from '../config/nearest-word.ts';
import type { FieldError } from '../model/problem.ts';

/** Bad members that one answer names. */
const maxErrors = 50;

/**
 * Reads the members of an object that a stranger sent. A bad member is noted in `errors`, with what is
 * allowed, and read as absent, so that all mistakes are found in one pass. `null` reads as absent, too.
 */
export class FieldReader {
  readonly #members: ReadonlyMap<string, unknown>;
  readonly #pointer: string;
  readonly #errors: FieldError[];

  constructor(input: object, pointer: string, errors: FieldError[]) {
    this.#members = new Map(Object.entries(input));
    this.#pointer = pointer;
    this.#errors = errors;
  }

  /** Notes that a member is wrong. */
  fail(name: string, detail: string): void {
    this.#note(`${this.#pointer}/${escapePointer(name)}`, detail);
  }

  /** Notes that the object as a whole is wrong. */
  failWhole(detail: string): void {
    this.#note(this.#pointer, detail);
  }

  /** Refuses members that are neither known nor, with a reason of their own, read-only. */
  allowOnly(known: readonly string[], readOnly: readonly string[] = []): void {
    for (const name of this.#members.keys()) {
      if (known.includes(name)) continue;
      if (readOnly.includes(name)) {
        this.fail(name, 'is read-only; leave it out');
        continue;
      }
      const near = nearestWord(name, known);
      const meant = near === null ? '' : ` (did you mean "${near}"?)`;
      this.fail(name, `is not a known field${meant}; allowed: ${known.join(', ')}`);
    }
  }

  /** The member as it is; undefined when it is absent or null. */
  raw(name: string): unknown {
    return this.#members.get(name) ?? undefined;
  }

  /** Whether the member is there, be it null. */
  has(name: string): boolean {
    return this.#members.has(name);
  }

  text(name: string, minimum: number, maximum: number): string | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') return this.#wrong(name, `must be a text, not ${shown(value)}`);
    if (value.length < minimum) {
      return this.#wrong(
        name,
        minimum === 1 ? 'must not be empty' : `must have at least ${minimum} characters`,
      );
    }
    if (value.length > maximum) return this.#wrong(name, `must have at most ${maximum} characters`);
    return value;
  }

  word<const Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const found = words.find((word) => word === value);
    return found ?? this.#wrong(name, `must be one of ${words.join(', ')}, not ${shown(value)}`);
  }

  flag(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'boolean') return value;
    return this.#wrong(name, `must be true or false, not ${shown(value)}`);
  }

  number(name: string, minimum: number, maximum: number): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= minimum && value <= maximum) return value;
    return this.#wrong(name, `must be a number from ${minimum} to ${maximum}, not ${shown(value)}`);
  }

  wholeNumber(name: string, minimum: number, maximum: number): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum) {
      return value as number;
    }
    return this.#wrong(name, `must be a whole number from ${minimum} to ${maximum}, not ${shown(value)}`);
  }

  /** A list whose items `fault` finds nothing wrong with. */
  list<Item>(
    name: string,
    minimum: number,
    maximum: number,
    fault: (item: unknown) => string | null,
  ): readonly Item[] | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.#wrong(name, `must be a list, not ${shown(value)}`);
    if (value.length < minimum) return this.#wrong(name, 'must not be empty');
    if (value.length > maximum)
      return this.#wrong(name, `must have at most ${maximum} items, not ${value.length}`);
    let good = true;
    for (const [index, item] of value.entries()) {
      const detail = fault(item);
      if (detail === null) continue;
      good = false;
      this.#below(name).fail(String(index), detail);
    }
    return good ? (value as Item[]) : undefined;
  }

  /** A list of different texts. */
  texts(
    name: string,
    minimum: number,
    maximum: number,
    fault: (item: string) => string | null,
  ): readonly string[] | undefined {
    const seen = new Set<unknown>();
    return this.list<string>(name, minimum, maximum, (item) => {
      if (typeof item !== 'string') return `must be a text, not ${shown(item)}`;
      if (seen.has(item)) return `must not be there twice: ${shown(item)}`;
      seen.add(item);
      return fault(item);
    });
  }

  /** The reader of a member that must be an object. */
  object(name: string): FieldReader | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    return isObject(value)
      ? this.#below(name, value)
      : this.#wrong(name, `must be an object, not ${shown(value)}`);
  }

  entries(): Iterable<[string, unknown]> {
    return this.#members.entries();
  }

  get size(): number {
    return this.#members.size;
  }

  #note(pointer: string, detail: string): void {
    if (this.#errors.length < maxErrors) this.#errors.push({ pointer, detail });
  }

  #below(name: string, value: object = {}): FieldReader {
    return new FieldReader(value, `${this.#pointer}/${escapePointer(name)}`, this.#errors);
  }

  #wrong(name: string, detail: string): undefined {
    this.fail(name, detail);
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value in an error message: short, and never a whole document. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** A name as a step of a JSON pointer (RFC 6901). */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
