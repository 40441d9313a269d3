import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { AuditAuthor, AuditNote } from '../../model/audit.ts';
import { newPerson } from './people.ts';
import { everyPage, workspaceNumber } from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

export const auditAuthor: AuditAuthor = {
  kind: 'token',
  id: 'tok_1',
  name: 'till',
  onBehalfOf: 'Zoë',
  requestId: 'req_1',
  address: '192.0.2.7',
};

export function auditNote(different: Partial<AuditNote> = {}): AuditNote {
  return {
    action: 'webhook.secret-read',
    workspaceNumber: 7,
    target: { kind: 'webhook', id: 'wh_1', name: 'Shop' },
    changes: [{ field: 'name', before: null, after: { a: ['ü', 1] } }],
    ...different,
  };
}

export function auditContract(createPlace: CreatePlace): void {
  describe('the audit log', () => {
    storeTest(createPlace, 'tells who did what, when and from where', async (bench) => {
      await bench.store.audit.append(auditAuthor, auditNote());
      const store = await bench.reopen();
      const { items } = await store.audit.list({}, { limit: 10, cursor: null });
      const [entry] = items;
      assert.equal(items.length, 1);
      assert.deepEqual(entry, {
        ...auditNote(),
        seq: entry?.seq,
        atMs: bench.clock.timeMs,
        author: auditAuthor,
      });
    });

    storeTest(
      createPlace,
      'is searched by what an entry is about, the newest first',
      async ({ store, clock }) => {
        const startMs = clock.timeMs;
        const enter = async (author: Partial<AuditAuthor>, note: Partial<AuditNote>): Promise<void> => {
          await store.audit.append({ ...auditAuthor, ...author }, auditNote(note));
          clock.timeMs += 1_000;
        };
        await enter({ id: 'per_1' }, { action: 'webhook.created' });
        await enter({}, { action: 'webhook.deleted', target: { kind: 'webhook', id: 'wh_2', name: 'x' } });
        await enter({}, { action: 'workspace.created', workspaceNumber: null });
        await enter({ id: 'per_1' }, { action: 'sign-in.succeeded', workspaceNumber: null });
        const found = async (filter: Parameters<typeof store.audit.list>[0]) =>
          (await everyPage((page) => store.audit.list(filter, page), 1)).map(({ action }) => action);
        const all = ['sign-in.succeeded', 'workspace.created', 'webhook.deleted', 'webhook.created'];
        assert.deepEqual(await found({}), all);
        assert.deepEqual(await found({ workspaceNumber: 7 }), ['webhook.deleted', 'webhook.created']);
        assert.deepEqual(await found({ workspaceNumber: 8 }), []);
        assert.deepEqual(await found({ workspaceNumber: null }), ['sign-in.succeeded', 'workspace.created']);
        assert.deepEqual(await found({ action: 'webhook.*' }), ['webhook.deleted', 'webhook.created']);
        assert.deepEqual(await found({ action: 'web.*' }), []);
        assert.deepEqual(await found({ action: 'webhook.deleted' }), ['webhook.deleted']);
        assert.deepEqual(await found({ authorId: 'per_1' }), ['sign-in.succeeded', 'webhook.created']);
        assert.deepEqual(await found({ targetId: 'wh_2' }), ['webhook.deleted']);
        assert.deepEqual(await found({ sinceMs: startMs + 1_000, untilMs: startMs + 3_000 }), [
          'workspace.created',
          'webhook.deleted',
        ]);
      },
    );

    storeTest(
      createPlace,
      'has a change in the transaction that makes it, or not at all',
      async ({ store }) => {
        const workspace = await workspaceNumber(store);
        const made = await store.audit.during(auditAuthor, () =>
          store.people.create(newPerson({ memberships: [{ workspaceNumber: workspace, role: 'viewer' }] })),
        );
        await assert.rejects(store.audit.during(auditAuthor, () => store.people.create(newPerson())));
        const { items } = await store.audit.list({}, { limit: 10, cursor: null });
        assert.deepEqual(
          items.map(({ action, target, changes, author, workspaceNumber: of }) => ({
            action,
            target,
            changes,
            author,
            of,
          })),
          [
            {
              action: 'member.added',
              target: { kind: 'person', id: made.id, name: 'ada@example.com' },
              changes: [{ field: 'role', before: null, after: 'viewer' }],
              author: auditAuthor,
              of: workspace,
            },
            {
              action: 'person.created',
              target: { kind: 'person', id: made.id, name: 'ada@example.com' },
              changes: [
                { field: 'email', before: null, after: 'ada@example.com' },
                { field: 'name', before: null, after: 'Ada' },
                { field: 'operator', before: null, after: false },
                { field: 'state', before: null, after: 'active' },
              ],
              author: auditAuthor,
              of: null,
            },
          ],
        );
      },
    );

    storeTest(createPlace, 'keeps apart who does things at the same time', async ({ store }) => {
      const emails = Array.from({ length: 20 }, (_, index) => `p${index}@example.com`);
      await Promise.all(
        emails.map((email) =>
          store.audit.during({ ...auditAuthor, name: email }, () =>
            store.people.create(newPerson({ email })),
          ),
        ),
      );
      const { items } = await store.audit.list({ action: 'person.created' }, { limit: 100, cursor: null });
      assert.equal(items.length, emails.length);
      for (const { author, target } of items) assert.equal(author.name, target.name);
    });

    storeTest(createPlace, 'does not have what the program changes by itself', async ({ store }) => {
      await store.people.create(newPerson());
      assert.deepEqual((await store.audit.list({}, { limit: 10, cursor: null })).items, []);
    });

    storeTest(createPlace, 'is not changed, replaced or removed, not even in the database', async (bench) => {
      await bench.store.audit.append(auditAuthor, auditNote());
      const page = { limit: 10, cursor: null };
      const before = await bench.store.audit.list({}, page);
      await bench.close();
      for (const statement of [
        "UPDATE audit_entries SET author_name = 'nobody'",
        'DELETE FROM audit_entries',
        ...bench.place.replacements('audit_entries'),
      ]) {
        await assert.rejects(bench.place.execute(statement), /append-only/, statement);
      }
      const store = await bench.open();
      assert.deepEqual(await store.audit.list({}, page), before);
    });

    storeTest(
      createPlace,
      'is removed by retention, from its begin and up to a time',
      async ({ store, clock }) => {
        const startMs = clock.timeMs;
        // A clock that was set back makes no hole.
        for (const atMs of [startMs, startMs + 2_000, startMs + 1_000, startMs + 3_000]) {
          clock.timeMs = atMs;
          await store.audit.append(auditAuthor, auditNote());
        }
        assert.equal(await store.audit.removeBefore(startMs, 10), 0);
        assert.equal(await store.audit.removeBefore(startMs + 2_000, 10), 1);
        const left = async () => (await store.audit.list({}, { limit: 10, cursor: null })).items;
        assert.deepEqual(
          (await left()).map(({ atMs }) => atMs - startMs),
          [3_000, 1_000, 2_000],
        );
        assert.equal(await store.audit.removeBefore(startMs + 3_000, 1), 1);
        assert.equal(await store.audit.removeBefore(startMs + 3_000, 10), 1);
        assert.equal((await left()).length, 1);
      },
    );
  });
}
