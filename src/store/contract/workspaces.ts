import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { newTokenId } from '../../model/ids.ts';
import { problem } from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const firstHash = 'a'.repeat(64);
const secondHash = 'b'.repeat(64);

export function workspacesContract(createPlace: CreatePlace): void {
  describe('workspaces and tokens', () => {
    storeTest(createPlace, 'lists workspaces in the order they were made', async ({ store, clock }) => {
      const first = await store.workspaces.create('zebra');
      clock.timeMs += 1;
      const second = await store.workspaces.create('ant');
      assert.deepEqual(await store.workspaces.list(), [first, second]);
      assert.notEqual(first.id, second.id);
      assert.equal(second.createdAtMs, first.createdAtMs + 1);
    });

    storeTest(createPlace, 'refuses a second workspace with the same name', async ({ store }) => {
      const first = await store.workspaces.create('acme');
      await assert.rejects(store.workspaces.create('acme'), problem('conflict'));
      assert.deepEqual(await store.workspaces.list(), [first]);
    });

    storeTest(createPlace, 'gives one name to one of many who ask at once', async ({ store }) => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 5 }, () => store.workspaces.create('acme')),
      );
      assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1);
      assert.equal((await store.workspaces.list()).length, 1);
    });

    storeTest(createPlace, 'finds a token by its hash, with its scope', async ({ store, clock }) => {
      const workspace = await store.workspaces.create('acme');
      const own = await store.workspaces.addToken(
        {
          id: newTokenId(),
          name: 'till',
          scope: { kind: 'workspace', workspaceNumber: workspace.number, role: 'editor' },
          expiresAtMs: clock.timeMs + 1_000,
        },
        firstHash,
      );
      const operator = await store.workspaces.addToken(
        { id: newTokenId(), name: 'root', scope: { kind: 'operator' }, expiresAtMs: null },
        secondHash,
      );
      assert.deepEqual(await store.workspaces.findToken(firstHash), own);
      assert.deepEqual(await store.workspaces.findToken(secondHash), operator);
      assert.equal(await store.workspaces.findToken('c'.repeat(64)), null);
      assert.deepEqual(await store.workspaces.listTokens(workspace.number), [own]);
      assert.deepEqual(await store.workspaces.listTokens(null), [operator]);
    });

    storeTest(createPlace, 'does not find a deleted token', async ({ store }) => {
      const token = await store.workspaces.addToken(
        { id: newTokenId(), name: 'root', scope: { kind: 'operator' }, expiresAtMs: null },
        firstHash,
      );
      await store.workspaces.deleteToken(token.id);
      assert.equal(await store.workspaces.findToken(firstHash), null);
      assert.deepEqual(await store.workspaces.listTokens(null), []);
    });

    storeTest(createPlace, 'notes when tokens were last used', async ({ store, clock }) => {
      const add = (name: string, hash: string) =>
        store.workspaces.addToken(
          { id: newTokenId(), name, scope: { kind: 'operator' }, expiresAtMs: null },
          hash,
        );
      const used = await add('used', firstHash);
      const unused = await add('unused', secondHash);
      await store.workspaces.saveTokenUses(
        new Map([
          [used.id, clock.timeMs],
          [newTokenId(), clock.timeMs],
        ]),
      );
      assert.deepEqual(await store.workspaces.findToken(firstHash), { ...used, lastUsedAtMs: clock.timeMs });
      assert.deepEqual(await store.workspaces.findToken(secondHash), unused);
    });

    storeTest(createPlace, 'keeps workspaces and tokens when it is opened again', async (bench) => {
      const workspace = await bench.store.workspaces.create('acme');
      const token = await bench.store.workspaces.addToken(
        { id: newTokenId(), name: 'root', scope: { kind: 'operator' }, expiresAtMs: null },
        firstHash,
      );
      const store = await bench.reopen();
      assert.deepEqual(await store.workspaces.list(), [workspace]);
      assert.deepEqual(await store.workspaces.findToken(firstHash), token);
    });
  });
}
