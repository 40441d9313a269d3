import type { Clock } from '../../model/clock.ts';
import type {
  EventType,
  EventTypeDefinition,
  EventTypeVersion,
  PublishingPolicy,
} from '../../model/event-type.ts';
import { type FieldError, Problem } from '../../model/problem.ts';
import type { EventTypeChange, EventTypeStore, Page, PageRequest } from '../../store/port.ts';
import type { EventChecks } from '../events/checks.ts';
import { type BuiltInEventType, builtInEventTypes, findBuiltIn } from './built-in.ts';
import { CatalogueChecks } from './checks.ts';
import { faultsOfEventType } from './definition.ts';
import { compileSchema } from './schema.ts';
import { CatalogueSnapshots } from './snapshots.ts';
import { Validators } from './validators.ts';

export interface CatalogueLimits {
  /** Event types of one workspace, archived ones included. */
  readonly maxEventTypes: number;
}

/** An event type as it is offered: one of the workspace, or one of Rowhook. */
export interface CatalogueEntry extends EventTypeDefinition {
  readonly name: string;
  readonly version: number;
  readonly builtIn: boolean;
  /** Null for one that is built in. */
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
}

export interface CatalogueFilter {
  /** Whether archived types are listed: not, too, or alone. */
  readonly archived: 'exclude' | 'include' | 'only';
  readonly group?: string;
  readonly builtIn?: boolean;
}

/** The event types of workspaces: what may be published, and what consumers can expect. */
export class EventTypeCatalogue {
  /** What posted events are held against. */
  readonly checks: EventChecks;
  readonly #store: EventTypeStore;
  readonly #limits: CatalogueLimits;
  readonly #snapshots: CatalogueSnapshots;

  constructor(store: EventTypeStore, clock: Clock, limits: CatalogueLimits) {
    this.#store = store;
    this.#limits = limits;
    const validators = new Validators(store);
    this.#snapshots = new CatalogueSnapshots(store, clock, (workspace) => validators.forget(workspace));
    this.checks = new CatalogueChecks(this.#snapshots, validators);
  }

  /** In order of their names. */
  async list(
    workspaceNumber: number,
    filter: CatalogueFilter,
    page: PageRequest,
  ): Promise<Page<CatalogueEntry>> {
    const names = await this.#names(workspaceNumber, filter);
    const rest = names.filter((name) => page.cursor === null || name > page.cursor);
    const shown = rest.slice(0, page.limit);
    const own = new Map(
      (await this.#store.findMany(workspaceNumber, shown)).map((eventType) => [eventType.name, eventType]),
    );
    const items: CatalogueEntry[] = [];
    for (const name of shown) {
      const builtIn = findBuiltIn(name);
      const eventType = own.get(name);
      if (builtIn) items.push(entryOfBuiltIn(builtIn));
      else if (eventType) items.push(entryOf(eventType));
    }
    return { items, nextCursor: rest.length > shown.length ? (shown.at(-1) ?? null) : null };
  }

  /** Throws a Problem when there is none of this name. */
  async get(workspaceNumber: number, name: string): Promise<CatalogueEntry> {
    const builtIn = findBuiltIn(name);
    return builtIn ? entryOfBuiltIn(builtIn) : entryOf(await this.#own(workspaceNumber, name));
  }

  /** Data of an example of the type; null when there is none. */
  async exampleOf(workspaceNumber: number, name: string): Promise<Readonly<Record<string, unknown>> | null> {
    const builtIn = findBuiltIn(name);
    if (builtIn) return builtIn.example;
    return (await this.#store.find(workspaceNumber, name))?.example ?? null;
  }

  /** What of data does not fit the schema of a type, whatever the policy says; null: it has no schema. */
  async faultsOfData(
    workspaceNumber: number,
    name: string,
    data: Readonly<Record<string, unknown>>,
  ): Promise<readonly FieldError[] | null> {
    const { schema } = await this.get(workspaceNumber, name);
    const compiled = schema === null ? null : compileSchema(schema);
    if (!compiled?.ok) return null;
    return compiled.check(data, Buffer.byteLength(JSON.stringify(data))) ?? [];
  }

  /** The first offered type that `isWanted`, by name; one that has an example is preferred. */
  async firstOf(
    workspaceNumber: number,
    isWanted: (name: string, groups: readonly string[]) => boolean,
  ): Promise<string | null> {
    const { types } = await this.#snapshots.of(workspaceNumber);
    const wanted = [...types.values()]
      .filter(({ name, groups, archived }) => !archived && isWanted(name, groups))
      .map(({ name }) => name)
      .sort();
    const found = await this.#store.findMany(workspaceNumber, wanted.slice(0, 1_000));
    const withExample = new Set(found.filter(({ example }) => example !== null).map(({ name }) => name));
    return wanted.find((name) => withExample.has(name)) ?? wanted[0] ?? null;
  }

  /** Throws a Problem when there is one of this name already. */
  async create(
    workspaceNumber: number,
    name: string,
    definition: EventTypeDefinition,
  ): Promise<CatalogueEntry> {
    refuse(faultsOfEventType(name, definition));
    return this.#save(workspaceNumber, { name, definition }, true);
  }

  /** Creates the type, or replaces what it was. */
  async replace(
    workspaceNumber: number,
    name: string,
    definition: EventTypeDefinition,
  ): Promise<CatalogueEntry> {
    refuse(faultsOfEventType(name, definition));
    return this.#save(workspaceNumber, { name, definition }, false);
  }

  /** Saves several at once; their faults were looked for before. */
  async saveAll(workspaceNumber: number, changes: readonly EventTypeChange[]): Promise<void> {
    const mode = { createOnly: false, ...this.#limits };
    await this.#store.save(workspaceNumber, changes, mode);
    this.#snapshots.forget(workspaceNumber);
  }

  /** No longer offers the type; its events are still taken, and its history stays. */
  async archive(workspaceNumber: number, name: string): Promise<CatalogueEntry> {
    const eventType = await this.#own(workspaceNumber, name);
    return this.#save(workspaceNumber, { name, definition: { ...eventType, archived: true } }, false);
  }

  /** Forgets the type, with its history. Events of it stay what they are. */
  async delete(workspaceNumber: number, name: string): Promise<void> {
    await this.#store.delete(await this.#own(workspaceNumber, name));
    this.#snapshots.forget(workspaceNumber);
  }

  /** Schemas that the type has had, newest first. */
  async versions(workspaceNumber: number, name: string, page: PageRequest): Promise<Page<EventTypeVersion>> {
    const builtIn = findBuiltIn(name);
    if (builtIn) {
      const { schema, example } = builtIn;
      return { items: [{ version: 1, schema, example, createdAtMs: 0 }], nextCursor: null };
    }
    return this.#store.versions(await this.#own(workspaceNumber, name), page);
  }

  /** Every type of the workspace itself, archived ones included. */
  async allOwn(workspaceNumber: number): Promise<ReadonlyMap<string, EventType>> {
    const { types } = await this.#snapshots.of(workspaceNumber);
    const found = new Map<string, EventType>();
    const names = [...types.keys()];
    for (let start = 0; start < names.length; start += typesAtOnce) {
      const page = await this.#store.findMany(workspaceNumber, names.slice(start, start + typesAtOnce));
      for (const eventType of page) found.set(eventType.name, eventType);
    }
    return found;
  }

  policy(workspaceNumber: number): Promise<PublishingPolicy> {
    return this.#store.policy(workspaceNumber);
  }

  async savePolicy(workspaceNumber: number, policy: PublishingPolicy): Promise<void> {
    await this.#store.savePolicy(workspaceNumber, policy);
    this.#snapshots.forget(workspaceNumber);
  }

  async #names(
    workspaceNumber: number,
    { archived, group, builtIn }: CatalogueFilter,
  ): Promise<readonly string[]> {
    const { types } = await this.#snapshots.of(workspaceNumber);
    const own = [...types.values()].filter(
      (type) =>
        builtIn !== true &&
        (archived === 'include' || type.archived === (archived === 'only')) &&
        (group === undefined || type.groups.includes(group)),
    );
    const offered = builtIn !== false && archived !== 'only' && group === undefined ? builtInEventTypes : [];
    return [...own, ...offered].map(({ name }) => name).sort();
  }

  async #own(workspaceNumber: number, name: string): Promise<EventType> {
    if (findBuiltIn(name)) {
      throw new Problem('conflict', `The event type "${name}" is Rowhook's own and cannot be changed.`);
    }
    const eventType = await this.#store.find(workspaceNumber, name);
    if (!eventType) throw new Problem('not-found', `There is no event type "${name}" in this workspace.`);
    return eventType;
  }

  async #save(
    workspaceNumber: number,
    change: EventTypeChange,
    createOnly: boolean,
  ): Promise<CatalogueEntry> {
    const mode = { createOnly, ...this.#limits };
    const [saved] = await this.#store.save(workspaceNumber, [change], mode);
    this.#snapshots.forget(workspaceNumber);
    if (!saved) throw new Error('The store saved an event type and did not say how it is.');
    return entryOf(saved);
  }
}

/** How many types are read with one statement. */
const typesAtOnce = 500;

function refuse(faults: readonly FieldError[]): void {
  const [first] = faults;
  if (!first) return;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more, see errors)` : '';
  throw new Problem('invalid-input', `${first.pointer} ${first.detail}${more}.`, faults);
}

function entryOf(eventType: EventType): CatalogueEntry {
  const { number: _, workspaceNumber: __, ...entry } = eventType;
  return { ...entry, builtIn: false };
}

function entryOfBuiltIn({ name, description, schema, example }: BuiltInEventType): CatalogueEntry {
  return {
    name,
    version: 1,
    description,
    groups: [],
    schema,
    example,
    enforcement: null,
    deprecated: false,
    deprecationNote: '',
    archived: false,
    builtIn: true,
    createdAtMs: null,
    updatedAtMs: null,
  };
}
