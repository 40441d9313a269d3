import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MailServer } from '../../notices/testing/mail-server.ts';
import { ApiUnderTest } from '../testing/api-under-test.ts';

describe('settings over the API', () => {
  let mails: MailServer;
  let server: ApiUnderTest;
  before(async () => {
    mails = await MailServer.start();
    server = await ApiUnderTest.start({
      ROWHOOK_SMTP_URL: mails.url,
      ROWHOOK_NOTICE_RECIPIENTS: 'ops@example.com',
      ROWHOOK_EVENT_RETENTION_DAYS: '7',
    });
  });
  after(async () => {
    await server.stop();
    await mails.stop();
  });

  it('are listed with what holds, and nothing of what is secret', async () => {
    const { body, text } = await server.call('GET', '/v1/settings');
    const of = (variable: string) =>
      body.data.find((setting: { variable: string }) => setting.variable === variable);
    assert.equal(of('ROWHOOK_EVENT_RETENTION_DAYS').value, '7');
    assert.equal(of('ROWHOOK_DELIVERY_RETENTION_DAYS').value, of('ROWHOOK_DELIVERY_RETENTION_DAYS').fallback);
    assert.equal(of('ROWHOOK_ALLOWED_NETWORKS').value, '127.0.0.0/8');
    assert.equal(of('ROWHOOK_OPERATOR_TOKEN').value, '***');
    assert.equal(of('ROWHOOK_EGRESS_PROXY').value, null);
    assert.ok(!text.includes('operator-token-of-the-tests'));
  });

  it('a mail is sent to try the mail server, and what goes wrong is told', async () => {
    const sent = await server.call('POST', '/v1/settings/smtp-test', { body: {} });
    assert.deepEqual(sent.body, { sent: true, to: ['ops@example.com'], rejected: [], error: null });
    assert.equal(mails.mails.at(-1)?.subject, '[Rowhook] Test');
    const other = await server.call('POST', '/v1/settings/smtp-test', { body: { to: ['ann@example.com'] } });
    assert.deepEqual(other.body.to, ['ann@example.com']);
    const bad = await server.call('POST', '/v1/settings/smtp-test', { body: { to: ['x, y@example.com'] } });
    assert.deepEqual([bad.status, bad.body.errors[0].pointer], [400, '/to/0']);
    await mails.stop();
    const failed = await server.call('POST', '/v1/settings/smtp-test', { body: {} });
    assert.equal(failed.body.sent, false);
    assert.match(failed.body.error, /ECONNREFUSED/);
  });

  it('without a mail server that is said', async () => {
    const plain = await ApiUnderTest.start();
    const { status, body } = await plain.call('POST', '/v1/settings/smtp-test', { body: {} });
    assert.equal(status, 409);
    assert.match(body.detail, /ROWHOOK_SMTP_URL/);
    await plain.stop();
  });
});
