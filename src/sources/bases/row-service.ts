import type { Clock } from '../../model/clock.ts';
import { type ChangeSetId, newChangeSetId, type RowId } from '../../model/ids.ts';
import { invalidField } from '../../model/problem.ts';
import type { Actor, Row, Table } from '../../model/table.ts';
import type { PageRequest, RowChanges, RowStore } from '../../store/port.ts';
import type { TableAddress } from './address.ts';
import { limits } from './limits.ts';
import {
  decideDelete,
  decideDuplicate,
  decideInsert,
  decideUpdate,
  noSuchRow,
  type RowInput,
  type RowUpdateInput,
  type TableRows,
} from './row-changes.ts';
import type { ChangeContext } from './row-events.ts';
import { allRows, type RowQueryInput, readRowQuery } from './row-query.ts';
import type { StructureCache } from './structure-cache.ts';

/** A page of rows, and the table as it was when they were read. */
export interface RowPage extends TableRows {
  readonly nextCursor: string | null;
}

/** What a change of rows came to. */
export type Changed<Result> = Result & {
  /** Under which it can be undone; null when nothing changed. */
  readonly changeSetId: ChangeSetId | null;
};

/** The rows of tables. Every change of a row commits together with its event. */
export class RowService {
  readonly #store: RowStore;
  readonly #structures: StructureCache;
  readonly #clock: Clock;

  constructor(store: RowStore, structures: StructureCache, clock: Clock) {
    this.#store = store;
    this.#structures = structures;
    this.#clock = clock;
  }

  /** Inserts rows in order: all of them, or none. */
  async insert(address: TableAddress, rows: readonly RowInput[], actor: Actor): Promise<Changed<TableRows>> {
    requireCount(rows.length, '/rows');
    return this.#change(address, [], actor, (table, _current, nextNumber, context) =>
      decideInsert(table, rows, nextNumber, context),
    );
  }

  /** Gives rows new cells, leaving those not named: all of the rows, or none. */
  async update(
    address: TableAddress,
    rows: readonly RowUpdateInput[],
    actor: Actor,
  ): Promise<Changed<TableRows>> {
    requireCount(rows.length, '/rows');
    const ids = rows.map(({ id }) => id as RowId);
    return this.#change(address, ids, actor, (table, current, _nextNumber, context) =>
      decideUpdate(table, rows, current, context),
    );
  }

  /** Deletes rows: all of them, or none. Answers how many. */
  async delete(
    address: TableAddress,
    ids: readonly string[],
    actor: Actor,
  ): Promise<Changed<{ readonly deleted: number }>> {
    requireCount(ids.length, '/ids');
    const rowIds = ids as readonly RowId[];
    return this.#change(address, rowIds, actor, (table, current, _nextNumber, context) => {
      const changes = decideDelete(table, rowIds, current, context);
      return { ...changes, result: { deleted: changes.result } };
    });
  }

  /** Inserts a row again, under a new id. */
  async duplicate(address: TableAddress, id: string, actor: Actor): Promise<Changed<TableRows>> {
    const rowId = id as RowId;
    return this.#change(address, [rowId], actor, (table, current, nextNumber, context) =>
      decideDuplicate(table, rowId, current, nextNumber, context),
    );
  }

  /** The rows that every filter leaves, sorted by a column, or in the order in which they were made. */
  list(address: TableAddress, page: PageRequest, query: RowQueryInput = allRows): Promise<RowPage> {
    return this.#structures.use(address.workspaceNumber, address.base, async (open) => {
      const table = open.table(address.table);
      const { items, nextCursor } = await this.#store.query(table, readRowQuery(table, query), page);
      return { table: open.table(table.id), rows: items, nextCursor };
    });
  }

  get(address: TableAddress, id: string): Promise<{ readonly table: Table; readonly row: Row }> {
    return this.#structures.use(address.workspaceNumber, address.base, async (open) => {
      const table = open.table(address.table);
      const row = await this.#store.find(table, id as RowId);
      if (!row) throw noSuchRow(table, id);
      return { table: open.table(table.id), row };
    });
  }

  async #change<Result extends object>(
    address: TableAddress,
    ids: readonly RowId[],
    actor: Actor,
    decide: (
      table: Table,
      current: ReadonlyMap<RowId, Row>,
      nextNumber: number,
      context: ChangeContext,
    ) => RowChanges<Result>,
  ): Promise<Changed<Result>> {
    const context = { actor, changeSetId: newChangeSetId(), nowMs: this.#clock.nowMs() };
    return this.#structures.use(address.workspaceNumber, address.base, async (open) => {
      const { id } = open.table(address.table);
      // The table may get another structure while the change waits for its turn.
      return this.#store.change(open.table(id), ids, (current, nextNumber) => {
        const changes = decide(open.table(id), current, nextNumber, context);
        const changeSetId = changes.events.length > 0 ? context.changeSetId : null;
        return { ...changes, result: { ...changes.result, changeSetId } };
      });
    });
  }
}

function requireCount(count: number, pointer: string): void {
  if (count === 0) throw invalidField(pointer, 'must not be empty');
  if (count > limits.rowsPerCall) {
    throw invalidField(pointer, `one call takes at most ${limits.rowsPerCall} rows; got ${count}`);
  }
}
