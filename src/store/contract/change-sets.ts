import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { type ChangeSetId, newChangeSetId, type RowId } from '../../model/ids.ts';
import type { Row, Table } from '../../model/table.ts';
import { rememberedChangeSets, type Store } from '../port.ts';
import { newRow, newTable, rowEvent } from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

interface Change {
  readonly inserts?: number;
  readonly deletes?: readonly Row[];
  readonly undoes?: ChangeSetId;
  readonly silent?: boolean;
}

async function change(
  store: Store,
  table: Table,
  { inserts = 0, deletes = [], undoes, silent = false }: Change,
): Promise<{ id: ChangeSetId; rows: readonly Row[] }> {
  const id = newChangeSetId();
  const rows = await store.rows.change(
    table,
    deletes.map((row) => row.id),
    (_, nextNumber) => {
      const made = Array.from({ length: inserts }, (_row, place) => newRow(nextNumber + place, 'a'));
      const told: readonly (readonly ['row.inserted' | 'row.deleted', RowId])[] = [
        ...made.map((row) => ['row.inserted', row.id] as const),
        ...deletes.map((row) => ['row.deleted', row.id] as const),
      ];
      const events = told.map(([type, rowId]) => ({
        ...rowEvent(table, type, rowId),
        subject: { table, rowId, changeSetId: id },
      }));
      return {
        inserts: made,
        updates: [],
        deletes: deletes.map((row) => row.id),
        events: silent ? [] : events,
        result: made,
        ...(undoes === undefined ? {} : { undoes }),
      };
    },
  );
  return { id, rows };
}

export function changeSetsContract(createPlace: CreatePlace): void {
  describe('change sets', () => {
    storeTest(
      createPlace,
      'are remembered with the places of their events, the newest first',
      async (bench) => {
        const table = await newTable(bench.store);
        const other = await newTable(bench.store, 'Other');
        const first = await change(bench.store, table, { inserts: 2 });
        await change(bench.store, other, { inserts: 1 });
        await change(bench.store, table, { inserts: 1, silent: true });
        const second = await change(bench.store, table, { inserts: 1, deletes: first.rows.slice(0, 1) });
        const store = await bench.reopen();
        const sets = await store.rows.changeSets(table);
        assert.deepEqual(
          sets.map(({ id, firstSeq, lastSeq, undoes, undoneBy }) => [
            id,
            firstSeq,
            lastSeq,
            undoes,
            undoneBy,
          ]),
          [
            [second.id, 4, 5, null, null],
            [first.id, 1, 2, null, null],
          ],
        );
        const [row] = first.rows;
        assert.deepEqual(
          [...(sets[0]?.deletedRows ?? [])],
          [[row?.id, { createdAtMs: row?.createdAtMs, createdBy: row?.createdBy }]],
        );
      },
    );

    storeTest(createPlace, 'know what undid them, until that is undone itself', async ({ store }) => {
      const table = await newTable(store);
      const done = await change(store, table, { inserts: 1 });
      const undone = await change(store, table, { deletes: done.rows, undoes: done.id });
      const relations = async () =>
        (await store.rows.changeSets(table)).map(({ undoes, undoneBy }) => [undoes, undoneBy]);
      assert.deepEqual(await relations(), [
        [done.id, null],
        [null, undone.id],
      ]);
      const redone = await change(store, table, { inserts: 1, undoes: undone.id });
      assert.deepEqual(await relations(), [
        [undone.id, null],
        [done.id, redone.id],
        [null, null],
      ]);
    });

    storeTest(createPlace, 'are forgotten but for the last ones, and with their table', async ({ store }) => {
      const table = await newTable(store);
      const ids: ChangeSetId[] = [];
      for (let count = 0; count < rememberedChangeSets + 5; count += 1) {
        ids.push((await change(store, table, { inserts: 1 })).id);
      }
      const sets = await store.rows.changeSets(table);
      assert.deepEqual(
        sets.map(({ id }) => id),
        ids.slice(5).reverse(),
      );
      await store.bases.deleteTable(table);
      assert.deepEqual(await store.rows.changeSets(table), []);
    });
  });

  describe('a row that comes back', () => {
    storeTest(createPlace, 'has the number that it had, and takes none of the others', async ({ store }) => {
      const table = await newTable(store);
      const { rows } = await change(store, table, { inserts: 2 });
      await change(store, table, { deletes: rows });
      const back = { inserts: rows.slice(0, 1), updates: [], deletes: [], events: [], result: undefined };
      await store.rows.change(table, [], () => back);
      const { rows: next } = await change(store, table, { inserts: 1 });
      assert.deepEqual([rows[0]?.number, next[0]?.number], [1, 3]);
      assert.equal((await store.rows.list(table, { limit: 9, cursor: null })).items.length, 2);
    });
  });
}
