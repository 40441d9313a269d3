import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { generateSecret } from '../model/signing-secret.ts';
import { sign } from './index.ts';
import {
  certificate,
  identity,
  onRequest,
  startConsumer,
  startRawConsumer,
  startSecureConsumer,
} from './testing/consumers.ts';
import { startDnsServer } from './testing/dns-server.ts';
import { outcomeOf, post, startEgress } from './testing/egress.ts';

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a request on the wire', () => {
  it('is a POST with the given path, headers and body, and nothing else but its framing', async (t) => {
    let received: { head: string } = { head: '' };
    const consumer = await startRawConsumer(t, (socket) => {
      onRequest(socket, (head) => {
        received = { head };
        socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      });
    });
    const url = `http://${consumer.authority}/a/b?c=d%20e#f`;
    const result = await post(startEgress(t), url, {
      headers: { 'X-One': '1', 'x-two': 'ü' },
      body: 'grüße',
    });
    assert.equal(outcomeOf(result), 204);
    assert.deepEqual(received.head.split('\r\n'), [
      'POST /a/b?c=d%20e HTTP/1.1',
      `host: ${consumer.authority}`,
      'connection: keep-alive',
      'X-One: 1',
      'x-two: ü',
      'content-length: 7',
    ]);
  });

  const bodies: readonly [name: string, body: string | Uint8Array, bytes: Buffer][] = [
    ['text', '{"a":"😀"}', Buffer.from('{"a":"😀"}')],
    ['bytes', new Uint8Array([0, 1, 255]), Buffer.from([0, 1, 255])],
    ['a part of a larger buffer', new Uint8Array([9, 1, 2, 9]).subarray(1, 3), Buffer.from([1, 2])],
    ['nothing', '', Buffer.alloc(0)],
    ['a megabyte', 'x'.repeat(1_000_000), Buffer.alloc(1_000_000, 'x')],
  ];
  for (const [name, body, bytes] of bodies) {
    it(`carries ${name} as it is`, async (t) => {
      const arrived = Promise.withResolvers<Buffer>();
      const consumer = await startConsumer(t, async (request, response) => {
        arrived.resolve(await readBody(request));
        response.end();
      });
      assert.equal(outcomeOf(await post(startEgress(t), consumer.url, { body })), 200);
      assert.ok((await arrived.promise).equals(bytes));
    });
  }

  it('carries a signature beside the other headers', async (t) => {
    const secret = generateSecret();
    const consumer = await startConsumer(t, (request, response) =>
      response.end(request.headers['webhook-signature']),
    );
    const headers = { ...sign(secret, 'msg_1', 1, '{}') };
    const result = await post(startEgress(t), consumer.url, { headers, body: '{}' });
    assert.equal(result.kind === 'response' && result.body, headers['webhook-signature']);
  });

  const badHeaders: readonly [name: string, value: string, message: RegExp][] = [
    ['x-a', 'a\r\nx-evil: 1', /^The value of the header x-a has line breaks/],
    ['x-a', 'a\nb', /line breaks/],
    ['x-a', 'a\0b', /line breaks or other characters/],
    ['x-a', 'a\u010ab', /other characters that are not allowed/],
    ['x-a', '😀', /other characters that are not allowed/],
    ['x a', 'b', /^The header name "x a" has characters/],
    ['x:a', 'b', /has characters that are not allowed/],
    ['x\r\ny', 'b', /^The header name "x\\r\\ny"/],
    ['', 'b', /^The header name ""/],
    ['Host', 'inside.test', /^The header Host is set by the service itself/],
    ['content-length', '5', /set by the service itself/],
    ['Transfer-Encoding', 'chunked', /set by the service itself/],
    ['connection', 'close', /set by the service itself/],
    ['upgrade', 'h2c', /set by the service itself/],
    ['expect', '100-continue', /set by the service itself/],
    ['accept-encoding', 'gzip', /set by the service itself/],
    ['proxy-authorization', 'Basic x', /set by the service itself/],
  ];
  for (const [name, value, message] of badHeaders) {
    it(`is not made with the header ${JSON.stringify(name)}: ${JSON.stringify(value)}`, async (t) => {
      const consumer = await startConsumer(t, (_request, response) => response.end());
      const result = await post(startEgress(t), consumer.url, { headers: { [name]: value } });
      assert.ok(result.kind === 'error');
      assert.deepEqual([result.code, result.mayHaveArrived], ['REQUEST_INVALID', false]);
      assert.match(result.message, message);
      assert.equal(consumer.connections.length, 0);
    });
  }
});

describe('timing', () => {
  it('tells of DNS, connecting and TLS for the first request on a connection only', async (t) => {
    const consumer = await startSecureConsumer(t, identity('consumer'), (_request, response) =>
      response.end(),
    );
    const dns = await startDnsServer(t, { 'consumer.test': [['127.0.0.1']] });
    const egress = startEgress(t, { dnsServers: [dns.address], extraCa: certificate('authority') });
    const url = `https://consumer.test:${consumer.port}/`;

    const { timing: first } = await post(egress, url);
    const { timing: second } = await post(egress, url);

    for (const phase of ['dnsMs', 'connectMs', 'tlsMs', 'firstByteMs'] as const) {
      assert.ok((first[phase] ?? -1) >= 0, phase);
      assert.ok((first[phase] ?? 0) <= first.totalMs, phase);
    }
    assert.deepEqual([second.dnsMs, second.connectMs, second.tlsMs], [null, null, null]);
    assert.ok((second.firstByteMs ?? -1) >= 0);
    assert.equal(consumer.connections.length, 1);
  });

  it('leaves out the phases that did not happen', async (t) => {
    const consumer = await startConsumer(t, (_request, response) => response.end());
    const { timing } = await post(startEgress(t), consumer.url);
    assert.deepEqual([timing.dnsMs, timing.tlsMs], [null, null]);
    assert.ok((timing.connectMs ?? -1) >= 0);
  });

  it('of a failed handshake tells how far it came', async (t) => {
    const consumer = await startSecureConsumer(t, identity('self-signed'), () => {});
    const { timing } = await post(startEgress(t), consumer.url);
    assert.ok((timing.connectMs ?? -1) >= 0);
    assert.deepEqual([timing.tlsMs, timing.firstByteMs], [null, null]);
  });

  it('of a failure on a used connection does not repeat how that connection was made', async (t) => {
    const consumer = await startRawConsumer(t, (socket) => {
      onRequest(socket, (_head, number) => {
        if (number === 1) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
        else socket.end();
      });
    });
    const egress = startEgress(t);
    await post(egress, consumer.url);
    const { timing } = await post(egress, consumer.url);
    assert.deepEqual([timing.connectMs, timing.firstByteMs], [null, null]);
  });
});

describe('addresses', () => {
  it('that are denied are left out of those a name leads to', async (t) => {
    const consumer = await startConsumer(t, (_request, response) => response.end());
    const dns = await startDnsServer(t, { 'both.test': [['10.0.0.1', '127.0.0.1', '192.168.0.1', '::1']] });
    const egress = startEgress(t, { dnsServers: [dns.address] });
    assert.equal(outcomeOf(await post(egress, `http://both.test:${consumer.port}/`)), 200);
  });

  it('are tried one after the other until one answers', async (t) => {
    const consumer = await startConsumer(t, (_request, response) => response.end());
    const dns = await startDnsServer(t, { 'several.test': [['127.0.0.9', '127.0.0.8', '127.0.0.1']] });
    const egress = startEgress(t, { dnsServers: [dns.address] });
    assert.equal(outcomeOf(await post(egress, `http://several.test:${consumer.port}/`)), 200);
  });

  it('are judged again for every connection: a name that is made to lead inside later is stopped', async (t) => {
    // 127.0.0.1 stands for the attacker's public server, 127.0.0.2 for what is inside.
    const consumer = await startConsumer(t, (_request, response) =>
      response.setHeader('connection', 'close').end(),
    );
    const dns = await startDnsServer(t, { 'rebinding.test': [['127.0.0.1'], ['127.0.0.2']] });
    const egress = startEgress(t, { allowedNetworks: ['127.0.0.1/32'], dnsServers: [dns.address] });
    const url = `http://rebinding.test:${consumer.port}/`;
    assert.equal(outcomeOf(await post(egress, url)), 200);
    assert.equal(outcomeOf(await post(egress, url)), 'EGRESS_ADDRESS_DENIED');
    assert.equal(outcomeOf(await post(egress, url)), 'EGRESS_ADDRESS_DENIED');
    assert.equal(consumer.connections.length, 1);
  });

  it('are judged by where the connection ended, not only by where it was to go', async (t) => {
    // Connecting to 0.0.0.0 ends at 127.0.0.1.
    const consumer = await startConsumer(t, (_request, response) => response.end());
    const egress = startEgress(t, { allowedNetworks: ['0.0.0.0/32'] });
    const result = await post(egress, `http://0.0.0.0:${consumer.port}/`);
    assert.equal(outcomeOf(result), 'EGRESS_ADDRESS_DENIED');
    assert.equal(result.kind === 'error' && result.mayHaveArrived, false);
  });

  it('of an allowed host are not judged, those of others are', async (t) => {
    const consumer = await startConsumer(t, (_request, response) => response.end());
    const egress = startEgress(t, {
      allowedNetworks: [],
      allowedHosts: [consumer.authority, `localhost:${consumer.port}`],
    });
    assert.equal(outcomeOf(await post(egress, consumer.url)), 200);
    assert.equal(outcomeOf(await post(egress, `http://localhost:${consumer.port}/`)), 200);
    assert.equal(
      outcomeOf(await post(egress, `http://a.localhost:${consumer.port}/`)),
      'EGRESS_ADDRESS_DENIED',
    );
    assert.equal(outcomeOf(await post(egress, 'http://127.0.0.1:1/')), 'EGRESS_ADDRESS_DENIED');
  });
});

describe('TLS', () => {
  it('verifies the certificate for the name of the URL, or for its address', async (t) => {
    const consumer = await startSecureConsumer(t, identity('consumer'), (_request, response) =>
      response.end(),
    );
    const dns = await startDnsServer(t, {
      'consumer.test': [['127.0.0.1']],
      'impostor.test': [['127.0.0.1']],
    });
    const egress = startEgress(t, { dnsServers: [dns.address], extraCa: certificate('authority') });
    assert.equal(outcomeOf(await post(egress, `https://consumer.test:${consumer.port}/`)), 200);
    assert.equal(outcomeOf(await post(egress, consumer.url)), 200);
    assert.equal(outcomeOf(await post(egress, `https://impostor.test:${consumer.port}/`)), 'TLS_FAILED');
  });

  it('trusts no authority that was not given', async (t) => {
    const consumer = await startSecureConsumer(t, identity('consumer'), (_request, response) =>
      response.end(),
    );
    assert.equal(outcomeOf(await post(startEgress(t), consumer.url)), 'TLS_FAILED');
  });

  it('resumes the session of an earlier connection', async (t) => {
    const reused: boolean[] = [];
    const consumer = await startSecureConsumer(t, identity('consumer'), (request, response) => {
      reused.push((request.socket as TLSSocket).isSessionReused());
      response.setHeader('connection', 'close').end();
    });
    const egress = startEgress(t, { extraCa: certificate('authority') });
    for (let round = 0; round < 2; round += 1) {
      assert.equal(outcomeOf(await post(egress, consumer.url)), 200);
      await t.waitFor(() => assert.equal(egress.connections, 0));
    }
    assert.deepEqual(reused, [false, true]);
  });

  it('tells the consumer the name that is asked for, never an address', async (t) => {
    const names: unknown[] = [];
    const consumer = await startSecureConsumer(t, identity('consumer'), (request, response) => {
      names.push('servername' in request.socket ? request.socket.servername : undefined);
      response.end();
    });
    const egress = startEgress(t, { extraCa: certificate('authority') });
    await post(egress, `https://localhost:${consumer.port}/`);
    await post(egress, consumer.url);
    assert.deepEqual(names, ['localhost', false]);
  });
});

describe('giving up', () => {
  it('on a signal ends a request that is underway, and may have arrived', async (t) => {
    const arrived = Promise.withResolvers<void>();
    const consumer = await startConsumer(t, () => arrived.resolve());
    const controller = new AbortController();
    const egress = startEgress(t);
    const underway = post(egress, consumer.url, { signal: controller.signal });
    await arrived.promise;
    controller.abort();
    const result = await underway;
    assert.equal(outcomeOf(result), 'ABORTED');
    assert.equal(result.kind === 'error' && result.mayHaveArrived, true);
    assert.equal(egress.connections, 0);
  });

  it('on a signal that was raised before makes no connection', async (t) => {
    const consumer = await startConsumer(t, (_request, response) => response.end());
    const result = await post(startEgress(t), consumer.url, { signal: AbortSignal.abort() });
    assert.equal(outcomeOf(result), 'ABORTED');
    assert.equal(consumer.connections.length, 0);
  });

  it('when the egress closes ends everything, in whatever state it is', async (t) => {
    const arrived = Promise.withResolvers<void>();
    const silent = await startConsumer(t, () => arrived.resolve());
    const handshake = await startRawConsumer(t, (socket) => socket.on('error', () => {}), 'https');
    const dns = await startDnsServer(t, { 'silent.test': ['SILENCE'] });
    const egress = startEgress(t, {
      dnsServers: [dns.address],
      maxConnections: 3,
      maxConnectionsPerOrigin: 1,
    });
    const underway = [
      post(egress, silent.url),
      post(egress, silent.url),
      post(egress, handshake.url),
      post(egress, 'http://silent.test/'),
      post(egress, 'http://127.0.0.1:1/'),
    ];
    await arrived.promise;
    assert.equal(egress.inFlight, 5);
    await egress.close();
    assert.deepEqual((await Promise.all(underway)).map(outcomeOf), Array(5).fill('ABORTED'));
    assert.deepEqual([egress.inFlight, egress.connections, egress.origins], [0, 0, 0]);
    assert.equal(outcomeOf(await post(egress, silent.url)), 'ABORTED');
  });

  it('at a deadline closes the connection, so that a late answer goes nowhere', async (t) => {
    const arrived = Promise.withResolvers<Socket>();
    const consumer = await startConsumer(t, (request) => arrived.resolve(request.socket));
    const result = await post(startEgress(t), consumer.url, { timeoutMs: 600 });
    assert.equal(outcomeOf(result), 'TIMEOUT');
    assert.ok(result.timing.totalMs >= 600);
    const socket = await arrived.promise;
    if (!socket.closed) await once(socket, 'close');
  });

  it('does not happen to an answer that came in time while this process was held up', async (t) => {
    const program = `
      import { createServer } from 'node:http';
      const server = createServer((request, response) => {
        process.send('arrived');
        setTimeout(() => response.end(), 100);
      });
      server.listen(0, '127.0.0.1', () => process.send(server.address().port));
      process.on('disconnect', () => process.exit());
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    t.after(() => child.disconnect());
    const [port] = await once(child, 'message');
    const arrived = once(child, 'message');
    const result = post(startEgress(t), `http://127.0.0.1:${port}/`, { timeoutMs: 500 });
    await arrived;
    // The answer comes meanwhile, and is read only after its deadline.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    assert.equal(outcomeOf(await result), 200);
  });

  it('when no more files can be opened is a local limit, and the process lives on', (t) => {
    if (process.platform === 'win32') return t.skip('has no ulimit');
    const program = `
      import { openSync } from 'node:fs';
      import { post, outcomeOf, startEgress } from ${JSON.stringify(new URL('./testing/egress.ts', import.meta.url).href)};
      const egress = startEgress({ after() {} });
      await post(egress, 'http://127.0.0.1:1/');
      try { for (;;) openSync('/dev/null'); } catch {}
      console.log(outcomeOf(await post(egress, 'http://127.0.0.1:1/')));
      await egress.close();
      process.exit();
    `;
    const shell = 'ulimit -n 64 && exec "$0" --input-type=module --eval "$1"';
    const output = execFileSync('sh', ['-c', shell, process.execPath, program], { encoding: 'utf8' });
    assert.equal(output.trim(), 'LOCAL_LIMIT');
  });
});

describe('settings', () => {
  const wrong: readonly [settings: Parameters<typeof startEgress>[1], message: RegExp][] = [
    [{ allowedNetworks: ['10.0.0.1'] }, /^allowedNetworks: "10\.0\.0\.1" is not a network/],
    [{ allowedHosts: ['localhost'] }, /^allowedHosts: "localhost" is not host:port/],
    [{ dnsServers: ['dns.example.com'] }, /^dnsServers: "dns\.example\.com" are not all of the form/],
    [{ proxyUrl: 'socks5://proxy:1080' }, /^proxyUrl: must have the form http:\/\/host:port/],
    [{ proxyUrl: 'proxy:3128' }, /^proxyUrl: must have the form/],
    [{ maxConnections: 0 }, /^maxConnections: must be a whole number from 1 up, not 0/],
    [{ maxConnectionsPerOrigin: 1.5 }, /^maxConnectionsPerOrigin: must be a whole number/],
  ];
  for (const [settings, message] of wrong) {
    it(`${JSON.stringify(settings)} are refused by name`, (t) => {
      assert.throws(() => startEgress(t, settings), { name: 'TypeError', message });
    });
  }
});
