import type { Kysely, Transaction } from 'kysely';
import type { WebhookStart } from '../port.ts';
import type { Schema } from '../schema.ts';

/** Who changed a webhook, and where it was told to go on reading. */
export interface ChangeNote {
  readonly by: string;
  readonly starts: WebhookStart;
}

/** What the code shared by both engines needs of a database. */
export interface Database {
  /** For single reads. */
  readonly reader: Kysely<Schema>;
  /**
   * Runs `work` in one transaction, in the asynchronous context of the caller, where the audit log finds on whose
   * behalf it is; resolves once it is durable.
   */
  transaction<Result>(work: (transaction: Transaction<Schema>) => Promise<Result>): Promise<Result>;
  /** Place of the last event in the journal of a workspace's shard, as the transaction sees it. */
  headSeq(transaction: Transaction<Schema>, workspaceNumber: number): Promise<number>;
  /** Sets the cursor of a webhook: it has settled everything up to `seq`, and nothing after it is counted yet. */
  placeCursor(transaction: Transaction<Schema>, webhookNumber: number, seq: number): Promise<void>;
  /** What other processes are to be told of the transaction's change of a webhook, besides how it is then. */
  noteChange(transaction: Transaction<Schema>, note: ChangeNote): Promise<void>;
  /** The number for a new webhook, where the database does not give it out by itself. */
  webhookNumber(transaction: Transaction<Schema>, workspaceNumber: number): Promise<{ number?: number }>;
}
