import type { RowId } from '../../model/ids.ts';
import type { Row } from '../../model/table.ts';
import type { RowChanges } from '../port.ts';
import type { ChangedRow } from './cell-indexes.ts';

/** What becomes of the rows of a table when all changes of a group are written. */
export interface RowWrites {
  readonly inserts: readonly Row[];
  readonly updates: readonly Row[];
  readonly deletes: readonly RowId[];
  /** For the indexes of cells. */
  readonly changed: readonly ChangedRow[];
}

/**
 * The rows that a group of changes is about: as they were read, and on top of that what the changes decided
 * so far would make of them. So each change sees what the ones before it did, though nothing is written yet.
 */
export class RowOverlay {
  readonly #read: ReadonlyMap<RowId, Row>;
  readonly #after = new Map<RowId, Row | null>();
  /** Changed without having been read: the table is to say whether they exist. */
  readonly #blind = new Set<RowId>();
  nextNumber: number;
  readonly #firstNumber: number;

  constructor(read: readonly Row[], nextNumber: number) {
    this.#read = new Map(read.map((row) => [row.id, row]));
    this.#firstNumber = nextNumber;
    this.nextNumber = nextNumber;
  }

  /** Those of the rows that exist. */
  current(ids: readonly RowId[]): ReadonlyMap<RowId, Row> {
    const found = ids.map((id) => this.#now(id)).filter((row) => row !== null);
    return new Map(found.map((row) => [row.id, row]));
  }

  /** Takes a change in; throws, and takes nothing in, when it inserts a row that exists. */
  apply({ inserts, updates, deletes }: RowChanges<unknown>): void {
    const taken = inserts.find(({ id }) => this.#now(id) !== null);
    if (taken) throw new Error(`There is a row ${taken.id} already.`);
    for (const row of inserts) {
      this.#after.set(row.id, row);
      this.nextNumber = Math.max(this.nextNumber, row.number + 1);
    }
    for (const row of updates) {
      if (this.#now(row.id) === null) this.#blind.add(row.id);
      this.#after.set(row.id, row);
    }
    for (const id of deletes) this.#after.set(id, null);
  }

  get takesNumbers(): boolean {
    return this.nextNumber > this.#firstNumber;
  }

  writes(): RowWrites {
    const inserts: Row[] = [];
    const updates: Row[] = [];
    const deletes: RowId[] = [];
    const changed: ChangedRow[] = [];
    for (const [id, after] of this.#after) {
      const before = this.#read.get(id) ?? null;
      changed.push({ before, after });
      if (after === null) deletes.push(id);
      else if (before === null) (this.#blind.has(id) ? updates : inserts).push(after);
      else if (isSameRow(before, after)) updates.push(after);
      else {
        // Deleted and inserted again under the same id.
        deletes.push(id);
        inserts.push(after);
      }
    }
    return { inserts, updates, deletes, changed };
  }

  #now(id: RowId): Row | null {
    const after = this.#after.get(id);
    return after === undefined ? (this.#read.get(id) ?? null) : after;
  }
}

/** Whether an update makes the one into the other. */
function isSameRow(before: Row, after: Row): boolean {
  return (
    before.number === after.number &&
    before.createdAtMs === after.createdAtMs &&
    before.createdBy === after.createdBy
  );
}
