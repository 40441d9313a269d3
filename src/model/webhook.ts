import type { EventTypeName } from './event.ts';
import type { BaseId, ColumnKey, TableId, WebhookId } from './ids.ts';
import type { SecretKind, SigningSecrets } from './signing-secret.ts';

export const payloadFormats = ['standard', 'seatable', 'grist', 'codat', 'cloudevents', 'template'] as const;
export type PayloadFormat = (typeof payloadFormats)[number];

export const presets = ['plain', 'seatable', 'grist', 'codat'] as const;
export type Preset = (typeof presets)[number];

export type Order = 'ordered' | 'independent';
export type SuccessRule = '2xx' | '200';
/**
 * `standard`: Standard Webhooks with a secret that both sides know (`v1`); `standardAsymmetric`: with a private
 * key, whose public one the consumer knows (`v1a`). `seatable`: as SeaTable signs.
 */
export const signatures = ['standard', 'standardAsymmetric', 'seatable', 'none'] as const;
export type Signature = (typeof signatures)[number];

export interface RetrySchedule {
  /** Delays between an attempt's failure and the next attempt. N delays allow N + 1 attempts. */
  readonly delaysMs: readonly number[];
  /** After the last delay, go on for ever with it instead of giving up. */
  readonly forever: boolean;
  /** A delay d becomes a random one between d and d * (1 + jitter). 0 to 1. */
  readonly jitter: number;
}

export interface DisablePolicy {
  /** Attempts that fail in a row, over all deliveries; null: never. */
  readonly afterFailures: number | null;
  /** Every attempt failed for so long; null: never. */
  readonly afterFailingMs: number | null;
}

export interface BatchPolicy {
  readonly maxEvents: number;
  /** How long the first event of a batch may wait for others. */
  readonly maxWaitMs: number;
}

/** What a webhook shows its consumer in TLS, and whom the consumer must be. Texts are PEM. */
export interface ConsumerTls {
  /** Client certificate, with those between it and its authority; null: none is shown. */
  readonly certificate: string | null;
  /** Its private key. */
  readonly key: string | null;
  /** Authorities that alone may have signed the consumer's certificate; null: those that every webhook trusts. */
  readonly ca: string | null;
}

/** Everything a person may set about a webhook, complete: presets and defaults are already filled in. */
export interface WebhookSettings {
  readonly name: string;
  readonly memo: string;
  readonly url: string;
  readonly preset: Preset;
  /** Exact names, `group.*`, or `*`; at least one. */
  readonly eventTypes: readonly EventTypeName[];
  readonly baseId: BaseId | null;
  readonly tableId: TableId | null;
  /** Any of these `key:value` tags; empty: not filtered. */
  readonly tags: readonly string[];
  readonly readyColumn: ColumnKey | null;
  /** Gate updates only; empty: any column. */
  readonly filterColumns: readonly ColumnKey[];
  readonly filter: string | null;
  readonly format: PayloadFormat;
  readonly template: { readonly contentType: string; readonly source: string } | null;
  readonly signature: Signature;
  /** Lower-case names. Values of secret headers (see `isSecretHeader`) are write-only in the API. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null: nothing of its own in TLS. */
  readonly tls: ConsumerTls | null;
  readonly success: SuccessRule;
  /** Whole exchange: connecting, sending, and the answer. */
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly retry: RetrySchedule;
  readonly disable: DisablePolicy;
  readonly batch: BatchPolicy;
  readonly order: Order;
  /** Requests under way at once; an ordered webhook has 1. */
  readonly concurrency: number;
  /** Requests a second, with a burst of as many; null: unlimited. */
  readonly ratePerSecond: number | null;
}

/**
 * `active`: delivering. `degraded`: failing, one probe at a time. `paused`: by a person.
 * `disabled`: by policy. `invalid`: it needs something that no longer exists.
 */
export type WebhookState = 'active' | 'degraded' | 'paused' | 'disabled' | 'invalid';

export interface WebhookHealth {
  readonly state: WebhookState;
  readonly reason: string | null;
  readonly sinceMs: number;
  /** Attempts that failed in a row. */
  readonly failuresInRow: number;
  /** When the first of them failed. */
  readonly failingSinceMs: number | null;
}

export interface Webhook extends SigningSecrets {
  readonly id: WebhookId;
  /** Small number that stands for the webhook inside the store and in delivery ids. */
  readonly number: number;
  readonly workspaceNumber: number;
  /** Counts saves; a delivery names the version it was made with. */
  readonly version: number;
  readonly settings: WebhookSettings;
  readonly health: WebhookHealth;
  /** Events at or before this place in the journal are none of its business: it did not exist, or a person skipped them. */
  readonly startsAfterSeq: number;
  /** Counts the changes that people have made to it, of whatever kind: what was read with a lower one is older. */
  readonly revision: number;
  /**
   * How often people have changed its state. What an attempt says of its health counts only when nobody has
   * changed the state since the attempt was judged.
   */
  readonly interventions: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Whether the state lets deliveries leave. */
export function isRunning(state: WebhookState): boolean {
  return state === 'active' || state === 'degraded';
}

/** The kind of secret that a signature is made with; null: any, as none is made. */
export function secretKindOf(signature: Signature): SecretKind | null {
  if (signature === 'none') return null;
  return signature === 'standardAsymmetric' ? 'asymmetric' : 'symmetric';
}

/** Headers whose values are shown as `***` once saved. */
export function isSecretHeader(name: string): boolean {
  return /authorization|cookie|token|secret|password|api-?key|signature/i.test(name);
}
