import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { newScheduledEventId } from '../../model/ids.ts';
import type { NewScheduledEvent, Publication, PublicationKey, Store } from '../port.ts';
import { newEvent, numberedEvents, workspaceNumber } from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

function keyed(key: string, different: Partial<PublicationKey> = {}): PublicationKey {
  return { key, fingerprint: 'one', keptSinceMs: 0, note: `note of ${key}`, ...different };
}

function later(dueAtMs: number, different: Partial<NewScheduledEvent> = {}): NewScheduledEvent {
  const event = {
    type: 'trial.ended',
    dataJson: `{"due":${dueAtMs}}`,
    tags: ['company:7'],
    groups: ['trial'],
  };
  return { id: newScheduledEventId(), dueAtMs, occurredAtMs: null, event, ...different };
}

async function typesIn(store: Store, workspace: number): Promise<string[]> {
  const events = await store.journal.read(workspace, 0, 1_000, 2 ** 20);
  return events.map(({ type }) => type);
}

export function publicationsContract(createPlace: CreatePlace): void {
  describe('publications', () => {
    const of = (workspace: number, different: Partial<Publication> = {}): Publication => ({
      workspaceNumber: workspace,
      events: [newEvent()],
      scheduled: [],
      key: null,
      ...different,
    });

    storeTest(
      createPlace,
      'append their events in order, and answer their places',
      async ({ store, clock }) => {
        const workspace = await workspaceNumber(store);
        const outcome = await store.publications.publish(of(workspace, { events: numberedEvents(3) }));
        assert.equal(outcome.kind, 'published');
        assert.ok('places' in outcome);
        const events = await store.journal.findMany(
          workspace,
          outcome.places.map(({ seq }) => seq),
        );
        assert.deepEqual(
          events.map(({ dataJson }) => dataJson),
          ['{"index":0}', '{"index":1}', '{"index":2}'],
        );
        assert.ok(outcome.places.every(({ acceptedAtMs }) => acceptedAtMs === clock.timeMs));
      },
    );

    storeTest(createPlace, 'happen once under a key, and are answered alike', async (bench) => {
      const workspace = await workspaceNumber(bench.store);
      const call = of(workspace, { events: numberedEvents(2), key: keyed('a') });
      const first = await bench.store.publications.publish(call);
      assert.ok(first.kind === 'published');
      const store = await bench.reopen();
      const repeat = await store.publications.publish({ ...call, key: keyed('a', { note: 'other' }) });
      assert.deepEqual(repeat, { kind: 'repeated', places: first.places, note: 'note of a' });
      const other = await store.publications.publish({ ...call, key: keyed('a', { fingerprint: 'two' }) });
      assert.deepEqual(other, { kind: 'otherCall' });
      assert.equal((await typesIn(store, workspace)).length, 2);
      assert.deepEqual(await store.publications.findKey(workspace, 'a'), first.places);
      assert.equal(await store.publications.findKey(workspace, 'b'), null);
    });

    storeTest(createPlace, 'happen once for each key, however many ask at once', async ({ store }) => {
      const workspace = await workspaceNumber(store);
      const other = await workspaceNumber(store, 'other');
      const calls = Array.from({ length: 400 }, (_, index) =>
        store.publications.publish(
          of(index % 2 ? workspace : other, { key: keyed(`key ${Math.floor(index / 2) % 20}`) }),
        ),
      );
      const outcomes = await Promise.all(calls);
      assert.equal(outcomes.filter(({ kind }) => kind === 'published').length, 40);
      assert.equal((await typesIn(store, workspace)).length, 20);
      assert.equal((await typesIn(store, other)).length, 20);
    });

    storeTest(createPlace, 'may use a key again that is no longer kept', async ({ store, clock }) => {
      const workspace = await workspaceNumber(store);
      await store.publications.publish(of(workspace, { key: keyed('a') }));
      clock.timeMs += 10;
      const call = of(workspace, { key: keyed('a', { keptSinceMs: clock.timeMs, fingerprint: 'two' }) });
      assert.equal((await store.publications.publish(call)).kind, 'published');
      assert.equal((await store.publications.publish(call)).kind, 'repeated');
    });

    storeTest(createPlace, 'are kept to be published when they are due', async (bench) => {
      const workspace = await workspaceNumber(bench.store);
      const dueMs = bench.clock.timeMs + 1_000;
      const [second, first, far] = [later(dueMs + 1), later(dueMs), later(dueMs + 1_000_000)];
      await bench.store.publications.publish(of(workspace, { events: [], scheduled: [second, first, far] }));
      const store = await bench.reopen();
      assert.deepEqual(await typesIn(store, workspace), []);
      assert.equal(await store.publications.nextDueAtMs(), dueMs);
      assert.equal(await store.publications.publishDue(dueMs - 1, 10), 0);
      assert.equal(await store.publications.publishDue(dueMs + 1, 1), 1);
      assert.equal(await store.publications.publishDue(dueMs + 1, 10), 1);
      assert.equal(await store.publications.publishDue(dueMs + 1, 10), 0);
      assert.equal(await store.publications.nextDueAtMs(), far.dueAtMs);
      const events = await store.journal.read(workspace, 0, 10, 2 ** 20);
      assert.deepEqual(
        events.map(({ type, dataJson, tags, groups, occurredAtMs }) => ({
          type,
          dataJson,
          tags,
          groups,
          occurredAtMs,
        })),
        [first, second].map(({ event }) => ({ ...event, occurredAtMs: dueMs + 1 })),
      );
      const found = await store.publications.findScheduled(workspace, first.id);
      assert.ok(found?.outcome.state === 'published');
      assert.equal(found.outcome.place.seq, events[0]?.seq);
      assert.equal(found.outcome.place.acceptedAtMs, events[0]?.acceptedAtMs);
    });

    storeTest(createPlace, 'are published once, however many look at once', async ({ store, clock }) => {
      const workspace = await workspaceNumber(store);
      const scheduled = Array.from({ length: 50 }, () => later(clock.timeMs));
      await store.publications.publish(of(workspace, { events: [], scheduled }));
      const counts = await Promise.all(
        Array.from({ length: 10 }, () => store.publications.publishDue(clock.timeMs, 20)),
      );
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        50,
      );
      assert.equal((await typesIn(store, workspace)).length, 50);
    });

    storeTest(createPlace, 'can be cancelled until they are due', async ({ store, clock }) => {
      const workspace = await workspaceNumber(store);
      const other = await workspaceNumber(store, 'other');
      const [early, late] = [later(clock.timeMs), later(clock.timeMs, { occurredAtMs: 17 })];
      await store.publications.publish(of(workspace, { events: [], scheduled: [early, late] }));
      assert.equal(await store.publications.findScheduled(other, late.id), null);
      const found = await store.publications.findScheduled(workspace, late.id);
      assert.ok(found);
      assert.equal(found.occurredAtMs, 17);
      const cancelled = await store.publications.cancelScheduled(found, 'ada');
      assert.deepEqual(cancelled.outcome, { state: 'cancelled', by: 'ada', atMs: clock.timeMs });
      assert.equal(await store.publications.publishDue(clock.timeMs, 10), 1);
      const published = await store.publications.findScheduled(workspace, early.id);
      assert.ok(published);
      assert.equal((await store.publications.cancelScheduled(published, 'ada')).outcome.state, 'published');
    });

    storeTest(createPlace, 'are listed, the newest first, by state', async ({ store, clock }) => {
      const workspace = await workspaceNumber(store);
      const scheduled = [0, 1, 2, 3].map((index) => later(clock.timeMs + index));
      await store.publications.publish(of(workspace, { events: [], scheduled }));
      await store.publications.publishDue(clock.timeMs + 1, 10);
      const list = async (
        state: 'scheduled' | 'published' | null,
        limit = 10,
        cursor: string | null = null,
      ) => {
        const page = await store.publications.listScheduled(workspace, state, { limit, cursor });
        return { due: page.items.map(({ dueAtMs }) => dueAtMs - clock.timeMs), cursor: page.nextCursor };
      };
      assert.deepEqual((await list(null)).due, [3, 2, 1, 0]);
      assert.deepEqual((await list('scheduled')).due, [3, 2]);
      const page = await list(null, 3);
      assert.deepEqual((await list(null, 3, page.cursor)).due, [0]);
    });

    storeTest(
      createPlace,
      'are forgotten by age: keys, and what is no longer scheduled',
      async ({ store, clock }) => {
        const workspace = await workspaceNumber(store);
        const { publications } = store;
        const [published, waiting] = [later(clock.timeMs), later(clock.timeMs + 1)];
        await publications.publish(of(workspace, { scheduled: [published, waiting], key: keyed('old') }));
        await publications.publishDue(clock.timeMs, 10);
        const beforeMs = clock.timeMs + 1;
        clock.timeMs += 10;
        await publications.publish(of(workspace, { key: keyed('new') }));
        assert.equal(await publications.removeOld(beforeMs, null, 10), 1);
        assert.ok(await publications.findScheduled(workspace, published.id));
        assert.equal(await publications.removeOld(beforeMs, beforeMs, 10), 1);
        assert.equal(await publications.removeOld(beforeMs, beforeMs, 10), 0);
        assert.equal(await publications.findKey(workspace, 'old'), null);
        assert.ok(await publications.findKey(workspace, 'new'));
        assert.equal(await publications.findScheduled(workspace, published.id), null);
        assert.ok(await publications.findScheduled(workspace, waiting.id));
      },
    );
  });
}
