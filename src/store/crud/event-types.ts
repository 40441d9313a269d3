import type { Selectable, Transaction } from 'kysely';
import type { AuditNote } from '../../model/audit.ts';
import type { Clock } from '../../model/clock.ts';
import {
  defaultPublishingPolicy,
  type Enforcement,
  type EventType,
  type EventTypeDefinition,
  type EventTypeVersion,
  type JsonSchema,
  type PublishingPolicy,
} from '../../model/event-type.ts';
import { Problem } from '../../model/problem.ts';
import { readCursor } from '../cursor.ts';
import type {
  EventTypeChange,
  EventTypeChangeMode,
  EventTypeStore,
  EventTypeSummary,
  Page,
  PageRequest,
} from '../port.ts';
import type { Schema } from '../schema.ts';
import { changesBetween, type Facts } from './audit-facts.ts';
import type { Note } from './audit-log.ts';
import type { Database } from './database.ts';

type StoredEventType = Selectable<Schema['event_types']>;

export class EventTypes implements EventTypeStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #note: Note;

  constructor(database: Database, clock: Clock, note: Note) {
    this.#database = database;
    this.#clock = clock;
    this.#note = note;
  }

  async revision(workspaceNumber: number): Promise<number> {
    const found = await this.#database.reader
      .selectFrom('publishing_policies')
      .select('revision')
      .where('workspace_number', '=', workspaceNumber)
      .executeTakeFirst();
    return found?.revision ?? 0;
  }

  async summaries(workspaceNumber: number): Promise<readonly EventTypeSummary[]> {
    const found = await this.#database.reader
      .selectFrom('event_types')
      .select(['name', 'version', 'groups_json', 'enforcement', 'deprecated', 'archived'])
      .select((expression) => expression('schema_json', 'is not', null).as('has_schema'))
      .where('workspace_number', '=', workspaceNumber)
      .execute();
    return found.map((stored) => ({
      name: stored.name,
      version: stored.version,
      groups: JSON.parse(stored.groups_json) as string[],
      hasSchema: Boolean(stored.has_schema),
      enforcement: stored.enforcement as Enforcement | null,
      deprecated: stored.deprecated === 1,
      archived: stored.archived === 1,
    }));
  }

  async findMany(workspaceNumber: number, names: readonly string[]): Promise<readonly EventType[]> {
    if (names.length === 0) return [];
    const found = await this.#database.reader
      .selectFrom('event_types')
      .selectAll()
      .where('workspace_number', '=', workspaceNumber)
      .where('name', 'in', names)
      .execute();
    return found.map(toEventType);
  }

  async find(workspaceNumber: number, name: string): Promise<EventType | null> {
    const found = await this.#database.reader
      .selectFrom('event_types')
      .selectAll()
      .where('workspace_number', '=', workspaceNumber)
      .where('name', '=', name)
      .executeTakeFirst();
    return found ? toEventType(found) : null;
  }

  async save(
    workspaceNumber: number,
    changes: readonly EventTypeChange[],
    mode: EventTypeChangeMode,
  ): Promise<readonly EventType[]> {
    return this.#database.transaction(async (transaction) => {
      const nowMs = this.#clock.nowMs();
      // First, so that changes of the same catalogue wait for each other.
      await countRevision(transaction, workspaceNumber);
      const saved: EventType[] = [];
      for (const { name, definition } of changes) {
        const { before, after } = await saveOne(transaction, workspaceNumber, name, definition, mode, nowMs);
        saved.push(after);
        const changes = changesBetween(before && factsOf(before), factsOf(after));
        await this.#enter(transaction, before ? 'event-type.changed' : 'event-type.created', after, changes);
      }
      await refuseTooMany(transaction, workspaceNumber, mode.maxEventTypes);
      return saved;
    });
  }

  async delete(eventType: EventType): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      await countRevision(transaction, eventType.workspaceNumber);
      await transaction
        .deleteFrom('event_type_versions')
        .where('event_type_number', '=', eventType.number)
        .execute();
      await transaction.deleteFrom('event_types').where('number', '=', eventType.number).execute();
      await this.#enter(
        transaction,
        'event-type.deleted',
        eventType,
        changesBetween(factsOf(eventType), null),
      );
    });
  }

  async versions(eventType: EventType, page: PageRequest): Promise<Page<EventTypeVersion>> {
    let query = this.#database.reader
      .selectFrom('event_type_versions')
      .selectAll()
      .where('event_type_number', '=', eventType.number)
      .orderBy('version', 'desc')
      .limit(page.limit + 1);
    if (page.cursor !== null) query = query.where('version', '<', readCursor(page.cursor));
    const found = await query.execute();
    const items = found.slice(0, page.limit).map((stored) => ({
      version: stored.version,
      schema: parse(stored.schema_json),
      example: parse(stored.example_json),
      createdAtMs: stored.created_at,
    }));
    return { items, nextCursor: found.length > page.limit ? String(items.at(-1)?.version) : null };
  }

  async policy(workspaceNumber: number): Promise<PublishingPolicy> {
    const found = await this.#database.reader
      .selectFrom('publishing_policies')
      .select(['enforcement', 'unknown_types'])
      .where('workspace_number', '=', workspaceNumber)
      .executeTakeFirst();
    if (!found) return defaultPublishingPolicy;
    return {
      enforcement: found.enforcement as Enforcement,
      unknownTypes: found.unknown_types as Enforcement,
    };
  }

  async savePolicy(workspaceNumber: number, policy: PublishingPolicy): Promise<void> {
    const before = await this.policy(workspaceNumber);
    await this.#database.transaction(async (transaction) => {
      await countRevision(transaction, workspaceNumber);
      await transaction
        .updateTable('publishing_policies')
        .set({ enforcement: policy.enforcement, unknown_types: policy.unknownTypes })
        .where('workspace_number', '=', workspaceNumber)
        .execute();
      await this.#note(transaction, {
        action: 'workspace.changed',
        workspaceNumber,
        target: { kind: 'publishing-policy', id: '', name: 'publishing policy' },
        changes: changesBetween({ shown: { ...before } }, { shown: { ...policy } }),
      });
    });
  }

  #enter(
    transaction: Transaction<Schema>,
    action: AuditNote['action'],
    { workspaceNumber, name }: EventType,
    changes: AuditNote['changes'],
  ): Promise<void> {
    const target = { kind: 'event-type', id: name, name };
    return this.#note(transaction, { action, workspaceNumber, target, changes });
  }
}

/** Counts a change of the catalogue; the row stays locked until the transaction ends. */
async function countRevision(transaction: Transaction<Schema>, workspaceNumber: number): Promise<void> {
  await transaction
    .insertInto('publishing_policies')
    .values({
      workspace_number: workspaceNumber,
      enforcement: defaultPublishingPolicy.enforcement,
      unknown_types: defaultPublishingPolicy.unknownTypes,
      revision: 1,
    })
    .onConflict((conflict) =>
      conflict
        .column('workspace_number')
        .doUpdateSet((expression) => ({ revision: expression('publishing_policies.revision', '+', 1) })),
    )
    .execute();
}

async function saveOne(
  transaction: Transaction<Schema>,
  workspaceNumber: number,
  name: string,
  definition: EventTypeDefinition,
  mode: EventTypeChangeMode,
  nowMs: number,
): Promise<{ before: EventType | null; after: EventType }> {
  const before = await transaction
    .selectFrom('event_types')
    .selectAll()
    .where('workspace_number', '=', workspaceNumber)
    .where('name', '=', name)
    .executeTakeFirst();
  if (before && mode.createOnly) {
    const state = before.archived === 1 ? ', which is archived' : '';
    throw new Problem('conflict', `There is an event type named "${name}" already${state}.`);
  }
  const columns = columnsOf(definition);
  const changed = before?.schema_json !== columns.schema_json;
  const version = before === undefined ? 1 : before.version + (changed ? 1 : 0);
  const saved = before
    ? await transaction
        .updateTable('event_types')
        .set({ ...columns, version, updated_at: nowMs })
        .where('number', '=', before.number)
        .returningAll()
        .executeTakeFirstOrThrow()
    : await transaction
        .insertInto('event_types')
        .values({
          ...columns,
          workspace_number: workspaceNumber,
          name,
          version,
          created_at: nowMs,
          updated_at: nowMs,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
  const { schema_json, example_json } = columns;
  if (before === undefined || changed) {
    await transaction
      .insertInto('event_type_versions')
      .values({ event_type_number: saved.number, version, schema_json, example_json, created_at: nowMs })
      .execute();
  } else {
    await transaction
      .updateTable('event_type_versions')
      .set({ example_json })
      .where('event_type_number', '=', saved.number)
      .where('version', '=', version)
      .execute();
  }
  return { before: before ? toEventType(before) : null, after: toEventType(saved) };
}

async function refuseTooMany(
  transaction: Transaction<Schema>,
  workspaceNumber: number,
  maxEventTypes: number,
): Promise<void> {
  const { count } = await transaction
    .selectFrom('event_types')
    .select((expression) => expression.fn.countAll<number>().as('count'))
    .where('workspace_number', '=', workspaceNumber)
    .executeTakeFirstOrThrow();
  if (Number(count) <= maxEventTypes) return;
  throw new Problem(
    'conflict',
    `A workspace may have ${maxEventTypes} event types, archived ones included (setting ROWHOOK_MAX_EVENT_TYPES).`,
  );
}

function factsOf(eventType: EventType): Facts {
  const { description, groups, schema, example, enforcement } = eventType;
  const { deprecated, deprecationNote, archived } = eventType;
  return {
    shown: { description, groups, schema, example, enforcement, deprecated, deprecationNote, archived },
  };
}

function columnsOf(definition: EventTypeDefinition) {
  return {
    description: definition.description,
    groups_json: JSON.stringify(definition.groups),
    schema_json: print(definition.schema),
    example_json: print(definition.example),
    enforcement: definition.enforcement,
    deprecated: definition.deprecated ? 1 : 0,
    deprecation_note: definition.deprecationNote,
    archived: definition.archived ? 1 : 0,
  } satisfies Partial<StoredEventType>;
}

function toEventType(stored: StoredEventType): EventType {
  return {
    number: stored.number,
    workspaceNumber: stored.workspace_number,
    name: stored.name,
    version: stored.version,
    description: stored.description,
    groups: JSON.parse(stored.groups_json) as string[],
    schema: parse(stored.schema_json),
    example: parse(stored.example_json),
    enforcement: stored.enforcement as Enforcement | null,
    deprecated: stored.deprecated === 1,
    deprecationNote: stored.deprecation_note,
    archived: stored.archived === 1,
    createdAtMs: stored.created_at,
    updatedAtMs: stored.updated_at,
  };
}

function print(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

function parse(json: string | null): JsonSchema | null {
  return json === null ? null : (JSON.parse(json) as JsonSchema);
}
