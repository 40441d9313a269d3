import {
  type ASTNode,
  EvaluationError,
  ParseError,
  type ParseResult,
  TypeError as TypeMismatch,
} from '@marcbachmann/cel-js';
import type { JournalEvent } from '../model/event.ts';
import { type FilterContext, filterContextOf } from './filter-context.ts';
import { childrenOf, guarded, Refusal } from './filter-guard.ts';
import { guardedLanguage, language, meter } from './filter-language.ts';
import { filterLimits } from './filter-limits.ts';

export type FilterCompilation =
  | { readonly ok: true; readonly filter: Filter }
  | {
      readonly ok: false;
      /** What is wrong, for a person. */
      readonly message: string;
      /** How many characters of the expression come before it. */
      readonly position: number;
    };

/** What an expression says to an event; `error` tells why it says nothing. */
export type FilterAnswer = boolean | { readonly error: string };

/** A column that an expression names, as `record.Status` or `previous["Due date"]` does. */
export interface NamedColumn {
  readonly name: string;
  readonly position: number;
}

/** A filter expression that has been checked and can be asked. */
export class Filter {
  readonly #evaluate: (context: FilterContext) => unknown;
  /** Every column named in the expression by a constant, so that it can be checked against a table. */
  readonly columns: readonly NamedColumn[];

  constructor(evaluate: (context: FilterContext) => unknown, columns: readonly NamedColumn[]) {
    this.#evaluate = evaluate;
    this.columns = columns;
  }

  /** Whether the expression is true for the event. Takes at most `filterLimits.steps`. */
  matches(event: JournalEvent): FilterAnswer {
    let answer: unknown;
    let failure: unknown = null;
    meter.start(event.dataJson.length);
    try {
      answer = this.#evaluate(filterContextOf(event));
    } catch (error) {
      failure = error;
    }
    if (meter.exceeded) return { error: meter.excess };
    if (failure !== null) return { error: describe(failure) };
    if (typeof answer === 'boolean') return answer;
    return { error: `the answer must be true or false, not ${typeName(answer)}` };
  }
}

/**
 * Checks a filter expression, written in CEL over the variables of `filterVariables`, and makes it ready.
 *
 * @example
 * const compiled = compileFilter('record.Status == "done" && previous.Status != "done"');
 * if (compiled.ok) compiled.filter.matches(event); // true, false or { error }
 */
export function compileFilter(source: string): FilterCompilation {
  if (source.length > filterLimits.sourceCharacters) {
    return {
      ok: false,
      message: `must have at most ${filterLimits.sourceCharacters} characters`,
      position: filterLimits.sourceCharacters,
    };
  }
  try {
    const parsed = language.parse(source);
    const type = checkedType(parsed);
    if (type !== 'bool' && type !== 'dyn') {
      return { ok: false, message: `must be true or false, not of the type ${type}`, position: 0 };
    }
    const evaluate = guardedLanguage.parse(guarded(parsed.ast));
    checkedType(evaluate);
    return { ok: true, filter: new Filter(evaluate, columnsOf(parsed.ast)) };
  } catch (error) {
    return { ok: false, message: describe(error), position: positionOf(error) };
  }
}

function checkedType(parsed: ParseResult): string {
  const check = parsed.check();
  if (!check.valid) throw check.error ?? new Error('the expression is not valid');
  return check.type ?? 'dyn';
}

function columnsOf(root: ASTNode): readonly NamedColumn[] {
  const columns: NamedColumn[] = [];
  const visit = (node: ASTNode): void => {
    const column = columnOf(node);
    if (column !== null) columns.push(column);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(root);
  return columns;
}

function columnOf(node: ASTNode): NamedColumn | null {
  if (node.op === '.' && isRow(node.args[0])) return { name: node.args[1], position: node.start };
  if (node.op === '[]' && isRow(node.args[0])) return constantName(node.args[1]);
  if (node.op === 'in' && node.args[1].op === 'id' && node.args[1].args === 'changedColumns') {
    return constantName(node.args[0]);
  }
  return null;
}

function isRow(node: ASTNode): boolean {
  return node.op === 'id' && (node.args === 'record' || node.args === 'previous');
}

function constantName(node: ASTNode): NamedColumn | null {
  return node.op === 'value' && typeof node.args === 'string'
    ? { name: node.args, position: node.start }
    : null;
}

function describe(error: unknown): string {
  let message = error instanceof Error ? error.message : String(error);
  if (error instanceof ParseError || error instanceof TypeMismatch || error instanceof EvaluationError) {
    // Values of cells are "dynamic" to the language, which tells a person nothing.
    message = error.summary.replace(/dyn<([\w.]+)>/g, '$1');
  }
  const { messageCharacters } = filterLimits;
  return message.length > messageCharacters ? `${message.slice(0, messageCharacters)}…` : message;
}

function positionOf(error: unknown): number {
  if (error instanceof Refusal) return error.position;
  if (error instanceof ParseError || error instanceof TypeMismatch) return error.range?.start ?? 0;
  return 0;
}

function typeName(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a record';
  return typeof value === 'string' ? 'a text' : 'a number';
}
