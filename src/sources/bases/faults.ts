import { type FieldError, Problem, type ProblemCode } from '../../model/problem.ts';
import { limits } from './limits.ts';

/** What came of reading one input value: the value as stored (null: an empty cell), or what is wrong with it. */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: string };

export function accepted<Value>(value: Value): Reading<Value> {
  return { ok: true, value };
}

export function refused(fault: string): { readonly ok: false; readonly fault: string } {
  return { ok: false, fault };
}

/** Collects everything wrong with an input, so that the caller hears of all of it at once. */
export class Faults {
  readonly #errors: FieldError[] = [];
  #count = 0;

  add(pointer: string, detail: string): void {
    this.#count += 1;
    if (this.#errors.length < limits.faultsPerAnswer) this.#errors.push({ pointer, detail });
  }

  throwIfAny(code: ProblemCode = 'invalid-input'): void {
    const first = this.#errors[0];
    if (!first) return;
    const text = `${first.pointer}: ${first.detail}`;
    throw new Problem(
      code,
      this.#count === 1 ? text : `${this.#count} faults; the first: ${text}`,
      this.#errors,
    );
  }
}

/** One step of a JSON pointer (RFC 6901). */
export function pointerStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** `"a", "b", "c" and 7 more`, for saying what is allowed. */
export function listed(names: readonly string[], shownCount = 20): string {
  const shown = names.slice(0, shownCount).map((name) => JSON.stringify(name));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

const longestQuote = 60;

/** An input value, short enough for a message. */
export function quoted(input: unknown): string {
  if (typeof input === 'string') {
    return JSON.stringify(input.length > longestQuote ? `${input.slice(0, longestQuote)}…` : input);
  }
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'an object';
  return String(input);
}
