import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ApiUnderTest, operatorToken } from './testing/api-under-test.ts';

describe('large bodies', () => {
  it('have to wait their turn, small ones and imports do not', async (t) => {
    const server = await ApiUnderTest.start({ ROWHOOK_BODY_MEMORY_BYTES: '1m' });
    t.after(() => server.stop());
    const port = Number(new URL(await server.api.listen({ port: 0, host: '127.0.0.1' })).port);
    const head = (bytes: number): string =>
      `POST /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${operatorToken}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${bytes}\r\nExpect: 100-continue\r\n\r\n`;
    // It has announced its body, and does not send it.
    const slow = connect(port, '127.0.0.1');
    slow.on('error', () => {});
    slow.write(head(900_000));
    await once(slow, 'data');
    const post = (bytes: number, headers = {}) =>
      server.call('POST', '/v1/events', {
        body: { type: 'a.b', data: { text: 'x'.repeat(bytes) } },
        headers,
      });
    const refused = await post(200_000);
    assert.deepEqual([refused.status, refused.body.type], [503, '/problems/unavailable']);
    assert.equal(refused.headers['retry-after'], '1');
    assert.match(refused.body.detail, /ROWHOOK_BODY_MEMORY_BYTES/);
    assert.equal((await post(1_000)).status, 202);
    const closed = new Promise<void>((resolve) => slow.once('close', () => resolve()));
    slow.destroy();
    await closed;
    // Until the server has noticed that the client is gone.
    let status = 503;
    for (let tries = 0; status === 503 && tries < 1_000; tries += 1) {
      await setImmediate();
      ({ status } = await post(200_000));
    }
    assert.equal(status, 202);
  });

  it('have room alone, however large they may be', async (t) => {
    const server = await ApiUnderTest.start({
      ROWHOOK_BODY_MEMORY_BYTES: '1m',
      ROWHOOK_MAX_EVENT_DATA_BYTES: '4m',
    });
    t.after(() => server.stop());
    for (let count = 0; count < 3; count += 1) {
      const body = { type: 'a.b', data: { text: 'x'.repeat(3_000_000) } };
      assert.equal((await server.call('POST', '/v1/events', { body })).status, 202);
    }
    assert.equal((await server.call('POST', '/v1/events', { body: '{' })).status, 400);
  });
});
