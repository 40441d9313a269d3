import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { JournalEvent } from '../../model/event.ts';
import { newChangeSetId, newRowId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import { insertRows, nameColumn, newEvent, newTable, numberedEvents, workspaceNumber } from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const megabyte = 1_000_000;

export function journalContract(createPlace: CreatePlace): void {
  describe('the journal, appending', () => {
    storeTest(createPlace, 'gives each event a place after every place before', async ({ store }) => {
      const acme = await workspaceNumber(store, 'acme');
      const other = await workspaceNumber(store, 'other');
      const seqs: number[] = [];
      for (const owner of [acme, other, acme, acme]) {
        const appended = await store.journal.append(owner, numberedEvents(3));
        seqs.push(...appended.map((event) => event.seq));
      }
      const ascending = [...new Set(seqs)].sort((a, b) => a - b);
      assert.deepEqual(seqs, ascending);
      assert.equal(store.journal.headSeq(), seqs.at(-1));
    });

    storeTest(createPlace, 'answers with the events as they are read later', async (bench) => {
      const { store, clock } = bench;
      const table = await newTable(store);
      const subject = { table, rowId: newRowId(), changeSetId: newChangeSetId() };
      clock.timeMs += 12_345;
      const appended = await store.journal.append(table.workspaceNumber, [
        newEvent({ dataJson: '{"text":"Grüße \u{1F600}"}', occurredAtMs: 5 }),
        newEvent({ type: 'row.updated', subject }),
        newEvent({ tags: ['company:7', 'kind:"odd"'], simulatedFor: 'wh_somebody', groups: ['billing'] }),
      ]);
      assert.deepEqual(
        appended.map((event) => event.acceptedAtMs),
        [clock.timeMs, clock.timeMs, clock.timeMs],
      );
      assert.deepEqual(await store.journal.read(table.workspaceNumber, 0, 10, megabyte), appended);
      const again = await bench.reopen();
      assert.deepEqual(await again.journal.read(table.workspaceNumber, 0, 10, megabyte), appended);
    });

    storeTest(createPlace, 'appends all events of a call or none', async ({ store }) => {
      const acme = await workspaceNumber(store);
      await store.journal.append(acme, [newEvent()]);
      const head = store.journal.headSeq();
      const heard: JournalEvent[] = [];
      store.journal.onAppended((events) => heard.push(...events));
      const broken = newEvent({ dataJson: null as unknown as string });
      await assert.rejects(store.journal.append(acme, [newEvent(), newEvent(), broken]));
      assert.deepEqual(await store.journal.read(acme, head, 10, megabyte), []);
      assert.equal(store.journal.headSeq(), head);
      assert.deepEqual(heard, []);
    });

    storeTest(
      createPlace,
      'leaves other writers of the moment alone when one call fails',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        const broken = newEvent({ dataJson: null as unknown as string });
        const heard: JournalEvent[] = [];
        store.journal.onAppended((events) => heard.push(...events));
        const [before, failed, after] = await Promise.allSettled([
          store.journal.append(acme, numberedEvents(2)),
          store.journal.append(acme, [newEvent(), broken]),
          store.journal.append(acme, numberedEvents(2)),
        ]);
        assert.deepEqual(
          [before.status, failed.status, after.status],
          ['fulfilled', 'rejected', 'fulfilled'],
        );
        const accepted = [before, after].flatMap((outcome) =>
          outcome.status === 'fulfilled' ? outcome.value : [],
        );
        assert.deepEqual(await store.journal.read(acme, 0, 10, megabyte), accepted);
        assert.deepEqual(heard, accepted);
      },
    );

    storeTest(
      createPlace,
      'does not wait for changes of configuration asked for after it',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        const answered: string[] = [];
        const answer = (name: string) => (): void => {
          answered.push(name);
        };
        const createBase = (index: number) =>
          store.bases.createBase(acme, `Books ${index}`).then(answer('configuration'));
        await Promise.all([
          createBase(0),
          store.journal.append(acme, [newEvent()]).then(answer('event')),
          ...Array.from({ length: 20 }, (_, index) => createBase(index + 1)),
        ]);
        const place = answered.indexOf('event');
        assert.ok(place < 10, `the event was answered after ${place} of 21 changes of configuration`);
      },
    );

    storeTest(createPlace, 'accepts an empty call', async ({ store }) => {
      const acme = await workspaceNumber(store);
      assert.deepEqual(await store.journal.append(acme, []), []);
      assert.equal(store.journal.headSeq(), 0);
    });

    storeTest(createPlace, 'gives no place out again when the newest events were removed', async (bench) => {
      const acme = await workspaceNumber(bench.store);
      const appended = await bench.store.journal.append(acme, numberedEvents(5));
      const newest = appended.slice(2).map((event) => event.seq);
      const head = bench.store.journal.headSeq();
      await bench.close();
      await bench.place.removeEvents(newest);
      const store = await bench.open();
      assert.equal(store.journal.headSeq(), head);
      const [next] = await store.journal.append(acme, [newEvent()]);
      assert.ok(next && next.seq > head, `${next?.seq} comes after ${head}`);
    });
  });

  describe('the journal, telling its listeners', () => {
    storeTest(createPlace, 'tells every event once, in journal order', async ({ store }) => {
      const table = await newTable(store);
      const other = await workspaceNumber(store, 'other');
      const heard: JournalEvent[] = [];
      store.journal.onAppended((events) => heard.push(...events));
      await Promise.all(
        Array.from({ length: 30 }, (_, index) => {
          if (index % 3 === 0) return insertRows(store, table, ['a', 'b']);
          return store.journal.append(index % 3 === 1 ? other : table.workspaceNumber, numberedEvents(3));
        }),
      );
      for (const owner of [table.workspaceNumber, other]) {
        const own = heard.filter((event) => event.workspaceNumber === owner);
        assert.deepEqual(own, await store.journal.read(owner, 0, 1_000, megabyte));
      }
      const seqs = heard.map((event) => event.seq);
      assert.deepEqual(
        seqs,
        [...seqs].sort((a, b) => a - b),
      );
    });

    storeTest(
      createPlace,
      'tells of an event before its writer hears, when it can be read',
      async ({ store }) => {
        const table = await newTable(store);
        const told = new Set<number>();
        const reads: Array<Promise<void>> = [];
        store.journal.onAppended((events) => {
          for (const event of events) {
            told.add(event.seq);
            const read = store.journal.find(event.workspaceNumber, event.seq);
            reads.push(read.then((found) => assert.deepEqual(found, event)));
          }
        });
        const answered = await Promise.all([
          ...Array.from({ length: 10 }, async () => {
            const [event] = await store.journal.append(table.workspaceNumber, [newEvent()]);
            return event !== undefined && told.has(event.seq);
          }),
          ...Array.from({ length: 10 }, async () => {
            const [row] = await insertRows(store, table, ['a']);
            const found = await store.journal.list(table.workspaceNumber, {}, { limit: 100, cursor: null });
            const own = found.items.find((event) => event.subject?.rowId === row?.id);
            return own !== undefined && told.has(own.seq);
          }),
        ]);
        assert.deepEqual(
          answered,
          answered.map(() => true),
        );
        await Promise.all(reads);
        assert.equal(reads.length, 20);
      },
    );

    storeTest(createPlace, 'tells nothing of what was refused', async ({ store }) => {
      const table = await newTable(store);
      const heard: JournalEvent[] = [];
      store.journal.onAppended((events) => heard.push(...events));
      const refused = store.rows.change(table, [], () => {
        throw new Problem('invalid-input', 'Not like this.');
      });
      const [, kept] = await Promise.allSettled([
        refused,
        store.journal.append(table.workspaceNumber, [newEvent()]),
      ]);
      assert.equal(kept.status, 'fulfilled');
      assert.deepEqual(heard, kept.status === 'fulfilled' ? kept.value : []);
    });

    storeTest(createPlace, 'tells all listeners', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const first: number[] = [];
      const second: number[] = [];
      store.journal.onAppended((events) => first.push(...events.map((event) => event.seq)));
      store.journal.onAppended((events) => second.push(...events.map((event) => event.seq)));
      await store.journal.append(acme, numberedEvents(3));
      assert.equal(first.length, 3);
      assert.deepEqual(second, first);
    });
  });

  describe('an event of a row', () => {
    storeTest(createPlace, 'shows its table as it was when the row changed', async (bench) => {
      const before = await newTable(bench.store);
      await insertRows(bench.store, before, ['a']);
      const after = await bench.store.bases.saveTable({
        ...before,
        name: 'Bills',
        columns: [{ ...nameColumn, name: 'Title' }],
      });
      await insertRows(bench.store, after, ['b']);
      await bench.store.bases.deleteTable(after);
      const store = await bench.reopen();
      const events = await store.journal.read(before.workspaceNumber, 0, 10, megabyte);
      assert.deepEqual(
        events.map((event) => event.subject?.table),
        [before, after],
      );
    });
  });
}
