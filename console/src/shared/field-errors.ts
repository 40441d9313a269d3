import { pathOf, toProblem } from '../api/problem.ts';

/** What a server refused, by the path of the form's field: `retry.delaysMs`. */
export function fieldErrors(error: unknown): Record<string, string> {
  return Object.fromEntries(toProblem(error).errors.map(({ pointer, detail }) => [pathOf(pointer), detail]));
}
