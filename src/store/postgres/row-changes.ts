import type { Clock } from '../../model/clock.ts';
import type { JournalEvent } from '../../model/event.ts';
import type { RowId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Row, Table } from '../../model/table.ts';
import { type RowChanges, StructureChanged } from '../port.ts';
import { type Append, appendCall, appendedEvents } from './append.ts';
import {
  type CellIndex,
  indexCalls,
  indexesOfTable,
  lockTable,
  type StoredIndex,
  toIndexes,
} from './cell-indexes.ts';
import { changeSetCalls, newChangeSet } from './change-sets.ts';
import type { Connections } from './connections.ts';
import { dayOf } from './days.ts';
import { GroupCommit } from './group-commit.ts';
import { jsonParameter } from './json-parameter.ts';
import type { Link } from './link.ts';
import { RowOverlay, type RowWrites } from './row-overlay.ts';
import type { Shards } from './shards.ts';
import { type Call, call, statement } from './statement.ts';
import { fromRow, type StoredRow, storedRowColumns, toRow } from './stored-row.ts';
import type { Tails } from './tails.ts';

type Decide = (current: ReadonlyMap<RowId, Row>, nextNumber: number) => RowChanges<unknown>;

interface Change {
  readonly table: Table;
  readonly rowIds: readonly RowId[];
  readonly decide: Decide;
}

type Outcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: unknown };

/** About what a row costs to send or to read. */
const bytesOfRow = 1_000;

const currentRows = statement(`
  SELECT ${storedRowColumns} FROM rows WHERE shard = $1 AND table_number = $2 AND id = ANY($3::text[])`);
const rowFields = `id text, number bigint, cells text, created_at bigint, updated_at bigint, created_by text,
  updated_by text`;
const insertRows = statement(`
  INSERT INTO rows (shard, table_number, ${storedRowColumns})
  SELECT $1, $2, id, number, cells::jsonb, created_at, updated_at, created_by, updated_by
  FROM json_to_recordset($3::json) AS incoming (${rowFields})`);
const updateRows = statement(`
  UPDATE rows SET cells = incoming.cells::jsonb, updated_at = incoming.updated_at, updated_by = incoming.updated_by
  FROM json_to_recordset($3::json) AS incoming (${rowFields})
  WHERE rows.shard = $1 AND rows.table_number = $2 AND rows.id = incoming.id`);
const deleteRows = statement(
  'DELETE FROM rows WHERE shard = $1 AND table_number = $2 AND id = ANY($3::text[])',
);
const setNextNumber = statement('UPDATE base_tables SET next_row_number = $2 WHERE number = $1');

/**
 * Changes of rows. Those of one table that are asked for at the same moment share a transaction: it locks the
 * table, reads the rows that any of them names, lets each decide on what the ones before it leave, and
 * writes what comes of it all. So a change that is refused has written nothing, and costs nothing.
 */
export class RowChanger {
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #shards: Shards;
  readonly #tails: Tails;
  readonly #groups = new Map<number, GroupCommit<Change, Outcome>>();

  constructor(connections: Connections, clock: Clock, shards: Shards, tails: Tails) {
    this.#connections = connections;
    this.#clock = clock;
    this.#shards = shards;
    this.#tails = tails;
  }

  async change(table: Table, rowIds: readonly RowId[], decide: Decide): Promise<unknown> {
    const group = this.#groups.get(table.number) ?? this.#newGroup(table.number);
    const outcome = await group.add({ table, rowIds, decide });
    if (outcome.ok) return outcome.result;
    throw outcome.error;
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group.drain()));
  }

  #newGroup(tableNumber: number): GroupCommit<Change, Outcome> {
    const group = new GroupCommit<Change, Outcome>({
      commit: (changes) => this.#commit(tableNumber, changes),
      bytesOf: ({ rowIds }) => (rowIds.length + 1) * bytesOfRow,
    });
    this.#groups.set(tableNumber, group);
    return group;
  }

  async #commit(tableNumber: number, changes: readonly Change[]): Promise<readonly Outcome[]> {
    const { outcomes, shard, events } = await this.#connections.write((link) =>
      this.#write(link, tableNumber, changes),
    );
    if (events.length > 0) await this.#tails.appended([{ shard, events }]);
    return outcomes;
  }

  async #write(
    link: Link,
    tableNumber: number,
    changes: readonly Change[],
  ): Promise<{ outcomes: readonly Outcome[]; shard: number; events: readonly JournalEvent[] }> {
    const [first] = changes;
    const workspaceNumber = first?.table.workspaceNumber ?? 0;
    const shard = this.#shards.ofWorkspace(workspaceNumber);
    const ids = [...new Set(changes.flatMap(({ rowIds }) => rowIds))];
    // The rows are read by a statement of their own behind the lock: so it sees what the last holder has written.
    const [lock, found, rows] = await link.open([
      call(lockTable, tableNumber),
      call(indexesOfTable, tableNumber),
      ...(ids.length > 0 ? [call(currentRows, shard, tableNumber, ids)] : []),
    ]);
    const [locked] = (lock?.rows ?? []) as { next_row_number: number; version: number }[];
    if (locked === undefined) {
      await link.undo();
      return { outcomes: changes.map(gone), shard, events: [] };
    }
    const read = ((rows?.rows ?? []) as StoredRow[]).map(toRow);
    const overlay = new RowOverlay(read, locked.next_row_number);
    const decided = changes.map((change) =>
      change.table.version === locked.version ? decideOn(overlay, change) : outdated(change),
    );
    const appends = decided.flatMap(({ told }) =>
      told ? [{ ...told, shard, workspaceNumber, acceptedAtMs: this.#clock.nowMs() }] : [],
    );
    const outcomes = decided.map(({ outcome }) => outcome);
    const calls = [
      ...rowCalls(shard, tableNumber, overlay, toIndexes((found?.rows ?? []) as StoredIndex[])),
      ...changeSetCalls(shard, tableNumber, appends),
      ...(appends.length > 0 ? [appendCall(appends, dayOf(this.#clock.nowMs()))] : []),
    ];
    if (calls.length === 0) {
      await link.undo();
      return { outcomes, shard, events: [] };
    }
    const results = await link.commitWith(calls);
    const events = appends.length > 0 ? appendedEvents(appends, results.at(-1)?.rows ?? []).flat() : [];
    return { outcomes, shard, events };
  }
}

type Told = Pick<Append, 'events' | 'changeSet'>;

function decideOn(
  overlay: RowOverlay,
  { table, rowIds, decide }: Change,
): { outcome: Outcome; told: Told | null } {
  try {
    const current = overlay.current(rowIds);
    const changes = decide(current, overlay.nextNumber);
    overlay.apply(changes);
    const changeSet = newChangeSet(table.number, changes, current);
    const told = { events: changes.events, ...(changeSet ? { changeSet } : {}) };
    return { outcome: { ok: true, result: changes.result }, told: changes.events.length > 0 ? told : null };
  } catch (error) {
    return { outcome: { ok: false, error }, told: null };
  }
}

/** Another process has changed the structure: the caller knows the columns as they were. */
function outdated({ table }: Change): { outcome: Outcome; told: null } {
  return { outcome: { ok: false, error: new StructureChanged(table) }, told: null };
}

function gone({ table }: Change): Outcome {
  return { ok: false, error: new Problem('not-found', `The table "${table.name}" was deleted meanwhile.`) };
}

function rowCalls(
  shard: number,
  tableNumber: number,
  overlay: RowOverlay,
  indexes: readonly CellIndex[],
): Call[] {
  const { inserts, updates, deletes, changed }: RowWrites = overlay.writes();
  const rows = (asked: typeof insertRows, some: readonly Row[]): Call[] =>
    some.length > 0 ? [call(asked, shard, tableNumber, jsonParameter(some.map(fromRow)))] : [];
  return [
    ...(deletes.length > 0 ? [call(deleteRows, shard, tableNumber, deletes)] : []),
    ...rows(insertRows, inserts),
    ...rows(updateRows, updates),
    ...(overlay.takesNumbers ? [call(setNextNumber, tableNumber, overlay.nextNumber)] : []),
    ...indexCalls(shard, indexes, changed),
  ];
}
