import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { DEADLINE_GRANULARITY_MS } from './limits.ts';
import { type Consumer, startConsumer } from './testing/consumers.ts';
import { startDnsServer } from './testing/dns-server.ts';
import { outcomeOf, post, startEgress } from './testing/egress.ts';

/** A consumer that answers only when the test says so, in the order in which requests came. */
async function startHeldConsumer(
  t: TestContext,
): Promise<Consumer & { next(): Promise<{ path: string; answer(): void }> }> {
  const held: { path: string; answer(): void }[] = [];
  const wanted: ((request: { path: string; answer(): void }) => void)[] = [];
  const consumer = await startConsumer(t, (request, response: ServerResponse) => {
    const item = { path: request.url ?? '', answer: () => void response.end() };
    const waiting = wanted.shift();
    if (waiting === undefined) held.push(item);
    else waiting(item);
  });
  return {
    ...consumer,
    next: () => {
      const item = held.shift();
      return item === undefined ? new Promise((resolve) => wanted.push(resolve)) : Promise.resolve(item);
    },
  };
}

describe('connections', () => {
  it('are used again, the most recently used first', async (t) => {
    const consumer = await startConsumer(t, (_request, response) => response.end());
    const egress = startEgress(t);
    for (let round = 0; round < 20; round += 1)
      assert.equal(outcomeOf(await post(egress, consumer.url)), 200);
    assert.equal(consumer.connections.length, 1);
  });

  it('to one origin are no more than its limit; the other requests wait', async (t) => {
    const consumer = await startHeldConsumer(t);
    const egress = startEgress(t, { maxConnectionsPerOrigin: 3 });
    const results = Array.from({ length: 12 }, () => post(egress, consumer.url));
    assert.equal(egress.inFlight, 12);
    for (let round = 0; round < 12; round += 1) (await consumer.next()).answer();
    assert.deepEqual((await Promise.all(results)).map(outcomeOf), Array(12).fill(200));
    assert.equal(consumer.connections.length, 3);
    assert.equal(egress.inFlight, 0);
  });

  it('carry waiting requests in the order in which they were sent', async (t) => {
    const consumer = await startHeldConsumer(t);
    const egress = startEgress(t, { maxConnectionsPerOrigin: 1 });
    const paths = Array.from({ length: 12 }, (_, index) => `/${index}`);
    const results = paths.map((path) => post(egress, `http://${consumer.authority}${path}`));
    const arrived: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      const request = await consumer.next();
      arrived.push(request.path);
      request.answer();
    }
    await Promise.all(results);
    assert.deepEqual(arrived, paths);
  });

  it('are not waited for any longer by requests that were given up, first, last or in between', async (t) => {
    const consumer = await startHeldConsumer(t);
    const egress = startEgress(t, { maxConnectionsPerOrigin: 1 });
    const holding = post(egress, consumer.url);
    const held = await consumer.next();
    const controllers = Array.from({ length: 7 }, () => new AbortController());
    const waiting = controllers.map(({ signal }, index) =>
      post(egress, `http://${consumer.authority}/${index}`, { signal }),
    );
    const givenUp = [0, 3, 4, 6];
    for (const index of givenUp) controllers[index]?.abort();
    for (const index of givenUp) {
      const result = await waiting[index];
      assert.equal(result?.kind === 'error' && [result.code, result.mayHaveArrived].join(), 'ABORTED,false');
    }
    held.answer();
    const arrived: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const request = await consumer.next();
      arrived.push(request.path);
      request.answer();
    }
    await Promise.all([holding, ...waiting]);
    assert.deepEqual(arrived, ['/1', '/2', '/5']);
    assert.equal(egress.inFlight, 0);
  });

  it('of the process are no more than its limit, and unused ones make room for other origins', async (t) => {
    const consumers = await Promise.all(
      Array.from({ length: 6 }, () => startConsumer(t, (_request, response) => response.end())),
    );
    const egress = startEgress(t, { maxConnections: 2 });
    for (let round = 0; round < 3; round += 1) {
      for (const { url } of consumers) {
        assert.equal(outcomeOf(await post(egress, url)), 200);
        assert.ok(egress.connections <= 2);
      }
    }
    const all = await Promise.all(consumers.map(({ url }) => post(egress, url)));
    assert.deepEqual(all.map(outcomeOf), Array(6).fill(200));
    assert.ok(egress.connections <= 2);
  });

  it('are given up by a busy origin, so that no other origin is kept out', async (t) => {
    const busy = await startHeldConsumer(t);
    const other = await startConsumer(t, (_request, response) => response.end());
    const egress = startEgress(t, { maxConnections: 2 });
    const backlog = Array.from({ length: 10 }, () => post(egress, busy.url));
    const first = await busy.next();
    await busy.next();
    const outsider = post(egress, other.url);
    // One answer of the busy origin is all it takes, though its own backlog came first.
    first.answer();
    assert.equal(outcomeOf(await outsider), 200);
    await egress.close();
    await Promise.all(backlog);
  });

  it('are shared in turns when there are more busy origins than connections', async (t) => {
    const consumers = await Promise.all(
      Array.from({ length: 5 }, () => startConsumer(t, (_request, response) => response.end())),
    );
    const egress = startEgress(t, { maxConnections: 2 });
    const finished: number[] = [];
    const sends = consumers.flatMap(({ url }, origin) =>
      Array.from({ length: 8 }, async () => {
        assert.equal(outcomeOf(await post(egress, url)), 200);
        finished.push(origin);
      }),
    );
    await Promise.all(sends);
    // Every origin has had its first answer before any has had its last but two.
    const firsts = [0, 1, 2, 3, 4].map((origin) => finished.indexOf(origin));
    const sixth = [0, 1, 2, 3, 4].map(
      (origin) => finished.map((one, at) => (one === origin ? at : -1)).filter((at) => at >= 0)[5] ?? -1,
    );
    assert.ok(Math.max(...firsts) < Math.min(...sixth), JSON.stringify(finished));
  });

  it('that nobody gives back in time leave the waiting request unsent: TOO_MANY_CONNECTIONS', async (t) => {
    const consumer = await startHeldConsumer(t);
    const egress = startEgress(t, { maxConnectionsPerOrigin: 1 });
    const holding = post(egress, consumer.url);
    const held = await consumer.next();
    const result = await post(egress, consumer.url, { timeoutMs: 2 * DEADLINE_GRANULARITY_MS });
    assert.equal(outcomeOf(result), 'TOO_MANY_CONNECTIONS');
    assert.equal(result.kind === 'error' && result.mayHaveArrived, false);
    held.answer();
    assert.equal(outcomeOf(await holding), 200);
    assert.equal(
      outcomeOf(
        await Promise.all([post(egress, consumer.url), consumer.next().then((next) => next.answer())]).then(
          ([one]) => one,
        ),
      ),
      200,
    );
    assert.equal(consumer.connections.length, 1);
  });

  it('that fail make room for those who wait', async (t) => {
    const silent = await startConsumer(t, () => {});
    const other = await startConsumer(t, (_request, response) => response.end());
    const egress = startEgress(t, { maxConnections: 1 });
    const stuck = post(egress, silent.url, { timeoutMs: 600 });
    const waiting = post(egress, other.url);
    assert.deepEqual([outcomeOf(await stuck), outcomeOf(await waiting)], ['TIMEOUT', 200]);
  });

  it('to a consumer that closes after each answer are made anew each time, for all who wait', async (t) => {
    const consumer = await startConsumer(t, (_request, response) =>
      response.setHeader('connection', 'close').end(),
    );
    const egress = startEgress(t, { maxConnectionsPerOrigin: 2 });
    const results = await Promise.all(Array.from({ length: 20 }, () => post(egress, consumer.url)));
    assert.deepEqual(results.map(outcomeOf), Array(20).fill(200));
    assert.equal(consumer.connections.length, 20);
  });

  it('leave nothing behind, however many hosts there were', async (t) => {
    const consumer = await startConsumer(t, (_request, response) =>
      response.setHeader('connection', 'close').end(),
    );
    const names = Array.from({ length: 200 }, (_, index) => `host-${index}.test`);
    const dns = await startDnsServer(
      t,
      Object.fromEntries(names.map((name) => [name, [['127.0.0.1']] as const])),
    );
    const egress = startEgress(t, { dnsServers: [dns.address], maxConnections: 20 });
    const results = await Promise.all(names.map((name) => post(egress, `http://${name}:${consumer.port}/`)));
    assert.deepEqual(results.map(outcomeOf), Array(200).fill(200));
    await t.waitFor(() => assert.deepEqual([egress.connections, egress.origins], [0, 0]));
  });
});
