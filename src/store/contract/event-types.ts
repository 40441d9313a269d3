import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { EventTypeDefinition } from '../../model/event-type.ts';
import { problem, workspaceNumber } from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const plain: EventTypeDefinition = {
  description: '',
  groups: [],
  schema: null,
  example: null,
  enforcement: null,
  deprecated: false,
  deprecationNote: '',
  archived: false,
};
const roomy = { createOnly: false, maxEventTypes: 100 };

function defined(name: string, different: Partial<EventTypeDefinition> = {}) {
  return { name, definition: { ...plain, ...different } };
}

export function eventTypesContract(createPlace: CreatePlace): void {
  describe('event types', () => {
    storeTest(createPlace, 'keeps everything that is said of them', async ({ store, clock }) => {
      const workspace = await workspaceNumber(store);
      const definition: EventTypeDefinition = {
        description: 'A customer paid.',
        groups: ['billing', 'money'],
        schema: { type: 'object', properties: { 'ü/"~': { type: 'number' } } },
        example: { 'ü/"~': 1.5 },
        enforcement: 'warn',
        deprecated: true,
        deprecationNote: 'Use invoice.settled.',
        archived: true,
      };
      const [saved] = await store.eventTypes.save(workspace, [{ name: 'invoice.paid', definition }], roomy);
      assert.ok(saved);
      assert.deepEqual(saved, {
        ...definition,
        number: saved.number,
        workspaceNumber: workspace,
        name: 'invoice.paid',
        version: 1,
        createdAtMs: clock.timeMs,
        updatedAtMs: clock.timeMs,
      });
      assert.deepEqual(await store.eventTypes.find(workspace, 'invoice.paid'), saved);
      assert.equal(await store.eventTypes.find(workspace, 'invoice.sent'), null);
      assert.deepEqual(await store.eventTypes.summaries(workspace), [
        {
          name: 'invoice.paid',
          version: 1,
          groups: ['billing', 'money'],
          hasSchema: true,
          enforcement: 'warn',
          deprecated: true,
          archived: true,
        },
      ]);
    });

    storeTest(createPlace, 'count changes of their schema, and keep each', async ({ store, clock }) => {
      const workspace = await workspaceNumber(store);
      const { eventTypes } = store;
      const save = async (different: Partial<EventTypeDefinition>) => {
        clock.timeMs += 1;
        const [saved] = await eventTypes.save(workspace, [defined('a.b', different)], roomy);
        assert.ok(saved);
        return saved;
      };
      assert.equal((await save({})).version, 1);
      assert.equal((await save({ description: 'Said differently.', example: { a: 1 } })).version, 1);
      const second = await save({ schema: { type: 'object' } });
      assert.equal(second.version, 2);
      assert.equal(second.createdAtMs, clock.timeMs - 2);
      const third = await save({});
      assert.equal(third.version, 3);
      const versions = (limit: number, cursor: string | null) =>
        eventTypes.versions(third, { limit, cursor });
      const page = await versions(2, null);
      assert.deepEqual(
        page.items.map(({ version, schema, example }) => [version, schema, example]),
        [
          [3, null, null],
          [2, { type: 'object' }, null],
        ],
      );
      const rest = await versions(2, page.nextCursor);
      assert.deepEqual(
        rest.items.map(({ version, example }) => [version, example]),
        [[1, { a: 1 }]],
      );
      assert.equal(rest.nextCursor, null);
    });

    storeTest(createPlace, 'are found by their names, in their workspace', async ({ store }) => {
      const workspace = await workspaceNumber(store);
      const other = await workspaceNumber(store, 'other');
      await store.eventTypes.save(workspace, [defined('c'), defined('a'), defined('b')], roomy);
      await store.eventTypes.save(other, [defined('z')], roomy);
      const found = await store.eventTypes.findMany(workspace, ['a', 'c', 'z', 'nothing']);
      assert.deepEqual(found.map(({ name }) => name).sort(), ['a', 'c']);
      assert.deepEqual(await store.eventTypes.findMany(workspace, []), []);
      assert.deepEqual(
        (await store.eventTypes.summaries(other)).map(({ name }) => name),
        ['z'],
      );
    });

    storeTest(createPlace, 'are saved all or none', async ({ store }) => {
      const workspace = await workspaceNumber(store);
      const { eventTypes } = store;
      await eventTypes.save(workspace, [defined('a')], roomy);
      const before = await eventTypes.revision(workspace);
      await assert.rejects(
        eventTypes.save(workspace, [defined('b'), defined('a')], { ...roomy, createOnly: true }),
        problem('conflict'),
      );
      await assert.rejects(
        eventTypes.save(workspace, [defined('b'), defined('c')], { ...roomy, maxEventTypes: 2 }),
        problem('conflict'),
      );
      assert.equal(await eventTypes.find(workspace, 'b'), null);
      assert.equal(await eventTypes.revision(workspace), before);
    });

    storeTest(createPlace, 'are gone with their versions once deleted', async ({ store }) => {
      const workspace = await workspaceNumber(store);
      const [saved] = await store.eventTypes.save(workspace, [defined('a')], roomy);
      assert.ok(saved);
      await store.eventTypes.delete(saved);
      assert.equal(await store.eventTypes.find(workspace, 'a'), null);
      assert.deepEqual((await store.eventTypes.versions(saved, { limit: 9, cursor: null })).items, []);
      const [again] = await store.eventTypes.save(workspace, [defined('a')], roomy);
      assert.equal(again?.version, 1);
    });

    storeTest(createPlace, 'have a revision and a policy for each workspace', async (bench) => {
      const workspace = await workspaceNumber(bench.store);
      const other = await workspaceNumber(bench.store, 'other');
      const { eventTypes } = bench.store;
      assert.equal(await eventTypes.revision(workspace), 0);
      assert.deepEqual(await eventTypes.policy(workspace), { enforcement: 'off', unknownTypes: 'off' });
      const revisions: number[] = [];
      const after = async (work: Promise<unknown>) => {
        await work;
        revisions.push(await eventTypes.revision(workspace));
      };
      const [saved] = await eventTypes.save(workspace, [defined('a')], roomy);
      assert.ok(saved);
      await after(Promise.resolve());
      await after(eventTypes.savePolicy(workspace, { enforcement: 'refuse', unknownTypes: 'warn' }));
      await after(eventTypes.delete(saved));
      assert.deepEqual(revisions, [1, 2, 3]);
      assert.equal(await eventTypes.revision(other), 0);
      const store = await bench.reopen();
      assert.deepEqual(await store.eventTypes.policy(workspace), {
        enforcement: 'refuse',
        unknownTypes: 'warn',
      });
    });
  });
}
