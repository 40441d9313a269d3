import type { Selectable } from 'kysely';
import type { ReplayId } from '../../model/ids.ts';
import type { Replay, ReplayScope, ReplayState } from '../../model/replay.ts';
import type { Page, PageRequest, ReplayStore } from '../port.ts';
import type { Schema } from '../schema.ts';
import type { Database } from './database.ts';

export class Replays implements ReplayStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async create(replay: Replay): Promise<void> {
    await this.#database.transaction((transaction) =>
      transaction
        .insertInto('replays')
        .values({
          id: replay.id,
          workspace_number: replay.workspaceNumber,
          webhook_number: replay.webhookNumber,
          scope: replay.scope,
          since: replay.sinceMs,
          until: replay.untilMs,
          from_seq: replay.fromSeq,
          to_seq: replay.toSeq,
          rate_per_second: replay.ratePerSecond,
          created_by: replay.createdBy,
          created_at: replay.createdAtMs,
          ...progressColumns(replay),
        })
        .execute(),
    );
  }

  async save(replay: Replay): Promise<void> {
    await this.#database.transaction((transaction) =>
      transaction.updateTable('replays').set(progressColumns(replay)).where('id', '=', replay.id).execute(),
    );
  }

  async find(workspaceNumber: number, id: ReplayId): Promise<Replay | null> {
    const found = await this.#database.reader
      .selectFrom('replays')
      .selectAll()
      .where('id', '=', id)
      .where('workspace_number', '=', workspaceNumber)
      .executeTakeFirst();
    return found ? toReplay(found) : null;
  }

  async list(
    workspaceNumber: number,
    webhookNumber: number | null,
    page: PageRequest,
  ): Promise<Page<Replay>> {
    let query = this.#database.reader
      .selectFrom('replays')
      .selectAll()
      .where('workspace_number', '=', workspaceNumber)
      .orderBy('number', 'desc')
      .limit(page.limit + 1);
    if (webhookNumber !== null) query = query.where('webhook_number', '=', webhookNumber);
    if (page.cursor !== null) query = query.where('number', '<', Number(page.cursor));
    const found = await query.execute();
    const shown = found.slice(0, page.limit);
    return {
      items: shown.map(toReplay),
      nextCursor: found.length > page.limit ? String(shown.at(-1)?.number) : null,
    };
  }

  async unfinished(): Promise<readonly Replay[]> {
    const found = await this.#database.reader
      .selectFrom('replays')
      .selectAll()
      .where('state', 'in', ['running', 'paused'])
      .orderBy('number')
      .execute();
    return found.map(toReplay);
  }
}

function progressColumns(replay: Replay) {
  return {
    position_seq: replay.positionSeq,
    state: replay.state,
    reason: replay.reason,
    succeeded: replay.succeeded,
    failed: replay.failed,
    finished_at: replay.finishedAtMs,
  };
}

function toReplay(found: Selectable<Schema['replays']>): Replay {
  return {
    id: found.id as ReplayId,
    workspaceNumber: found.workspace_number,
    webhookNumber: found.webhook_number,
    scope: found.scope as ReplayScope,
    sinceMs: found.since,
    untilMs: found.until,
    fromSeq: found.from_seq,
    toSeq: found.to_seq,
    positionSeq: found.position_seq,
    ratePerSecond: found.rate_per_second,
    state: found.state as ReplayState,
    reason: found.reason,
    succeeded: found.succeeded,
    failed: found.failed,
    createdBy: found.created_by,
    createdAtMs: found.created_at,
    finishedAtMs: found.finished_at,
  };
}
