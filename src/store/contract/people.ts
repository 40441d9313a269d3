import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { newPersonId, newSessionId } from '../../model/ids.ts';
import type { NewPerson, Person } from '../../model/person.ts';
import type { Session } from '../../model/session.ts';
import type { Store } from '../port.ts';
import { everyPage, problem, workspaceNumber } from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const linkHash = 'a'.repeat(64);

export function newPerson(different: Partial<NewPerson> = {}): NewPerson {
  return {
    id: newPersonId(),
    email: 'ada@example.com',
    name: 'Ada',
    operator: false,
    memberships: [],
    createdBy: 'operator',
    openIdSubject: null,
    ...different,
  };
}

let sessions = 0;
export function openSession(store: Store, person: Person): Promise<Session> {
  const holder = { kind: 'person', personNumber: person.number } as const;
  return store.sessions.add(
    {
      id: newSessionId(),
      holder,
      expiresAtMs: Date.UTC(2030, 0, 1),
      address: '192.0.2.1',
      userAgent: 'a browser',
    },
    `hash ${++sessions}`,
    10,
  );
}

export function peopleContract(createPlace: CreatePlace): void {
  describe('people', () => {
    storeTest(createPlace, 'are found by id, number, e-mail and OpenID subject', async (bench) => {
      const acme = await workspaceNumber(bench.store);
      const membership = { workspaceNumber: acme, role: 'editor' } as const;
      const input = newPerson({ memberships: [membership], openIdSubject: 'https://id.example ada' });
      const person = await bench.store.people.create(input);
      assert.deepEqual(person.memberships, [membership]);
      assert.deepEqual([person.state, person.hasPassword, person.lastSignInAtMs], ['active', false, null]);
      const store = await bench.reopen();
      assert.deepEqual(await store.people.find(person.id), person);
      assert.deepEqual(await store.people.findByNumber(person.number), person);
      assert.deepEqual(await store.people.findByEmail('ada@example.com'), person);
      assert.deepEqual(await store.people.findByOpenIdSubject('https://id.example ada'), person);
      assert.equal(await store.people.find(newPersonId()), null);
      assert.equal(await store.people.findByEmail('bob@example.com'), null);
    });

    storeTest(createPlace, 'have one e-mail address each', async ({ store }) => {
      await store.people.create(newPerson());
      await assert.rejects(store.people.create(newPerson({ name: 'Another' })), problem('conflict'));
      const bob = await store.people.create(newPerson({ email: 'bob@example.com' }));
      await assert.rejects(store.people.save(bob, { email: 'ada@example.com' }), problem('conflict'));
      assert.equal((await store.people.save(bob, { email: 'bob@example.com' })).email, 'bob@example.com');
    });

    storeTest(createPlace, 'are listed in the order in which they were made', async ({ store }) => {
      const emails = ['z@example.com', 'a@example.com', 'm@example.com'];
      for (const email of emails) await store.people.create(newPerson({ email }));
      const found = await everyPage((page) => store.people.list(page), 2);
      assert.deepEqual(
        found.map(({ email }) => email),
        emails,
      );
    });

    storeTest(createPlace, 'belong to workspaces, with a role in each', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const globex = await workspaceNumber(store, 'globex');
      const ada = await store.people.create(newPerson());
      await store.people.saveMembership(ada, acme, 'viewer');
      const both = await store.people.saveMembership(ada, globex, 'admin');
      assert.deepEqual(both.memberships, [
        { workspaceNumber: acme, role: 'viewer' },
        { workspaceNumber: globex, role: 'admin' },
      ]);
      assert.deepEqual(await store.people.ofWorkspace(acme), [both]);
      const one = await store.people.saveMembership(ada, acme, null);
      assert.deepEqual(one.memberships, [{ workspaceNumber: globex, role: 'admin' }]);
      assert.deepEqual(await store.people.ofWorkspace(acme), []);
    });

    storeTest(createPlace, 'lose their sessions when they are suspended', async ({ store }) => {
      const ada = await store.people.create(newPerson());
      await openSession(store, ada);
      await store.people.save(ada, { name: 'Ada L.' });
      const holder = { kind: 'person', personNumber: ada.number } as const;
      assert.equal((await store.sessions.listOf(holder)).length, 1);
      const suspended = await store.people.save(ada, { state: 'suspended' });
      assert.deepEqual([suspended.name, suspended.state], ['Ada L.', 'suspended']);
      assert.deepEqual(await store.sessions.listOf(holder), []);
    });

    storeTest(
      createPlace,
      'keep one session of theirs when they change their password',
      async ({ store }) => {
        const ada = await store.people.create(newPerson());
        assert.equal(await store.people.passwordHash(ada), null);
        await openSession(store, ada);
        const kept = await openSession(store, ada);
        await store.people.savePasswordHash(ada, 'a hash', kept.id);
        assert.equal(await store.people.passwordHash(ada), 'a hash');
        assert.equal((await store.people.find(ada.id))?.hasPassword, true);
        assert.deepEqual(await store.sessions.listOf({ kind: 'person', personNumber: ada.number }), [kept]);
        await store.people.renewPasswordHash(ada, 'a better hash');
        assert.equal(await store.people.passwordHash(ada), 'a better hash');
        assert.equal((await store.sessions.listOf({ kind: 'person', personNumber: ada.number })).length, 1);
      },
    );

    storeTest(createPlace, 'set a password through a link, once and in time', async ({ store, clock }) => {
      const ada = await store.people.create(newPerson());
      const link = {
        personNumber: ada.number,
        purpose: 'invitation',
        createdAtMs: clock.timeMs,
        expiresAtMs: clock.timeMs + 1_000,
      } as const;
      await store.people.addPasswordLink(ada, link, 'b'.repeat(64));
      await store.people.addPasswordLink(ada, link, linkHash);
      assert.equal(await store.people.findPasswordLink('b'.repeat(64)), null, 'the link before has ended');
      assert.deepEqual(await store.people.findPasswordLink(linkHash), link);
      assert.equal(await store.people.usePasswordLink(linkHash, 'late', clock.timeMs + 1_000), null);
      await openSession(store, ada);
      const uses = await Promise.all(
        ['first', 'second'].map((hash) => store.people.usePasswordLink(linkHash, hash, clock.timeMs)),
      );
      assert.equal(uses.filter((person) => person?.id === ada.id && person.hasPassword).length, 1);
      assert.match((await store.people.passwordHash(ada)) ?? '', /^(first|second)$/);
      assert.equal(await store.people.findPasswordLink(linkHash), null);
      assert.deepEqual(await store.sessions.listOf({ kind: 'person', personNumber: ada.number }), []);
    });

    storeTest(createPlace, 'do not set a password while they are suspended', async ({ store, clock }) => {
      const ada = await store.people.create(newPerson());
      const link = {
        personNumber: ada.number,
        purpose: 'reset',
        createdAtMs: clock.timeMs,
        expiresAtMs: clock.timeMs + 1_000,
      } as const;
      await store.people.addPasswordLink(ada, link, linkHash);
      await store.people.save(ada, { state: 'suspended' });
      assert.equal(await store.people.usePasswordLink(linkHash, 'a hash', clock.timeMs), null);
      assert.equal(await store.people.passwordHash(ada), null);
    });

    storeTest(createPlace, 'are deleted with all that is theirs', async ({ store, clock }) => {
      const acme = await workspaceNumber(store);
      const ada = await store.people.create(
        newPerson({ memberships: [{ workspaceNumber: acme, role: 'admin' }] }),
      );
      await openSession(store, ada);
      const link = {
        personNumber: ada.number,
        purpose: 'reset',
        createdAtMs: clock.timeMs,
        expiresAtMs: clock.timeMs + 1_000,
      } as const;
      await store.people.addPasswordLink(ada, link, linkHash);
      await store.people.delete(ada);
      assert.equal(await store.people.find(ada.id), null);
      assert.deepEqual(await store.people.ofWorkspace(acme), []);
      assert.equal(await store.people.findPasswordLink(linkHash), null);
      assert.deepEqual(await store.sessions.listOf({ kind: 'person', personNumber: ada.number }), []);
      await assert.rejects(store.people.save(ada, { name: 'Ghost' }), problem('not-found'));
      await store.people.create(newPerson());
    });

    storeTest(
      createPlace,
      'note when they signed in, and who they are elsewhere',
      async ({ store, clock }) => {
        const ada = await store.people.create(newPerson());
        await store.people.noteSignIn(ada, clock.timeMs);
        await store.people.saveOpenIdSubject(ada, 'https://id.example 7');
        const found = await store.people.findByOpenIdSubject('https://id.example 7');
        assert.deepEqual(found, { ...ada, lastSignInAtMs: clock.timeMs });
      },
    );
  });
}
