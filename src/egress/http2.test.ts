import assert from 'node:assert/strict';
import { constants, sensitiveHeaders } from 'node:http2';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { EgressResult, EgressSettings } from './index.ts';
import { DRAINED_BODY_BYTES, MAX_UNSENT_RESTARTS, RECORDED_BODY_BYTES } from './limits.ts';
import { certificate, identity, startConsumer, startSecureConsumer } from './testing/consumers.ts';
import { outcomeOf, post, startEgress } from './testing/egress.ts';
import { type StreamRequest, startHttp2Consumer } from './testing/http2-consumer.ts';

const {
  NGHTTP2_CANCEL,
  NGHTTP2_HTTP_1_1_REQUIRED,
  NGHTTP2_INTERNAL_ERROR,
  NGHTTP2_NO_ERROR,
  NGHTTP2_REFUSED_STREAM,
} = constants;

function egressOf(t: TestContext, settings: Partial<EgressSettings> = {}) {
  return startEgress(t, { extraCa: certificate('authority'), ...settings });
}

function arrived(result: EgressResult): boolean | null {
  return result.kind === 'error' ? result.mayHaveArrived : null;
}

/** Streams that wait until the test says what becomes of them. */
class Held {
  readonly requests: StreamRequest[] = [];
  readonly #wanted: Array<() => void> = [];

  readonly take = (request: StreamRequest): void => {
    this.requests.push(request);
    for (const tell of this.#wanted.splice(0)) tell();
  };

  async until(count: number): Promise<readonly StreamRequest[]> {
    while (this.requests.length < count) await new Promise<void>((tell) => this.#wanted.push(tell));
    return this.requests;
  }
}

describe('HTTP/2', () => {
  it('is spoken to a consumer that offers it', async (t) => {
    let seen: { headers: StreamRequest['headers']; body: string } | undefined;
    const consumer = await startHttp2Consumer(t, async ({ stream, headers, body }) => {
      seen = { headers, body: await body() };
      stream.respond({ ':status': 202, 'x-consumer': 'h2', 'set-cookie': ['a=1', 'b=2'] });
      stream.end('grüße');
    });
    const url = `${consumer.url}?a=b`;
    const result = await post(egressOf(t), url, {
      headers: { 'Content-Type': 'text/plain', 'webhook-id': 'msg_1' },
      body: 'größe',
    });
    assert.ok(result.kind === 'response', JSON.stringify(result));
    assert.deepEqual([result.status, result.body, result.bodyTruncated], [202, 'grüße', false]);
    assert.equal(result.headers['x-consumer'], 'h2');
    assert.equal(result.headers['set-cookie'], 'a=1, b=2');
    assert.ok(!Object.keys(result.headers).some((name) => name.startsWith(':')));
    const { dnsMs, connectMs, tlsMs, firstByteMs } = result.timing;
    assert.equal(dnsMs, null);
    for (const ms of [connectMs, tlsMs, firstByteMs]) assert.ok(ms !== null && ms >= 0);
    assert.equal(seen?.body, 'größe');
    assert.deepEqual(
      { ...seen?.headers, [sensitiveHeaders]: undefined },
      {
        [sensitiveHeaders]: undefined,
        ':method': 'POST',
        ':scheme': 'https',
        ':authority': consumer.authority,
        ':path': '/hook?a=b',
        'content-type': 'text/plain',
        'webhook-id': 'msg_1',
        'content-length': '7',
      },
    );
  });

  it('is not spoken to others, nor when the settings do not want it', async (t) => {
    const plain = await startConsumer(t, (request, response) => response.end(request.httpVersion));
    const old = await startSecureConsumer(t, identity('consumer'), (request, response) =>
      response.end(request.httpVersion),
    );
    const both = await startHttp2Consumer(t, ({ answer }) => answer(200, '2.0'), { allowHTTP1: true });
    const egress = egressOf(t);
    const versions = async (url: string, from = egress): Promise<string> => {
      const result = await post(from, url);
      return result.kind === 'response' ? result.body : result.code;
    };
    assert.equal(await versions(plain.url), '1.1');
    assert.equal(await versions(old.url), '1.1');
    assert.equal(await versions(both.url), '2.0');
    const only1 = await startHttp2Consumer(t, ({ answer }) => answer());
    assert.equal(await versions(only1.url, egressOf(t, { http2: false })), 'TLS_FAILED');
  });

  it('carries many requests at once over one connection', async (t) => {
    const held = new Held();
    const consumer = await startHttp2Consumer(t, held.take);
    const egress = egressOf(t);
    const first = post(egress, consumer.url);
    for (const { answer } of await held.until(1)) answer();
    assert.equal(outcomeOf(await first), 200);
    const results = Array.from({ length: 60 }, () => post(egress, consumer.url));
    for (const { answer } of (await held.until(61)).slice(1).reverse()) answer();
    assert.deepEqual((await Promise.all(results)).map(outcomeOf), Array(60).fill(200));
    assert.equal(consumer.connections.length, 1);
    assert.equal(egress.connections, 1);
  });

  it('is found out in the middle of a burst, and nothing of the burst is lost', async (t) => {
    const consumer = await startHttp2Consumer(t, ({ answer }) => answer());
    const egress = egressOf(t, { maxConnectionsPerOrigin: 3 });
    const results = await Promise.all(Array.from({ length: 200 }, () => post(egress, consumer.url)));
    assert.deepEqual(results.map(outcomeOf), Array(200).fill(200));
    assert.ok(consumer.connections.length <= 3);
  });

  it('takes no more streams than the consumer allows; the other requests wait', async (t) => {
    const held = new Held();
    const consumer = await startHttp2Consumer(t, held.take, { settings: { maxConcurrentStreams: 2 } });
    const egress = egressOf(t, { maxConnectionsPerOrigin: 1 });
    const results = Array.from({ length: 7 }, () => post(egress, consumer.url));
    for (let count = 1; count <= 7; count += 1) {
      const requests = await held.until(count);
      const open = requests.filter(({ stream }) => !stream.writableEnded);
      assert.ok(open.length <= 2);
      open[0]?.answer();
    }
    assert.deepEqual((await Promise.all(results)).map(outcomeOf), Array(7).fill(200));
    assert.equal(consumer.connections.length, 1);
  });

  it('gives a connection up for an origin that has none, once its streams have ended', async (t) => {
    const held = new Held();
    const busy = await startHttp2Consumer(t, held.take);
    const other = await startConsumer(t, (_request, response) => response.end());
    const egress = egressOf(t, { maxConnections: 1 });
    const before = [post(egress, busy.url), post(egress, busy.url)];
    const waiting = post(egress, other.url);
    const [first] = await held.until(2);
    first?.answer();
    await before[0];
    const later = post(egress, busy.url);
    held.requests[1]?.answer();
    assert.deepEqual([outcomeOf(await waiting), held.requests.length], [200, 2]);
    (await held.until(3))[2]?.answer();
    assert.deepEqual([...(await Promise.all(before)), await later].map(outcomeOf), [200, 200, 200]);
    assert.equal(busy.connections.length, 2);
  });

  it('lets an answer be longer than is read: its stream is cut, and the connection stays', async (t) => {
    const consumer = await startHttp2Consumer(t, ({ stream }) => {
      stream.resume();
      stream.respond({ ':status': 200 });
      stream.end('x'.repeat(4 * DRAINED_BODY_BYTES));
    });
    const egress = egressOf(t);
    for (let round = 0; round < 3; round += 1) {
      const result = await post(egress, consumer.url);
      assert.ok(result.kind === 'response');
      assert.deepEqual([result.body.length, result.bodyTruncated], [RECORDED_BODY_BYTES, true]);
    }
    assert.equal(consumer.connections.length, 1);
  });

  it('lets a consumer answer before it has read the request', async (t) => {
    const consumer = await startHttp2Consumer(t, ({ stream }) => {
      stream.respond({ ':status': 413 }, { endStream: true });
    });
    const egress = egressOf(t);
    const body = 'x'.repeat(5 * 1024 * 1024);
    assert.equal(outcomeOf(await post(egress, consumer.url, { body })), 413);
    assert.equal(outcomeOf(await post(egress, consumer.url)), 413);
  });
});

describe('a stream', () => {
  /** Sends one request, and says what came of it and whether it may have arrived. */
  async function send(t: TestContext, misbehave: (request: StreamRequest) => void) {
    const consumer = await startHttp2Consumer(t, misbehave);
    const result = await post(egressOf(t), consumer.url);
    return { outcome: outcomeOf(result), arrived: arrived(result), connections: consumer.connections.length };
  }

  it('that is reset before the answer may have arrived: CONNECTION_RESET', async (t) => {
    const sent = await send(t, ({ stream }) => stream.close(NGHTTP2_INTERNAL_ERROR));
    assert.deepEqual(sent, { outcome: 'CONNECTION_RESET', arrived: true, connections: 1 });
  });

  for (const code of [NGHTTP2_NO_ERROR, NGHTTP2_CANCEL]) {
    it(`that is closed without an answer, code ${code}, is none: the connection stays`, async (t) => {
      const sent = await send(t, ({ stream }) => stream.close(code));
      assert.equal(sent.arrived, true);
      assert.ok(['CONNECTION_CLOSED', 'CONNECTION_RESET'].includes(String(sent.outcome)));
    });

    it(`that is cut in the middle of a body of known length, code ${code}: RESPONSE_ABORTED`, async (t) => {
      const sent = await send(t, ({ stream }) => {
        stream.respond({ ':status': 200, 'content-length': 100 });
        stream.write('half', () => stream.close(code));
      });
      assert.deepEqual([sent.outcome, sent.arrived], ['RESPONSE_ABORTED', true]);
    });
  }

  it('that breaks off in the middle of its body: RESPONSE_ABORTED', async (t) => {
    const sent = await send(t, ({ stream }) => {
      stream.respond({ ':status': 200 });
      stream.write('half', () => stream.destroy(new Error('breaks off')));
    });
    assert.deepEqual([sent.outcome, sent.arrived], ['RESPONSE_ABORTED', true]);
  });

  it('with headers that are too large: RESPONSE_HEADERS_TOO_LARGE', async (t) => {
    const sent = await send(t, ({ stream }) => {
      const headers = Object.fromEntries(
        Array.from({ length: 20 }, (_, at) => [`x-${at}`, 'y'.repeat(1_000)]),
      );
      stream.respond({ ':status': 200, ...headers }, { endStream: true });
    });
    assert.deepEqual([sent.outcome, sent.arrived], ['RESPONSE_HEADERS_TOO_LARGE', true]);
  });

  it('that never answers times out alone, and new requests take another connection', async (t) => {
    const held = new Held();
    const consumer = await startHttp2Consumer(t, held.take);
    const egress = egressOf(t);
    const warm = post(egress, consumer.url);
    (await held.until(1))[0]?.answer();
    await warm;
    const slow = post(egress, consumer.url, { timeoutMs: 300 });
    const other = post(egress, consumer.url);
    await held.until(3);
    const result = await slow;
    assert.deepEqual([outcomeOf(result), arrived(result)], ['TIMEOUT', true]);
    const next = post(egress, consumer.url);
    const requests = await held.until(4);
    assert.deepEqual([requests[2]?.session, requests[3]?.session], [1, 2]);
    for (const request of requests.slice(2)) request.answer();
    assert.deepEqual([outcomeOf(await other), outcomeOf(await next)], [200, 200]);
  });

  it('whose request is given up on this side is reset, and others go on', async (t) => {
    const held = new Held();
    const consumer = await startHttp2Consumer(t, held.take);
    const egress = egressOf(t);
    const warm = post(egress, consumer.url);
    (await held.until(1))[0]?.answer();
    await warm;
    const controller = new AbortController();
    const given = post(egress, consumer.url, { signal: controller.signal });
    const other = post(egress, consumer.url);
    await held.until(3);
    controller.abort();
    assert.equal(outcomeOf(await given), 'ABORTED');
    held.requests[2]?.answer();
    assert.equal(outcomeOf(await other), 200);
  });

  it('of a sender who has lost the right to send is not begun', async (t) => {
    const consumer = await startHttp2Consumer(t, ({ answer }) => answer());
    const egress = egressOf(t);
    let allowed = true;
    const sender = { maySend: () => allowed };
    assert.equal(outcomeOf(await post(egress, consumer.url, { sender })), 200);
    allowed = false;
    const result = await post(egress, consumer.url, { sender });
    assert.deepEqual([outcomeOf(result), arrived(result)], ['ABORTED', false]);
    assert.equal(outcomeOf(await post(egress, consumer.url)), 200);
  });

  it('that the consumer refuses unseen is tried again, and then was not sent', async (t) => {
    let refusals = 2;
    const consumer = await startHttp2Consumer(t, ({ stream, answer }) => {
      if (refusals-- > 0) stream.close(NGHTTP2_REFUSED_STREAM);
      else answer();
    });
    const egress = egressOf(t);
    assert.equal(outcomeOf(await post(egress, consumer.url)), 200);
    refusals = Number.POSITIVE_INFINITY;
    const seen = refusals;
    const result = await post(egress, consumer.url);
    assert.deepEqual([outcomeOf(result), arrived(result)], ['CONNECTION_CLOSED', false]);
    assert.equal(seen, refusals);
  });

  it('is not tried again more often than the bound', async (t) => {
    let streams = 0;
    const consumer = await startHttp2Consumer(t, ({ stream }) => {
      streams += 1;
      stream.close(NGHTTP2_REFUSED_STREAM);
    });
    await post(egressOf(t), consumer.url);
    assert.equal(streams, MAX_UNSENT_RESTARTS + 1);
  });

  it('that wants HTTP/1.1 gets it, from then on', async (t) => {
    const versions: string[] = [];
    const consumer = await startHttp2Consumer(
      t,
      ({ stream }) => {
        versions.push('2');
        stream.close(NGHTTP2_HTTP_1_1_REQUIRED);
      },
      { allowHTTP1: true },
    );
    const egress = egressOf(t);
    const results = [await post(egress, consumer.url), await post(egress, consumer.url)];
    assert.ok(
      results.every(({ kind }) => kind === 'response'),
      JSON.stringify(results),
    );
    assert.deepEqual(versions, ['2']);
  });
});

describe('GOAWAY', () => {
  it('lets what is under way end; new requests take a new connection', async (t) => {
    const held = new Held();
    const consumer = await startHttp2Consumer(t, held.take);
    const egress = egressOf(t);
    const under = post(egress, consumer.url);
    await held.until(1);
    const [session] = consumer.sessions;
    const told = new Promise<void>((resolve) => session?.once('close', resolve));
    session?.close();
    held.requests[0]?.answer();
    assert.equal(outcomeOf(await under), 200);
    await told;
    const next = post(egress, consumer.url);
    (await held.until(2))[1]?.answer();
    assert.equal(outcomeOf(await next), 200);
    assert.deepEqual(
      held.requests.map((request) => request.session),
      [1, 2],
    );
  });

  it('sends again what the consumer has not looked at, and nothing else', async (t) => {
    const held = new Held();
    const consumer = await startHttp2Consumer(t, held.take);
    const egress = egressOf(t);
    const warm = post(egress, consumer.url);
    (await held.until(1))[0]?.answer();
    await warm;
    const results = Array.from({ length: 4 }, (_, at) => post(egress, consumer.url, { body: String(at) }));
    const [, seen] = await held.until(5);
    // Says that of the four only the first was looked at.
    consumer.sessions[0]?.goaway(NGHTTP2_NO_ERROR, seen?.stream.id);
    for (const request of (await held.until(8)).slice(5)) {
      assert.equal(request.session, 2);
      request.answer();
    }
    seen?.answer();
    assert.deepEqual((await Promise.all(results)).map(outcomeOf), [200, 200, 200, 200]);
    assert.equal(held.requests.length, 8);
  });

  it('with an error fails what was looked at', async (t) => {
    const held = new Held();
    const consumer = await startHttp2Consumer(t, held.take);
    const egress = egressOf(t);
    const warm = post(egress, consumer.url);
    (await held.until(1))[0]?.answer();
    await warm;
    const results = Array.from({ length: 3 }, () => post(egress, consumer.url));
    const requests = await held.until(4);
    consumer.sessions[0]?.goaway(NGHTTP2_INTERNAL_ERROR, requests[2]?.stream.id);
    (await held.until(5))[4]?.answer();
    const [first, second, third] = await Promise.all(results);
    assert.ok(first && second && third);
    for (const result of [first, second]) {
      assert.deepEqual([outcomeOf(result), arrived(result)], ['CONNECTION_RESET', true]);
    }
    assert.equal(outcomeOf(third), 200);
  });
});

describe('a lost connection', () => {
  for (const how of ['closed', 'reset'] as const) {
    it(`fails everything on it when it is ${how}, and the next request takes another`, async (t) => {
      const held = new Held();
      const consumer = await startHttp2Consumer(t, held.take);
      const egress = egressOf(t);
      const warm = post(egress, consumer.url);
      (await held.until(1))[0]?.answer();
      await warm;
      const results = Array.from({ length: 3 }, () => post(egress, consumer.url));
      await held.until(4);
      for (const socket of consumer.connections) {
        if (how === 'reset') socket.resetAndDestroy();
        else socket.destroy();
      }
      for (const result of await Promise.all(results)) {
        assert.match(String(outcomeOf(result)), /^CONNECTION_(CLOSED|RESET)$/);
        assert.equal(arrived(result), true);
      }
      const next = post(egress, consumer.url);
      (await held.until(5))[4]?.answer();
      assert.equal(outcomeOf(await next), 200);
    });
  }
});

describe('whatever a consumer does to its streams', () => {
  const behaviour = fc.constantFrom('answer', 'error', 'refuse', 'reset', 'goaway', 'half', 'drop');

  it('every request ends once, and is never sent again when it may have arrived', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(behaviour, { minLength: 1, maxLength: 25 }), async (behaviours) => {
        const stops: (() => unknown)[] = [];
        const scope = { after: (stop: () => unknown) => void stops.push(stop) };
        /** By body: how often the consumer has taken it as its own. */
        const taken = new Map<string, number>();
        let turn = 0;
        const consumer = await startHttp2Consumer(scope, async (request) => {
          const { stream, answer } = request;
          const what = behaviours[turn++ % behaviours.length];
          const body = await request.body().catch(() => '');
          if (what === 'refuse') return stream.close(NGHTTP2_REFUSED_STREAM);
          taken.set(body, (taken.get(body) ?? 0) + 1);
          if (what === 'answer') return answer();
          if (what === 'error') return answer(500);
          if (what === 'reset') return stream.close(NGHTTP2_INTERNAL_ERROR);
          if (what === 'drop') return stream.session?.destroy();
          if (what === 'goaway') {
            stream.session?.goaway(NGHTTP2_NO_ERROR);
            return answer();
          }
          if (stream.destroyed) return;
          stream.respond({ ':status': 200, 'content-length': 10 });
          stream.write('half', () => stream.close(NGHTTP2_CANCEL));
        });
        const egress = startEgress(scope, { extraCa: certificate('authority'), maxConnectionsPerOrigin: 2 });
        const results = await Promise.all(
          Array.from({ length: 40 }, (_, at) => post(egress, consumer.url, { body: `b${at}` })),
        );
        for (const [at, result] of results.entries()) {
          const times = taken.get(`b${at}`) ?? 0;
          assert.ok(times <= 1, `b${at} was taken ${times} times`);
          if (result.kind === 'response') assert.equal(times, 1);
          else if (!result.mayHaveArrived) assert.equal(times, 0);
        }
        assert.equal(egress.inFlight, 0);
        for (const stop of stops.reverse()) await stop();
        assert.deepEqual([egress.connections, egress.origins], [0, 0]);
      }),
      { numRuns: 25 },
    );
  });
});
