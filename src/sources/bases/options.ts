import { randomInt } from 'node:crypto';
import type { SelectOption } from '../../model/table.ts';
import { type Faults, quoted } from './faults.ts';
import { limits } from './limits.ts';
import { keyFault, nameFault } from './texts.ts';

export interface OptionInput {
  /** Chosen by the caller, or made: six digits, as in SeaTable. */
  readonly id?: string;
  readonly name: string;
  readonly color?: string;
  readonly textColor?: string;
}

/**
 * The options of a select column from what a caller gives. One without an id that is named like a
 * present one is that one: its cells keep it.
 */
export function readOptions(
  inputs: readonly OptionInput[],
  present: readonly SelectOption[],
  pointer: string,
  faults: Faults,
): readonly SelectOption[] {
  if (inputs.length > limits.optionsPerColumn) {
    faults.add(pointer, `must have at most ${limits.optionsPerColumn} options; it has ${inputs.length}`);
    return [];
  }
  const presentIds = new Map(present.map(({ id, name }) => [name, id]));
  const options = inputs.map((input, position) => {
    faultsOfOption(input, `${pointer}/${position}`, faults);
    const { name, color, textColor } = input;
    const id = input.id ?? presentIds.get(name) ?? null;
    return {
      id,
      name,
      ...(color === undefined ? {} : { color }),
      ...(textColor === undefined ? {} : { textColor }),
    };
  });
  const taken = new Set(options.flatMap(({ id, name }) => (id === null ? [name] : [id, name])));
  const named = options.map((option): SelectOption => ({ ...option, id: option.id ?? newOptionId(taken) }));
  faultsOfDuplicates(named, pointer, faults);
  return named;
}

function faultsOfOption(input: OptionInput, pointer: string, faults: Faults): void {
  const name = nameFault(input.name);
  if (name !== null) faults.add(`${pointer}/name`, name);
  const id = input.id === undefined ? null : keyFault(input.id);
  if (id !== null) faults.add(`${pointer}/id`, id);
  for (const member of ['color', 'textColor'] as const) {
    const color = input[member];
    if (color !== undefined && !/^#[0-9a-f]{6}$/i.test(color)) {
      faults.add(`${pointer}/${member}`, `must be a colour as #RRGGBB; got ${quoted(color)}`);
    }
  }
}

/** Cells give options by name or id, so no name may stand for two of them. */
function faultsOfDuplicates(options: readonly SelectOption[], pointer: string, faults: Faults): void {
  const ids = new Map<string, number>();
  const names = new Map<string, number>();
  for (const [position, { id, name }] of options.entries()) {
    if (ids.has(id)) faults.add(`${pointer}/${position}/id`, `the id ${quoted(id)} is used twice`);
    if (names.has(name))
      faults.add(`${pointer}/${position}/name`, `the option ${quoted(name)} is there twice`);
    ids.set(id, position);
    names.set(name, position);
  }
  for (const [name, position] of names) {
    if ((ids.get(name) ?? position) !== position) {
      faults.add(`${pointer}/${position}/name`, `${quoted(name)} is the id of another option`);
    }
  }
}

function newOptionId(taken: Set<string>): string {
  let id: string;
  do id = String(randomInt(100_000, 1_000_000));
  while (taken.has(id));
  taken.add(id);
  return id;
}
