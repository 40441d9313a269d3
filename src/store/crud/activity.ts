import type { Selectable } from 'kysely';
import { type ActivitySpan, addActivity, noActivity, spanMs } from '../../model/activity.ts';
import type { ActivityRow, ActivityStore } from '../port.ts';
import type { Schema } from '../schema.ts';
import type { Database } from './database.ts';

/** Rows of one INSERT: SQLite takes so many parameters, and no more. */
const rowsPerStatement = 500;

export class Activity implements ActivityStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async save(rows: readonly ActivityRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#database.transaction(async (transaction) => {
      for (let start = 0; start < rows.length; start += rowsPerStatement) {
        await transaction
          .insertInto('activity')
          .values(rows.slice(start, start + rowsPerStatement).map(columnsOf))
          .onConflict((conflict) =>
            conflict
              .columns(['workspace_number', 'webhook_number', 'starts_at', 'span', 'writer'])
              .doUpdateSet((expression) => ({
                attempts: expression.ref('excluded.attempts'),
                succeeded: expression.ref('excluded.succeeded'),
                failed: expression.ref('excluded.failed'),
                exhausted: expression.ref('excluded.exhausted'),
                latencies: expression.ref('excluded.latencies'),
              })),
          )
          .execute();
      }
    });
  }

  async read(
    workspaceNumber: number,
    webhookNumber: number,
    fromMs: number,
    toMs: number,
  ): Promise<readonly ActivityRow[]> {
    const found = await this.#database.reader
      .selectFrom('activity')
      .selectAll()
      .where('workspace_number', '=', workspaceNumber)
      .where('webhook_number', '=', webhookNumber)
      .where('starts_at', '>=', fromMs)
      .where('starts_at', '<', toMs)
      .execute();
    return found.map(toRow);
  }

  async compact(
    from: ActivitySpan,
    to: ActivitySpan,
    beforeMs: number,
    writer: string,
    limit: number,
  ): Promise<number> {
    return this.#database.transaction(async (transaction) => {
      // Deleting says which rows are this call's, whoever else compacts at the same time.
      const replaced = await transaction
        .deleteFrom('activity')
        .where('number', 'in', (expression) =>
          expression
            .selectFrom('activity')
            .select('number')
            .where('span', '=', from)
            .where('starts_at', '<', beforeMs)
            .orderBy('starts_at')
            .limit(limit),
        )
        .returningAll()
        .execute();
      const rows = together(replaced.map(toRow), to, writer);
      if (rows.length > 0) await transaction.insertInto('activity').values(rows.map(columnsOf)).execute();
      return replaced.length;
    });
  }

  async remove(span: ActivitySpan, beforeMs: number, limit: number): Promise<number> {
    return this.#database.transaction(async (transaction) => {
      const removed = await transaction
        .deleteFrom('activity')
        .where('number', 'in', (expression) =>
          expression
            .selectFrom('activity')
            .select('number')
            .where('span', '=', span)
            .where('starts_at', '<', beforeMs)
            .limit(limit),
        )
        .executeTakeFirst();
      return Number(removed.numDeletedRows);
    });
  }
}

/** The rows summed up, one for each webhook and longer span. */
function together(rows: readonly ActivityRow[], span: ActivitySpan, writer: string): readonly ActivityRow[] {
  const sums = new Map<string, ActivityRow>();
  for (const row of rows) {
    const startsAtMs = row.startsAtMs - (row.startsAtMs % spanMs[span]);
    const key = `${row.workspaceNumber} ${row.webhookNumber} ${startsAtMs}`;
    const counts = addActivity(sums.get(key)?.counts ?? noActivity, row.counts);
    sums.set(key, { ...row, span, startsAtMs, writer, counts });
  }
  return [...sums.values()];
}

function columnsOf({ workspaceNumber, webhookNumber, span, startsAtMs, writer, counts }: ActivityRow) {
  return {
    workspace_number: workspaceNumber,
    webhook_number: webhookNumber,
    span,
    starts_at: startsAtMs,
    writer,
    attempts: counts.attempts,
    succeeded: counts.succeeded,
    failed: counts.failed,
    exhausted: counts.exhausted,
    latencies: JSON.stringify(counts.latencies),
  };
}

function toRow(stored: Selectable<Schema['activity']>): ActivityRow {
  return {
    workspaceNumber: stored.workspace_number,
    webhookNumber: stored.webhook_number,
    span: stored.span as ActivitySpan,
    startsAtMs: stored.starts_at,
    writer: stored.writer,
    counts: {
      attempts: stored.attempts,
      succeeded: stored.succeeded,
      failed: stored.failed,
      exhausted: stored.exhausted,
      latencies: JSON.parse(stored.latencies) as number[],
    },
  };
}
