import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { connectionTimes } from './connection-times.ts';
import { ApiUnderTest, operatorToken } from './testing/api-under-test.ts';

/** A server on loopback whose clients must be quick, and its port. */
async function listening(
  settings: Record<string, string> = {},
): Promise<{ server: ApiUnderTest; port: number }> {
  const server = await ApiUnderTest.start(settings, {
    ...connectionTimes,
    headersMs: 100,
    bodyMs: 300,
    checkEveryMs: 20,
  });
  const port = Number(new URL(await server.api.listen({ port: 0, host: '127.0.0.1' })).port);
  return { server, port };
}

/** A client that says what it is told to, and everything that is answered to it until the connection ends. */
function speak(port: number, text: string): { socket: Socket; answer: Promise<string> } {
  const chunks: Buffer[] = [];
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {}); // the server may cut it off at any time
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const answer = closed.then(() => Buffer.concat(chunks).toString('utf8'));
  return { socket, answer };
}

/** Sends another byte again and again, for as long as the connection lives. */
function dribble(t: TestContext, socket: Socket, byte: string): void {
  const timer = setInterval(() => socket.write(byte), 10);
  t.after(() => socket.destroy());
  socket.once('close', () => clearInterval(timer));
}

/** The reason may be lost on the way: what still comes from the client makes the system reset the connection. */
function assertCutOff(answer: string): void {
  if (answer !== '') assert.match(answer, /^HTTP\/1\.1 408 .*The request did not arrive in time\./s);
}

const authorized = `Authorization: Bearer ${operatorToken}\r\n`;

describe('a client that is slow on purpose', () => {
  let server: ApiUnderTest;
  let port: number;
  before(async () => {
    ({ server, port } = await listening());
  });
  after(() => server.stop());

  it('cannot hold a connection with headers that never end', async (t) => {
    const { socket, answer } = speak(port, 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: ');
    dribble(t, socket, 'x');
    assertCutOff(await answer);
  });

  it('cannot hold one with a body that never ends', async (t) => {
    const head = `POST /v1/events HTTP/1.1\r\nHost: a\r\n${authorized}Content-Type: application/json\r\nContent-Length: 10000\r\n\r\n`;
    const { socket, answer } = speak(port, `${head}{`);
    dribble(t, socket, ' ');
    assertCutOff(await answer);
  });

  it('cannot hold one with chunks that never end', async (t) => {
    const head = `POST /v1/events HTTP/1.1\r\nHost: a\r\n${authorized}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const { socket, answer } = speak(port, `${head}1\r\n{\r\n`);
    dribble(t, socket, '1\r\n \r\n');
    assertCutOff(await answer);
  });

  it('may take its time with an import, which is streamed', async (t) => {
    const base = (await server.call('POST', '/v1/bases', { body: { name: 'b' } })).body.id;
    const columns = [{ name: 'Name', type: 'text' }];
    const table = await server.call('POST', `/v1/bases/${base}/tables`, { body: { name: 't', columns } });
    const head = `POST /v1/bases/${base}/tables/${table.body.id}/import HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${authorized}Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const { socket, answer } = speak(port, `${head}5\r\nName\n\r\n`);
    // Longer than any other body may take, told by bytes and not by the clock.
    let bytes = 0;
    const timer = setInterval(() => {
      bytes += 1;
      if (bytes < 50) return socket.write('1\r\na\r\n');
      clearInterval(timer);
      return socket.write('1\r\n\n\r\n0\r\n\r\n');
    }, 10);
    t.after(() => clearInterval(timer));
    assert.match(await answer, /"state":"done","rowsImported":1/);
  });

  it('does not keep others from being served', async (t) => {
    for (let count = 0; count < 20; count += 1) {
      const { socket } = speak(port, 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: ');
      dribble(t, socket, 'x');
    }
    const { answer } = speak(port, 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    assert.match(await answer, /^HTTP\/1\.1 200 /);
  });
});

describe('connections of clients', () => {
  it('beyond their limit are turned away, which the log tells, and the others go on', async (t) => {
    const { server, port } = await listening({ ROWHOOK_MAX_CLIENT_CONNECTIONS: '10' });
    t.after(() => server.stop());
    const request = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';
    const kept = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { socket } = speak(port, request);
        await once(socket, 'data');
        return socket;
      }),
    );
    const refused = speak(port, request);
    assert.equal(await refused.answer, '', 'the connection is closed without an answer');
    assert.ok(server.logged.some((line) => line.includes('too many connections of clients')));
    kept[0]?.write(request);
    await once(kept[0] as Socket, 'data');
    const gone = new Promise<void>((resolve) => kept[1]?.once('close', () => resolve()));
    kept[1]?.end();
    await gone;
    const last = speak(port, request);
    await once(last.socket, 'data');
    for (const socket of [...kept, last.socket]) socket.destroy();
  });

  it('are limited in the bytes of their headers, the address among them', async (t) => {
    const { server, port } = await listening({ ROWHOOK_MAX_HEADER_BYTES: '4k' });
    t.after(() => server.stop());
    for (const text of [
      `GET /healthz?${'x'.repeat(5_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\nHost: a\r\nCookie: ${'x'.repeat(5_000)}\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(1_000)}\r\n`,
    ]) {
      assert.match(await speak(port, text).answer, /^HTTP\/1\.1 431 .*4096 bytes/s);
    }
  });

  it('are taken from browsers of other sites without a word that would let those read', async (t) => {
    const { server } = await listening();
    t.after(() => server.stop());
    for (const [method, path] of [
      ['GET', '/healthz'],
      ['OPTIONS', '/v1/events'],
    ] as const) {
      const { headers } = await server.call(method, path, {
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      });
      const told = Object.keys(headers).filter((name) => name.startsWith('access-control-'));
      assert.deepEqual(told, [], `${method} ${path}`);
    }
  });
});

describe('every answer', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start({ ROWHOOK_PUBLIC_URL: 'https://hooks.example.com' });
  });
  after(() => server.stop());

  const kinds: readonly [what: string, method: string, path: string, token: string | null][] = [
    ['of a route', 'GET', '/v1/webhooks', operatorToken],
    ['of a public route', 'GET', '/healthz', null],
    ['of the document', 'GET', '/openapi.json', null],
    ['to a stranger', 'GET', '/v1/webhooks', null],
    ['about an unknown route', 'GET', '/nothing', null],
    ['about an unknown method', 'PUT', '/v1/webhooks', null],
    ['about a bad request', 'POST', '/v1/events', operatorToken],
    ['about a URL that does not decode', 'GET', '/v1/webhooks/%E0%A4%A', operatorToken],
  ];
  for (const [what, method, path, token] of kinds) {
    it(`has the headers that keep browsers from harm: ${what}`, async () => {
      const { headers } = await server.call(method, path, { token });
      assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'");
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['x-frame-options'], 'DENY');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['strict-transport-security'], 'max-age=31536000');
      assert.equal(headers['x-powered-by'], undefined);
      assert.equal(headers.server, undefined);
    });
  }

  it('asks browsers to insist on https only where that is served', async (t) => {
    const plain = await ApiUnderTest.start();
    t.after(() => plain.stop());
    const { headers } = await plain.call('GET', '/healthz');
    assert.equal(headers['strict-transport-security'], undefined);
  });

  it('has an id of its own, and errors are in the log under it', async () => {
    const seen = new Set<unknown>();
    for (let count = 0; count < 100; count += 1) {
      const { headers } = await server.call('GET', '/healthz', {
        headers: { 'request-id': 'chosen-by-a-client' },
      });
      assert.match(String(headers['request-id']), /^req_\w+$/);
      seen.add(headers['request-id']);
    }
    assert.equal(seen.size, 100);
  });
});
