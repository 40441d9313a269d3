import type { Database, Statement } from 'better-sqlite3';
import type { JournalEvent } from '../../model/event.ts';
import type { ChangeSetId, RowId } from '../../model/ids.ts';
import type { Row } from '../../model/table.ts';
import { type ChangeSet, type RowChanges, rememberedChangeSets } from '../port.ts';

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
type DeletedRow = readonly [id: RowId, createdAtMs: number, createdBy: string | null];

/** The last changes of each table: where their events are, and what undid what. */
export class ChangeSets {
  readonly #insert: Statement;
  readonly #setUndone: Statement<[string | null, number, string]>;
  readonly #undoneOf: Statement<[number, string], string>;
  readonly #forgetOld: Statement<[number, number]>;
  readonly #forgetAll: Statement<[number]>;
  readonly #list: Statement<[number], StoredChangeSet>;

  constructor(writer: Database, reader: Database) {
    this.#insert = writer.prepare(`
      INSERT INTO change_sets (table_number, id, first_seq, last_seq, changed_at, deleted_rows, undoes)
      VALUES (?, ?, ?, ?, ?, ?, ?)`);
    this.#setUndone = writer.prepare(
      'UPDATE change_sets SET undone_by = ? WHERE table_number = ? AND id = ?',
    );
    this.#undoneOf = writer
      .prepare<[number, string], string>('SELECT undoes FROM change_sets WHERE table_number = ? AND id = ?')
      .pluck();
    this.#forgetOld = writer.prepare(`
      DELETE FROM change_sets WHERE table_number = ? AND number <= (
        SELECT number FROM change_sets WHERE table_number = ?
        ORDER BY number DESC LIMIT 1 OFFSET ${rememberedChangeSets})`);
    this.#forgetAll = writer.prepare('DELETE FROM change_sets WHERE table_number = ?');
    this.#list = reader.prepare('SELECT * FROM change_sets WHERE table_number = ? ORDER BY number DESC');
  }

  /** Must run inside the transaction of the change. */
  remember(
    tableNumber: number,
    { deletes, undoes }: RowChanges<unknown>,
    current: ReadonlyMap<RowId, Row>,
    events: readonly JournalEvent[],
  ): void {
    const [first] = events;
    const id = first?.subject?.changeSetId;
    if (!first || id === undefined) return;
    const deleted = deletes.flatMap((row): DeletedRow[] => {
      const found = current.get(row);
      return found ? [[row, found.createdAtMs, found.createdBy]] : [];
    });
    this.#insert.run(
      tableNumber,
      id,
      first.seq,
      first.seq + events.length - 1,
      first.occurredAtMs,
      deleted.length > 0 ? JSON.stringify(deleted) : null,
      undoes ?? null,
    );
    if (undoes !== undefined) {
      this.#setUndone.run(id, tableNumber, undoes);
      // What the undone one had undone is in force again.
      const restored = this.#undoneOf.get(tableNumber, undoes);
      if (restored) this.#setUndone.run(null, tableNumber, restored);
    }
    this.#forgetOld.run(tableNumber, tableNumber);
  }

  list(tableNumber: number): readonly ChangeSet[] {
    return this.#list.all(tableNumber).map(toChangeSet);
  }

  forget(tableNumber: number): void {
    this.#forgetAll.run(tableNumber);
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
