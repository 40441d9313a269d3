import type { ChangeSetId, RowId } from '../../model/ids.ts';
import type { Row } from '../../model/table.ts';
import { type ChangeSet, type RowChanges, rememberedChangeSets } from '../port.ts';
import type { NewChangeSet } from './append.ts';
import type { Connections } from './connections.ts';
import { type Call, call, statement } from './statement.ts';

interface StoredChangeSet {
  readonly id: string;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly changed_at: number;
  readonly deleted_rows: string | null;
  readonly undoes: string | null;
  readonly undone_by: string | null;
}

/** Id, time of insertion and author of a row that was deleted. */
type DeletedRow = NewChangeSet['deletedRows'][number];

const setUndone = statement(`
  UPDATE change_sets SET undone_by = $4 WHERE shard = $1 AND table_number = $2 AND id = $3`);
// What the undone one had undone is in force again.
const restore = statement(`
  UPDATE change_sets SET undone_by = NULL WHERE shard = $1 AND table_number = $2 AND id = (
    SELECT undoes FROM change_sets WHERE shard = $1 AND table_number = $2 AND id = $3)`);
const forgetOld = statement(`
  DELETE FROM change_sets WHERE shard = $1 AND table_number = $2 AND number <= (
    SELECT number FROM change_sets WHERE shard = $1 AND table_number = $2 ORDER BY number DESC LIMIT 1 OFFSET $3)`);
const forgetAll = statement('DELETE FROM change_sets WHERE shard = $1 AND table_number = $2');
const list = statement(`
  SELECT id, first_seq, last_seq, changed_at, deleted_rows, undoes, undone_by FROM change_sets
  WHERE shard = $1 AND table_number = $2 ORDER BY number DESC`);

/** What is to be remembered of a change, together with its events; null when they tell of no change of rows. */
export function newChangeSet(
  tableNumber: number,
  { events, deletes, undoes }: RowChanges<unknown>,
  current: ReadonlyMap<RowId, Row>,
): NewChangeSet | null {
  const [first] = events;
  const id = first?.subject?.changeSetId;
  if (!first || id === undefined) return null;
  const deletedRows = deletes.flatMap((row): DeletedRow[] => {
    const found = current.get(row);
    return found ? [[row, found.createdAtMs, found.createdBy]] : [];
  });
  return { tableNumber, id, changedAtMs: first.occurredAtMs, deletedRows, undoes: undoes ?? null };
}

/** What the table of change sets goes through before the new ones come in with their events (`append.ts`). */
export function changeSetCalls(
  shard: number,
  tableNumber: number,
  appends: ReadonlyArray<{ readonly changeSet?: NewChangeSet }>,
): Call[] {
  const changeSets = appends.flatMap(({ changeSet }) => changeSet ?? []);
  if (changeSets.length === 0) return [];
  const undone = changeSets.flatMap(({ id, undoes }) =>
    undoes === null
      ? []
      : [call(setUndone, shard, tableNumber, undoes, id), call(restore, shard, tableNumber, undoes)],
  );
  const left = Math.max(rememberedChangeSets - changeSets.length, 0);
  return [...undone, call(forgetOld, shard, tableNumber, left)];
}

/** The last changes of each table: where their events are, and what undid what. */
export class ChangeSets {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async list(shard: number, tableNumber: number): Promise<readonly ChangeSet[]> {
    const stored = await this.#connections.read<StoredChangeSet>(list, [shard, tableNumber]);
    return stored.slice(0, rememberedChangeSets).map(toChangeSet);
  }

  async forget(shard: number, tableNumber: number): Promise<void> {
    await this.#connections.write((link) => link.commitAll([call(forgetAll, shard, tableNumber)]));
  }
}

function toChangeSet(stored: StoredChangeSet): ChangeSet {
  const deleted = JSON.parse(stored.deleted_rows ?? '[]') as readonly DeletedRow[];
  return {
    id: stored.id as ChangeSetId,
    firstSeq: stored.first_seq,
    lastSeq: stored.last_seq,
    changedAtMs: stored.changed_at,
    deletedRows: new Map(deleted.map(([id, createdAtMs, createdBy]) => [id, { createdAtMs, createdBy }])),
    undoes: stored.undoes as ChangeSetId | null,
    undoneBy: stored.undone_by as ChangeSetId | null,
  };
}
