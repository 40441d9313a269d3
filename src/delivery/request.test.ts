import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { Webhook as Verifier } from 'standardwebhooks';
import { Webhook as SvixVerifier } from 'svix';
import type { WebhookId } from '../model/ids.ts';
import type { Webhook, WebhookSettings } from '../model/webhook.ts';
import { requestFor } from './request.ts';
import { plainSettings, testSecret } from './testing/engine-harness.ts';

const nowMs = Date.now();
const body = '{"n":1,"text":"Ünï"}';
const outgoing = {
  seq: 7,
  acceptedAtMs: nowMs,
  contentType: 'application/json',
  body,
  mark: null,
  simulated: false,
} as const;

function webhookWith(settings: Partial<WebhookSettings>): Webhook {
  return {
    id: 'wh_1' as WebhookId,
    number: 3,
    workspaceNumber: 1,
    version: 1,
    settings: { ...plainSettings, ...settings },
    secret: testSecret,
    previousSecrets: [],
    health: { state: 'active', reason: null, sinceMs: 0, failuresInRow: 0, failingSinceMs: null },
    startsAfterSeq: 0,
    revision: 0,
    interventions: 0,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

test('a standard signature is one that the standardwebhooks library verifies', () => {
  const { headers } = requestFor(outgoing, webhookWith({ signature: 'standard' }), nowMs);
  assert.deepEqual(new Verifier(testSecret).verify(body, { ...headers }), JSON.parse(body));
  assert.throws(() => new Verifier(testSecret).verify(`${body} `, { ...headers }));
});

test('while a secret is being rotated, either verifies; once its time is over, the former one does not', () => {
  const fresh = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
  const webhook = {
    ...webhookWith({ signature: 'standard' }),
    secret: fresh,
    previousSecrets: [{ secret: testSecret, untilMs: nowMs + 1 }],
  };
  const during = requestFor(outgoing, webhook, nowMs).headers;
  const after = requestFor(outgoing, webhook, nowMs + 1).headers;
  for (const Library of [Verifier, SvixVerifier]) {
    for (const secret of [fresh, testSecret]) new Library(secret).verify(body, { ...during });
    new Library(fresh).verify(body, { ...after });
    assert.throws(() => new Library(testSecret).verify(body, { ...after }));
  }
});

test("SeaTable's signature is the HMAC of the raw bytes in hexadecimal (models.py, gen_request_headers)", () => {
  for (const sent of [body, Buffer.from(body)]) {
    const { headers } = requestFor(
      { ...outgoing, body: sent },
      webhookWith({ signature: 'seatable' }),
      nowMs,
    );
    const expected = createHmac('sha256', testSecret).update(Buffer.from(body)).digest('hex');
    assert.equal(headers['x-seatable-signature'], `sha256=${expected}`);
    assert.equal(headers['webhook-signature'], undefined);
  }
});

test('without a signature there is still an id, by which a consumer can drop repeats', () => {
  const { headers } = requestFor(outgoing, webhookWith({ signature: 'none' }), nowMs);
  assert.match(headers['webhook-id'] ?? '', /^msg_[0-9a-z]{17}_3$/);
  assert.equal(headers['webhook-signature'], undefined);
});

test('headers of the webhook are sent as they are (Grist: a static Authorization)', () => {
  const { headers } = requestFor(outgoing, webhookWith({ headers: { authorization: 'Bearer 1' } }), nowMs);
  assert.equal(headers.authorization, 'Bearer 1');
  assert.equal(headers['content-type'], 'application/json');
});

test('what is sent again, or never happened, says so', () => {
  const again = requestFor({ ...outgoing, mark: 'replay', simulated: true }, webhookWith({}), nowMs);
  assert.equal(again.headers['rowhook-replay'], 'replay');
  assert.equal(again.headers['rowhook-simulated'], 'true');
});
