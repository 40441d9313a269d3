import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { type Consumer, certificate, identity, startSecureConsumer } from '../../egress/testing/consumers.ts';
import { ApiUnderTest } from '../testing/api-under-test.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../egress/fixtures/${name}.pem`, import.meta.url), 'utf8');

describe('what a webhook shows its consumer in TLS', { timeout: 60_000 }, () => {
  let server: ApiUnderTest;
  let consumer: Consumer;
  const callers: string[] = [];
  const stops: (() => unknown)[] = [];
  const one = { certificate: fixture('client-one'), key: fixture('client-one-key') };
  const ca = certificate('authority');

  before(async () => {
    server = await ApiUnderTest.start();
    consumer = await startSecureConsumer(
      { after: (stop) => void stops.push(stop) },
      { ...identity('consumer'), ca, requestCert: true, rejectUnauthorized: true },
      (request, response) => {
        callers.push(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN));
        response.end();
      },
    );
  });
  after(async () => {
    await server.stop();
    for (const stop of stops) await stop();
  });

  const create = (body: object) =>
    server.call('POST', '/v1/webhooks', {
      body: { name: 'mutual', url: consumer.url, eventTypes: ['tls.event'], ...body },
    });

  it('is a certificate that the consumer sees, and authorities that it must come from', async () => {
    const { status, body, text } = await create({ tls: { ...one, ca } });
    assert.equal(status, 201, text);
    assert.deepEqual(body.tls, { certificate: one.certificate, key: '***', ca });
    assert.equal(body.clientCertificate.subject, 'CN=Rowhook test client-one');
    assert.equal(body.clientCertificate.expiresAt, '2120-01-01T00:00:00.000Z');
    await server.call('POST', '/v1/events', { body: { type: 'tls.event', data: {} } });
    const delivery = await server.deliveryOf(body.id);
    assert.equal(delivery.state, 'succeeded', JSON.stringify(delivery));
    assert.deepEqual(callers, ['Rowhook test client-one']);
    await server.call('DELETE', `/v1/webhooks/${body.id}`);
  });

  it('never tells its key, not even in the log of settings', async () => {
    const { body } = await create({ tls: one });
    const path = `/v1/webhooks/${body.id}`;
    const secret = one.key.split('\n')[1] ?? '';
    for (const answer of [await server.call('GET', path), await server.call('GET', '/v1/webhooks')]) {
      assert.ok(!answer.text.includes(secret));
    }
  });

  it('is changed member by member; *** keeps the key, and null takes all away', async () => {
    const { body } = await create({ tls: one });
    const path = `/v1/webhooks/${body.id}`;
    const change = (change: object) => server.call('PATCH', path, { body: change });
    const kept = async () =>
      (await server.store.webhooks.all(0, 100)).find(({ id }) => id === body.id)?.settings.tls;
    assert.equal((await change({ memo: 'x' })).status, 200);
    assert.equal((await change({ tls: { ca } })).status, 200);
    assert.deepEqual(await kept(), { ...one, ca });
    assert.equal((await change({ tls: { key: '***' } })).status, 200);
    assert.deepEqual(await kept(), { ...one, ca });
    assert.equal((await change({ tls: null })).body.tls, null);
    assert.equal(await kept(), null);
  });

  it('is checked when it is saved', async () => {
    const cases: [object, string, RegExp][] = [
      [{ tls: { certificate: one.certificate } }, '/tls/key', /is missing/],
      [{ tls: { key: one.key } }, '/tls/certificate', /is missing/],
      [{ tls: { ...one, key: fixture('client-two-key') } }, '/tls/key', /belongs to another one/],
      [{ tls: { ...one, key: '***' } }, '/tls/key', /must be the key itself/],
      [
        { tls: { certificate: fixture('expired'), key: fixture('consumer-key') } },
        '/tls/certificate',
        /has expired/,
      ],
      [{ tls: { ca: 'text' } }, '/tls/ca', /must be certificates in PEM/],
      [{ tls: { ...one, colour: 1 } }, '/tls/colour', /is not a known field/],
      [{ url: 'http://127.0.0.1:1/', tls: one }, '/tls', /needs a URL that begins with https/],
    ];
    for (const [body, pointer, detail] of cases) {
      const answer = await create(body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.errors[0].pointer, pointer);
      assert.match(answer.body.errors[0].detail, detail);
      assert.ok(!answer.text.includes('PRIVATE KEY-----\\nM'));
    }
  });
});
