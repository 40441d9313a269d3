import { invalidField } from '../model/problem.ts';

/** The name of an inbox, out of the parameters of a path. */
export function readName(params: unknown): string {
  const { name } = params as { readonly name: string };
  if (/^[a-z0-9-]{1,64}$/.test(name)) return name;
  throw invalidField('name', 'the name of an inbox has 1 to 64 lower-case letters, digits and hyphens');
}
