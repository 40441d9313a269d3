import type { ActivityCounts, ActivitySpan } from '../model/activity.ts';
import type { Attempt, Delivery, DeliveryState } from '../model/delivery.ts';
import type { JournalEvent, NewEvent } from '../model/event.ts';
import type {
  Enforcement,
  EventType,
  EventTypeDefinition,
  EventTypeVersion,
  PublishingPolicy,
} from '../model/event-type.ts';
import type {
  BaseId,
  ChangeSetId,
  ColumnKey,
  ReplayId,
  RowId,
  ScheduledEventId,
  TableId,
  TokenId,
  WebhookId,
} from '../model/ids.ts';
import type { Replay } from '../model/replay.ts';
import type { SigningSecrets } from '../model/signing-secret.ts';
import type { Base, Column, Row, Table } from '../model/table.ts';
import type { Webhook, WebhookHealth, WebhookSettings } from '../model/webhook.ts';
import type { ApiToken, NewApiToken, Workspace, WorkspaceChanges } from '../model/workspace.ts';
import type { AuditStore, PeopleStore, PortalLinkStore, SessionStore } from './identity-port.ts';

export type { AuditStore, PeopleStore, PortalLinkStore, SessionStore } from './identity-port.ts';

/**
 * What the rest of Rowhook needs of a database. Two engines implement it, SQLite and PostgreSQL, and one
 * contract suite holds both to it. Every promise of a write resolves only once the write is durable.
 */
export interface Store {
  readonly workspaces: WorkspaceStore;
  readonly bases: BaseStore;
  readonly rows: RowStore;
  readonly journal: JournalStore;
  readonly eventTypes: EventTypeStore;
  readonly publications: PublicationStore;
  readonly webhooks: WebhookStore;
  readonly deliveries: DeliveryStore;
  readonly replays: ReplayStore;
  readonly activity: ActivityStore;
  readonly retention: RetentionStore;
  readonly sealedSecrets: SealedSecretStore;
  readonly people: PeopleStore;
  readonly sessions: SessionStore;
  readonly portalLinks: PortalLinkStore;
  readonly audit: AuditStore;
  /** Statements, transactions and fsyncs so far, for tests and benchmarks that count instead of timing. */
  counts(): StoreCounts;
  close(): Promise<void>;
}

export interface StoreCounts {
  readonly statements: number;
  readonly transactions: number;
  /** Times that the store waited for the disk before it answered. */
  readonly syncs: number;
  readonly rowsWritten: number;
}

/**
 * A page of a list: ask again with `nextCursor` until it is null. A page may be short, or empty, although there
 * are more: rare things are looked for in bounded steps.
 */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor: string | null;
}

/** What is kept encrypted, seen as a whole: for changing the key. */
export interface SealedSecretStore {
  /**
   * Looks through up to `limit` things that hold a secret, from `cursor` on (null: the first), and seals those
   * again that a previous key has sealed. Each step is one transaction; when none is left, no secret needs a
   * previous key. Throws on one that no key opens.
   */
  resealSome(cursor: string | null, limit: number): Promise<ResealStep>;
  /** How many secrets each key has sealed, by the key's id, and which key seals now. */
  census(): Promise<SecretCensus>;
}

export interface ResealStep {
  readonly resealed: number;
  readonly nextCursor: string | null;
}

export interface SecretCensus {
  readonly currentKey: string;
  readonly sealedBy: ReadonlyMap<string, number>;
  /** Those that none of the keys at hand opens. */
  readonly unreadable: number;
}

export interface WorkspaceStore {
  list(): Promise<readonly Workspace[]>;
  create(name: string): Promise<Workspace>;
  /** Throws a Problem when another one has the name. */
  save(workspace: Workspace, changes: WorkspaceChanges): Promise<Workspace>;
  /**
   * With its tokens, memberships and portal links; its webhooks and bases must be gone. Its name is free again; its
   * number is not, since events and deliveries of it are still there, for retention to remove.
   */
  delete(workspace: Workspace): Promise<void>;
  /** Numbers of those that were deleted. */
  deletedNumbers(): Promise<readonly number[]>;
  /** Keeps the SHA-256 of the token, never the token. */
  addToken(token: NewApiToken, secretHash: string): Promise<ApiToken>;
  findToken(secretHash: string): Promise<ApiToken | null>;
  /** A workspace's own tokens; null: the operators'. */
  listTokens(workspaceNumber: number | null): Promise<readonly ApiToken[]>;
  deleteToken(id: TokenId): Promise<void>;
  /** Notes when tokens were last used. */
  saveTokenUses(usedAtMs: ReadonlyMap<TokenId, number>): Promise<void>;
}

/** The table has another structure than the caller's, or is gone: another process has changed it meanwhile. */
export class StructureChanged extends Error {
  constructor(table: Table) {
    super(`The structure of the table "${table.name}" is not that of version ${table.version} any more.`);
  }
}

/**
 * Bases, tables and columns: the structure, not the rows. Processes keep it in memory: with a table that is not as
 * the store has it, nothing is written, and `StructureChanged` is thrown.
 */
export interface BaseStore {
  createBase(workspaceNumber: number, name: string): Promise<Base>;
  listBases(workspaceNumber: number): Promise<readonly Base[]>;
  findBase(workspaceNumber: number, id: BaseId): Promise<Base | null>;
  renameBase(id: BaseId, name: string): Promise<void>;
  /** With its tables and rows; the journal keeps their events. */
  deleteBase(id: BaseId): Promise<void>;
  createTable(base: Base, id: TableId, name: string, columns: readonly Column[]): Promise<Table>;
  listTables(baseId: BaseId): Promise<readonly Table[]>;
  /** Saves name and columns as a new version, which it returns; the cells of columns that are gone stay unread. */
  saveTable(table: Table): Promise<Table>;
  deleteTable(table: Table): Promise<void>;
}

/** What a change does to the rows of one table, with the events that tell of it. */
export interface RowChanges<Result> {
  readonly inserts: readonly Row[];
  readonly updates: readonly Row[];
  readonly deletes: readonly RowId[];
  readonly events: readonly NewEvent[];
  readonly result: Result;
  /** The change set that this one undoes. */
  readonly undoes?: ChangeSetId;
}

/** A change of a table's rows that is remembered so that it can be undone; one that made no events is not. */
export interface ChangeSet {
  readonly id: ChangeSetId;
  /** Places of its events in the journal: from the first to the last there are only these. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly changedAtMs: number;
  /** Of the rows it deleted: what their events do not tell. */
  readonly deletedRows: ReadonlyMap<RowId, Pick<Row, 'createdAtMs' | 'createdBy'>>;
  /** The change set that it undid. */
  readonly undoes: ChangeSetId | null;
  /** The change set that undid it; null again when that one was undone itself. */
  readonly undoneBy: ChangeSetId | null;
}

/** Change sets of a table that are remembered. */
export const rememberedChangeSets = 20;

/** What rows are searched and sorted by: a cell, or what is known of the row itself. */
export type RowField =
  /** `shape`: how cells of a date are compared, which may have been stored with or without a time. */
  | { readonly kind: 'cell'; readonly key: ColumnKey; readonly shape: 'plain' | 'day' | 'moment' }
  | {
      readonly kind: 'fact';
      readonly fact: 'number' | 'createdAtMs' | 'updatedAtMs' | 'createdBy' | 'updatedBy';
    };

/** A condition that a row fulfils or not. Texts are equal when they are the same, and less or more without case. */
export type RowCondition =
  /** False for an empty cell. */
  | {
      readonly kind: 'compare';
      readonly field: RowField;
      readonly operator: '=' | '<' | '<=' | '>' | '>=';
      readonly value: string | number | boolean;
    }
  /** The text is part of the cell; ASCII letters of either case are the same. */
  | { readonly kind: 'contains'; readonly field: RowField; readonly text: string }
  /** The list in the cell has the item. */
  | { readonly kind: 'has'; readonly key: ColumnKey; readonly item: string }
  /** The cell is empty, or holds nothing that is among `known`. */
  | { readonly kind: 'empty'; readonly field: RowField; readonly known: readonly string[] | null }
  | { readonly kind: 'not'; readonly condition: RowCondition };

export interface RowSort {
  readonly field: RowField;
  readonly descending: boolean;
  /** Values of the cell in the order wanted, for a cell that holds one of them. */
  readonly order: readonly string[] | null;
}

/** Which rows, all conditions together, and in which order: that of their numbers when `sort` is null. */
export interface RowQuery {
  readonly conditions: readonly RowCondition[];
  readonly sort: RowSort | null;
}

export interface RowStore {
  /**
   * Reads the rows named, lets `decide` say what becomes of them, and writes rows and events in ONE
   * transaction. `decide` is pure and may throw a Problem: then nothing is written.
   * `current` holds the rows that exist; `nextNumber` is the number for the first inserted row. A row that was
   * deleted may be inserted again with the number it had.
   */
  change<Result>(
    table: Table,
    rowIds: readonly RowId[],
    decide: (current: ReadonlyMap<RowId, Row>, nextNumber: number) => RowChanges<Result>,
  ): Promise<Result>;
  /** In order of their number. */
  list(table: Table, page: PageRequest): Promise<Page<Row>>;
  /**
   * Sorted rows are told apart by the first 200 characters of their text, without case, then by number. Empty
   * cells come last, or first when descending. Takes its time in short steps where no index helps.
   */
  query(table: Table, query: RowQuery, page: PageRequest): Promise<Page<Row>>;
  /** The last ones, the newest first. */
  changeSets(table: Table): Promise<readonly ChangeSet[]>;
  /**
   * Makes an index of the cells of every column that is marked as indexed, and removes those of others.
   * Resolves when they are complete; until then queries do without.
   */
  followColumns(table: Table): Promise<void>;
  find(table: Table, id: RowId): Promise<Row | null>;
  count(table: Table): Promise<number>;
}

export interface EventFilter {
  readonly type?: string;
  /** Only events of this row. */
  readonly rowId?: string;
  readonly tag?: string;
  /** Accepted at or after. */
  readonly sinceMs?: number;
  /** Accepted before. */
  readonly untilMs?: number;
}

export interface JournalStore {
  /** Appends all or none. */
  append(workspaceNumber: number, events: readonly NewEvent[]): Promise<readonly JournalEvent[]>;
  /** Called after each commit, in the order of commits, before the writer hears of it. */
  onAppended(listener: (events: readonly JournalEvent[]) => void): void;
  /** Place of the last event that is durable, of any workspace; what comes after it is not read either. */
  headSeq(): number;
  /** Events after a place, in order; at most `limit` and about `maxBytes` of data, at least one if there is one. */
  read(
    workspaceNumber: number,
    afterSeq: number,
    limit: number,
    maxBytes: number,
  ): Promise<readonly JournalEvent[]>;
  /** Like `read`, over all workspaces. */
  readAll(afterSeq: number, limit: number, maxBytes: number): Promise<readonly JournalEvent[]>;
  /** Place of the last event accepted before a time, of any workspace; 0 when there is none. */
  seqBefore(acceptedAtMs: number): Promise<number>;
  find(workspaceNumber: number, seq: number): Promise<JournalEvent | null>;
  findMany(workspaceNumber: number, seqs: readonly number[]): Promise<readonly JournalEvent[]>;
  /** Newest first. */
  list(workspaceNumber: number, filter: EventFilter, page: PageRequest): Promise<Page<JournalEvent>>;
}

/** What publishing needs to know of an event type for every event: small, so that all of them fit in memory. */
export interface EventTypeSummary {
  readonly name: string;
  readonly version: number;
  readonly groups: readonly string[];
  readonly hasSchema: boolean;
  readonly enforcement: Enforcement | null;
  readonly deprecated: boolean;
  readonly archived: boolean;
}

export interface EventTypeChange {
  readonly name: string;
  readonly definition: EventTypeDefinition;
}

/** How a change of the catalogue is meant. */
export interface EventTypeChangeMode {
  /** A type that is there already is a conflict. */
  readonly createOnly: boolean;
  /** More types than this in the workspace are a conflict. */
  readonly maxEventTypes: number;
}

export interface EventTypeStore {
  /** Counts the changes of a workspace's catalogue and policy; 0 when there were none. */
  revision(workspaceNumber: number): Promise<number>;
  summaries(workspaceNumber: number): Promise<readonly EventTypeSummary[]>;
  /** Those that exist, in any order; at most 1,000 names. */
  findMany(workspaceNumber: number, names: readonly string[]): Promise<readonly EventType[]>;
  find(workspaceNumber: number, name: string): Promise<EventType | null>;
  /** Saves all or none. A type whose schema changes gets another version. */
  save(
    workspaceNumber: number,
    changes: readonly EventTypeChange[],
    mode: EventTypeChangeMode,
  ): Promise<readonly EventType[]>;
  /** With its versions. */
  delete(eventType: EventType): Promise<void>;
  /** Newest first. */
  versions(eventType: EventType, page: PageRequest): Promise<Page<EventTypeVersion>>;
  policy(workspaceNumber: number): Promise<PublishingPolicy>;
  savePolicy(workspaceNumber: number, policy: PublishingPolicy): Promise<void>;
}

/** Where an event stands in the journal. */
export interface EventPlace {
  readonly seq: number;
  readonly acceptedAtMs: number;
}

/** A key by which a repeat of a call is known. */
export interface PublicationKey {
  readonly key: string;
  /** Tells whether it is the same call. */
  readonly fingerprint: string;
  /** A key that was used before this time is as good as new. */
  readonly keptSinceMs: number;
  /** Kept with the key and given back to a repeat. */
  readonly note: string;
}

/** What one call publishes, all or none. */
export interface Publication {
  readonly workspaceNumber: number;
  readonly events: readonly NewEvent[];
  readonly scheduled: readonly NewScheduledEvent[];
  readonly key: PublicationKey | null;
}

export type PublicationOutcome =
  | { readonly kind: 'published'; readonly places: readonly EventPlace[] }
  /** The key was used for the same call: nothing was published now. */
  | { readonly kind: 'repeated'; readonly places: readonly EventPlace[]; readonly note: string }
  /** The key was used for another call. */
  | { readonly kind: 'otherCall' };

export interface NewScheduledEvent {
  readonly id: ScheduledEventId;
  readonly dueAtMs: number;
  /** Null: it happens when it is published. */
  readonly occurredAtMs: number | null;
  readonly event: Omit<NewEvent, 'occurredAtMs' | 'subject'>;
}

/** An event that is published later, or was. */
export interface ScheduledEvent extends NewScheduledEvent {
  readonly workspaceNumber: number;
  readonly createdAtMs: number;
  readonly outcome:
    | { readonly state: 'scheduled' }
    | { readonly state: 'published'; readonly place: EventPlace; readonly atMs: number }
    | { readonly state: 'cancelled'; readonly by: string; readonly atMs: number };
}

export type ScheduledState = ScheduledEvent['outcome']['state'];

/** Events that applications post: into the journal, or to be published later. */
export interface PublicationStore {
  /** Appends, schedules and keeps the key in ONE transaction. */
  publish(publication: Publication): Promise<PublicationOutcome>;
  /** The events that were published under a key; null when it is not kept. */
  findKey(workspaceNumber: number, key: string): Promise<readonly EventPlace[] | null>;
  /** Publishes what is due, in order of due time, at most `limit`; answers how many that were. */
  publishDue(nowMs: number, limit: number): Promise<number>;
  /** When the next one is due; null when there is none. */
  nextDueAtMs(): Promise<number | null>;
  /** Newest first. */
  listScheduled(
    workspaceNumber: number,
    state: ScheduledState | null,
    page: PageRequest,
  ): Promise<Page<ScheduledEvent>>;
  findScheduled(workspaceNumber: number, id: ScheduledEventId): Promise<ScheduledEvent | null>;
  /** As it is then: only one that is still scheduled becomes cancelled. */
  cancelScheduled(event: ScheduledEvent, by: string): Promise<ScheduledEvent>;
  /** Removes keys used before a time, and scheduled events that ended before another; answers how many. */
  removeOld(keysBeforeMs: number, endedBeforeMs: number | null, limit: number): Promise<number>;
}

export interface NewWebhook {
  readonly id: WebhookId;
  readonly workspaceNumber: number;
  readonly settings: WebhookSettings;
  readonly secret: string;
  readonly health: WebhookHealth;
}

/** Where a webhook goes on reading: where it did before, or after the head of the journal in the transaction. */
export type WebhookStart = 'unchanged' | 'atHead';

/** A change of a webhook's state, kept as history. */
export interface HealthChange {
  readonly webhookNumber: number;
  readonly atMs: number;
  readonly state: WebhookHealth['state'];
  readonly reason: string | null;
}

export interface WebhookStore {
  /** Starts after the head of the journal as it is in the transaction, and has a cursor there. */
  create(webhook: NewWebhook): Promise<Webhook>;
  /** Saves settings as a new version. `secrets`: saved in the same transaction; null: they stay. */
  saveSettings(
    webhook: Webhook,
    settings: WebhookSettings,
    secrets?: SigningSecrets | null,
  ): Promise<Webhook>;
  saveSecrets(webhook: Webhook, secrets: SigningSecrets): Promise<Webhook>;
  /**
   * Saves a person's change of state, and where the webhook goes on reading: when at the head, its cursor is
   * set there. `by`: who does it, which other processes are told; so with `delete`.
   */
  saveHealth(webhook: Webhook, health: WebhookHealth, starts: WebhookStart, by?: string): Promise<Webhook>;
  delete(webhook: Webhook, by?: string): Promise<void>;
  /** Every webhook of every workspace, in pages by number. */
  all(afterNumber: number, limit: number): Promise<readonly Webhook[]>;
  /** Those that there are of the webhooks with these numbers, by number. */
  findMany(numbers: readonly number[]): Promise<readonly Webhook[]>;
  /** Settings as they were; null when that version is no longer kept. */
  version(webhookNumber: number, version: number): Promise<WebhookSettings | null>;
  healthHistory(webhookNumber: number, page: PageRequest): Promise<Page<HealthChange>>;
}

/** A failed delivery that is due again, with the bytes that every attempt of it sends. */
export interface Retry {
  readonly webhookNumber: number;
  readonly seq: number;
  readonly acceptedAtMs: number;
  readonly batchSeqs: readonly number[] | null;
  readonly eventType: string;
  readonly simulated: boolean;
  /** Attempts made so far. */
  readonly attempts: number;
  /** Attempts made on the retry schedule since the last time a person asked for the delivery again. */
  readonly scheduleStep: number;
  readonly dueAtMs: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** What the delivery engine has to write down; all of one call commit together, in order. */
export type DeliveryWrite =
  /** A delivery with its first attempt: all that a healthy delivery costs. */
  | {
      readonly kind: 'delivered';
      readonly delivery: Delivery;
      readonly attempt: Attempt;
      readonly retry: Retry | null;
    }
  /** A batch that was put together and is about to leave. */
  | { readonly kind: 'sending'; readonly delivery: Delivery }
  /** A further attempt, or the first one of a recorded batch. */
  | {
      readonly kind: 'attempted';
      readonly delivery: Delivery;
      readonly attempt: Attempt;
      readonly retry: Retry | null;
    }
  /** A delivery ends, or waits again, without an attempt. */
  | { readonly kind: 'settled'; readonly delivery: Delivery; readonly retry: Retry | null }
  | {
      /** Without effect when people have changed the state of the webhook since. */
      readonly kind: 'health';
      readonly webhookNumber: number;
      /** As they were when the attempt was judged. */
      readonly interventions: number;
      readonly health: WebhookHealth;
      readonly change: HealthChange | null;
    }
  /** An event that tells of the writes around it, and so commits with them. */
  | { readonly kind: 'event'; readonly workspaceNumber: number; readonly event: NewEvent }
  /** Everything of the webhook that is `retrying` or `sending` becomes `discarded`. */
  | { readonly kind: 'discarded'; readonly webhookNumber: number; readonly by: string; readonly atMs: number }
  /** The webhook has settled every event up to `seq`; `waiting` more that match it are not settled yet. */
  | {
      readonly kind: 'cursor';
      readonly webhookNumber: number;
      readonly seq: number;
      readonly waiting: number;
    }
  /** Every webhook without a cursor of its own has settled every event up to `seq`. */
  | { readonly kind: 'checkpoint'; readonly seq: number }
  /** The webhook has caught up and shares the checkpoint again. */
  | { readonly kind: 'caughtUp'; readonly webhookNumber: number };

/** How far delivery has come. */
export interface Positions {
  /** Every webhook without a cursor of its own has settled the journal up to here. */
  readonly checkpointSeq: number;
  /** By number of the webhook. */
  readonly cursors: ReadonlyMap<number, Cursor>;
}

export interface Cursor {
  /** The webhook has settled the journal up to here. */
  readonly seq: number;
  /** Matching events after it, when the cursor was written. */
  readonly waiting: number;
}

export interface RetrySummary {
  readonly webhookNumber: number;
  readonly count: number;
  readonly nextDueAtMs: number;
}

export interface DeliveryFilter {
  /** Any of its events has this tag; found as long as the event is kept. */
  readonly tag?: string;
  readonly webhookNumber?: number;
  readonly state?: DeliveryState;
  readonly eventType?: string;
  readonly httpStatus?: number;
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

export interface DeliveryStore {
  write(writes: readonly DeliveryWrite[]): Promise<void>;
  /** Where each webhook that has not caught up has come, and the checkpoint of all others. */
  positions(): Promise<Positions>;
  /** Places after `afterSeq` whose events a recorded delivery of the webhook contains. */
  recordedSeqs(webhookNumber: number, afterSeq: number, upToSeq: number): Promise<ReadonlySet<number>>;
  /** The webhook's deliveries that start after `afterSeq` and up to `upToSeq`, in order, and the one before. */
  between(webhookNumber: number, afterSeq: number, upToSeq: number): Promise<readonly Delivery[]>;
  /** The webhook's exhausted deliveries after a place and up to another, in order. */
  exhausted(
    webhookNumber: number,
    afterSeq: number,
    upToSeq: number,
    limit: number,
  ): Promise<readonly Delivery[]>;
  /** Batches recorded as `sending`, of every webhook: what was in flight when the last process ended. */
  interrupted(): Promise<readonly Delivery[]>;
  /** How many retries each webhook has, and when the next is due. */
  retrySummaries(): Promise<readonly RetrySummary[]>;
  /** No retry of the webhook is due later than this: its due time may stem from a clock that was set back since. */
  limitDueTimes(webhookNumber: number, latestDueAtMs: number): Promise<void>;
  /** The webhook's retries, in order of due time. */
  dueRetries(webhookNumber: number, limit: number): Promise<readonly Retry[]>;
  findRetry(webhookNumber: number, seq: number): Promise<Retry | null>;
  /** The webhook's oldest retry by place in the journal: what an ordered or degraded webhook attempts next. */
  oldestRetry(webhookNumber: number): Promise<Retry | null>;
  /** Newest first. */
  list(workspaceNumber: number, filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>>;
  find(workspaceNumber: number, webhookNumber: number, seq: number): Promise<Delivery | null>;
  attempts(delivery: Delivery): Promise<readonly Attempt[]>;
}

/** Counters of attempts for a span of time, by one process. */
export interface ActivityRow {
  readonly workspaceNumber: number;
  /** 0: all webhooks of the workspace. */
  readonly webhookNumber: number;
  readonly span: ActivitySpan;
  readonly startsAtMs: number;
  /** Who counted: rows of different writers add up. */
  readonly writer: string;
  readonly counts: ActivityCounts;
}

export interface ActivityStore {
  /** Saves rows; one that is there already is replaced, so that saving again counts nothing twice. */
  save(rows: readonly ActivityRow[]): Promise<void>;
  /** Rows of a webhook that start in a period. */
  read(
    workspaceNumber: number,
    webhookNumber: number,
    fromMs: number,
    toMs: number,
  ): Promise<readonly ActivityRow[]>;
  /**
   * Puts rows of a span that start before a time together to rows of a longer one, in one transaction; answers
   * how many rows that replaced, at most `limit`. `writer` names the new rows and must be new itself.
   */
  compact(
    from: ActivitySpan,
    to: ActivitySpan,
    beforeMs: number,
    writer: string,
    limit: number,
  ): Promise<number>;
  /** Removes rows of a span that start before a time; answers how many, at most `limit`. */
  remove(span: ActivitySpan, beforeMs: number, limit: number): Promise<number>;
}

export interface ReplayStore {
  create(replay: Replay): Promise<void>;
  /** Saves state, reason, position and counts. */
  save(replay: Replay): Promise<void>;
  find(workspaceNumber: number, id: ReplayId): Promise<Replay | null>;
  /** Newest first. */
  list(workspaceNumber: number, webhookNumber: number | null, page: PageRequest): Promise<Page<Replay>>;
  /** Those that are neither done nor cancelled, of every workspace. */
  unfinished(): Promise<readonly Replay[]>;
}

/** What one step of a retention sweep came to. */
export interface RetentionStep {
  /** Rows removed, or emptied of what was to go. */
  readonly removed: number;
  /** Where the next step goes on, to be handed back unchanged; null: the sweep is at its end. */
  readonly next: string | null;
}

/** Times before which something is old; null: never. */
export interface RetentionCuts {
  /** Of events, by their acceptance. */
  readonly eventsBeforeMs: number | null;
  /** Of deliveries, by their end. */
  readonly deliveriesBeforeMs: number | null;
  /** Of attempts, by their begin. */
  readonly exchangesBeforeMs: number | null;
}

/**
 * Removing what is old, in sweeps of small steps. A step looks at `limit` rows or a few more, however many
 * the store holds, and removes at most `limit` in one transaction; a sweep begins with `from` null.
 * A step is safe at any time, alone or among others: nothing that is still to be delivered is removed.
 */
export interface RetentionStore {
  /**
   * Drops what lies in partitions of time that are old as a whole, where the store has such; what must stay is
   * moved elsewhere before. Answers for how old things single rows are still to be looked for: what is
   * younger goes with its partition, soon.
   */
  dropPartitions(cuts: RetentionCuts): Promise<RetentionCuts>;
  /**
   * Removes the oldest events of a workspace, up to a place, and ends before the first event that is still
   * needed: one that a webhook has not settled (whatever state the webhook is in), or that comes after the
   * first event of a delivery that is `sending` or `retrying`, or inside or after the period of a replay
   * that is running or paused. So what a workspace keeps has no holes.
   */
  removeEvents(workspaceNumber: number, upToSeq: number, limit: number): Promise<RetentionStep>;
  /**
   * Removes deliveries of a workspace that ended before a time, with their attempts. A delivery stays as
   * long as any of its events, since it says that the webhook has had them.
   */
  removeDeliveries(
    workspaceNumber: number,
    endedBeforeMs: number,
    from: string | null,
    limit: number,
  ): Promise<RetentionStep>;
  /** Removes the attempts begun before a time; their deliveries keep how often, when last and with what result. */
  removeExchanges(startedBeforeMs: number, from: string | null, limit: number): Promise<RetentionStep>;
  /**
   * Removes what webhooks and tables that no longer exist have left behind: cursors, retries, attempts,
   * versions and health changes of the ones, rows of the others. Deliveries stay until their age; those that
   * are not finished are discarded.
   */
  removeLeftovers(from: string | null, limit: number): Promise<RetentionStep>;
}
