import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { Static } from 'typebox';
import type { ProblemDocument } from '../api/schemas.ts';
import { sign } from '../egress/index.ts';
import { generateSecret } from '../model/signing-secret.ts';
import { limits } from './limits.ts';
import type { inboxesSchema } from './schemas.ts';
import { type InboxPage, type InboxUnderTest, StartedConsumer } from './testing/started-consumer.ts';

let consumer: StartedConsumer;
let inbox: InboxUnderTest;
before(async () => {
  consumer = await StartedConsumer.start();
});
after(() => consumer.stop());
beforeEach(() => {
  inbox = consumer.newInbox();
});

describe('an inbox of the test consumer', () => {
  it('appears when something is sent to it, and shows what came', async () => {
    const answer = await fetch(`${inbox.url}?from=test`, {
      method: 'PATCH',
      headers: { 'content-type': 'text/x-strange', 'X-Shop': 'north' },
      body: 'Grüße',
    });
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), 'ok');

    const request = await inbox.newest();
    assert.equal(request.method, 'PATCH');
    assert.equal(request.path, `/test-consumer/in/${inbox.name}?from=test`);
    assert.equal(request.headers['x-shop'], 'north');
    assert.equal(request.body, 'Grüße');
    assert.equal(request.bodyBytes, 7);
    assert.equal(request.verdict, 'no signature');
    assert.deepEqual(request.answer, { kind: 'answer', status: 200, delayMs: 0 });
    const all = (await consumer.call<Static<typeof inboxesSchema>>('GET', '')).body;
    assert.ok(all.data.some(({ name }) => name === inbox.name));
  });

  it('takes requests of every method, with and without a content type', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'POST']) {
      assert.equal((await inbox.send({ method })).status, 200, method);
    }
    await inbox.send({ method: 'POST', body: Buffer.from('x') });
    assert.equal((await inbox.newest()).body, 'x');
  });

  it('keeps bytes that are no text as they are', async () => {
    const bytes = Buffer.from([0, 255, 1, 254]);
    await inbox.send({ method: 'POST', body: bytes });
    const request = await inbox.newest();
    assert.equal(request.body, null);
    assert.deepEqual(Buffer.from(request.bodyBase64 ?? '', 'base64'), bytes);
  });

  it('keeps the beginning of a large body, and checks its signature over all of it', async () => {
    inbox.know(inbox.secret);
    const body = 'ü'.repeat(limits.keptBodyBytes); // two bytes each; the cut does not split one
    await inbox.post(`a${body}`);
    const request = await inbox.newest();
    assert.equal(request.verdict, 'verified');
    assert.equal(request.bodyTruncated, true);
    assert.equal(request.bodyBytes, 2 * limits.keptBodyBytes + 1);
    assert.equal(request.body, `a${body.slice(0, limits.keptBodyBytes / 2 - 1)}`);
  });

  it('refuses a body beyond the limit', async () => {
    const answer = await inbox.send({ method: 'POST', body: Buffer.alloc(limits.bodyBytes + 1) });
    assert.equal(answer.status, 413);
  });

  it('refuses a name that is none, and says which are', async () => {
    const answer = await fetch(`${consumer.url}/in/No_Such`, { method: 'POST' });
    assert.equal(answer.status, 400);
    assert.match(
      ((await answer.json()) as { detail: string }).detail,
      /lower-case letters, digits and hyphens/,
    );
  });

  it('pages through its requests, the newest first', async () => {
    for (const body of ['1', '2', '3']) await inbox.send({ method: 'POST', body });
    const first = await inbox.look('?limit=2');
    assert.deepEqual(
      first.data.map(({ body }) => body),
      ['3', '2'],
    );
    const second = await inbox.look(`?limit=2&cursor=${first.nextCursor}`);
    assert.deepEqual(
      second.data.map(({ body }) => body),
      ['1'],
    );
    assert.equal(second.nextCursor, null);
  });

  it('keeps the last requests only, and counts all', async () => {
    for (let sent = 0; sent < limits.requestsPerInbox + 3; sent++) await inbox.send();
    const { received, kept, data } = await inbox.look('?limit=200');
    assert.equal(received, limits.requestsPerInbox + 3);
    assert.equal(kept, limits.requestsPerInbox);
    assert.equal(data.at(-1)?.number, 4);
  });

  it('is empty again once cleared, and behaves as before', async () => {
    await inbox.behave({ status: 503 });
    await inbox.post('{}');
    assert.equal((await consumer.call('DELETE', `/${inbox.name}`)).status, 204);
    const { received, data, behaviour } = await inbox.look();
    assert.equal(received, 0);
    assert.deepEqual(data, []);
    assert.equal(behaviour.status, 503);
  });

  it('counts what comes again under the same webhook-id', async () => {
    await inbox.post('{}', { id: 'msg_a' });
    await inbox.post('{}', { id: 'msg_b' });
    await inbox.post('{}', { id: 'msg_a' });
    const { received, repeats, data } = await inbox.look();
    assert.equal(received, 3);
    assert.equal(repeats, 1);
    assert.deepEqual(
      data.map(({ webhookId, repeat }) => [webhookId, repeat]),
      [
        ['msg_a', true],
        ['msg_b', false],
        ['msg_a', false],
      ],
    );
  });
});

describe('the signature of a request to the test consumer', () => {
  const verdict = async () => (await inbox.newest()).verdict;

  it('is verified with the secret of a webhook that points at the inbox', async () => {
    inbox.know(generateSecret(), inbox.secret);
    await inbox.post('{"a":1}');
    assert.equal(await verdict(), 'verified');
  });

  it('is verified when another library made it', async () => {
    inbox.know(inbox.secret);
    const now = new Date();
    const signature = new Webhook(inbox.secret).sign('msg_9', now, '{"b":"ü"}');
    const headers = {
      'webhook-id': 'msg_9',
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': signature,
    };
    await inbox.send({ method: 'POST', headers, body: '{"b":"ü"}' });
    assert.equal(await verdict(), 'verified');
  });

  it('is looked up whatever the query of the URL', async () => {
    inbox.know(inbox.secret);
    const signed = sign(inbox.secret, 'msg_1', Math.floor(Date.now() / 1000), 'x');
    await fetch(`${inbox.url}?key=1`, { method: 'POST', headers: { ...signed }, body: 'x' });
    assert.equal(await verdict(), 'verified');
  });

  it('is wrong when a byte of the body differs', async () => {
    inbox.know(inbox.secret);
    const signed = sign(inbox.secret, 'msg_1', Math.floor(Date.now() / 1000), '{"amount":10}');
    await inbox.send({ method: 'POST', headers: { ...signed }, body: '{"amount":11}' });
    assert.equal(await verdict(), 'wrong signature');
  });

  it('is wrong for bytes that a text decoder takes for the signed ones', async () => {
    inbox.know(inbox.secret);
    const signed = sign(inbox.secret, 'msg_1', Math.floor(Date.now() / 1000), '\ufffd');
    await inbox.send({ method: 'POST', headers: { ...signed }, body: Buffer.from([0xff]) });
    assert.equal(await verdict(), 'wrong signature');
  });

  it('is wrong when made with another secret, or for another id', async () => {
    inbox.know(inbox.secret);
    await inbox.post('{}', { secret: generateSecret() });
    assert.equal(await verdict(), 'wrong signature');
    await inbox.post('{}', { headers: { 'webhook-id': 'msg_other' } });
    assert.equal(await verdict(), 'wrong signature');
  });

  it('is not accepted when its timestamp is far from now', async () => {
    inbox.know(inbox.secret);
    await inbox.post('{}', { ageSeconds: 3_600 });
    assert.equal(await verdict(), 'timestamp too old');
    await inbox.post('{}', { ageSeconds: -3_600 });
    assert.equal(await verdict(), 'timestamp too new');
  });

  it('cannot be checked while no secret is known', async () => {
    await inbox.post('{}');
    assert.equal(await verdict(), 'no secret known');
  });

  it('is checked with the secret set for the inbox, and with no other', async () => {
    inbox.know(generateSecret());
    assert.equal(
      (await consumer.call<InboxPage>('PUT', `/${inbox.name}/secret`, { secret: inbox.secret })).body
        .hasSecret,
      true,
    );
    await inbox.post('{}');
    assert.equal(await verdict(), 'verified');
    await consumer.call('PUT', `/${inbox.name}/secret`, { secret: null });
    await inbox.post('{}');
    assert.equal(await verdict(), 'wrong signature');
  });

  it('needs a secret that is one', async () => {
    const answer = await consumer.call<ProblemDocument>('PUT', `/${inbox.name}/secret`, {
      secret: 'whsec_%',
    });
    assert.equal(answer.status, 400);
    assert.equal(answer.body.errors?.[0]?.pointer, '/secret');
  });
});
