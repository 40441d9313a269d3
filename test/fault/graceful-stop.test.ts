import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { ConsumerProcess } from '../support/consumer-process.ts';
import { readMessage } from '../support/row-events.ts';
import { operatorToken, ServerProcess } from '../support/server-process.ts';

interface CountMessage {
  readonly data: { readonly count: number };
}

const eventType = 'number.counted';
const callers = 8;
const stoppedCleanly = { code: 0, signal: null };
/** Far more than a stop may take, and far less than what it must not wait for. */
const stopTimeoutMs = 500;
const farTooLateMs = 30_000;
const timeout = 120_000;

async function subscribe(
  server: ServerProcess,
  consumer: ConsumerProcess,
  path: string,
  settings: Readonly<Record<string, unknown>>,
  behaviour?: Parameters<ConsumerProcess['hook']>[2],
): Promise<string> {
  const { id, secret } = await server.api.createWebhook({
    name: path,
    url: consumer.url(path),
    eventTypes: [eventType],
    ...settings,
  });
  await consumer.hook(path, secret, behaviour);
  return id;
}

/** Posts event after event until the server takes no more; answers the numbers that it took. */
async function postUntilItStops(server: ServerProcess, caller: number): Promise<number[]> {
  const { api } = server;
  const taken: number[] = [];
  for (let count = caller; ; count += callers) {
    const answer = await api
      .call('POST', '/v1/events', { type: eventType, data: { count } })
      .catch(() => null);
    if (answer === null || answer.status === 503) return taken;
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    taken.push(count);
  }
}

/** Ends the server and sees to it that this did not take as long as a consumer or a client would like. */
async function endInTime(server: ServerProcess): Promise<void> {
  const startedAt = performance.now();
  assert.deepEqual(await server.end(), stoppedCleanly);
  assert.ok(performance.now() - startedAt < farTooLateMs, 'the stop has a bound');
}

describe('a server that is told to stop', () => {
  it('under load finishes what is under way: nothing is lost, and nothing is repeated', {
    timeout,
  }, async (context) => {
    const server = await ServerProcess.start(context);
    const consumer = await ConsumerProcess.start(context);
    const kinds = {
      '/ordered': { order: 'ordered' },
      '/independent': { order: 'independent', concurrency: 10 },
      '/batched': { order: 'ordered', batch: { maxEvents: 20, maxWaitMs: 5 } },
      '/many-batched': { order: 'independent', concurrency: 3, batch: { maxEvents: 5, maxWaitMs: 0 } },
    };
    for (const [path, settings] of Object.entries(kinds)) await subscribe(server, consumer, path, settings);

    const taken: number[] = [];
    for (let round = 1; round <= 3; round += 1) {
      const posting = Promise.all(
        Array.from({ length: callers }, (_, caller) => postUntilItStops(server, round * 1_000_000 + caller)),
      );
      await consumer.receives('/ordered', consumer.at('/ordered').length + 100);
      assert.deepEqual(await server.end(), stoppedCleanly);
      taken.push(...(await posting).flat());
      await server.start();
    }

    // The journal says what was taken: all that was answered for, and perhaps what was not answered in time.
    const events = (await server.api.events(eventType)).map(({ data }) => (data as { count: number }).count);
    assert.deepEqual(
      taken.filter((count) => !events.includes(count)),
      [],
    );
    for (const path of Object.keys(kinds)) {
      const arrived = () =>
        consumer
          .at(path)
          .flatMap((arrival) => readMessage<CountMessage | CountMessage[]>(arrival))
          .map(({ data }) => data.count);
      await consumer.until(() => arrived().length >= events.length);
      const ordered = path === '/ordered' || path === '/batched';
      assert.deepEqual(
        ordered ? arrived() : arrived().sort((a, b) => a - b),
        ordered ? events : [...events].sort((a, b) => a - b),
        path,
      );
    }
    context.diagnostic(`3 stops under load: ${events.length} events to 4 webhooks, 0 lost, 0 repeated`);
  });

  it('does not wait for a consumer that never answers: its delivery is repeated after the next start', {
    timeout,
  }, async (context) => {
    const server = await ServerProcess.start(context, { ROWHOOK_STOP_TIMEOUT_MS: String(stopTimeoutMs) });
    const consumer = await ConsumerProcess.start(context);
    const silence = { kind: 'silence' } as const;
    const slow = { timeoutMs: 120_000 };
    const webhooks = {
      '/ordered': await subscribe(server, consumer, '/ordered', slow, silence),
      '/batched': await subscribe(
        server,
        consumer,
        '/batched',
        { ...slow, batch: { maxEvents: 2, maxWaitMs: 0 } },
        silence,
      ),
    };
    await server.api.postEvent(eventType, { count: 1 });
    for (const path of Object.keys(webhooks)) await consumer.receives(path, 1);
    await endInTime(server);

    for (const path of Object.keys(webhooks)) await consumer.hook(path, null);
    await server.start();
    for (const [path, webhook] of Object.entries(webhooks)) {
      await consumer.receives(path, 2);
      const [first, second] = consumer.at(path);
      assert.deepEqual([second?.id, second?.body], [first?.id, first?.body], path);
      const [delivery] = await server.api.until(
        () => server.api.deliveries(webhook),
        (deliveries) => deliveries[0]?.state === 'succeeded',
      );
      // What the stop cut off says nothing about the consumer, so it is no failed attempt.
      assert.deepEqual([delivery?.id, delivery?.attempts], [first?.id, 1], path);
    }
    await server.api.postEvent(eventType, { count: 2 });
    for (const path of Object.keys(webhooks)) await consumer.receives(path, 3);
  });

  it('hands back a retry that is under way: its attempts so far are kept', { timeout }, async (context) => {
    const server = await ServerProcess.start(context, { ROWHOOK_STOP_TIMEOUT_MS: String(stopTimeoutMs) });
    const consumer = await ConsumerProcess.start(context);
    const retry = { delaysMs: [200, 200], jitter: 0 };
    const settings = { timeoutMs: 120_000, retry };
    const webhook = await subscribe(server, consumer, '/retried', settings, { kind: 'answer', status: 500 });
    await server.api.postEvent(eventType, { count: 1 });
    await consumer.receives('/retried', 1);
    await consumer.hook('/retried', null, { kind: 'silence' });
    await consumer.receives('/retried', 2);
    await endInTime(server);

    await consumer.hook('/retried', null);
    await server.start();
    await consumer.receives('/retried', 3);
    assert.equal(new Set(consumer.at('/retried').map(({ id, body }) => id + body)).size, 1);
    const [delivery] = await server.api.until(
      () => server.api.deliveries(webhook),
      (deliveries) => deliveries[0]?.state === 'succeeded',
    );
    assert.equal(delivery?.attempts, 2);
    assert.deepEqual(
      (await server.api.attempts(delivery.id)).map(({ number, outcome }) => [number, outcome]),
      [
        [1, 'failed'],
        [2, 'succeeded'],
      ],
    );
  });

  it('does not wait for a client that does not end its request', { timeout }, async (context) => {
    const server = await ServerProcess.start(context, { ROWHOOK_STOP_TIMEOUT_MS: String(stopTimeoutMs) });
    const client = connect(Number(new URL(server.url).port), '127.0.0.1');
    context.after(() => client.destroy());
    client.on('error', () => undefined);
    await once(client, 'connect');
    const head = [
      'POST /v1/events HTTP/1.1',
      'host: localhost',
      `authorization: Bearer ${operatorToken}`,
      'content-type: application/json',
      'content-length: 1000',
      'expect: 100-continue',
    ];
    client.write(`${head.join('\r\n')}\r\n\r\n{"type":`);
    // The server has the request when it asks for the rest of it.
    await once(client, 'data');
    await endInTime(server);
  });

  it('twice, stops at once', { timeout }, async (context) => {
    const server = await ServerProcess.start(context, { ROWHOOK_STOP_TIMEOUT_MS: '600000' });
    const consumer = await ConsumerProcess.start(context);
    await subscribe(server, consumer, '/held', { timeoutMs: 120_000 }, { kind: 'silence' });
    await server.api.postEvent(eventType, { count: 1 });
    await consumer.receives('/held', 1);

    const ending = server.end();
    await server.api.until(
      async () => server.printed.stdout,
      (stdout) => stdout.includes('Stopping'),
    );
    process.kill(server.processId, 'SIGTERM');
    assert.deepEqual(await ending, { code: 1, signal: null });

    await consumer.hook('/held', null);
    await server.start();
    await consumer.receives('/held', 2);
    const [first, second] = consumer.at('/held');
    assert.deepEqual([second?.id, second?.body], [first?.id, first?.body]);
  });
});

describe('a second server on the same data', () => {
  const serveBeside = async (context: TestContext, server: ServerProcess) => {
    const main = join(import.meta.dirname, '../../src/main.ts');
    const child = spawn(process.execPath, [main, 'serve'], {
      env: server.environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    context.after(() => child.kill('SIGKILL'));
    const closed = once(child, 'close');
    const printed = await text(child.stderr);
    const [code] = await closed;
    return { code, printed };
  };

  it('refuses to start, says who holds it and what to do, and leaves the first one alone', {
    timeout,
  }, async (context) => {
    const server = await ServerProcess.start(context);
    const consumer = await ConsumerProcess.start(context);
    await subscribe(server, consumer, '/still', {});
    const { code, printed } = await serveBeside(context, server);
    assert.equal(code, 1);
    assert.match(printed, new RegExp(`in use by process ${server.processId}\\b`));
    assert.match(printed, /Stop that process, or choose another directory with ROWHOOK_DATA_DIR/);
    assert.doesNotMatch(printed, /^\s+at /m, 'a message, not a stack');
    await server.api.postEvent(eventType, { count: 1 });
    await consumer.receives('/still', 1);
  });
});
