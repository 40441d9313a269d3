import type { Static } from 'typebox';
import type { attemptSchema, deliverySchema } from '../api/delivery-answers.ts';
import type { showEvent } from '../api/event-answers.ts';
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
