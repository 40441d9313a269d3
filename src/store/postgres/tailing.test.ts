import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { JournalEvent } from '../../model/event.ts';
import { HeldClock } from '../contract/held-clock.ts';
import { numberedEvents, workspaceNumber } from '../contract/samples.ts';
import { testSecretKey } from '../contract/store-place.ts';
import { appendCall } from './append.ts';
import type { OwnerSession, PostgresStore, ShardStore } from './index.ts';
import { PostgresPlace } from './testing/postgres-place.ts';

const options = { clock: new HeldClock(), secretKey: testSecretKey };

/** Resolves once `isSo`; fails after some seconds. */
async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let polls = 0; polls < 1_000; polls += 1) {
    if (isSo()) return;
    await sleep(10);
  }
  assert.fail(`${what} has not happened`);
}

describe('the tail of a journal', () => {
  let place: PostgresPlace;
  let owner: PostgresStore;
  let other: PostgresStore;
  let session: OwnerSession;
  let shard: ShardStore;
  let holder: Client;
  let acme: number;
  let heard: JournalEvent[];
  const heardSeqs = (): number[] => heard.map(({ seq }) => seq);

  beforeEach(async () => {
    place = await PostgresPlace.create();
    owner = await place.openStore(options);
    other = await place.openStore(options);
    session = await owner.openSession();
    acme = await workspaceNumber(owner);
    heard = [];
    shard = await owner.shard(0, session);
    shard.journal.onAppended((events) => heard.push(...events));
    holder = await place.server.connect(place.database);
  });
  afterEach(async () => {
    await holder.end();
    await shard.close();
    await session.close();
    await owner.close();
    await other.close();
    await place.remove();
  });

  /** Appends in a transaction that is not committed: the places are taken. */
  async function appendHeldBack(count: number): Promise<void> {
    const { statement, values } = appendCall(
      [{ shard: 0, workspaceNumber: acme, events: numberedEvents(count), acceptedAtMs: 0 }],
      0,
    );
    await holder.query('BEGIN');
    await holder.query(statement.text, [...values]);
  }

  it('does not skip what is committed late: nobody takes a later place before', async () => {
    await appendHeldBack(2);
    const later = other.journal.append(acme, numberedEvents(1));
    // The late one waits at the counter of the shard, so there is nothing that a reader could see too early.
    await until(() => other.underWay > 0, 'the second append');
    await sleep(100);
    await shard.follow();
    assert.deepEqual(heardSeqs(), []);
    assert.equal((await place.query('SELECT count(*)::int AS n FROM events'))[0]?.['n'], 0);
    await holder.query('COMMIT');
    const [event] = await later;
    assert.equal(event?.seq, 3);
    await until(() => heard.length === 3, 'the tail has come to the third event');
    assert.deepEqual(heardSeqs(), [1, 2, 3]);
  });

  it('has no hole where a transaction was undone', async () => {
    await appendHeldBack(2);
    const later = other.journal.append(acme, numberedEvents(2));
    await sleep(50);
    await holder.query('ROLLBACK');
    assert.deepEqual(
      (await later).map(({ seq }) => seq),
      [1, 2],
    );
    await until(() => heard.length === 2, 'the tail has come to the second event');
    assert.deepEqual(heardSeqs(), [1, 2]);
  });

  it('tells in order what several processes append at once, each event once', async () => {
    const rounds = 30;
    await Promise.all(
      [owner, other].map(async (store) => {
        for (let round = 0; round < rounds; round += 1) await store.journal.append(acme, numberedEvents(3));
      }),
    );
    const count = 2 * 3 * rounds;
    await until(() => heard.length >= count, `the tail has come to event ${count}`);
    assert.deepEqual(
      heardSeqs(),
      Array.from({ length: count }, (_, index) => index + 1),
    );
  });

  it('tells at once of another process’s events, and within a second if nobody says so', async () => {
    await other.journal.append(acme, numberedEvents(1));
    await until(() => heard.length === 1, 'the message');
    // As by a process that died between its commit and its message.
    await appendHeldBack(1);
    await holder.query('COMMIT');
    await until(() => heard.length === 2, 'the look into the counters');
  });

  it('begins where it was opened, whenever somebody listens', async () => {
    await other.journal.append(acme, numberedEvents(1));
    const second = await owner.shard(0, session);
    assert.equal(second.journal.headSeq(), 1);
    await other.journal.append(acme, numberedEvents(2));
    await second.follow();
    assert.equal(second.journal.headSeq(), 1, 'nobody has heard of what came since');
    const late: number[] = [];
    second.journal.onAppended((events) => late.push(...events.map(({ seq }) => seq)));
    await until(() => late.length === 2, 'the tail has caught up');
    assert.deepEqual(late, [2, 3]);
    await second.close();
  });
});
