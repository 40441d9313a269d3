import assert from 'node:assert/strict';
import type { JournalEvent } from '../../model/event.ts';
import { compileFilter, type Filter, type FilterAnswer } from '../filter.ts';

export function filterOf(source: string): Filter {
  const compiled = compileFilter(source);
  assert.ok(compiled.ok, `${source} is refused: ${compiled.ok ? '' : compiled.message}`);
  return compiled.filter;
}

export function answer(source: string, event: JournalEvent): FilterAnswer {
  return filterOf(source).matches(event);
}

export function answers(event: JournalEvent, cases: Readonly<Record<string, boolean>>): void {
  for (const [source, expected] of Object.entries(cases)) {
    assert.deepEqual(answer(source, event), expected, source);
  }
}

export function errorOf(source: string, event: JournalEvent): string {
  const given = answer(source, event);
  assert.ok(typeof given === 'object', `${source} is ${given}`);
  return given.error;
}

export function refusalOf(source: string): { message: string; position: number } {
  const compiled = compileFilter(source);
  assert.ok(!compiled.ok, `${source} is accepted`);
  return { message: compiled.message, position: compiled.position };
}
