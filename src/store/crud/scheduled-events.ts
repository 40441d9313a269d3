import type { Selectable } from 'kysely';
import type { Clock } from '../../model/clock.ts';
import type { ScheduledEventId } from '../../model/ids.ts';
import { readCursor } from '../cursor.ts';
import type {
  EventPlace,
  NewScheduledEvent,
  Page,
  PageRequest,
  PublicationStore,
  ScheduledEvent,
  ScheduledState,
} from '../port.ts';
import type { Schema } from '../schema.ts';
import type { Database } from './database.ts';

export type StoredScheduledEvent = Selectable<Schema['scheduled_events']>;

/** The part of publishing that is not in a hurry, for both engines. */
export class ScheduledEvents
  implements
    Pick<
      PublicationStore,
      'findKey' | 'nextDueAtMs' | 'listScheduled' | 'findScheduled' | 'cancelScheduled' | 'removeOld'
    >
{
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async findKey(workspaceNumber: number, key: string): Promise<readonly EventPlace[] | null> {
    const found = await this.#database.reader
      .selectFrom('idempotency_keys')
      .select('places_json')
      .where('workspace_number', '=', workspaceNumber)
      .where('key', '=', key)
      .executeTakeFirst();
    return found ? (JSON.parse(found.places_json) as EventPlace[]) : null;
  }

  async nextDueAtMs(): Promise<number | null> {
    const found = await this.#database.reader
      .selectFrom('scheduled_events')
      .select('due_at')
      .where('state', '=', 'scheduled')
      .orderBy('due_at')
      .limit(1)
      .executeTakeFirst();
    return found?.due_at ?? null;
  }

  async listScheduled(
    workspaceNumber: number,
    state: ScheduledState | null,
    page: PageRequest,
  ): Promise<Page<ScheduledEvent>> {
    let query = this.#database.reader
      .selectFrom('scheduled_events')
      .selectAll()
      .where('workspace_number', '=', workspaceNumber)
      .orderBy('number', 'desc')
      .limit(page.limit + 1);
    if (state !== null) query = query.where('state', '=', state);
    if (page.cursor !== null) query = query.where('number', '<', readCursor(page.cursor));
    const found = await query.execute();
    const shown = found.slice(0, page.limit);
    return {
      items: shown.map(toScheduledEvent),
      nextCursor: found.length > page.limit ? String(shown.at(-1)?.number) : null,
    };
  }

  async findScheduled(workspaceNumber: number, id: ScheduledEventId): Promise<ScheduledEvent | null> {
    const found = await this.#database.reader
      .selectFrom('scheduled_events')
      .selectAll()
      .where('workspace_number', '=', workspaceNumber)
      .where('id', '=', id)
      .executeTakeFirst();
    return found ? toScheduledEvent(found) : null;
  }

  async cancelScheduled(event: ScheduledEvent, by: string): Promise<ScheduledEvent> {
    return this.#database.transaction(async (transaction) => {
      await transaction
        .updateTable('scheduled_events')
        .set({ state: 'cancelled', cancelled_by: by, finished_at: this.#clock.nowMs() })
        .where('id', '=', event.id)
        .where('state', '=', 'scheduled')
        .execute();
      const found = await transaction
        .selectFrom('scheduled_events')
        .selectAll()
        .where('id', '=', event.id)
        .executeTakeFirstOrThrow();
      return toScheduledEvent(found);
    });
  }

  async removeOld(keysBeforeMs: number, endedBeforeMs: number | null, limit: number): Promise<number> {
    const { reader } = this.#database;
    const keys = await reader
      .selectFrom('idempotency_keys')
      .select(['workspace_number', 'key'])
      .where('created_at', '<', keysBeforeMs)
      .orderBy('created_at')
      .limit(limit)
      .execute();
    const ended =
      endedBeforeMs === null
        ? []
        : await reader
            .selectFrom('scheduled_events')
            .select('number')
            .where('finished_at', '<', endedBeforeMs)
            .limit(limit)
            .execute();
    if (keys.length + ended.length === 0) return 0;
    await this.#database.transaction(async (transaction) => {
      for (const { workspace_number, key } of keys) {
        await transaction
          .deleteFrom('idempotency_keys')
          .where('workspace_number', '=', workspace_number)
          .where('key', '=', key)
          // It may have been used again since.
          .where('created_at', '<', keysBeforeMs)
          .execute();
      }
      const numbers = ended.map(({ number }) => number);
      if (numbers.length > 0) {
        await transaction.deleteFrom('scheduled_events').where('number', 'in', numbers).execute();
      }
    });
    return keys.length + ended.length;
  }
}

/** What `event_json` holds. */
type PrintedEvent = NewScheduledEvent['event'] & { readonly occurredAtMs: number | null };

export function printScheduled({ event, occurredAtMs }: NewScheduledEvent): string {
  return JSON.stringify({ ...event, occurredAtMs } satisfies PrintedEvent);
}

export function toScheduledEvent(stored: StoredScheduledEvent): ScheduledEvent {
  const { occurredAtMs, ...event } = JSON.parse(stored.event_json) as PrintedEvent;
  return {
    id: stored.id as ScheduledEventId,
    workspaceNumber: stored.workspace_number,
    dueAtMs: stored.due_at,
    occurredAtMs,
    event,
    createdAtMs: stored.created_at,
    outcome: outcomeOf(stored),
  };
}

function outcomeOf(stored: StoredScheduledEvent): ScheduledEvent['outcome'] {
  const atMs = stored.finished_at ?? 0;
  if (stored.event_seq !== null) {
    const place = { seq: stored.event_seq, acceptedAtMs: stored.event_accepted_at ?? 0 };
    return { state: 'published', place, atMs };
  }
  if (stored.state === 'cancelled') return { state: 'cancelled', by: stored.cancelled_by ?? '', atMs };
  return { state: 'scheduled' };
}
