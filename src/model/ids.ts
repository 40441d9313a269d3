import { randomBytes } from 'node:crypto';

/**
 * Branded ids: a webhook's id cannot be passed where a base's id is wanted.
 *
 * Row ids have 22 characters and table ids 4, as in SeaTable, so that its payload format needs no
 * mapping; base ids are 32 hexadecimal digits, which SeaTable calls `dtable_uuid`.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type WorkspaceId = Branded<'workspace'>;
export type TokenId = Branded<'token'>;
export type BaseId = Branded<'base'>;
export type TableId = Branded<'table'>;
export type ColumnKey = Branded<'column'>;
export type RowId = Branded<'row'>;
export type WebhookId = Branded<'webhook'>;
export type EventId = Branded<'event'>;
export type DeliveryId = Branded<'delivery'>;
export type ChangeSetId = Branded<'changeSet'>;
export type ImportId = Branded<'import'>;
export type ReplayId = Branded<'replay'>;
export type ScheduledEventId = Branded<'scheduledEvent'>;
export type PersonId = Branded<'person'>;
export type SessionId = Branded<'session'>;
export type PortalLinkId = Branded<'portalLink'>;

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `length` random characters out of 62, without bias. */
export function randomCharacters(length: number): string {
  let characters = '';
  while (characters.length < length) {
    for (const byte of randomBytes(length * 2)) {
      if (byte < 248 && characters.length < length) characters += alphabet.charAt(byte % 62);
    }
  }
  return characters;
}

export const newWorkspaceId = (): WorkspaceId => `ws_${randomCharacters(16)}` as WorkspaceId;
export const newTokenId = (): TokenId => `tok_${randomCharacters(16)}` as TokenId;
export const newBaseId = (): BaseId => randomBytes(16).toString('hex') as BaseId;
export const newTableId = (): TableId => randomCharacters(4) as TableId;
export const newColumnKey = (): ColumnKey => randomCharacters(4) as ColumnKey;

/** 48 bits of time, then 80 random ones: rows made together lie together in the store's index. */
export function newRowId(): RowId {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  return bytes.toString('base64url') as RowId;
}

export const newWebhookId = (): WebhookId => `wh_${randomCharacters(16)}` as WebhookId;
export const newChangeSetId = (): ChangeSetId => `chg_${randomCharacters(16)}` as ChangeSetId;
export const newScheduledEventId = (): ScheduledEventId => `sch_${randomCharacters(20)}` as ScheduledEventId;
export const newReplayId = (): ReplayId => `rpl_${randomCharacters(16)}` as ReplayId;
export const newPersonId = (): PersonId => `per_${randomCharacters(16)}` as PersonId;
export const newSessionId = (): SessionId => `ses_${randomCharacters(16)}` as SessionId;
export const newPortalLinkId = (): PortalLinkId => `ptl_${randomCharacters(16)}` as PortalLinkId;
export const newImportId = (): ImportId => `imp_${randomCharacters(16)}` as ImportId;

// Event and delivery ids carry the place of what they name, so that finding it needs no index, and the
// time, so that a sequence number given out again after a restore from a backup makes another id.
const timeDigits = 9;
const seqDigits = 8;

const base36 = (value: number, digits: number): string => value.toString(36).padStart(digits, '0');

/** The id of the event at `seq` of the journal, accepted at `acceptedAtMs`. Sorts by time of acceptance. */
export function eventId(acceptedAtMs: number, seq: number): EventId {
  return `evt_${base36(acceptedAtMs, timeDigits)}${base36(seq, seqDigits)}` as EventId;
}

/** What an event id says, or null when it is not one. */
export function parseEventId(id: string): { acceptedAtMs: number; seq: number } | null {
  const match = /^evt_([0-9a-z]{9})([0-9a-z]{8,10})$/.exec(id);
  if (!match?.[1] || !match[2]) return null;
  const place = { acceptedAtMs: Number.parseInt(match[1], 36), seq: Number.parseInt(match[2], 36) };
  return Number.isSafeInteger(place.seq) ? place : null;
}

/**
 * The id of the delivery that starts with the event at `seq` for one webhook. It is a function of both,
 * so that a delivery repeated after a crash carries the same `webhook-id` although nothing recorded it.
 */
export function deliveryId(acceptedAtMs: number, seq: number, webhookNumber: number): DeliveryId {
  return `msg_${base36(acceptedAtMs, timeDigits)}${base36(seq, seqDigits)}_${webhookNumber.toString(36)}` as DeliveryId;
}

/** What a delivery id says, or null when it is not one. */
export function parseDeliveryId(
  id: string,
): { acceptedAtMs: number; seq: number; webhookNumber: number } | null {
  const match = /^msg_([0-9a-z]{9})([0-9a-z]{8,10})_([0-9a-z]{1,10})$/.exec(id);
  if (!match?.[1] || !match[2] || !match[3]) return null;
  const place = {
    acceptedAtMs: Number.parseInt(match[1], 36),
    seq: Number.parseInt(match[2], 36),
    webhookNumber: Number.parseInt(match[3], 36),
  };
  return Number.isSafeInteger(place.seq) && Number.isSafeInteger(place.webhookNumber) ? place : null;
}
