import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { onRequest, startConsumer, startRawConsumer } from './testing/consumers.ts';
import { outcomeOf, post, startEgress } from './testing/egress.ts';

describe('an answer', () => {
  for (const status of [
    200, 201, 202, 204, 205, 299, 300, 301, 302, 303, 304, 307, 308, 400, 401, 404, 410, 418, 429, 500, 503,
    599,
  ]) {
    it(`with status ${status} is a response, and is neither followed nor repeated`, async (t) => {
      let requests = 0;
      const consumer = await startConsumer(t, (_request, response) => {
        requests += 1;
        response.writeHead(status, { location: '/elsewhere', 'retry-after': '7' }).end();
      });
      const result = await post(startEgress(t), consumer.url);
      assert.ok(result.kind === 'response');
      assert.equal(result.status, status);
      assert.equal(result.headers['retry-after'], '7');
      assert.equal(requests, 1);
    });
  }

  it('after informational answers is the one that counts', async (t) => {
    const consumer = await startRawConsumer(t, (socket) => {
      onRequest(socket, () => {
        socket.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n');
        socket.write('HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok');
      });
    });
    const result = await post(startEgress(t), consumer.url);
    assert.ok(result.kind === 'response');
    assert.deepEqual([result.status, result.body, result.headers], [201, 'ok', { 'content-length': '2' }]);
  });

  it('that ends with the connection is whole', async (t) => {
    const consumer = await startRawConsumer(t, (socket) => {
      onRequest(socket, () => socket.end('HTTP/1.0 200 OK\r\n\r\nall of it'));
    });
    const result = await post(startEgress(t), consumer.url);
    assert.deepEqual([outcomeOf(result), result.kind === 'response' && result.body], [200, 'all of it']);
  });

  it('without an end is cut, counts, and its connection is closed', async (t) => {
    const closed = Promise.withResolvers<void>();
    const consumer = await startConsumer(t, (_request, response) => {
      const pour = (): void => {
        while (response.write('x'.repeat(10_000)));
      };
      response.on('drain', pour).on('close', closed.resolve);
      pour();
    });
    const egress = startEgress(t);
    const result = await post(egress, consumer.url);
    assert.ok(result.kind === 'response');
    assert.deepEqual([result.status, result.body.length, result.bodyTruncated], [200, 16 * 1024, true]);
    await closed.promise;
    assert.equal(egress.connections, 0);
  });

  it('longer than what is recorded is read to its end, and its connection used again', async (t) => {
    const consumer = await startConsumer(t, (_request, response) => response.end('é'.repeat(20_000)));
    const egress = startEgress(t);
    for (let round = 0; round < 3; round += 1) {
      const result = await post(egress, consumer.url);
      assert.ok(result.kind === 'response');
      assert.deepEqual([result.body, result.bodyTruncated], ['é'.repeat(8 * 1024), true]);
    }
    assert.equal(consumer.connections.length, 1);
  });

  it('in thousands of tiny chunks is put together', async (t) => {
    const consumer = await startRawConsumer(t, (socket) => {
      onRequest(socket, () =>
        socket.write(
          `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(20_000)}0\r\n\r\n`,
        ),
      );
    });
    const result = await post(startEgress(t), consumer.url);
    assert.ok(result.kind === 'response');
    assert.deepEqual([result.body, result.bodyTruncated], ['x'.repeat(16 * 1024), true]);
  });

  it('that is compressed is recorded as it came, however large it would become', async (t) => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    let accepted: string | undefined = 'not asked';
    const consumer = await startConsumer(t, (request, response) => {
      accepted = request.headers['accept-encoding'] as string | undefined;
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const result = await post(startEgress(t), consumer.url);
    assert.ok(result.kind === 'response');
    assert.equal(accepted, undefined);
    assert.equal(result.headers['content-encoding'], 'gzip');
    assert.equal(
      result.body,
      bomb
        .subarray(0, 16 * 1024)
        .toString('utf8')
        .replaceAll('\0', '\uFFFD')
        .slice(0, result.body.length),
    );
    assert.ok(result.body.length <= 16 * 1024);
  });

  const bodies: readonly [name: string, sent: Buffer, recorded: string][] = [
    ['empty', Buffer.alloc(0), ''],
    ['UTF-8', Buffer.from('grüß 😀'), 'grüß 😀'],
    ['not UTF-8', Buffer.from([0x61, 0xff, 0x62]), 'a\uFFFDb'],
    ['with NUL', Buffer.from('a\0b'), 'a\uFFFDb'],
    ['with a byte order mark', Buffer.from('\uFEFFa'), '\uFEFFa'],
    ['with half a character at its end', Buffer.from([0x61, 0xf0, 0x9f]), 'a\uFFFD'],
  ];
  for (const [name, sent, recorded] of bodies) {
    it(`whose body is ${name} is recorded as text`, async (t) => {
      const consumer = await startConsumer(t, (_request, response) => response.end(sent));
      const result = await post(startEgress(t), consumer.url);
      assert.equal(result.kind === 'response' && result.body, recorded);
    });
  }

  it('has its headers in lower case, repeated ones joined, odd names harmless', async (t) => {
    const consumer = await startRawConsumer(t, (socket) => {
      onRequest(socket, () =>
        socket.write(
          'HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n__proto__: evil\r\nconstructor: x\r\ncontent-length: 0\r\n\r\n',
        ),
      );
    });
    const result = await post(startEgress(t), consumer.url);
    assert.ok(result.kind === 'response');
    assert.deepEqual(Object.entries(result.headers), [
      ['x-a', '1, 2'],
      ['set-cookie', 'a=b, c=d'],
      ['__proto__', 'evil'],
      ['constructor', 'x'],
      ['content-length', '0'],
    ]);
    assert.equal('evil' in {}, false);
  });
});
