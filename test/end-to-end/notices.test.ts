import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MailServer } from '../../src/notices/testing/mail-server.ts';
import { ConsumerProcess } from '../support/consumer-process.ts';
import { ServerProcess } from '../support/server-process.ts';

test('a webhook that is disabled is told of by mail, at the latest when the server stops', {
  timeout: 60_000,
}, async (context) => {
  const mails = await MailServer.start();
  context.after(() => mails.stop());
  const server = await ServerProcess.start(context, {
    ROWHOOK_SMTP_URL: mails.url,
    ROWHOOK_MAIL_FROM: 'rowhook@example.com',
    ROWHOOK_NOTICE_RECIPIENTS: 'ops@example.com',
  });
  const { api } = server;
  const consumer = await ConsumerProcess.start(context);
  const url = consumer.url('/orders');
  await consumer.kill();
  const disable = { afterFailures: 1, afterFailingMs: null };
  const { id } = await api.createWebhook({ name: 'Orders', url, eventTypes: ['order.paid'], disable });
  await api.postEvent('order.paid');
  await api.until(
    () => api.events('webhook.disabled'),
    (events) => events.length > 0,
  );
  assert.equal((await server.end()).code, 0);
  const mail = await mails.next();
  assert.equal(mail.subject, '[Rowhook] Webhook "Orders" was disabled');
  assert.deepEqual(mail.to, ['ops@example.com']);
  assert.match(mail.text, new RegExp(`^    http://localhost:\\d+/webhooks/${id}$`, 'm'));
});

test('recipients without a mail server are a mistake that the log tells', async (context) => {
  const server = await ServerProcess.start(context, { ROWHOOK_NOTICE_RECIPIENTS: 'ops@example.com' });
  assert.match(server.printed.stderr, /ROWHOOK_SMTP_URL is not/);
});
