import { nearestWord } from '../../config/nearest-word.ts';
import type { Enforcement } from '../../model/event-type.ts';
import type { FieldError } from '../../model/problem.ts';
import type { EventChecks, EventToCheck, EventVerdict } from '../events/checks.ts';
import { below } from './definition.ts';
import type { CatalogueSnapshot, CatalogueSnapshots } from './snapshots.ts';
import type { Validators } from './validators.ts';

const nothingToSay: EventVerdict = { groups: [], faults: [], warnings: [] };

/** Holds posted events against the catalogue of their workspace, as its policy asks for. */
export class CatalogueChecks implements EventChecks {
  readonly #snapshots: CatalogueSnapshots;
  readonly #validators: Validators;

  constructor(snapshots: CatalogueSnapshots, validators: Validators) {
    this.#snapshots = snapshots;
    this.#validators = validators;
  }

  async check(workspaceNumber: number, events: readonly EventToCheck[]): Promise<readonly EventVerdict[]> {
    const found = this.#snapshots.of(workspaceNumber);
    const snapshot = found instanceof Promise ? await found : found;
    const verdicts: EventVerdict[] = [];
    for (const event of events) verdicts.push(await this.#verdict(workspaceNumber, snapshot, event));
    return verdicts;
  }

  async #verdict(
    workspaceNumber: number,
    { policy, types }: CatalogueSnapshot,
    event: EventToCheck,
  ): Promise<EventVerdict> {
    const type = types.get(event.type);
    if (type === undefined || type.archived) {
      if (policy.unknownTypes === 'off') return { ...nothingToSay, groups: type?.groups ?? [] };
      const detail = type ? 'is archived in the catalogue of event types' : notInCatalogue(event.type, types);
      return graded(policy.unknownTypes, type?.groups ?? [], [{ pointer: '/type', detail }], []);
    }
    const { groups } = type;
    const enforcement = type.enforcement ?? policy.enforcement;
    if (enforcement === 'off') return { ...nothingToSay, groups };
    const notes = type.deprecated ? [{ pointer: '/type', detail: 'is deprecated' }] : [];
    const check = type.hasSchema
      ? await this.#validators.find(workspaceNumber, event.type, type.version)
      : null;
    const faults = check?.(event.data, event.bytes) ?? [];
    return graded(enforcement, groups, below('/data', faults), notes);
  }
}

/** `notes` never refuse an event. */
function graded(
  enforcement: Enforcement,
  groups: readonly string[],
  faults: readonly FieldError[],
  notes: readonly FieldError[],
): EventVerdict {
  return enforcement === 'refuse'
    ? { groups, faults, warnings: notes }
    : { groups, faults: [], warnings: [...faults, ...notes] };
}

function notInCatalogue(name: string, types: CatalogueSnapshot['types']): string {
  const offered = [...types.values()].filter(({ archived }) => !archived).map((type) => type.name);
  const near = nearestWord(name, offered);
  return `is not in the catalogue of event types${near === null ? '' : ` (did you mean "${near}"?)`}`;
}
