import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { AttemptAnswer, DeliveryAnswer } from '../../src/cli/answers.ts';
import { startDnsServer } from '../../src/egress/testing/dns-server.ts';
import type { FaultyConsumerReport } from '../consumers/faulty-consumer.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { ServerProcess } from '../support/server-process.ts';

type Listening = Extract<FaultyConsumerReport, { kind: 'listening' }>;
type Arrived = Extract<FaultyConsumerReport, { kind: 'arrived' }>;

const timeout = 60_000;
/** Between the first attempt and the second. */
const delayMs = 400;
/** Timeouts: for a fault that ends by itself; for one that does not, with a good answer after it; with none. */
const longMs = 20_000;
const middleMs = 4_000;
const shortMs = 500;
/** Times in the log are whole milliseconds. */
const roundingMs = 1;

/** `test/consumers/faulty-consumer.ts`, running. */
class FaultyConsumer {
  readonly arrived: Arrived[] = [];
  #places: Listening | null = null;

  static async start(scope: Scope): Promise<FaultyConsumer> {
    const consumer = new FaultyConsumer();
    const file = join(import.meta.dirname, '../consumers/faulty-consumer.ts');
    const child: ChildProcess = fork(file, { execArgv: [] });
    scope.after(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('The faulty consumer did not come up.')));
      child.on('message', (report: FaultyConsumerReport) => {
        if (report.kind === 'arrived') {
          consumer.arrived.push(report);
        } else {
          consumer.#places = report;
          resolve();
        }
      });
    });
    return consumer;
  }

  get places(): Listening {
    assert.ok(this.#places);
    return this.#places;
  }

  at(path: string): Arrived[] {
    return this.arrived.filter((arrived) => arrived.path === path);
  }
}

/** What the log says of an attempt: an error code, or the status of an answer that is no success; null: it is one. */
type Outcome = string | number | null;

interface Fault {
  readonly name: string;
  /** Path at the faulty consumer, or a whole URL made of where it listens. */
  readonly at: string | ((places: Listening) => string);
  /** Of each attempt, in order. */
  readonly attempts: readonly Outcome[];
  readonly state: 'succeeded' | 'exhausted';
  /** How many of the attempts reach the consumer. */
  readonly requests: number;
  readonly timeoutMs?: number;
  /** Where it is not `delayMs`. */
  readonly waitMs?: (first: AttemptAnswer) => number;
}

/** The request may have arrived: it is sent again by the schedule, once. */
const onceFaulty = (name: string, path: string, outcome: Outcome, timeoutMs = longMs): Fault => ({
  name,
  at: `/${path}/1`,
  attempts: [outcome, null],
  state: 'succeeded',
  requests: 2,
  timeoutMs,
});
/** No request can have arrived; the schedule is the same. */
const unreachable = (name: string, at: Fault['at'], code: string, timeoutMs = longMs): Fault => ({
  name,
  at,
  attempts: [code, code],
  state: 'exhausted',
  requests: 0,
  timeoutMs,
});
/** Odd, but an answer that counts: there is no second request. */
const accepted = (name: string, path: string): Fault => ({
  name,
  at: `/${path}/1`,
  attempts: [null],
  state: 'succeeded',
  requests: 1,
});
const tls = (name: string, certificate: string): Fault =>
  unreachable(
    name,
    ({ tlsPorts }) => `https://127.0.0.1:${tlsPorts[certificate]}/tls-${certificate}`,
    'TLS_FAILED',
  );
const status = (code: number): Fault =>
  code < 300 ? accepted(`${code}`, `${code}`) : onceFaulty(`${code}`, `${code}`, code);

const faults: readonly Fault[] = [
  unreachable('connection refused', () => refusedUrl, 'CONNECTION_REFUSED'),
  unreachable('host name that does not exist', 'http://nowhere.test/', 'DNS_NOT_FOUND'),
  unreachable('DNS server that fails', 'http://broken.test/', 'DNS_FAILED'),
  unreachable('DNS server that does not answer', 'http://silent.test/', 'DNS_TIMEOUT', shortMs),
  unreachable('host name that leads inside', 'http://inside.test/', 'EGRESS_ADDRESS_DENIED'),
  tls('certificate that has expired', 'expired'),
  tls('certificate of its own making', 'self-signed'),
  tls('certificate for another host', 'other-name'),
  tls('certificate of an unknown authority', 'consumer'),
  unreachable(
    'https to a server of plain http',
    ({ port }) => `https://127.0.0.1:${port}/plain`,
    'TLS_FAILED',
  ),
  unreachable(
    'TLS handshake that does not end',
    ({ silentPort }) => `https://127.0.0.1:${silentPort}/`,
    'CONNECT_TIMEOUT',
    shortMs,
  ),
  {
    ...onceFaulty('reset before the answer', 'reset-before-answer', 'CONNECTION_RESET'),
    // On a connection that was used before, it would be one that broke under us.
    at: ({ unusedPort }) => `http://127.0.0.1:${unusedPort}/reset-before-answer/1`,
  },
  onceFaulty('close before the answer', 'close-before-answer', 'CONNECTION_CLOSED'),
  onceFaulty('reset in the middle of the body', 'reset-mid-body', 'RESPONSE_ABORTED'),
  onceFaulty('close in the middle of the body', 'close-mid-body', 'RESPONSE_ABORTED'),
  onceFaulty('close in the middle of a chunk', 'close-mid-chunk', 'RESPONSE_ABORTED'),
  onceFaulty('no answer', 'never-answers', 'TIMEOUT', middleMs),
  onceFaulty('one byte of the body a second', 'byte-a-second', 'TIMEOUT', middleMs),
  onceFaulty('one byte of the head a second', 'head-byte-a-second', 'TIMEOUT', middleMs),
  onceFaulty('102 for ever', 'informational-for-ever', 'TIMEOUT', middleMs),
  onceFaulty('an answer that is not HTTP', 'not-http', 'RESPONSE_INVALID'),
  onceFaulty('an answer that is binary', 'binary', 'RESPONSE_INVALID'),
  onceFaulty('an answer with two lengths', 'two-lengths', 'RESPONSE_INVALID'),
  onceFaulty('a chunk size that is no number', 'bad-chunk', 'RESPONSE_INVALID'),
  onceFaulty('100 unasked', 'unasked-continue', 'RESPONSE_INVALID'),
  onceFaulty('101 unasked', 'unasked-switch', 'RESPONSE_INVALID'),
  onceFaulty('endless headers', 'endless-headers', 'RESPONSE_HEADERS_TOO_LARGE'),
  onceFaulty('500 with an endless body', 'endless-body-500', 500),
  accepted('200 with an endless body', 'endless-body'),
  accepted('200 with a gzip bomb', 'gzip-bomb'),
  accepted('102 and 103 before a 200', 'early-hints'),
  ...[200, 201, 202, 204, 299].map(status),
  ...[300, 301, 302, 303, 304, 307, 308].map(status),
  ...[400, 401, 404, 408, 418, 429].map(status),
  ...[500, 502, 503, 504, 599].map(status),
  { ...onceFaulty('429 with Retry-After in seconds', 'retry-after-seconds', 429), waitMs: () => 3_000 },
  {
    ...onceFaulty('503 with Retry-After as a date', 'retry-after-date', 503),
    waitMs: ({ startedAt, response }) =>
      Date.parse(response?.headers['retry-after'] ?? '') - Date.parse(startedAt),
  },
  // Honoured on 429 and 503 only, and only when it makes sense; otherwise this test would not end.
  onceFaulty('500 with Retry-After', 'retry-after-500', 500),
  onceFaulty('429 with a Retry-After that makes no sense', 'retry-after-nonsense', 429),
];

let refusedUrl = '';

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('what the log says of a fault, and what happens next', { concurrency: true }, () => {
  const scope = suiteScope();
  let server: ServerProcess;
  let consumer: FaultyConsumer;
  before(async () => {
    refusedUrl = `http://127.0.0.1:${await freePort()}/refused`;
    const dns = await startDnsServer(scope, {
      'broken.test': ['SERVFAIL'],
      'silent.test': ['SILENCE'],
      'inside.test': [['10.0.0.1']],
    });
    server = await ServerProcess.start(scope, { ROWHOOK_DNS_SERVERS: dns.address });
    consumer = await FaultyConsumer.start(scope);
  });

  const urlOf = ({ at }: Pick<Fault, 'at'>): string => {
    if (typeof at === 'function') return at(consumer.places);
    return at.startsWith('/') ? `http://127.0.0.1:${consumer.places.port}${at}` : at;
  };
  const subscribe = async (eventType: string, url: string, settings: object): Promise<string> => {
    const common = { name: eventType, url, eventTypes: [eventType], disable: { afterFailingMs: null } };
    return (await server.api.createWebhook({ ...common, ...settings })).id;
  };
  const deliveryIn = async (webhook: string, ...states: readonly string[]): Promise<DeliveryAnswer> => {
    const [delivery] = await server.api.until(
      () => server.api.deliveries(webhook),
      ([newest]) => newest !== undefined && states.includes(newest.state),
    );
    assert.ok(delivery);
    return delivery;
  };
  const outcomeOf = ({ outcome, errorCode, response }: AttemptAnswer): Outcome => {
    if (outcome === 'succeeded') return errorCode;
    return errorCode === 'HTTP_STATUS' ? (response?.status ?? errorCode) : errorCode;
  };
  const startOf = (attempt: AttemptAnswer | undefined): number => Date.parse(attempt?.startedAt ?? '');

  for (const [index, fault] of faults.entries()) {
    const outcomes = fault.attempts.map((outcome) => outcome ?? 'success').join(', then ');
    it(`${fault.name}: ${outcomes}`, { timeout }, async () => {
      const eventType = `fault.f${index}`;
      const url = urlOf(fault);
      const webhook = await subscribe(eventType, url, {
        retry: { delaysMs: [delayMs], jitter: 0 },
        timeoutMs: fault.timeoutMs ?? longMs,
      });
      await server.api.postEvent(eventType);
      const delivery = await deliveryIn(webhook, 'succeeded', 'exhausted');
      const attempts = await server.api.attempts(delivery.id);
      assert.deepEqual(attempts.map(outcomeOf), fault.attempts);
      assert.equal(delivery.state, fault.state);
      for (const { errorCode, errorMessage } of attempts)
        assert.equal(errorCode === null, errorMessage === null);

      // Never before the schedule says so, which counts from the failure.
      const [first, second] = attempts;
      assert.ok(first);
      if (second) {
        const waitMs = fault.waitMs?.(first) ?? delayMs + first.timing.totalMs;
        const waitedMs = startOf(second) - startOf(first);
        assert.ok(waitedMs >= waitMs - roundingMs, `the next attempt came after ${waitedMs} of ${waitMs} ms`);
      }
      // As many requests as attempts, each with the same id and bytes: nothing is sent behind the schedule's back.
      const arrived = consumer.at(new URL(url).pathname);
      assert.equal(arrived.length, fault.requests);
      assert.ok(arrived.every(({ id, body }) => id === delivery.id && body === arrived[0]?.body));
      // The webhook goes on with what comes next.
      if (fault.requests > 0) {
        await server.api.postEvent(eventType);
        await server.api.until(
          () => server.api.deliveries(webhook),
          (deliveries) => deliveries.length === 2 && deliveries[1]?.state === 'succeeded',
        );
        assert.equal(consumer.at(new URL(url).pathname).length, fault.requests + 1);
      }
    });
  }

  it('410: the webhook is disabled, and its events are held until a person enables it', {
    timeout,
  }, async () => {
    const webhook = await subscribe('fault.gone', urlOf({ at: '/410/1' }), {
      retry: { delaysMs: [1], jitter: 0 },
    });
    await server.api.postEvent('fault.gone', { count: 1 });
    const { status } = await server.api.until(
      () => server.api.webhook(webhook),
      (shown) => shown.status.state === 'disabled',
    );
    assert.equal(status.reason, 'The consumer answered 410 Gone.');
    await server.api.postEvent('fault.gone', { count: 2 });
    const held = await deliveryIn(webhook, 'retrying');
    assert.deepEqual([held.attempts, held.lastHttpStatus, held.lastErrorCode], [1, 410, 'HTTP_STATUS']);
    assert.equal((await server.api.webhook(webhook)).usage.waiting, 2);

    await server.api.post(`/v1/webhooks/${webhook}/enable`);
    await server.api.until(
      () => server.api.deliveries(webhook),
      (deliveries) => deliveries.length === 2 && deliveries.every(({ state }) => state === 'succeeded'),
    );
    const counts = consumer.at('/410/1').map(({ body }) => JSON.parse(body).data.count);
    assert.deepEqual(counts, [1, 1, 2]);
  });

  for (const [how, portName] of [
    ['closed', 'closingPort'],
    ['reset', 'resettingPort'],
  ] as const) {
    it(`a connection that is ${how} under its second request: CONNECTION_CLOSED, then success on another`, {
      timeout,
    }, async () => {
      const eventType = `fault.${how}`;
      const path = `/${how}`;
      const url = `http://127.0.0.1:${consumer.places[portName]}${path}`;
      const webhook = await subscribe(eventType, url, { retry: { delaysMs: [delayMs], jitter: 0 } });
      const events = [1, 2].map((count) => ({ type: eventType, data: { count } }));
      await server.api.post('/v1/events/batch', { events });
      const [, delivery] = await server.api.until(
        () => server.api.deliveries(webhook),
        (deliveries) => deliveries[1]?.state === 'succeeded',
      );
      assert.ok(delivery);
      const attempts = await server.api.attempts(delivery.id);
      assert.deepEqual(attempts.map(outcomeOf), ['CONNECTION_CLOSED', null]);
      assert.ok(startOf(attempts[1]) - startOf(attempts[0]) >= delayMs - roundingMs);
      const counts = consumer.at(path).map(({ body }) => JSON.parse(body).data.count);
      assert.deepEqual(counts, [1, 2, 2]);
    });
  }

  it('a connection that is closed after each answer: every event has one attempt', { timeout }, async () => {
    const webhook = await subscribe('fault.closes', urlOf({ at: '/closes-after' }), {});
    const count = 20;
    const events = Array.from({ length: count }, () => ({ type: 'fault.closes', data: {} }));
    await server.api.post('/v1/events/batch', { events });
    const deliveries = await server.api.until(
      () => server.api.deliveries(webhook),
      (shown) => shown.length === count,
    );
    assert.ok(deliveries.every(({ state, attempts }) => state === 'succeeded' && attempts === 1));
    assert.equal(consumer.at('/closes-after').length, count);
  });
});
