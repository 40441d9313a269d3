import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { EgressErrorCode, EgressResult } from './index.ts';
import {
  type Consumer,
  certificate,
  identity,
  onRequest,
  startConsumer,
  startRawConsumer,
  startSecureConsumer,
} from './testing/consumers.ts';
import { startDnsServer } from './testing/dns-server.ts';
import { outcomeOf, post, startEgress } from './testing/egress.ts';

/** Long enough for a connection on loopback, short enough to wait for. */
const SHORT_MS = 600;

interface Fault {
  readonly name: string;
  readonly code: EgressErrorCode;
  readonly mayHaveArrived: boolean;
  provoke(t: TestContext): Promise<EgressResult>;
}

/** A fault of a consumer that takes the request and then does this with the connection. */
function afterRequest(name: string, code: EgressErrorCode, misbehave: (socket: Socket) => void): Fault {
  return {
    name,
    code,
    mayHaveArrived: true,
    async provoke(t) {
      const consumer = await startRawConsumer(t, (socket) => onRequest(socket, () => misbehave(socket)));
      return post(startEgress(t), consumer.url);
    },
  };
}

/** A fault of TLS. */
function tlsFault(name: string, start: (t: TestContext) => Promise<Consumer>): Fault {
  return {
    name,
    code: 'TLS_FAILED',
    mayHaveArrived: false,
    async provoke(t) {
      return post(startEgress(t, { extraCa: certificate('authority') }), (await start(t)).url);
    },
  };
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';

const FAULTS: readonly Fault[] = [
  {
    name: 'nothing listens on the port',
    code: 'CONNECTION_REFUSED',
    mayHaveArrived: false,
    async provoke(t) {
      const stops: (() => unknown)[] = [];
      const gone = await startRawConsumer({ after: (stop) => void stops.push(stop) }, () => {});
      for (const stop of stops) await stop();
      return post(startEgress(t), gone.url);
    },
  },
  afterRequest('resets the connection before it answers', 'CONNECTION_RESET', (socket) =>
    socket.resetAndDestroy(),
  ),
  afterRequest('closes the connection before it answers', 'CONNECTION_CLOSED', (socket) => socket.end()),
  afterRequest('closes in the middle of the head', 'CONNECTION_CLOSED', (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nx'),
  ),
  afterRequest('resets in the middle of the body', 'RESPONSE_ABORTED', (socket) => {
    socket.write(`${HEAD}content-length: 100\r\n\r\nhalf`, () => socket.resetAndDestroy());
  }),
  afterRequest('closes in the middle of a body of known length', 'RESPONSE_ABORTED', (socket) => {
    socket.end(`${HEAD}content-length: 100\r\n\r\nhalf`);
  }),
  afterRequest('closes in the middle of a chunked body', 'RESPONSE_ABORTED', (socket) => {
    socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhel`);
  }),
  afterRequest('closes in the middle of a body after promising to close', 'RESPONSE_ABORTED', (socket) => {
    socket.end(`${HEAD}connection: close\r\ncontent-length: 100\r\n\r\nhalf`);
  }),
  afterRequest('closes after an informational answer', 'CONNECTION_CLOSED', (socket) => {
    socket.end('HTTP/1.1 103 Early Hints\r\n\r\n');
  }),
  afterRequest('answers with something that is not HTTP', 'RESPONSE_INVALID', (socket) =>
    socket.end('220 mail.test ESMTP\r\n'),
  ),
  afterRequest('answers with binary', 'RESPONSE_INVALID', (socket) =>
    socket.end(Buffer.from([0, 1, 2, 3, 255, 254, 10])),
  ),
  afterRequest('sends a header without a colon', 'RESPONSE_INVALID', (socket) =>
    socket.end(`${HEAD}nonsense\r\n\r\n`),
  ),
  afterRequest('sends two different lengths', 'RESPONSE_INVALID', (socket) => {
    socket.end(`${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\nab`);
  }),
  afterRequest('sends a chunk size that is no number', 'RESPONSE_INVALID', (socket) => {
    socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`);
  }),
  afterRequest('sends 100 Continue unasked', 'RESPONSE_INVALID', (socket) => {
    socket.end(`HTTP/1.1 100 Continue\r\n\r\n${HEAD}content-length: 0\r\n\r\n`);
  }),
  afterRequest('switches protocols unasked', 'RESPONSE_INVALID', (socket) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
  }),
  afterRequest('sends one header of 17 KiB', 'RESPONSE_HEADERS_TOO_LARGE', (socket) => {
    socket.write(`${HEAD}x: ${'x'.repeat(17 * 1024)}\r\ncontent-length: 0\r\n\r\n`);
  }),
  afterRequest('sends endless small headers', 'RESPONSE_HEADERS_TOO_LARGE', (socket) => {
    socket.write(HEAD + 'a: b\r\n'.repeat(20_000));
  }),
  {
    name: 'never answers',
    code: 'TIMEOUT',
    mayHaveArrived: true,
    async provoke(t) {
      const consumer = await startConsumer(t, () => {});
      return post(startEgress(t), consumer.url, { timeoutMs: SHORT_MS });
    },
  },
  {
    name: 'answers the head and then one byte at a time',
    code: 'TIMEOUT',
    mayHaveArrived: true,
    async provoke(t) {
      const consumer = await startConsumer(t, (_request, response) => {
        const drip = setInterval(() => response.write('.'), 10);
        response.on('close', () => clearInterval(drip));
      });
      return post(startEgress(t), consumer.url, { timeoutMs: SHORT_MS });
    },
  },
  {
    name: 'sends informational answers for ever',
    code: 'TIMEOUT',
    mayHaveArrived: true,
    async provoke(t) {
      const consumer = await startRawConsumer(t, (socket) => {
        onRequest(socket, () => {
          const drip = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 10);
          socket.on('close', () => clearInterval(drip));
        });
      });
      return post(startEgress(t), consumer.url, { timeoutMs: SHORT_MS });
    },
  },
  {
    name: 'the host name does not exist',
    code: 'DNS_NOT_FOUND',
    mayHaveArrived: false,
    async provoke(t) {
      const dns = await startDnsServer(t, {});
      return post(startEgress(t, { dnsServers: [dns.address] }), 'http://consumer.test/');
    },
  },
  {
    name: 'the host name has no address',
    code: 'DNS_NOT_FOUND',
    mayHaveArrived: false,
    async provoke(t) {
      const dns = await startDnsServer(t, { 'consumer.test': [[]] });
      return post(startEgress(t, { dnsServers: [dns.address] }), 'http://consumer.test/');
    },
  },
  {
    name: 'the DNS server fails',
    code: 'DNS_FAILED',
    mayHaveArrived: false,
    async provoke(t) {
      const dns = await startDnsServer(t, { 'consumer.test': ['SERVFAIL'] });
      return post(startEgress(t, { dnsServers: [dns.address] }), 'http://consumer.test/');
    },
  },
  {
    name: 'the DNS server does not answer',
    code: 'DNS_TIMEOUT',
    mayHaveArrived: false,
    async provoke(t) {
      const dns = await startDnsServer(t, { 'consumer.test': ['SILENCE'] });
      const egress = startEgress(t, { dnsServers: [dns.address] });
      return post(egress, 'http://consumer.test/', { connectTimeoutMs: SHORT_MS });
    },
  },
  tlsFault('the certificate has expired', (t) => startSecureConsumer(t, identity('expired'), () => {})),
  tlsFault('the certificate is self-signed', (t) =>
    startSecureConsumer(t, identity('self-signed'), () => {}),
  ),
  tlsFault('the certificate is for another host', (t) =>
    startSecureConsumer(t, identity('other-name'), () => {}),
  ),
  tlsFault('only TLS 1.1 is offered', (t) => {
    const old = {
      ...identity('consumer'),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL@SECLEVEL=0',
    } as const;
    return startSecureConsumer(t, old, () => {});
  }),
  tlsFault('the server speaks plain http', (t) => {
    return startRawConsumer(
      t,
      (socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'https',
    );
  }),
  tlsFault('the connection closes during the handshake', (t) => {
    return startRawConsumer(
      t,
      (socket) => socket.on('error', () => {}).once('data', () => socket.end()),
      'https',
    );
  }),
  {
    name: 'the TLS handshake does not come to an end',
    code: 'CONNECT_TIMEOUT',
    mayHaveArrived: false,
    async provoke(t) {
      const consumer = await startRawConsumer(t, (socket) => socket.on('error', () => {}), 'https');
      return post(startEgress(t), consumer.url, { connectTimeoutMs: SHORT_MS });
    },
  },
];

describe('fault', () => {
  for (const fault of FAULTS) {
    it(`${fault.name}: ${fault.code}, ${fault.mayHaveArrived ? 'may have arrived' : 'has not arrived'}`, async (t) => {
      const result = await fault.provoke(t);
      assert.equal(outcomeOf(result), fault.code);
      assert.ok(result.kind === 'error');
      assert.equal(result.mayHaveArrived, fault.mayHaveArrived);
      assert.ok(result.timing.totalMs >= 0);
    });
  }

  const reasons: readonly [certificate: 'expired' | 'self-signed' | 'other-name', reason: string][] = [
    ['expired', 'The certificate has expired.'],
    ['self-signed', 'The certificate is self-signed.'],
    ['other-name', 'The certificate is for another host name.'],
  ];
  for (const [name, reason] of reasons) {
    it(`of TLS says why: ${reason}`, async (t) => {
      const consumer = await startSecureConsumer(t, identity(name), () => {});
      const result = await post(startEgress(t, { extraCa: certificate('authority') }), consumer.url);
      assert.equal(result.kind === 'error' && result.message, reason);
    });
  }
});

describe('a connection that the consumer closes between two requests', () => {
  it('is noticed, and the next request takes a new one', async (t) => {
    const consumer = await startRawConsumer(t, (socket) => {
      onRequest(socket, () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    });
    const egress = startEgress(t);
    assert.equal(outcomeOf(await post(egress, consumer.url)), 200);
    const [first] = consumer.connections;
    assert.ok(first);
    if (!first.closed) await once(first, 'close');
    assert.equal(outcomeOf(await post(egress, consumer.url)), 200);
    assert.equal(consumer.connections.length, 2);
  });

  for (const [how, close] of [
    ['closes', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ] as const) {
    it(`together with its answer (${how}): the next request, not written yet, takes a new one`, async (t) => {
      let arrived = 0;
      const consumer = await startRawConsumer(t, (socket) => {
        onRequest(socket, () => {
          arrived += 1;
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', () => close(socket));
        });
      });
      // One connection only: each request is given to it while the answer before it comes in.
      const egress = startEgress(t, { maxConnectionsPerOrigin: 1 });
      const results = await Promise.all(Array.from({ length: 20 }, () => post(egress, consumer.url)));
      assert.deepEqual(results.map(outcomeOf), Array(20).fill(200));
      assert.deepEqual([arrived, consumer.connections.length], [20, 20]);
    });
  }

  for (const [how, close] of [
    ['closes', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ] as const) {
    it(`with the second request on its way (${how}): CONNECTION_CLOSED, and it is not sent again`, async (t) => {
      let requests = 0;
      const consumer = await startRawConsumer(t, (socket) => {
        onRequest(socket, (_head, number) => {
          requests += 1;
          if (number === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
          else close(socket);
        });
      });
      const egress = startEgress(t);
      assert.equal(outcomeOf(await post(egress, consumer.url)), 200);
      const result = await post(egress, consumer.url);
      assert.equal(outcomeOf(result), 'CONNECTION_CLOSED');
      assert.equal(result.kind === 'error' && result.mayHaveArrived, true);
      assert.equal(requests, 2);
      assert.equal(consumer.connections.length, 1);
    });
  }
});
