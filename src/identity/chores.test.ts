import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadConfig } from '../config/index.ts';
import { newPortalLinkId } from '../model/ids.ts';
import { HeldClock } from '../store/contract/held-clock.ts';
import { SqlitePlace } from '../store/sqlite/sqlite-place.ts';
import { Chores } from './chores.ts';
import { Identity } from './index.ts';

const dayMs = 86_400_000;

/** Timers go off when the test says so. */
class TestClock extends HeldClock {
  timers: (() => void)[] = [];
  override after(_delayMs: number, callback: () => void): () => void {
    this.timers.push(callback);
    return () => {
      this.timers = this.timers.filter((timer) => timer !== callback);
    };
  }
}

describe('chores', () => {
  it('remove sessions and portal links that have ended, and what the audit log has kept for long enough', async () => {
    const clock = new TestClock();
    const place = SqlitePlace.create();
    const store = await place.open({ clock, secretKey: 'a key of the tests, long enough for it' });
    try {
      const loaded = loadConfig({});
      assert.ok(loaded.ok);
      const fail = (error: unknown): void => {
        throw error;
      };
      const identity = new Identity(store, clock, loaded.config, fail);
      const { number } = await store.workspaces.create('acme');
      await store.portalLinks.create(
        {
          id: newPortalLinkId(),
          workspaceNumber: number,
          name: 'Jane',
          eventTypes: null,
          createdBy: 'operator',
          expiresAtMs: clock.timeMs + 1_000,
        },
        'hash',
      );
      const from = { address: '192.0.2.1', userAgent: '' };
      const holder = { kind: 'token', tokenHash: 'hash of a token' } as const;
      await identity.sessions.open(holder, from);
      const author = {
        kind: 'server',
        id: null,
        name: 'server',
        onBehalfOf: null,
        requestId: null,
        address: null,
      } as const;
      const note = {
        action: 'settings.changed',
        workspaceNumber: null,
        target: { kind: 'server', id: '', name: '' },
        changes: [],
      } as const;
      await store.audit.append(author, note);
      clock.timeMs += 35 * dayMs;
      await store.audit.append(author, note);
      await identity.sessions.open(holder, from);

      await new Promise<void>((done) => {
        const chores = new Chores({
          sessions: identity.sessions,
          portalLinks: store.portalLinks,
          audit: store.audit,
          clock,
          auditAgeMs: 30 * dayMs,
          onError: fail,
          onDone: () => void chores.stop().then(done),
        });
        clock.timers = [];
        chores.start();
        clock.timers[0]?.();
      });
      assert.equal((await identity.sessions.list(holder)).length, 1);
      assert.deepEqual(await store.portalLinks.list(number), []);
      assert.equal((await store.audit.list({}, { limit: 10, cursor: null })).items.length, 1);
    } finally {
      await store.close();
      await place.remove();
    }
  });
});
