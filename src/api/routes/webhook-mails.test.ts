import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MailServer } from '../../notices/testing/mail-server.ts';
import { ApiUnderTest } from '../testing/api-under-test.ts';

describe('a webhook with mail addresses', { timeout: 60_000 }, () => {
  let mails: MailServer;
  let server: ApiUnderTest;
  before(async () => {
    mails = await MailServer.start();
    server = await ApiUnderTest.start({
      ROWHOOK_SMTP_URL: mails.url,
      ROWHOOK_MAIL_FROM: 'hooks@example.com',
    });
  });
  after(async () => {
    await server.stop();
    await mails.stop();
  });

  const create = (body: object) =>
    server.call('POST', '/v1/webhooks', { body: { name: 'people', eventTypes: ['mail.event'], ...body } });

  const publish = async (data: object = { invoice: 'INV-1' }): Promise<void> => {
    assert.equal(
      (await server.call('POST', '/v1/events', { body: { type: 'mail.event', data } })).status,
      202,
    );
  };

  it('sends a readable message to each of them, and logs the attempt', async () => {
    const { status, body, text } = await create({ emails: ['ann@example.com', 'bob@example.com'] });
    assert.equal(status, 201, text);
    assert.deepEqual(body.emails, ['ann@example.com', 'bob@example.com']);
    assert.equal(body.url, 'mailto:ann@example.com,bob@example.com');
    assert.equal(body.ratePerSecond, 1);
    await publish();
    const delivery = await server.deliveryOf(body.id);
    assert.deepEqual([delivery.state, delivery.lastHttpStatus], ['succeeded', 250]);
    const mail = mails.mails.at(-1);
    assert.deepEqual(mail?.to, ['ann@example.com', 'bob@example.com']);
    assert.equal(mail?.subject, 'mail.event');
    assert.match(mail?.text ?? '', /invoice: INV-1/);
    assert.equal(mail?.headers.get('auto-submitted'), 'auto-generated');
    assert.equal(mail?.headers.get('message-id'), `<${delivery.id}@example.com>`);
    const attempts = (await server.call('GET', `/v1/deliveries/${delivery.id}/attempts`)).body.data;
    assert.match(attempts[0].response.body, /^250 /);
    await server.call('DELETE', `/v1/webhooks/${body.id}`);
  });

  it('logs what the mail server says when it refuses, and tries again as any other webhook', async () => {
    const { body } = await create({ emails: ['gone@example.com'], retry: { delaysMs: [60_000] } });
    mails.unknown.add('gone@example.com');
    await publish();
    const delivery = await server.deliveryOf(body.id);
    assert.deepEqual([delivery.state, delivery.lastErrorCode], ['retrying', 'MAIL_REFUSED']);
    const attempts = (await server.call('GET', `/v1/deliveries/${delivery.id}/attempts`)).body.data;
    assert.match(attempts[0].errorMessage, /^The mail server answered: .*550/);
    await server.call('DELETE', `/v1/webhooks/${body.id}`);
  });

  it('cannot be made to write headers or recipients of its own', async () => {
    const { body } = await create({ emails: ['ann@example.com'], ratePerSecond: 1 });
    await publish({ 'x\r\nBcc: eve@example.com': 'y\r\n.\r\nMAIL FROM:<eve@example.com>' });
    await server.deliveryOf(body.id);
    const mail = mails.mails.at(-1);
    assert.deepEqual(mail?.to, ['ann@example.com']);
    assert.equal(mail?.headers.has('bcc'), false);
    for (const email of [
      'a@b.example\r\nBcc: eve@example.com',
      'Ann <a@b.example>',
      'a@b.example,eve@b.example',
      'a@b?cc=e@b',
    ]) {
      const refused = await create({ emails: [email] });
      assert.deepEqual([refused.status, refused.body.errors[0].pointer], [400, '/emails/0']);
    }
    await server.call('DELETE', `/v1/webhooks/${body.id}`);
  });

  it('has either addresses or a URL, and changes from one to the other', async () => {
    const both = await create({ emails: ['ann@example.com'], url: 'https://consumer.example/' });
    assert.deepEqual(
      both.body.errors.map(({ pointer }: { pointer: string }) => pointer),
      ['/url'],
    );
    assert.equal((await create({})).body.errors[0].pointer, '/url');
    const { body } = await create({ emails: ['ann@example.com'] });
    const change = async (patch: object) =>
      (await server.call('PATCH', `/v1/webhooks/${body.id}`, { body: patch })).body;
    assert.deepEqual((await change({ memo: 'x' })).emails, ['ann@example.com']);
    const moved = await change({ url: 'https://consumer.example/' });
    assert.deepEqual([moved.url, moved.emails], ['https://consumer.example/', null]);
    assert.deepEqual((await change({ url: 'mailto:cem@example.com' })).emails, ['cem@example.com']);
    assert.equal((await change({ url: 'mailto:Cem <x@y>' })).errors[0].pointer, '/url');
    assert.deepEqual((await change({ emails: ['bob@example.com'] })).url, 'mailto:bob@example.com');
    const fast = await change({ ratePerSecond: 50 });
    assert.equal(fast.errors[0].pointer, '/ratePerSecond');
    await server.call('DELETE', `/v1/webhooks/${body.id}`);
  });

  it('needs a mail server', async (t) => {
    const without = await ApiUnderTest.start();
    t.after(() => without.stop());
    const refused = await without.call('POST', '/v1/webhooks', {
      body: { name: 'people', emails: ['ann@example.com'] },
    });
    assert.equal(refused.status, 400);
    assert.equal(refused.body.errors[0].pointer, '/emails');
    assert.match(refused.body.errors[0].detail, /ROWHOOK_SMTP_URL/);
  });
});
