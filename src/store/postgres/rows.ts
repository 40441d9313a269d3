import type { Clock } from '../../model/clock.ts';
import type { RowId } from '../../model/ids.ts';
import type { Row, Table } from '../../model/table.ts';
import type { ChangeSet, Page, PageRequest, RowChanges, RowQuery, RowStore } from '../port.ts';
import { CellIndexes } from './cell-indexes.ts';
import { ChangeSets } from './change-sets.ts';
import type { Connections } from './connections.ts';
import { RowChanger } from './row-changes.ts';
import { RowQueries } from './row-queries.ts';
import type { Shards } from './shards.ts';
import { call, statement } from './statement.ts';
import { type StoredRow, storedRowColumns, toRow } from './stored-row.ts';
import type { Tails } from './tails.ts';

/** Rows removed in one transaction when their table goes, so that nothing else waits long. */
const deletedAtOnce = 2_000;

const find = statement(`
  SELECT ${storedRowColumns} FROM rows WHERE shard = $1 AND table_number = $2 AND id = $3`);
const count = statement('SELECT count(*) AS count FROM rows WHERE shard = $1 AND table_number = $2');
const deleteSome = statement(`
  DELETE FROM rows WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM rows WHERE shard = $1 AND table_number = $2 LIMIT ${deletedAtOnce}))`);

export class Rows implements RowStore {
  readonly #connections: Connections;
  readonly #shards: Shards;
  readonly #changer: RowChanger;
  readonly #changeSets: ChangeSets;
  readonly #indexes: CellIndexes;
  readonly #queries: RowQueries;

  constructor(connections: Connections, clock: Clock, shards: Shards, tails: Tails) {
    this.#connections = connections;
    this.#shards = shards;
    this.#changer = new RowChanger(connections, clock, shards, tails);
    this.#changeSets = new ChangeSets(connections);
    this.#indexes = new CellIndexes(connections, shards);
    this.#queries = new RowQueries(connections, this.#indexes, shards);
  }

  change<Result>(
    table: Table,
    rowIds: readonly RowId[],
    decide: (current: ReadonlyMap<RowId, Row>, nextNumber: number) => RowChanges<Result>,
  ): Promise<Result> {
    return this.#changer.change(table, rowIds, decide) as Promise<Result>;
  }

  list(table: Table, page: PageRequest): Promise<Page<Row>> {
    return this.#queries.page(table, { conditions: [], sort: null }, page);
  }

  query(table: Table, query: RowQuery, page: PageRequest): Promise<Page<Row>> {
    return this.#queries.page(table, query, page);
  }

  changeSets(table: Table): Promise<readonly ChangeSet[]> {
    return this.#changeSets.list(this.#shards.ofWorkspace(table.workspaceNumber), table.number);
  }

  followColumns(table: Table): Promise<void> {
    return this.#connections.hold(() => this.#indexes.follow(table));
  }

  async find(table: Table, id: RowId): Promise<Row | null> {
    const shard = this.#shards.ofWorkspace(table.workspaceNumber);
    const [stored] = await this.#connections.read<StoredRow>(find, [shard, table.number, id]);
    return stored ? toRow(stored) : null;
  }

  async count(table: Table): Promise<number> {
    const shard = this.#shards.ofWorkspace(table.workspaceNumber);
    const [found] = await this.#connections.read<{ count: number }>(count, [shard, table.number]);
    return found?.count ?? 0;
  }

  /** Removes every row of a table that is gone, in steps. */
  deleteAll(table: Pick<Table, 'number' | 'workspaceNumber'>): Promise<void> {
    return this.#connections.hold(() => this.#deleteAll(table));
  }

  /** Changes under way end, and work in the background does after its step. */
  async stop(): Promise<void> {
    await this.#indexes.stop();
    await this.#changer.drain();
  }

  async #deleteAll(table: Pick<Table, 'number' | 'workspaceNumber'>): Promise<void> {
    const shard = this.#shards.ofWorkspace(table.workspaceNumber);
    await this.#indexes.dropTable(table);
    await this.#changeSets.forget(shard, table.number);
    for (;;) {
      const [result] = await this.#connections.write((link) =>
        link.commitAll([call(deleteSome, shard, table.number)]),
      );
      if ((result?.rowCount ?? 0) < deletedAtOnce) return;
    }
  }
}
