import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { ConsumerTls } from '../model/webhook.ts';
import { faultOfAuthorities, faultOfClientCertificate, readClientCertificate } from './client-certificate.ts';
import { certificate, identity, startSecureConsumer } from './testing/consumers.ts';
import { outcomeOf, post, startEgress } from './testing/egress.ts';
import { startHttp2Consumer } from './testing/http2-consumer.ts';

const nowMs = Date.now();

function fixture(name: string): string {
  return readFileSync(new URL(`./fixtures/${name}.pem`, import.meta.url), 'utf8');
}

function client(name: 'client-one' | 'client-two', ca: string | null = null): ConsumerTls {
  return { certificate: fixture(name), key: fixture(`${name}-key`), ca };
}

/** A consumer that tells who called, and whether the session was resumed; `h2`: over HTTP/2. */
async function startAskingConsumer(t: TestContext, version: 'h1' | 'h2') {
  const options = {
    ...identity('consumer'),
    ca: certificate('authority'),
    requestCert: true,
    rejectUnauthorized: true,
  };
  const callers: string[] = [];
  const resumed: boolean[] = [];
  const note = (socket: TLSSocket): void => {
    callers.push(socket.getPeerCertificate().subject?.CN?.toString() ?? 'nobody');
    resumed.push(socket.isSessionReused());
  };
  const consumer =
    version === 'h1'
      ? await startSecureConsumer(t, options, (request, response) => {
          note(request.socket as TLSSocket);
          response.end();
        })
      : await startHttp2Consumer(
          t,
          ({ stream, answer }) => {
            note(stream.session?.socket as TLSSocket);
            answer();
          },
          options,
        );
  return { ...consumer, callers, resumed };
}

for (const version of ['h1', 'h2'] as const) {
  describe(`a client certificate, over ${version}`, () => {
    it('is shown to the consumer that asks for it', async (t) => {
      const consumer = await startAskingConsumer(t, version);
      const egress = startEgress(t, { extraCa: certificate('authority') });
      assert.equal(outcomeOf(await post(egress, consumer.url, { tls: client('client-one') })), 200);
      assert.deepEqual(consumer.callers, ['Rowhook test client-one']);
    });

    it('that is missing ends in TLS_FAILED, or in a connection that the consumer closes', async (t) => {
      const consumer = await startAskingConsumer(t, version);
      const egress = startEgress(t, { extraCa: certificate('authority') });
      const result = await post(egress, consumer.url);
      assert.match(String(outcomeOf(result)), /^(TLS_FAILED|CONNECTION_CLOSED|CONNECTION_RESET)$/);
      assert.deepEqual(consumer.callers, []);
    });

    it('is never shown for who shows another one, or none: neither connections nor sessions are shared', async (t) => {
      const consumer = await startAskingConsumer(t, version);
      const egress = startEgress(t, { extraCa: certificate('authority') });
      const one = client('client-one');
      const two = client('client-two');
      for (const tls of [one, two, one, two]) {
        assert.equal(outcomeOf(await post(egress, consumer.url, { tls })), 200);
      }
      assert.deepEqual(
        consumer.callers,
        ['client-one', 'client-two', 'client-one', 'client-two'].map((name) => `Rowhook test ${name}`),
      );
      assert.equal(consumer.connections.length, 2);
      assert.notEqual(outcomeOf(await post(egress, consumer.url)), 200);
      // New connections may resume sessions, and even so each has its own certificate.
      for (const socket of consumer.connections) socket.destroy();
      await t.waitFor(() => assert.equal(egress.connections, 0));
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, at) => post(egress, consumer.url, { tls: at % 2 === 0 ? one : two })),
      );
      assert.deepEqual(results.map(outcomeOf), Array(10).fill(200));
      const counts = consumer.callers.slice(4).filter((name) => name.endsWith('one')).length;
      assert.equal(counts, 5);
      assert.notEqual(outcomeOf(await post(egress, consumer.url)), 200);
    });

    it('that says the same shares connections, whoever shows it', async (t) => {
      const consumer = await startAskingConsumer(t, version);
      const egress = startEgress(t, { extraCa: certificate('authority') });
      for (let round = 0; round < 3; round += 1) {
        assert.equal(outcomeOf(await post(egress, consumer.url, { tls: client('client-one') })), 200);
      }
      assert.equal(consumer.connections.length, 1);
    });
  });
}

describe('authorities of a webhook', () => {
  it('are trusted for its consumer, and nobody else is', async (t) => {
    const self = await startSecureConsumer(t, identity('self-signed'), (_request, response) =>
      response.end(),
    );
    const known = await startSecureConsumer(t, identity('consumer'), (_request, response) => response.end());
    const egress = startEgress(t, { extraCa: certificate('authority') });
    const tls = { certificate: null, key: null, ca: certificate('self-signed') };
    assert.equal(outcomeOf(await post(egress, self.url)), 'TLS_FAILED');
    assert.equal(outcomeOf(await post(egress, self.url, { tls })), 200);
    assert.equal(outcomeOf(await post(egress, known.url)), 200);
    assert.equal(outcomeOf(await post(egress, known.url, { tls })), 'TLS_FAILED');
    assert.equal(outcomeOf(await post(egress, self.url)), 'TLS_FAILED');
  });

  it('must be certificates', () => {
    assert.equal(faultOfAuthorities(certificate('authority')), null);
    for (const text of [
      '',
      'text',
      fixture('client-one-key'),
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    ]) {
      assert.equal(faultOfAuthorities(text)?.part, 'ca', text);
    }
  });
});

describe('a client certificate that is saved', () => {
  const one = fixture('client-one');
  const key = fixture('client-one-key');

  it('must fit its key, be valid, and be readable', () => {
    assert.equal(faultOfClientCertificate(one, key, nowMs), null);
    // The chain up to the authority may come with it.
    assert.equal(faultOfClientCertificate(one + certificate('authority'), key, nowMs), null);
    const cases: [string, string, string, RegExp][] = [
      ['text', key, 'certificate', /must be a certificate in PEM/],
      [key, key, 'certificate', /must be a certificate in PEM/],
      [one, 'text', 'key', /must be a private key in PEM/],
      [one, one, 'key', /must be a private key in PEM/],
      [one, fixture('client-two-key'), 'key', /belongs to another one/],
      [
        certificate('expired'),
        fixture('consumer-key'),
        'certificate',
        /has expired, on 2020-01-02T00:00:00.000Z/,
      ],
      [one, encrypted(key), 'key', /must not be encrypted/],
    ];
    for (const [pem, keyPem, part, detail] of cases) {
      const fault = faultOfClientCertificate(pem, keyPem, nowMs);
      assert.equal(fault?.part, part);
      assert.match(fault?.detail ?? '', detail);
    }
  });

  it('tells whose it is and until when it is valid', () => {
    const facts = readClientCertificate(one);
    assert.equal(facts?.subject, 'CN=Rowhook test client-one');
    assert.equal(facts?.issuer, 'CN=Rowhook test authority');
    assert.equal(facts?.expiresAtMs, Date.UTC(2120, 0, 1));
    assert.match(facts?.fingerprint ?? '', /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    assert.equal(readClientCertificate('text'), null);
  });
});

function encrypted(pem: string): string {
  return createPrivateKey(pem)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
    .toString();
}
