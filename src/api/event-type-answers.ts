import { type Static, Type } from 'typebox';
import { type EventTypeVersion, enforcements, type JsonSchema } from '../model/event-type.ts';
import type { CatalogueEntry } from '../sources/event-types/catalogue.ts';
import { importOutcomes } from '../sources/event-types/import.ts';
import { eventTypeLimits } from '../sources/event-types/limits.ts';
import { closedObject, nullableTimestamp, oneOf, problemSchema, texts, timestamp } from './schemas.ts';
import { showMaybeTime, showTime } from './times.ts';

const schemaMember = Type.Unsafe<JsonSchema | null>({
  type: ['object', 'null'],
  additionalProperties: true,
  description: 'JSON Schema (draft 2020-12) of the data of its events; null: any data fits.',
});
const exampleMember = Type.Unsafe<Readonly<Record<string, unknown>> | null>({
  type: ['object', 'null'],
  additionalProperties: true,
  description: 'Data of an event as it could be; must fit the schema.',
});
const enforcementMember = Type.Unsafe<(typeof enforcements)[number] | null>({
  type: ['string', 'null'],
  enum: [...enforcements, null],
  description:
    'What becomes of a posted event that does not fit the schema: `off`: it is taken; `warn`: it is taken, and the ' +
    'answer tells why; `refuse`: it is refused. Null: as the workspace has it.',
});

const definitionMembers = {
  description: Type.String({ description: 'For people.' }),
  groups: texts({
    maxItems: eventTypeLimits.groups,
    description: 'Groups that webhooks can ask for as `group:NAME`, whatever the name of the type.',
  }),
  schema: schemaMember,
  example: exampleMember,
  enforcement: enforcementMember,
  deprecated: Type.Boolean({ description: 'Still sent, but nothing new should rely on it.' }),
  deprecationNote: Type.String({ description: 'Why it is deprecated, and what replaces it.' }),
  archived: Type.Boolean({ description: 'No longer offered.' }),
};

const nameMember = Type.String({ description: 'A dotted name such as `invoice.paid`.' });

/** Members that a person may send; every one may be left out. */
export const definitionBodyMembers = {
  description: Type.Optional(definitionMembers.description),
  groups: Type.Optional(definitionMembers.groups),
  schema: Type.Optional(definitionMembers.schema),
  example: Type.Optional(definitionMembers.example),
  enforcement: Type.Optional(definitionMembers.enforcement),
  deprecated: Type.Optional(definitionMembers.deprecated),
  deprecationNote: Type.Optional(definitionMembers.deprecationNote),
  archived: Type.Optional(definitionMembers.archived),
};
export const definitionBody = closedObject(definitionBodyMembers, { title: 'EventTypeDefinition' });
export const newEventTypeBody = closedObject(
  { name: nameMember, ...definitionBodyMembers },
  { title: 'NewEventType' },
);

/** One that was exported may be imported: what is read-only in it is not looked at. */
export const importedEventTypeBody = closedObject(
  {
    name: nameMember,
    ...definitionBodyMembers,
    version: Type.Optional(Type.Integer({ description: 'Not looked at.' })),
    builtIn: Type.Optional(Type.Boolean({ description: 'Those that are built in are left out.' })),
    createdAt: Type.Optional(Type.Unknown({ description: 'Not looked at.' })),
    updatedAt: Type.Optional(Type.Unknown({ description: 'Not looked at.' })),
  },
  { title: 'ImportedEventType' },
);

export const eventTypeSchema = Type.Object(
  {
    name: nameMember,
    version: Type.Integer({ description: 'Counts changes of the schema.' }),
    ...definitionMembers,
    builtIn: Type.Boolean({ description: 'Whether it is one that Rowhook itself sends.' }),
    createdAt: nullableTimestamp('When it was created; null when it is built in.'),
    updatedAt: nullableTimestamp('When it was changed last.'),
  },
  { title: 'EventType' },
);

export function showEventType(entry: CatalogueEntry): Static<typeof eventTypeSchema> {
  const { createdAtMs, updatedAtMs, ...shown } = entry;
  return { ...shown, createdAt: showMaybeTime(createdAtMs), updatedAt: showMaybeTime(updatedAtMs) };
}

export const eventTypeVersionSchema = Type.Object(
  {
    version: Type.Integer(),
    schema: schemaMember,
    example: exampleMember,
    createdAt: timestamp('Since when it was like that.'),
  },
  { title: 'EventTypeVersion' },
);

export function showVersion(version: EventTypeVersion): Static<typeof eventTypeVersionSchema> {
  const { createdAtMs, ...shown } = version;
  return { ...shown, createdAt: showTime(createdAtMs) };
}

export const importReportSchema = Type.Object(
  {
    dryRun: Type.Boolean({ description: 'Whether nothing was saved.' }),
    data: Type.Array(
      Type.Object({
        name: Type.String(),
        outcome: oneOf(importOutcomes, 'What became of it, or would.'),
        changes: texts({ description: 'Members that change.' }),
        errors: Type.Unsafe<readonly { readonly pointer: string; readonly detail: string }[]>({
          ...problemSchema.properties.errors,
          description: 'Why it is refused.',
        }),
        notes: texts({ description: 'What was left out of it.' }),
      }),
    ),
  },
  { title: 'EventTypeImport' },
);

export const policySchema = closedObject(
  {
    enforcement: oneOf(enforcements, 'For event types that do not say so themselves.'),
    unknownTypes: oneOf(
      enforcements,
      'What becomes of events whose type is not in the catalogue, or archived.',
    ),
  },
  { title: 'PublishingPolicy' },
);
