import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { EventFilter, Store } from '../port.ts';
import {
  deleteRows,
  everyPage,
  insertRows,
  newEvent,
  newTable,
  numberedEvents,
  problem,
  workspaceNumber,
} from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const megabyte = 1_000_000;

async function listedData(store: Store, owner: number, filter: EventFilter): Promise<string[]> {
  const events = await everyPage((page) => store.journal.list(owner, filter, page), 3);
  return events.map((event) => event.dataJson);
}

export function journalReadingContract(createPlace: CreatePlace): void {
  describe('the journal, read from a place on', () => {
    storeTest(createPlace, 'gives at most as many events as asked for', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const appended = await store.journal.append(acme, numberedEvents(10));
      assert.deepEqual(await store.journal.read(acme, 0, 4, megabyte), appended.slice(0, 4));
      const third = appended[2];
      assert.ok(third);
      assert.deepEqual(await store.journal.read(acme, third.seq, 4, megabyte), appended.slice(3, 7));
      assert.deepEqual(await store.journal.read(acme, store.journal.headSeq(), 4, megabyte), []);
    });

    storeTest(
      createPlace,
      'stops at about the bytes asked for, after one event at least',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        const large = newEvent({ dataJson: JSON.stringify('x'.repeat(998)) });
        const appended = await store.journal.append(
          acme,
          Array.from({ length: 10 }, () => large),
        );
        assert.deepEqual(await store.journal.read(acme, 0, 10, 1), appended.slice(0, 1));
        const some = await store.journal.read(acme, 0, 10, 3_000);
        assert.ok(some.length >= 2 && some.length <= 4, `${some.length} events of 1000 bytes for 3000`);
        assert.deepEqual(some, appended.slice(0, some.length));
      },
    );

    storeTest(createPlace, 'comes to every event, page by page', async ({ store }) => {
      const acme = await workspaceNumber(store, 'acme');
      const other = await workspaceNumber(store, 'other');
      const appended = [];
      for (let round = 0; round < 10; round += 1) {
        appended.push(...(await store.journal.append(acme, numberedEvents(3))));
        await store.journal.append(other, numberedEvents(2));
      }
      const read = [];
      let afterSeq = 0;
      for (let pages = 0; pages < 100; pages += 1) {
        const page = await store.journal.read(acme, afterSeq, 4, megabyte);
        if (page.length === 0) break;
        read.push(...page);
        afterSeq = page.at(-1)?.seq ?? afterSeq;
      }
      assert.deepEqual(read, appended);
    });
  });

  describe('the journal of all workspaces', () => {
    storeTest(createPlace, 'is read in order, by number of events and by bytes', async ({ store }) => {
      const acme = await workspaceNumber(store, 'acme');
      const other = await workspaceNumber(store, 'other');
      const appended = [];
      for (const owner of [acme, other, acme, other]) {
        appended.push(...(await store.journal.append(owner, numberedEvents(2))));
      }
      assert.deepEqual(await store.journal.readAll(0, 100, megabyte), appended);
      assert.deepEqual(await store.journal.readAll(0, 3, megabyte), appended.slice(0, 3));
      assert.deepEqual(await store.journal.readAll(0, 3, 1), appended.slice(0, 1));
      const third = appended[2];
      assert.ok(third);
      assert.deepEqual(await store.journal.readAll(third.seq, 100, megabyte), appended.slice(3));
    });
  });

  describe('the journal, asked for places', () => {
    storeTest(createPlace, 'finds an event by its place', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const [first, second] = await store.journal.append(acme, numberedEvents(2));
      assert.ok(first && second);
      assert.deepEqual(await store.journal.find(acme, second.seq), second);
      assert.equal(await store.journal.find(acme, second.seq + 1), null);
      assert.equal(await store.journal.find(acme, 0), null);
    });

    storeTest(
      createPlace,
      'finds many, in journal order, and leaves out what is not there',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        const appended = await store.journal.append(acme, numberedEvents(1_700));
        const seqs = appended.map((event) => event.seq);
        assert.deepEqual(await store.journal.findMany(acme, [...seqs].reverse()), appended);
        const [first] = seqs;
        assert.ok(first !== undefined);
        assert.deepEqual(await store.journal.findMany(acme, [first, 99_999]), appended.slice(0, 1));
        assert.deepEqual(await store.journal.findMany(acme, []), []);
      },
    );

    storeTest(createPlace, 'never shows the events of another workspace', async ({ store }) => {
      const acme = await workspaceNumber(store, 'acme');
      const other = await workspaceNumber(store, 'other');
      const [own] = await store.journal.append(acme, [newEvent()]);
      assert.ok(own);
      assert.equal(await store.journal.find(other, own.seq), null);
      assert.deepEqual(await store.journal.findMany(other, [own.seq]), []);
      assert.deepEqual(await store.journal.read(other, 0, 10, megabyte), []);
      assert.deepEqual((await store.journal.list(other, {}, { limit: 10, cursor: null })).items, []);
    });
  });

  describe('the list of events', () => {
    storeTest(createPlace, 'shows the newest first', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const appended = await store.journal.append(acme, numberedEvents(25));
      const expected = [...appended].reverse();
      for (const limit of [1, 7, 25, 100]) {
        assert.deepEqual(await everyPage((page) => store.journal.list(acme, {}, page), limit), expected);
      }
      const full = await store.journal.list(acme, {}, { limit: 25, cursor: null });
      assert.equal(full.nextCursor, null, 'a page that ends with the list has no next one');
    });

    storeTest(createPlace, 'filters by type, exactly', async ({ store }) => {
      const acme = await workspaceNumber(store);
      await store.journal.append(acme, [
        newEvent({ type: 'invoice.paid', dataJson: '1' }),
        newEvent({ type: 'invoice.paid.late', dataJson: '2' }),
        newEvent({ type: 'Invoice.paid', dataJson: '3' }),
        newEvent({ type: 'invoice.paid', dataJson: '4' }),
      ]);
      assert.deepEqual(await listedData(store, acme, { type: 'invoice.paid' }), ['4', '1']);
      assert.deepEqual(await listedData(store, acme, { type: 'invoice' }), []);
    });

    storeTest(createPlace, 'filters by row, of this workspace', async ({ store }) => {
      const table = await newTable(store);
      const rows = await insertRows(store, table, ['a', 'b']);
      const [row] = rows;
      assert.ok(row);
      await deleteRows(store, table, [row.id]);
      const everything = { limit: 10, cursor: null };
      const types = async (workspace: number, rowId: string) =>
        (await store.journal.list(workspace, { rowId }, everything)).items.map(({ type }) => type);
      assert.deepEqual(await types(table.workspaceNumber, row.id), ['row.deleted', 'row.inserted']);
      assert.deepEqual(await types(table.workspaceNumber, 'none'), []);
      assert.deepEqual(await types(await workspaceNumber(store, 'other'), row.id), []);
    });

    storeTest(createPlace, 'filters by one of the tags, exactly', async ({ store }) => {
      const acme = await workspaceNumber(store);
      await store.journal.append(acme, [
        newEvent({ tags: ['company:1', 'region:"eu"'], dataJson: '1' }),
        newEvent({ tags: ['company:12'], dataJson: '2' }),
        newEvent({ tags: [], dataJson: '3' }),
        newEvent({ tags: ['company:2', 'company:1'], dataJson: '4' }),
      ]);
      assert.deepEqual(await listedData(store, acme, { tag: 'company:1' }), ['4', '1']);
      assert.deepEqual(await listedData(store, acme, { tag: 'region:"eu"' }), ['1']);
      assert.deepEqual(await listedData(store, acme, { tag: '%' }), []);
    });

    storeTest(
      createPlace,
      'filters by time of acceptance, from the first moment to before the last',
      async ({ store, clock }) => {
        const acme = await workspaceNumber(store);
        const startMs = clock.timeMs;
        for (let index = 0; index < 4; index += 1) {
          clock.timeMs = startMs + index;
          await store.journal.append(acme, [newEvent({ dataJson: String(index) })]);
        }
        assert.deepEqual(await listedData(store, acme, { sinceMs: startMs + 2 }), ['3', '2']);
        assert.deepEqual(await listedData(store, acme, { untilMs: startMs + 2 }), ['1', '0']);
        const between = { sinceMs: startMs + 1, untilMs: startMs + 3 };
        assert.deepEqual(await listedData(store, acme, between), ['2', '1']);
      },
    );

    storeTest(createPlace, 'applies all filters at once', async ({ store, clock }) => {
      const acme = await workspaceNumber(store);
      await store.journal.append(acme, [newEvent({ tags: ['a:1'], dataJson: 'early' })]);
      clock.timeMs += 1;
      await store.journal.append(acme, [
        newEvent({ tags: ['a:1'], type: 'other', dataJson: 'type' }),
        newEvent({ tags: ['a:2'], dataJson: 'tag' }),
        newEvent({ tags: ['a:1'], dataJson: 'all' }),
      ]);
      const filter = { type: 'invoice.paid', tag: 'a:1', sinceMs: clock.timeMs };
      assert.deepEqual(await listedData(store, acme, filter), ['all']);
    });

    storeTest(createPlace, 'neither skips nor repeats while events are being appended', async ({ store }) => {
      const acme = await workspaceNumber(store);
      await store.journal.append(acme, numberedEvents(40, { tags: ['a:1'] }));
      const before = await store.journal.read(acme, 0, 1_000, megabyte);
      const listed = await everyPage(
        (page) => store.journal.list(acme, { tag: 'a:1' }, page),
        6,
        () => store.journal.append(acme, numberedEvents(5, { tags: ['a:1'] })),
      );
      assert.deepEqual(listed, [...before].reverse());
    });

    storeTest(createPlace, 'refuses a cursor that is not its own', async ({ store }) => {
      const acme = await workspaceNumber(store);
      for (const cursor of ['', 'abc', '-1', '1.5', '1e3', ' 1']) {
        await assert.rejects(
          store.journal.list(acme, {}, { limit: 1, cursor }),
          problem('invalid-input'),
          cursor,
        );
      }
    });
  });
}
