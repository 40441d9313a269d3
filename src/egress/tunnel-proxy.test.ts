import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import {
  certificate,
  identity,
  startConsumer,
  startRawConsumer,
  startSecureConsumer,
} from './testing/consumers.ts';
import { startDnsServer } from './testing/dns-server.ts';
import { outcomeOf, post, startEgress } from './testing/egress.ts';

interface TestProxy {
  readonly url: string;
  readonly asked: IncomingMessage[];
}

/** A proxy that opens every tunnel to 127.0.0.1, whatever host is asked for, or answers with a status. */
async function startProxy(t: TestContext, { status = 200, secure = false } = {}): Promise<TestProxy> {
  const asked: IncomingMessage[] = [];
  const server: Server = secure ? createSecureServer(identity('consumer')) : createServer();
  server.on('connect', (request: IncomingMessage, client: Socket, head: Buffer) => {
    asked.push(request);
    client.on('error', () => {});
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const port = Number(request.url?.split(':').at(-1));
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { url: `${secure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('a proxy for webhooks', () => {
  it('carries http in a tunnel, and resolves the names', async (t) => {
    const consumer = await startConsumer(t, (request, response) => response.end(request.headers.host));
    const proxy = await startProxy(t);
    const dns = await startDnsServer(t, {});
    const egress = startEgress(t, { proxyUrl: proxy.url, dnsServers: [dns.address] });
    const host = `known-to-the-proxy.test:${consumer.port}`;
    const result = await post(egress, `http://${host}/`);
    assert.ok(result.kind === 'response');
    assert.equal(result.body, host);
    assert.equal(result.timing.dnsMs, null);
    assert.equal(proxy.asked[0]?.url, host);
    assert.deepEqual(dns.questions, []);
  });

  it('carries https so that only the consumer can read it', async (t) => {
    const consumer = await startSecureConsumer(t, identity('consumer'), (_request, response) =>
      response.end('ok'),
    );
    const proxy = await startProxy(t);
    const egress = startEgress(t, { proxyUrl: proxy.url, extraCa: certificate('authority') });
    assert.equal(outcomeOf(await post(egress, `https://consumer.test:${consumer.port}/`)), 200);
    assert.equal(outcomeOf(await post(egress, `https://impostor.test:${consumer.port}/`)), 'TLS_FAILED');
  });

  it('may itself be reached over TLS', async (t) => {
    const consumer = await startSecureConsumer(t, identity('consumer'), (_request, response) =>
      response.end('ok'),
    );
    const proxy = await startProxy(t, { secure: true });
    const egress = startEgress(t, { proxyUrl: proxy.url, extraCa: certificate('authority') });
    assert.equal(outcomeOf(await post(egress, `https://consumer.test:${consumer.port}/`)), 200);
  });

  it('keeps tunnels open for the next request', async (t) => {
    const consumer = await startConsumer(t, (_request, response) => response.end());
    const proxy = await startProxy(t);
    const egress = startEgress(t, { proxyUrl: proxy.url });
    for (let round = 0; round < 3; round += 1) assert.equal(outcomeOf(await post(egress, consumer.url)), 200);
    assert.equal(proxy.asked.length, 1);
  });

  it('gets the credentials of its URL, and the consumer does not', async (t) => {
    const seen = Promise.withResolvers<unknown>();
    const consumer = await startConsumer(t, (request, response) => {
      seen.resolve(request.headers['proxy-authorization']);
      response.end();
    });
    const proxy = await startProxy(t);
    const withCredentials = proxy.url.replace('://', '://us%40er:p%3Ass@');
    await post(startEgress(t, { proxyUrl: withCredentials }), consumer.url);
    assert.equal(
      proxy.asked[0]?.headers['proxy-authorization'],
      `Basic ${Buffer.from('us@er:p:ss').toString('base64')}`,
    );
    assert.equal(await seen.promise, undefined);
  });

  for (const status of [403, 407, 502, 504]) {
    it(`that answers ${status} fails the request without telling why`, async (t) => {
      const proxy = await startProxy(t, { status });
      const result = await post(startEgress(t, { proxyUrl: proxy.url }), 'http://inside.test/');
      assert.ok(result.kind === 'error');
      assert.deepEqual([result.code, result.mayHaveArrived], ['PROXY_FAILED', false]);
      assert.equal(result.message, 'The proxy for webhooks did not open a connection to the host.');
    });
  }

  it('that cannot be reached fails the request', async (t) => {
    const result = await post(startEgress(t, { proxyUrl: 'http://127.0.0.1:1' }), 'http://outside.test/');
    assert.equal(outcomeOf(result), 'PROXY_FAILED');
  });

  it('that is no proxy fails the request', async (t) => {
    const server = await startRawConsumer(t, (socket) =>
      socket.on('error', () => {}).end('220 mail.test ESMTP\r\n'),
    );
    const result = await post(
      startEgress(t, { proxyUrl: `http://${server.authority}` }),
      'http://outside.test/',
    );
    assert.equal(outcomeOf(result), 'PROXY_FAILED');
  });

  it('that does not answer is given up at the deadline of connecting', async (t) => {
    const silent = await startRawConsumer(t, (socket) => socket.on('error', () => {}));
    const egress = startEgress(t, { proxyUrl: `http://${silent.authority}` });
    const result = await post(egress, 'http://outside.test/', { connectTimeoutMs: 100 });
    assert.equal(outcomeOf(result), 'CONNECT_TIMEOUT');
    assert.equal(egress.connections, 0);
  });

  it('is not asked for literal addresses, domains and ports that are denied', async (t) => {
    const proxy = await startProxy(t);
    const egress = startEgress(t, {
      proxyUrl: proxy.url,
      allowedNetworks: [],
      allowedDomains: ['allowed.test', '10.0.0.1'],
      allowedPorts: [443],
    });
    assert.equal(outcomeOf(await post(egress, 'https://10.0.0.1/')), 'EGRESS_ADDRESS_DENIED');
    assert.equal(outcomeOf(await post(egress, 'https://other.test/')), 'EGRESS_DOMAIN_DENIED');
    assert.equal(outcomeOf(await post(egress, 'https://localhost/')), 'EGRESS_DOMAIN_DENIED');
    assert.equal(outcomeOf(await post(egress, 'https://allowed.test:8443/')), 'EGRESS_DOMAIN_DENIED');
    assert.equal(proxy.asked.length, 0);
  });
});
