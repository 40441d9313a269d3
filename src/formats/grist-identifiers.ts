import type { Table } from '../model/table.ts';

/** Names that Python keeps for itself. */
const pythonKeywords: ReadonlySet<string> = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for ' +
    'from global if import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

/** Members that every row has besides its columns. */
const rowMembers = ['id', 'manualSort'];

const identifiers = new WeakMap<Table, readonly string[]>();

/**
 * Grist's ids for the columns of a table, in their order: names made into identifiers of Python, told
 * apart by a number where two would be the same. `Price (CAD)` is `Price_CAD_`.
 */
export function columnIdentifiers(table: Table): readonly string[] {
  const known = identifiers.get(table);
  if (known) return known;
  const taken = new Set(rowMembers.map((name) => name.toUpperCase()));
  const found = table.columns.map(({ name }) => {
    const identifier = free(identifierOf(name), taken);
    taken.add(identifier.toUpperCase());
    return identifier;
  });
  identifiers.set(table, found);
  return found;
}

/** Letters, digits and underscores, with a letter first; empty when the name has none of these. */
function identifierOf(name: string): string {
  let identifier = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-zA-Z0-9_]+/g, '_')
    .replace(/^_+/, '')
    .replace(/^(?=[0-9])/, 'c');
  while (pythonKeywords.has(identifier)) identifier = `c${identifier}`;
  return identifier;
}

/** The identifier, or with a number after it the first one that is free; without one, the first free letters. */
function free(identifier: string, taken: ReadonlySet<string>): string {
  if (identifier === '') return firstFree(taken, 0, lettersOf);
  if (!taken.has(identifier.toUpperCase())) return identifier;
  const stem = /[0-9]$/.test(identifier) ? `${identifier}_` : identifier;
  return firstFree(taken, 2, (number) => `${stem}${number}`);
}

function firstFree(taken: ReadonlySet<string>, from: number, make: (number: number) => string): string {
  // Each attempt gives another identifier, so one of them is free.
  for (let number = from; number <= from + taken.size; number += 1) {
    const identifier = make(number);
    if (!taken.has(identifier.toUpperCase())) return identifier;
  }
  return make(from + taken.size + 1);
}

/** A to Z, AA to AZ and so on, as spreadsheets name columns. */
function lettersOf(number: number): string {
  let letters = '';
  for (let rest = number; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    letters = String.fromCharCode(65 + (rest % 26)) + letters;
  }
  return letters;
}
