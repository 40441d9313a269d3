import type { EventTypeName } from './event.ts';

/** What becomes of a posted event that does not fit the schema of its type. */
export const enforcements = ['off', 'warn', 'refuse'] as const;
export type Enforcement = (typeof enforcements)[number];

/** A JSON Schema of the draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a person may say of an event type. */
export interface EventTypeDefinition {
  readonly description: string;
  /** Groups that it belongs to besides those of its name; webhooks ask for one as `group:NAME`. */
  readonly groups: readonly string[];
  /** Of the events' data; null: any data fits. */
  readonly schema: JsonSchema | null;
  /** Data of an event as it could be; null: there is none. */
  readonly example: Readonly<Record<string, unknown>> | null;
  /** Null: as the workspace has it. */
  readonly enforcement: Enforcement | null;
  /** Still sent, but nothing new should rely on it. */
  readonly deprecated: boolean;
  /** Why it is deprecated, and what replaces it. */
  readonly deprecationNote: string;
  /** No longer offered. */
  readonly archived: boolean;
}

/** A kind of event, as the catalogue of a workspace has it. */
export interface EventType extends EventTypeDefinition {
  /** Small number that stands for it inside the store. */
  readonly number: number;
  readonly workspaceNumber: number;
  readonly name: EventTypeName;
  /** Counts changes of the schema. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** The schema that an event type had, and the example that went with it. */
export interface EventTypeVersion {
  readonly version: number;
  readonly schema: JsonSchema | null;
  readonly example: Readonly<Record<string, unknown>> | null;
  readonly createdAtMs: number;
}

/** What a workspace asks of the events that are posted into it. */
export interface PublishingPolicy {
  /** For types whose definition does not say. */
  readonly enforcement: Enforcement;
  /** What becomes of events whose type is not in the catalogue, or archived. */
  readonly unknownTypes: Enforcement;
}

export const defaultPublishingPolicy: PublishingPolicy = { enforcement: 'off', unknownTypes: 'off' };

/** Begins a pattern that stands for every event type of a group of the catalogue. */
export const groupPrefix = 'group:';
