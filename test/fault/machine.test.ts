import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import type { ApiClient } from '../support/api-client.ts';
import { ConsumerProcess } from '../support/consumer-process.ts';
import { readMessage } from '../support/row-events.ts';
import { operatorToken, ServerProcess } from '../support/server-process.ts';

interface NumberMessage {
  readonly data: { readonly number: number };
}

const eventType = 'thing.numbered';
/** Quick, and without an end. */
const retry = { delaysMs: [50, 100, 1_000], forever: true, jitter: 0 };
const neverDisabled = { afterFailures: null, afterFailingMs: null };

/** A disk of a few megabytes for a data directory. */
class SmallDisk {
  readonly path = mkdtempSync(join(tmpdir(), 'rowhook-disk-'));
  readonly #filler = join(this.path, 'filler');

  /** False where this user may not mount. */
  mount(megabytes: number): boolean {
    return run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', this.path);
  }

  /** Takes all the space that is left, though somebody else may be writing. */
  fill(): void {
    for (;;) {
      const { bavail, bsize } = statfsSync(this.path);
      if (bavail === 0) return;
      try {
        appendFileSync(this.#filler, Buffer.alloc(bavail * bsize));
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
      }
    }
  }

  clear(): void {
    rmSync(this.#filler);
  }

  makeReadOnly(): void {
    assert.ok(run('mount', '-o', 'remount,ro', this.path));
  }

  remove(): void {
    run('umount', '--lazy', this.path);
    rmSync(this.path, { recursive: true, force: true });
  }
}

function run(command: string, ...parameters: string[]): boolean {
  return spawnSync(command, parameters).status === 0;
}

/** A test on a small disk; skipped where mounting one is refused. */
function diskTest(
  name: string,
  megabytes: number,
  body: (context: TestContext, disk: SmallDisk) => Promise<void>,
): void {
  test(name, { timeout: 120_000 }, async (context) => {
    const disk = new SmallDisk();
    context.after(() => disk.remove());
    if (disk.mount(megabytes)) await body(context, disk);
    else context.skip('mounting a small disk is refused to this user');
  });
}

/** A webhook for the events of this file, and the consumer that gets them. */
async function subscribe(context: TestContext, api: ApiClient): Promise<ConsumerProcess> {
  const consumer = await ConsumerProcess.start(context);
  const { secret } = await api.createWebhook({
    name: 'numbers',
    url: consumer.url('/numbers'),
    eventTypes: [eventType],
    retry,
    disable: neverDisabled,
  });
  await consumer.hook('/numbers', secret ?? null);
  return consumer;
}

const numbersAt = (consumer: ConsumerProcess): Set<number> =>
  new Set(consumer.at('/numbers').map((arrival) => readMessage<NumberMessage>(arrival).data.number));

const large = 'x'.repeat(100_000);

describe('a full disk', () => {
  diskTest(
    'is told with 507, loses nothing accepted, and is over when there is space',
    24,
    async (context, disk) => {
      const server = await ServerProcess.start(context, { ROWHOOK_DATA_DIR: disk.path });
      const consumer = await subscribe(context, server.api);
      let number = 0;
      const accepted: number[] = [];
      const post = async (): Promise<number> => {
        number += 1;
        const { status, body } = await server.api.call('POST', '/v1/events', {
          type: eventType,
          data: { number, large },
        });
        if (status === 202) accepted.push(number);
        else assert.deepEqual([status, body.type], [507, '/problems/storage-full']);
        return status;
      };
      for (let count = 0; count < 20; count += 1) await post();
      disk.fill();
      // A little is left in what SQLite and the disk have set aside.
      let refused = 0;
      for (let count = 0; count < 300 && refused < 3; count += 1) refused += (await post()) === 507 ? 1 : 0;
      assert.equal(refused, 3);
      // What only reads goes on.
      assert.equal((await server.api.call('GET', '/v1/events?limit=1')).status, 200);
      assert.equal((await server.api.call('GET', '/healthz')).status, 200);

      // A kill while it is full loses nothing either; the next start waits for space, or says why it does not.
      await server.kill();
      disk.clear();
      await server.start();
      assert.equal(await post(), 202);
      disk.fill();
      for (refused = 0; refused < 2; ) refused += (await post()) === 507 ? 1 : 0;
      disk.clear();
      // The same process takes it up again by itself.
      assert.equal(await post(), 202);
      await consumer.until(() => accepted.every((one) => numbersAt(consumer).has(one)));
      const stored = await server.api.events(eventType);
      assert.deepEqual(
        stored.map(({ data }) => (data as { number: number }).number),
        accepted,
        'exactly what was accepted is in the journal',
      );
      await server.api.until(
        () => server.api.call('GET', '/readyz'),
        ({ status }) => status === 200,
      );
    },
  );

  diskTest(
    'lets a server start, or keeps it from it with a message, and does no harm',
    24,
    async (context, disk) => {
      const server = await ServerProcess.start(context, { ROWHOOK_DATA_DIR: disk.path });
      await server.api.postEvent(eventType, { number: 1 });
      await server.kill();
      disk.fill();
      server.launch();
      const outcome = await server.ready().then(
        () => 'started',
        (error: Error) => error.message,
      );
      assert.match(outcome, /^started$|Rowhook did not start: .*(full|no space)|readyz answered 503/is);
      await server.kill();
      disk.clear();
      await server.start();
      assert.equal((await server.api.events(eventType)).length, 1);
    },
  );
});

describe('a disk that cannot be written', () => {
  diskTest('keeps a server from starting, with a message that says so', 24, async (context, disk) => {
    const server = await ServerProcess.start(context, { ROWHOOK_DATA_DIR: disk.path });
    await server.api.postEvent(eventType, { number: 1 });
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    disk.makeReadOnly();
    server.launch();
    const { code } = await server.ended();
    assert.equal(code, 1);
    assert.match(server.printed.stderr, /^Rowhook did not start: .*(cannot be used|read-only|readonly)/im);
    assert.doesNotMatch(server.printed.stderr, /\n\s+at /, 'no stack is shown');
  });
});

describe('a database that another program has locked', () => {
  test('is told with 503, and is over when the lock is', { timeout: 60_000 }, async (context) => {
    const server = await ServerProcess.start(context);
    const file = join(server.dataDirectory, 'rowhook.db');
    const other = new Database(file);
    context.after(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    const { status, body } = await server.api.call('POST', '/v1/events', {
      type: eventType,
      data: { number: 1 },
    });
    assert.deepEqual([status, body.type], [503, '/problems/unavailable']);
    assert.match(body.detail ?? '', /Another program has locked the database/);
    assert.equal((await server.api.call('GET', '/v1/events')).status, 200);
    other.exec('ROLLBACK');
    await server.api.postEvent(eventType, { number: 2 });
    assert.equal((await server.api.events(eventType)).length, 1);
  });

  test('keeps a server from starting, with a message', { timeout: 60_000 }, async (context) => {
    const server = await ServerProcess.start(context);
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    const other = new Database(join(server.dataDirectory, 'rowhook.db'));
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN EXCLUSIVE');
    server.launch();
    assert.equal((await server.ended()).code, 1);
    assert.match(server.printed.stderr, /^Rowhook did not start: Another program has locked the database/m);
    other.exec('ROLLBACK');
    other.close();
    await server.start();
  });
});

describe('a damaged database', () => {
  test('keeps a server from starting, and the message says how to go on', {
    timeout: 60_000,
  }, async (context) => {
    const server = await ServerProcess.start(context);
    await server.api.postEvent(eventType, { number: 1 });
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    const file = join(server.dataDirectory, 'rowhook.db');
    const good = readFileSync(file);
    const bad = Buffer.from(good);
    bad.fill(0x5a, 0, 4_096);
    writeFileSync(file, bad);
    server.launch();
    assert.equal((await server.ended()).code, 1);
    assert.match(
      server.printed.stderr,
      /^Rowhook did not start: The database .* is damaged .*rowhook restore/m,
    );
    assert.deepEqual(readFileSync(file), bad, 'it is left for whoever wants to save something of it');
    writeFileSync(file, good);
    await server.start();
    assert.equal((await server.api.events(eventType)).length, 1);
  });
});

describe('too few open files', () => {
  test('let the process live, and what could not be sent is sent later', {
    timeout: 120_000,
  }, async (context) => {
    const server = await ServerProcess.start(
      context,
      { ROWHOOK_MAX_CLIENT_CONNECTIONS: '1000' },
      { openFiles: 80 },
    );
    const consumer = await subscribe(context, server.api);
    const processId = server.processId;
    // Clients that hold more connections than there are files.
    const port = Number(new URL(server.url).port);
    const clients: Socket[] = [];
    context.after(() => {
      for (const client of clients) client.destroy();
    });
    for (let count = 0; count < 100; count += 1) {
      const client = connect(port, '127.0.0.1');
      client.on('error', () => {});
      client.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
      clients.push(client);
    }
    await new Promise<void>((resolve) => {
      let answered = 0;
      for (const client of clients) {
        client.once('data', () => {
          answered += 1;
          // More cannot come: the rest waits until files are free.
          if (answered === 20) resolve();
        });
      }
    });
    for (const client of clients) client.destroy();
    const { api } = server;
    await api.until(
      () =>
        api.call('POST', '/v1/events', { type: eventType, data: { number: 1 } }).catch(() => ({ status: 0 })),
      ({ status }) => status === 202,
    );
    await consumer.until(() => numbersAt(consumer).has(1));
    assert.equal(server.processId, processId);
    assert.deepEqual(await server.end(), { code: 0, signal: null });
  });
});

describe('a heap that is too small for the load', () => {
  test('is not outgrown: events wait on disk, and large requests wait their turn', {
    timeout: 180_000,
  }, async (context) => {
    const server = await ServerProcess.start(context, {
      NODE_OPTIONS: '--max-old-space-size=80',
      ROWHOOK_QUEUE_MEMORY_BYTES: '4m',
      ROWHOOK_BODY_MEMORY_BYTES: '8m',
    });
    const { api } = server;
    const consumer = await subscribe(context, api);
    for (let index = 0; index < 5; index += 1) {
      // They take requests and never answer.
      await consumer.hook(`/silent-${index}`, null, { kind: 'silence' });
      await api.createWebhook({
        name: `silent ${index}`,
        url: consumer.url(`/silent-${index}`),
        eventTypes: [eventType],
        order: 'independent',
        concurrency: 20,
        timeoutMs: 60_000,
      });
    }
    const text = 'x'.repeat(60_000);
    let number = 0;
    let turnedAway = 0;
    const accepted: number[] = [];
    const postBatch = async (): Promise<void> => {
      const numbers = Array.from({ length: 25 }, () => (number += 1));
      const events = numbers.map((one) => ({ type: eventType, data: { number: one, text } }));
      for (;;) {
        const { status } = await api.call('POST', '/v1/events/batch', { events });
        if (status === 202) break;
        assert.equal(status, 503);
        turnedAway += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      accepted.push(...numbers);
    };
    // 8 clients at once with batches of 1.5 MB each: 36 MB in all, beside a heap that is half full with the program.
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let round = 0; round < 3; round += 1) await postBatch();
      }),
    );
    assert.ok(turnedAway > 0, 'large requests had to wait');
    assert.ok(server.printed.stderr.includes('heap out of memory') === false, server.printed.stderr);
    await consumer.until(() => numbersAt(consumer).size === accepted.length);
    const answer = await fetch(`${server.url}/healthz`, {
      headers: { authorization: `Bearer ${operatorToken}` },
    });
    assert.equal(answer.status, 200);
  });
});
