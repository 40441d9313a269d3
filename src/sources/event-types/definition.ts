import type { EventTypeDefinition } from '../../model/event-type.ts';
import type { FieldError } from '../../model/problem.ts';
import { printData } from '../events/data.ts';
import { faultOfType } from '../events/texts.ts';
import { eventTypeLimits } from './limits.ts';
import { faultOfGroup } from './names.ts';
import { type CompiledSchema, compileSchema } from './schema.ts';

/**
 * Everything that is wrong with an event type that is to be saved; pointers are relative to it. The shape of
 * its members has been checked before.
 */
export function faultsOfEventType(name: string, definition: EventTypeDefinition): readonly FieldError[] {
  const faults: FieldError[] = [];
  const note = (pointer: string, detail: string | null): void => {
    if (detail !== null) faults.push({ pointer, detail });
  };
  note('/name', faultOfType(name));
  note('/description', tooLong(definition.description, eventTypeLimits.descriptionCharacters));
  note('/deprecationNote', tooLong(definition.deprecationNote, eventTypeLimits.deprecationNoteCharacters));
  const { groups } = definition;
  if (groups.length > eventTypeLimits.groups) {
    note('/groups', `must have at most ${eventTypeLimits.groups} items`);
  } else {
    for (const [index, group] of groups.entries()) {
      const repeated = groups.indexOf(group) < index ? 'must not be there twice' : null;
      note(`/groups/${index}`, faultOfGroup(group) ?? repeated);
    }
  }
  const compiled = definition.schema === null ? null : compileSchema(definition.schema);
  if (compiled?.ok === false) faults.push(...below('/schema', compiled.faults));
  faults.push(...faultsOfExample(definition.example, compiled));
  return faults;
}

function faultsOfExample(
  example: EventTypeDefinition['example'],
  compiled: CompiledSchema | null,
): readonly FieldError[] {
  if (example === null) return [];
  const printed = printData(example, eventTypeLimits.exampleBytes);
  if ('fault' in printed) {
    const detail = printed.fault.replace(/ \(setting .*\)/, '');
    return [{ pointer: `/example${printed.pointer}`, detail }];
  }
  if (compiled?.ok !== true) return [];
  const faults = compiled.check(example, printed.json.length) ?? [];
  return below('/example', faults).map(({ pointer, detail }) => ({
    pointer,
    detail: `${detail}, as the schema has it`,
  }));
}

function tooLong(text: string, maximum: number): string | null {
  return text.length > maximum ? `must have at most ${maximum} characters` : null;
}

/** Faults of a member, with pointers relative to what it is a member of. */
export function below(pointer: string, faults: readonly FieldError[]): FieldError[] {
  return faults.map((fault) => ({ ...fault, pointer: pointer + fault.pointer }));
}
