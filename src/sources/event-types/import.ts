import { isDeepStrictEqual } from 'node:util';
import type { EventType, EventTypeDefinition } from '../../model/event-type.ts';
import { type FieldError, Problem } from '../../model/problem.ts';
import type { EventTypeChange } from '../../store/port.ts';
import type { EventTypeCatalogue } from './catalogue.ts';
import { below, faultsOfEventType } from './definition.ts';
import { eventTypeLimits } from './limits.ts';
import type { ImportCandidate } from './open-api.ts';

export const importOutcomes = ['created', 'updated', 'unchanged', 'archived', 'refused'] as const;
export type ImportOutcome = (typeof importOutcomes)[number];

/** What an import makes of one event type, or would make. */
export interface ImportedEventType {
  readonly name: string;
  readonly outcome: ImportOutcome;
  /** Members that change. */
  readonly changes: readonly string[];
  /** Why it is refused; pointers are relative to the source. */
  readonly faults: readonly FieldError[];
  /** What was left out of it. */
  readonly notes: readonly string[];
}

export interface ImportOptions {
  /** Look, but save nothing. */
  readonly dryRun: boolean;
  /** Archive the workspace's types that the source does not have. */
  readonly archiveMissing: boolean;
}

const blank: EventTypeDefinition = {
  description: '',
  groups: [],
  schema: null,
  example: null,
  enforcement: null,
  deprecated: false,
  deprecationNote: '',
  archived: false,
};

interface Plan {
  readonly report: readonly ImportedEventType[];
  readonly changes: readonly EventTypeChange[];
}

/**
 * Brings event types from elsewhere into the catalogue, all or none. Throws a Problem with the faults of all
 * that are refused, unless it is only to look.
 */
export async function importEventTypes(
  catalogue: EventTypeCatalogue,
  workspaceNumber: number,
  candidates: readonly ImportCandidate[],
  { dryRun, archiveMissing }: ImportOptions,
): Promise<readonly ImportedEventType[]> {
  const existing = await catalogue.allOwn(workspaceNumber);
  const { report, changes } = plan(candidates, existing, archiveMissing);
  if (dryRun) return report;
  refuse(report);
  if (changes.length > 0) await catalogue.saveAll(workspaceNumber, changes);
  return report;
}

function plan(
  candidates: readonly ImportCandidate[],
  existing: ReadonlyMap<string, EventType>,
  archiveMissing: boolean,
): Plan {
  const report: ImportedEventType[] = [];
  const changes: EventTypeChange[] = [];
  const named = new Set<string>();
  for (const candidate of candidates) {
    const { name, notes, pointer } = candidate;
    const before = existing.get(name) ?? null;
    const definition: EventTypeDefinition = { ...blank, ...definitionOf(before), ...candidate.given };
    const repeated = named.has(name) ? [{ pointer: `${pointer}/name`, detail: 'is there twice' }] : [];
    named.add(name);
    const faults = [
      ...candidate.faults,
      ...repeated,
      ...(candidate.faults.length > 0 ? [] : below(pointer, faultsOfEventType(name, definition))),
    ];
    const changed = changedMembers(before, definition);
    const outcome: ImportOutcome =
      faults.length > 0
        ? 'refused'
        : before === null
          ? 'created'
          : changed.length > 0
            ? 'updated'
            : 'unchanged';
    report.push({ name, outcome, changes: before === null ? [] : changed, faults, notes });
    if (outcome === 'created' || outcome === 'updated') changes.push({ name, definition });
  }
  if (archiveMissing) {
    for (const [name, before] of existing) {
      if (named.has(name) || before.archived) continue;
      report.push({ name, outcome: 'archived', changes: ['archived'], faults: [], notes: [] });
      changes.push({ name, definition: { ...definitionOf(before), archived: true } as EventTypeDefinition });
    }
  }
  return { report, changes };
}

function definitionOf(eventType: EventType | null): Partial<EventTypeDefinition> {
  if (eventType === null) return {};
  const members = Object.keys(blank) as Array<keyof EventTypeDefinition>;
  return Object.fromEntries(members.map((member) => [member, eventType[member]]));
}

function changedMembers(before: EventType | null, after: EventTypeDefinition): readonly string[] {
  const members = Object.keys(blank) as Array<keyof EventTypeDefinition>;
  return members.filter((member) => before === null || !isDeepStrictEqual(before[member], after[member]));
}

function refuse(report: readonly ImportedEventType[]): void {
  const faults = report.flatMap((imported) => imported.faults);
  const [first] = faults;
  if (!first) return;
  const refused = report.filter(({ outcome }) => outcome === 'refused').length;
  throw new Problem(
    'invalid-input',
    `Nothing was imported: ${refused} of ${report.length} event types are refused, the first because ${first.pointer} ${first.detail}.`,
    faults.slice(0, eventTypeLimits.importFaults),
  );
}
