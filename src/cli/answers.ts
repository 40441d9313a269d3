import type { Static } from 'typebox';
import type { attemptSchema, deliverySchema } from '../api/delivery-answers.ts';
import type { showEvent } from '../api/event-answers.ts';
import type { eventTypeSchema, importReportSchema } from '../api/event-type-answers.ts';
import type { baseSchema, tableSchema } from '../api/table-answers.ts';
import type { createdWebhookSchema, secretsAnswer, webhookSchema } from '../api/webhook-schemas.ts';

/** What the API answers, as its schemas have it. */
export type BaseAnswer = Static<typeof baseSchema>;
export type TableAnswer = Static<typeof tableSchema>;
export type WebhookAnswer = Static<typeof webhookSchema>;
export type CreatedWebhookAnswer = Static<typeof createdWebhookSchema>;
export type SecretsAnswer = Static<typeof secretsAnswer>;
export type DeliveryAnswer = Static<typeof deliverySchema>;
export type AttemptAnswer = Static<typeof attemptSchema>;
export type EventTypeAnswer = Static<typeof eventTypeSchema>;
export type EventTypeImportAnswer = Static<typeof importReportSchema>;
export type EventAnswer = ReturnType<typeof showEvent>;

export interface VerdictAnswer {
  readonly id: string;
  readonly name: string;
  readonly fires: boolean;
  readonly reason: string;
  readonly text: string;
}

export interface RowAnswer {
  readonly id: string;
  readonly number: number;
  readonly cells: Readonly<Record<string, unknown>>;
}

/** Why a row of a file was not imported. */
export interface FaultAnswer {
  readonly line: number | null;
  readonly column: string | null;
  readonly detail: string;
}

export interface ImportAnswer {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly rowsImported: number;
  readonly rowsSkipped: number;
  readonly skipped: readonly FaultAnswer[];
  readonly bytesRead: number;
  readonly error: FaultAnswer | null;
}

export interface ReplayAnswer {
  readonly id: string;
  readonly scope: string;
  readonly since: string;
  readonly until: string;
  readonly state: 'running' | 'paused' | 'cancelled' | 'done';
  readonly reason: string | null;
  /** Part of the period that has been dealt with, 0 to 1. */
  readonly progress: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export interface ReplayCountAnswer {
  readonly deliveries: number;
  readonly events: number;
  /** Part of the period that was looked at, 0 to 1. */
  readonly counted: number;
}

export interface InboxAnswer {
  readonly name: string;
  readonly received: number;
  readonly repeats: number;
  readonly lastReceivedAt: string | null;
  readonly behaviour: {
    readonly kind: string;
    readonly status?: number;
    readonly delayMs?: number;
    readonly forNextRequests: number | null;
  };
}

/** A request that an inbox received. */
export interface ReceivedAnswer {
  readonly number: number;
  readonly receivedAt: string;
  readonly method: string;
  readonly path: string;
  readonly repeat: boolean;
  readonly verdict: string;
  readonly answer: { readonly status?: number };
  readonly body: string | null;
}

export interface InboxPageAnswer extends InboxAnswer {
  readonly data: readonly ReceivedAnswer[];
}
