import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { newPortalLinkId, newSessionId } from '../../model/ids.ts';
import type { NewPortalLink } from '../../model/portal-link.ts';
import type { SessionHolder } from '../../model/session.ts';
import type { Store } from '../port.ts';
import { newPerson, openSession } from './people.ts';
import { workspaceNumber } from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const firstHash = 'a'.repeat(64);
const secondHash = 'b'.repeat(64);

async function newLink(store: Store, different: Partial<NewPortalLink> = {}): Promise<NewPortalLink> {
  const [workspace] = await store.workspaces.list();
  return {
    id: newPortalLinkId(),
    workspaceNumber: workspace?.number ?? (await workspaceNumber(store)),
    name: 'Jane of Acme',
    eventTypes: ['invoice.*'],
    createdBy: 'operator',
    expiresAtMs: Date.UTC(2026, 0, 2),
    ...different,
  };
}

const newSession = (holder: SessionHolder) => ({
  id: newSessionId(),
  holder,
  expiresAtMs: Date.UTC(2030, 0, 1),
  address: '2001:db8::1',
  userAgent: 'a browser',
});

export function sessionsContract(createPlace: CreatePlace): void {
  describe('sessions', () => {
    storeTest(createPlace, 'belong to a person, a token or a portal link', async (bench) => {
      const ada = await bench.store.people.create(newPerson());
      const link = await bench.store.portalLinks.create(await newLink(bench.store), firstHash);
      const holders: SessionHolder[] = [
        { kind: 'person', personNumber: ada.number },
        { kind: 'token', tokenHash: firstHash },
        { kind: 'portal', linkId: link.id },
      ];
      for (const holder of holders) {
        const hash = `hash of ${holder.kind}`;
        const session = await bench.store.sessions.add(newSession(holder), hash, 10);
        assert.deepEqual(session.holder, holder);
        const store = await bench.reopen();
        assert.deepEqual(await store.sessions.find(hash), session);
        assert.deepEqual(await store.sessions.listOf(holder), [session]);
        assert.equal(await store.sessions.find(session.id), null, 'found by its hash only');
      }
    });

    storeTest(createPlace, 'end one by one, or all of a holder', async ({ store }) => {
      const ada = await store.people.create(newPerson());
      const bob = await store.people.create(newPerson({ email: 'bob@example.com' }));
      const holder = { kind: 'person', personNumber: ada.number } as const;
      const kept = await openSession(store, ada);
      const ended = await openSession(store, ada);
      const others = await openSession(store, bob);
      await store.sessions.end(ended.id);
      assert.deepEqual(await store.sessions.listOf(holder), [kept]);
      await openSession(store, ada);
      await store.sessions.endAllOf(holder, kept.id);
      assert.deepEqual(await store.sessions.listOf(holder), [kept]);
      await store.sessions.endAllOf(holder, null);
      assert.deepEqual(await store.sessions.listOf(holder), []);
      assert.deepEqual(await store.sessions.listOf({ kind: 'person', personNumber: bob.number }), [others]);
    });

    storeTest(
      createPlace,
      'are few for each holder: the longest unused one ends',
      async ({ store, clock }) => {
        const holder = { kind: 'token', tokenHash: firstHash } as const;
        const opened = [];
        for (const hash of ['1', '2', '3', '4']) {
          clock.timeMs += 1_000;
          opened.push(await store.sessions.add(newSession(holder), hash, 2));
        }
        const found = await store.sessions.listOf(holder);
        assert.deepEqual(found, [opened[3], opened[2]]);
      },
    );

    storeTest(createPlace, 'note when they were used', async ({ store, clock }) => {
      const holder = { kind: 'token', tokenHash: firstHash } as const;
      const session = await store.sessions.add(newSession(holder), secondHash, 10);
      await store.sessions.saveUses(new Map([[session.id, clock.timeMs + 5]]));
      const found = await store.sessions.find(secondHash);
      assert.deepEqual(found, { ...session, lastUsedAtMs: clock.timeMs + 5 });
    });

    storeTest(createPlace, 'are removed once they have ended, or were not used for long', async (bench) => {
      const { store, clock } = bench;
      const add = (tokenHash: string, expiresAtMs: number) =>
        store.sessions.add(
          { ...newSession({ kind: 'token', tokenHash }), expiresAtMs },
          `of ${tokenHash}`,
          10,
        );
      const startMs = clock.timeMs;
      await add('unused', startMs + 100_000);
      await add('ended', startMs + 1_000);
      clock.timeMs += 2_000;
      await add('alive', startMs + 100_000);
      assert.equal(await store.sessions.removeEnded(clock.timeMs, startMs, 10), 1);
      assert.equal(await store.sessions.find('of ended'), null);
      assert.equal(await store.sessions.removeEnded(clock.timeMs, startMs + 1, 10), 1);
      assert.equal(await store.sessions.find('of unused'), null);
      assert.equal(await store.sessions.removeEnded(clock.timeMs, startMs + 1, 10), 0);
      assert.ok(await store.sessions.find('of alive'));
    });
  });

  describe('portal links', () => {
    storeTest(createPlace, 'are found by their secret, and listed the newest first', async (bench) => {
      const { clock } = bench;
      const first = await bench.store.portalLinks.create(await newLink(bench.store), firstHash);
      clock.timeMs += 1;
      const input = await newLink(bench.store, { eventTypes: null });
      const second = await bench.store.portalLinks.create(input, secondHash);
      await bench.store.portalLinks.noteOpening(second, clock.timeMs);
      const store = await bench.reopen();
      const opened = { ...second, lastOpenedAtMs: clock.timeMs };
      assert.deepEqual(await store.portalLinks.findBySecret(firstHash), first);
      assert.deepEqual(await store.portalLinks.find(second.id), opened);
      assert.deepEqual(await store.portalLinks.list(first.workspaceNumber), [opened, first]);
      assert.deepEqual(await store.portalLinks.list(first.workspaceNumber + 1), []);
    });

    storeTest(createPlace, 'end with the sessions that they opened', async ({ store }) => {
      const link = await store.portalLinks.create(await newLink(store), firstHash);
      const kept = await store.portalLinks.create(await newLink(store), secondHash);
      for (const { id } of [link, kept]) {
        await store.sessions.add(newSession({ kind: 'portal', linkId: id }), `session of ${id}`, 10);
      }
      await store.portalLinks.delete(link);
      assert.equal(await store.portalLinks.find(link.id), null);
      assert.equal(await store.sessions.find(`session of ${link.id}`), null);
      assert.ok(await store.sessions.find(`session of ${kept.id}`));
    });

    storeTest(createPlace, 'are removed some time after their end', async ({ store }) => {
      const old = await store.portalLinks.create(await newLink(store, { expiresAtMs: 1_000 }), firstHash);
      await store.sessions.add(newSession({ kind: 'portal', linkId: old.id }), 'of the old one', 10);
      await store.portalLinks.create(await newLink(store, { expiresAtMs: 2_000 }), secondHash);
      assert.equal(await store.portalLinks.removeEnded(2_000, 10), 1);
      assert.equal(await store.portalLinks.find(old.id), null);
      assert.equal(await store.sessions.find('of the old one'), null);
      assert.equal(await store.portalLinks.removeEnded(2_000, 10), 0);
    });
  });
}
