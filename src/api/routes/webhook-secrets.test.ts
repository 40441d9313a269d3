import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Webhook as StandardVerifier } from 'standardwebhooks';
import { Webhook as SvixVerifier } from 'svix';
import { generateSecret, publicKeyOf, readPublicKey } from '../../model/signing-secret.ts';
import { ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';

const dayMs = 24 * 60 * 60 * 1_000;

describe('the secrets of a webhook', { timeout: 60_000 }, () => {
  let server: ApiUnderTest;
  let consumer: ConsumerUnderTest;
  before(async () => {
    server = await ApiUnderTest.start();
    consumer = await ConsumerUnderTest.start();
  });
  after(async () => {
    await server.stop();
    await consumer.stop();
  });

  const create = async (body: object = {}) => {
    const answer = await server.call('POST', '/v1/webhooks', {
      body: { name: 'orders', url: consumer.url, eventTypes: ['no.event'], ...body },
    });
    assert.equal(answer.status, 201, answer.text);
    return answer.body;
  };

  /** The request that an event becomes at a webhook that listens to nothing else. */
  const nextRequest = async (webhook: { id: string }) => {
    const before = consumer.received.length;
    const answer = await server.call('POST', `/v1/webhooks/${webhook.id}/simulate`, {
      body: { eventType: 'signed.event', data: { ok: true } },
    });
    assert.ok(answer.status < 300, answer.text);
    await consumer.receives(before + 1);
    const request = consumer.received.at(-1);
    assert.ok(request);
    return { body: request.body, headers: request.headers as Record<string, string> };
  };

  const verifies = (secret: string, { body, headers }: { body: string; headers: Record<string, string> }) =>
    [SvixVerifier, StandardVerifier].map((Library) => {
      try {
        new Library(secret).verify(body, headers);
        return true;
      } catch {
        return false;
      }
    });

  it('are replaced by a random one, and the former one signs, too, for a day', async () => {
    const webhook = await create({ eventTypes: ['signed.event'] });
    const beforeMs = Date.now();
    const rotated = await server.call('POST', `/v1/webhooks/${webhook.id}/secret/rotate`);
    assert.equal(rotated.status, 200, rotated.text);
    const { secret, previousSecretUntil, previous } = rotated.body;
    assert.match(secret, /^whsec_/);
    assert.notEqual(secret, webhook.secret);
    const untilMs = Date.parse(previousSecretUntil);
    assert.ok(untilMs >= beforeMs + dayMs && untilMs <= Date.now() + dayMs);
    assert.deepEqual(previous, [{ secret: webhook.secret, publicKey: null, until: previousSecretUntil }]);
    assert.deepEqual((await server.call('GET', `/v1/webhooks/${webhook.id}/secret`)).body, rotated.body);
    const shown = (await server.call('GET', `/v1/webhooks/${webhook.id}`)).body;
    assert.equal(shown.previousSecretUntil, previousSecretUntil);

    const request = await nextRequest(webhook);
    assert.deepEqual(verifies(secret, request), [true, true]);
    assert.deepEqual(verifies(webhook.secret, request), [true, true]);
    assert.deepEqual(verifies(generateSecret(), request), [false, false]);
  });

  it('stop signing at once when the overlap is ended', async () => {
    const webhook = await create({ eventTypes: ['signed.event'] });
    const { secret } = (await server.call('POST', `/v1/webhooks/${webhook.id}/secret/rotate`)).body;
    const path = `/v1/webhooks/${webhook.id}/secret/previous`;
    for (const time of ['first', 'second']) {
      assert.equal((await server.call('DELETE', path)).status, 204, time);
    }
    assert.equal((await server.call('GET', `/v1/webhooks/${webhook.id}`)).body.previousSecretUntil, null);
    const request = await nextRequest(webhook);
    assert.deepEqual(verifies(secret, request), [true, true]);
    assert.deepEqual(verifies(webhook.secret, request), [false, false]);
  });

  it('stop signing at once when the rotation wants no overlap', async () => {
    const webhook = await create({ eventTypes: ['signed.event'] });
    const rotate = (body: object) =>
      server.call('POST', `/v1/webhooks/${webhook.id}/secret/rotate`, { body });
    const middle = (await rotate({})).body.secret;
    const last = await rotate({ overlapMs: 0 });
    assert.deepEqual([last.body.previousSecretUntil, last.body.previous], [null, []]);
    const request = await nextRequest(webhook);
    assert.deepEqual(verifies(last.body.secret, request), [true, true]);
    for (const former of [webhook.secret, middle])
      assert.deepEqual(verifies(former, request), [false, false]);
  });

  it('may be chosen, within bounds', async () => {
    const webhook = await create();
    const rotate = (body: object) =>
      server.call('POST', `/v1/webhooks/${webhook.id}/secret/rotate`, { body });
    const given = `whsec_${Buffer.alloc(24, 3).toString('base64')}`;
    assert.equal((await rotate({ secret: given })).body.secret, given);
    const cases: [object, string, string][] = [
      [{ secret: 'x' }, '/secret', 'must be whsec_ and the base64 of 24 to 64 bytes'],
      [
        { secret: generateSecret('asymmetric') },
        '/secret',
        'must be whsec_ and the base64 of 24 to 64 bytes',
      ],
      [{ overlapMs: -1 }, '/overlapMs', 'must be at least 0, not -1'],
      [{ overlapMs: 31 * dayMs }, '/overlapMs', `must be at most ${30 * dayMs}, not ${31 * dayMs}`],
    ];
    for (const [body, pointer, detail] of cases) {
      const answer = await rotate(body);
      assert.deepEqual([answer.status, answer.body.errors], [400, [{ pointer, detail }]]);
    }
    assert.equal((await server.call('GET', `/v1/webhooks/${webhook.id}/secret`)).body.secret, given);
  });

  it('do not pile up without bound', async () => {
    const webhook = await create();
    const rotate = () => server.call('POST', `/v1/webhooks/${webhook.id}/secret/rotate`);
    for (let count = 0; count < 5; count += 1) assert.equal((await rotate()).status, 200);
    const refused = await rotate();
    assert.deepEqual([refused.status, refused.body.type.split('/').at(-1)], [409, 'conflict']);
    const now = await server.call('POST', `/v1/webhooks/${webhook.id}/secret/rotate`, {
      body: { overlapMs: 0 },
    });
    assert.equal(now.status, 200);
  });

  it('of an asymmetric signature are known by their public key only', async () => {
    const webhook = await create({ eventTypes: ['signed.event'], signature: 'standardAsymmetric' });
    assert.match(webhook.publicKey, /^whpk_/);
    assert.equal(webhook.secret, null);
    const shown = (await server.call('GET', `/v1/webhooks/${webhook.id}/secret`)).body;
    assert.deepEqual([shown.secret, shown.publicKey], [null, webhook.publicKey]);

    const chosen = generateSecret('asymmetric');
    const rotated = await server.call('POST', `/v1/webhooks/${webhook.id}/secret/rotate`, {
      body: { secret: chosen },
    });
    assert.equal(rotated.body.publicKey, publicKeyOf(chosen));
    assert.ok(!rotated.text.includes('whsk_'));
    const { headers, body } = await nextRequest(webhook);
    const signatures = (headers['webhook-signature'] ?? '').split(' ');
    assert.equal(signatures.length, 2);
    const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
    for (const publicKey of [rotated.body.publicKey, webhook.publicKey]) {
      const key = readPublicKey(publicKey);
      assert.ok(key);
      assert.ok(
        signatures.some((text) => {
          const [version, encoded = ''] = text.split(',');
          return version === 'v1a' && verify(null, signed, key, Buffer.from(encoded, 'base64'));
        }),
      );
    }
  });

  it('change with the signature, so that no request is refused meanwhile', async () => {
    const webhook = await create({ eventTypes: ['signed.event'] });
    const patched = await server.call('PATCH', `/v1/webhooks/${webhook.id}`, {
      body: { signature: 'standardAsymmetric' },
    });
    assert.match(patched.body.publicKey, /^whpk_/);
    assert.notEqual(patched.body.previousSecretUntil, null);
    const request = await nextRequest(webhook);
    assert.match(request.headers['webhook-signature'] ?? '', /^v1a,\S+ v1,\S+$/);
    assert.deepEqual(verifies(webhook.secret, request), [true, true]);
  });

  it('may be given when a webhook is created, if they fit its signature', async () => {
    const secret = generateSecret('asymmetric');
    assert.equal((await create({ signature: 'standardAsymmetric', secret })).publicKey, publicKeyOf(secret));
    const { status, body } = await server.call('POST', '/v1/webhooks', {
      body: { name: 'x', url: consumer.url, secret },
    });
    assert.deepEqual(
      [status, body.errors],
      [400, [{ pointer: '/secret', detail: 'must be whsec_ and the base64 of 24 to 64 bytes' }]],
    );
  });
});
