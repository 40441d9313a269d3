import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '../../model/problem.ts';
import { HeldClock } from '../contract/held-clock.ts';
import {
  insertRows,
  newAttempt,
  newDelivery,
  newTable,
  newWebhook,
  numberedEvents,
  problem,
  workspaceNumber,
} from '../contract/samples.ts';
import { testSecretKey } from '../contract/store-place.ts';
import { openPostgresStore, type PostgresStore } from './index.ts';
import { PostgresServer } from './testing/postgres-server.ts';
import { TransactionPooler } from './testing/transaction-pooler.ts';

const options = { clock: new HeldClock(), secretKey: testSecretKey, shardCount: 1 };

/** Asks again, as clients do that are told `unavailable`, until there is an answer. */
async function patiently<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries > 200 || (error as Problem).code !== 'unavailable') throw error;
      await sleep(50);
    }
  }
}

describe('a PostgreSQL server that fails', () => {
  let server: PostgresServer;
  before(async () => {
    // As safe as in production: what was promised survives.
    server = await PostgresServer.start({ fsync: 'on', full_page_writes: 'on' });
  });
  after(() => server.remove());

  async function open(different: { statementTimeoutMs?: number } = {}): Promise<PostgresStore> {
    const database = await server.createDatabase();
    return openPostgresStore({ url: server.url(database), ...options, ...different });
  }

  it('loses nothing that was accepted when it crashes, and is used again when it is back', async () => {
    const store = await open();
    const acme = await workspaceNumber(store);
    const webhook = await newWebhook(store, acme);
    let isCrashing = false;
    const accepted: number[] = [];
    const writer = (async () => {
      while (!isCrashing) {
        const events = await store.journal.append(acme, numberedEvents(2)).catch(() => []);
        accepted.push(...events.map(({ seq }) => seq));
      }
    })();
    while (accepted.length < 100) await sleep(5);
    const restarted = server.restart('kill');
    await assert.rejects(
      (async () => {
        for (;;) await store.deliveries.write([{ kind: 'checkpoint', seq: 1 }]);
      })(),
      problem('unavailable'),
    );
    isCrashing = true;
    await Promise.all([restarted, writer]);
    const kept = await patiently(() => store.journal.read(acme, 0, 100_000, Number.MAX_SAFE_INTEGER));
    const seqs = kept.map(({ seq }) => seq);
    for (const seq of accepted) assert.ok(seqs.includes(seq), `the event ${seq} was accepted`);
    assert.deepEqual(
      seqs,
      seqs.map((_, index) => index + 1),
      'places have no gap',
    );
    const next = await patiently(() => store.journal.append(acme, numberedEvents(1)));
    assert.equal(next[0]?.seq, seqs.length + 1);
    const delivery = newDelivery(webhook, 1);
    await store.deliveries.write([{ kind: 'delivered', delivery, attempt: newAttempt(1), retry: null }]);
    assert.deepEqual(await store.deliveries.find(acme, webhook.number, 1), delivery);
    await store.close();
  });

  it('ends a session for good: what holds the locks of a process is never taken up again by itself', async () => {
    const store = await open();
    const session = await store.openSession();
    const shard = await store.shard(0, session);
    await session.query('SELECT pg_advisory_lock(1, 0)');
    const lost = new Promise((resolve) => session.lost.addEventListener('abort', resolve));
    await store.query('SELECT pg_terminate_backend($1)', [session.backendPid]);
    await lost;
    await assert.rejects(shard.deliveries.write([{ kind: 'checkpoint', seq: 1 }]), problem('unavailable'));
    await assert.rejects(session.query('SELECT 1'), problem('unavailable'));
    assert.equal((await shard.deliveries.positions()).checkpointSeq, 0);
    const next = await store.openSession();
    const [held] = await next.query<{ held: boolean }>('SELECT pg_try_advisory_lock(1, 0) AS held');
    assert.equal(held?.held, true, 'its locks are free');
    await shard.close();
    await next.close();
    await store.close();
  });

  it('that takes no writes is said to be read-only, and reads go on', async () => {
    const store = await open();
    const table = await newTable(store);
    server.configure({ default_transaction_read_only: 'on' });
    await server.query('SELECT pg_reload_conf()');
    const writes: ReadonlyArray<() => Promise<unknown>> = [
      () => store.journal.append(table.workspaceNumber, numberedEvents(1)),
      () => insertRows(store, table, ['a']),
      () => store.bases.renameBase(table.baseId, 'Other'),
    ];
    for (let tries = 0; tries < 100; tries += 1) {
      const outcomes = await Promise.allSettled(writes.map((write) => write()));
      if (outcomes.every(({ status }) => status === 'rejected')) break;
      await sleep(50);
    }
    for (const write of writes) {
      await assert.rejects(
        write(),
        (error: Problem) => error.code === 'unavailable' && /read-only/.test(error.message),
      );
    }
    assert.equal((await store.bases.listTables(table.baseId)).length, 1);
    server.configure({ default_transaction_read_only: 'off' });
    await server.query('SELECT pg_reload_conf()');
    await patiently(() => store.journal.append(table.workspaceNumber, numberedEvents(1)));
    await store.close();
  });

  it('that is not there is said to be unreachable, at the start as well as later', async () => {
    const store = await open();
    const url = server.url('postgres');
    await server.stop();
    await assert.rejects(store.workspaces.list(), problem('unavailable'));
    await assert.rejects(openPostgresStore({ url, ...options }), problem('unavailable'));
    await server.restart();
    assert.deepEqual(await patiently(() => store.workspaces.list()), []);
    await store.close();
  });

  it('is asked for less when a read takes too long; a write is not cut short', async () => {
    const store = await open({ statementTimeoutMs: 200 });
    await assert.rejects(store.query('SELECT pg_sleep(5)'), problem('unavailable'));
    const slow = await store.transaction((query) => query<{ n: number }>('SELECT 1 AS n FROM pg_sleep(0.5)'));
    assert.equal(slow[0]?.n, 1);
    await store.close();
  });
});

describe('a PostgreSQL server that does not suit', () => {
  let server: PostgresServer;
  before(async () => {
    server = await PostgresServer.start();
  });
  after(() => server.remove());

  it('is refused when its database was written by a newer Rowhook', async () => {
    const url = server.url(await server.createDatabase());
    const store = await openPostgresStore({ url, ...options });
    await store.query('INSERT INTO schema_version VALUES (99, now())');
    await store.close();
    await assert.rejects(openPostgresStore({ url, ...options }), /schema version 99.*knows only/);
  });

  it('is refused when it is a standby', async () => {
    const standby = await server.standby();
    try {
      await assert.rejects(openPostgresStore({ url: standby.url(), ...options }), /standby/);
    } finally {
      await standby.remove();
    }
  });

  it('is refused when its role may not create tables, with what to grant', async () => {
    const database = await server.createDatabase();
    await server.query('CREATE ROLE guest LOGIN');
    await server.query('REVOKE CREATE ON SCHEMA public FROM public', [], database);
    const url = server.url(database).replace('rowhook@', 'guest@');
    await assert.rejects(openPostgresStore({ url, ...options }), /GRANT CREATE ON SCHEMA public/);
  });

  it('is refused when the database holds no Unicode', async () => {
    await server.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    await assert.rejects(openPostgresStore({ url: server.url('latin'), ...options }), /LATIN1.*UTF8/);
  });

  it('is refused behind a pooler that shares connections between transactions', async () => {
    const database = await server.createDatabase();
    const pooler = await TransactionPooler.start(server.port, 'rowhook', database);
    try {
      const url = `postgres://rowhook@127.0.0.1:${pooler.port}/${database}`;
      await assert.rejects(openPostgresStore({ url, ...options }), /pool_mode = session/);
    } finally {
      await pooler.close();
    }
  });

  it('has its doubtful settings named', async () => {
    const store = await openPostgresStore({ url: server.url(await server.createDatabase()), ...options });
    assert.ok(store.warnings.some((warning) => warning.includes('fsync = off')));
    await store.close();
  });

  it('is set up once by many processes that start together', async () => {
    const url = server.url(await server.createDatabase());
    const stores = await Promise.all(
      Array.from({ length: 3 }, () => openPostgresStore({ url, ...options, shardCount: 256 })),
    );
    assert.deepEqual(
      stores.map(({ shardCount }) => shardCount),
      [256, 256, 256],
    );
    const [found] = await server.query(
      'SELECT count(*)::int AS n FROM shards',
      [],
      new URL(url).pathname.slice(1),
    );
    assert.equal(found?.['n'], 256);
    await Promise.all(stores.map((store) => store.close()));
  });
});
