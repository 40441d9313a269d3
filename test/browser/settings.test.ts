import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { MailServer } from '../../src/notices/testing/mail-server.ts';
import type { ApiClient } from '../support/api-client.ts';
import { suiteScope } from '../support/scope.ts';
import { operatorToken, ServerProcess } from '../support/server-process.ts';
import { launchChromium, openPage, whyNoBrowser } from './chromium.ts';

const patienceMs = 20_000;

describe('settings in the console', { skip: whyNoBrowser }, () => {
  const scope = suiteScope();
  let server: ServerProcess;
  let api: ApiClient;
  let browser: Browser;
  let page: Page;
  let mails: MailServer;
  const faults: (readonly string[])[] = [];

  const button = (name: string, of: Page = page) => of.getByRole('button', { name, exact: true });
  const dialog = (name: string, of: Page = page) => of.getByRole('dialog', { name, exact: true });
  const section = (name: string, of: Page = page) =>
    of.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name, exact: true });
  const heading = (name: string, of: Page = page) => of.getByRole('heading', { level: 1, name });

  const open = async (): Promise<Page> => {
    const opened = await openPage(browser, server.url);
    opened.page.setDefaultTimeout(patienceMs);
    faults.push(opened.faults);
    return opened.page;
  };

  before(async () => {
    mails = await MailServer.start();
    scope.after(() => mails.stop());
    server = await ServerProcess.start(scope, {
      ROWHOOK_SMTP_URL: mails.url,
      ROWHOOK_NOTICE_RECIPIENTS: 'ops@example.com',
    });
    ({ api } = server);
    browser = await launchChromium();
    scope.after(() => browser.close());
    page = await open();
    await page.goto(`/#token=${operatorToken}`);
    await heading('Home').waitFor();
    await page.goto('/settings');
  });

  test('a token is made, shown once, works, and is deleted', async () => {
    await section('Tokens').click();
    await button('New token').click();
    await dialog('New token').getByLabel('Name').fill('The shop');
    await dialog('New token').getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Viewer' }).click();
    await dialog('New token').getByRole('button', { name: 'New token' }).click();
    const token = (await dialog('New token').locator('code').textContent()) ?? '';
    const call = (method: string, path: string) =>
      fetch(server.url + path, { method, headers: { authorization: `Bearer ${token}` } });
    assert.equal((await call('GET', '/v1/webhooks')).status, 200);
    assert.equal((await call('POST', '/v1/events')).status, 403, 'a viewer posts nothing');
    await dialog('New token').getByRole('button', { name: 'Close' }).last().click();
    await button('Delete the token: The shop').click();
    await dialog('Delete the token').getByRole('button', { name: 'Delete' }).click();
    await button('Delete the token: The shop').waitFor({ state: 'detached' });
    assert.equal((await call('GET', '/v1/webhooks')).status, 401);
  });

  let link = '';
  test('a member is invited, and gets a link to set a password', async () => {
    await section('Members').click();
    await button('Invite').click();
    await dialog('Invite').getByLabel('E-mail address').fill('ada@example.com');
    await dialog('Invite').getByLabel('Name').fill('Ada Lovelace');
    await dialog('Invite').getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Viewer' }).click();
    await dialog('Invite').getByRole('button', { name: 'Invite' }).click();
    link = (await dialog('Link to set the password').locator('code').textContent()) ?? '';
    assert.match(link, /\/set-password#link=/);
    await dialog('Link to set the password').getByRole('button', { name: 'Close' }).last().click();
    await page.getByText('Invited', { exact: true }).waitFor();
  });

  let ada: Page;
  test('through the link the member sets a password and is signed in, with what a viewer may', async () => {
    ada = await open();
    await ada.goto(link.replace(/^https?:\/\/[^/]+/, server.url));
    await ada.getByText('For Ada Lovelace (ada@example.com).').waitFor();
    assert.equal(new URL(ada.url()).hash, '', 'the link is not left in the address');
    await ada.getByLabel('New password').fill('short');
    await ada.getByLabel('The same again').fill('short');
    await button('Set it and sign in', ada).click();
    await ada.getByText(/at least 10 characters/).waitFor();
    await ada.getByLabel('New password').fill('correct horse battery');
    await ada.getByLabel('The same again').fill('correct horse battery');
    await button('Set it and sign in', ada).click();
    await heading('Home', ada).waitFor();
    await ada.goto('/webhooks');
    await heading('Webhooks', ada).waitFor();
    assert.equal(await ada.getByRole('link', { name: 'New webhook' }).count(), 0, 'a viewer creates nothing');
    await ada.goto('/settings');
    await section('Account', ada).waitFor();
    assert.equal(await section('Tokens', ada).count(), 0);
    assert.equal(await section('People', ada).count(), 0);
  });

  test('an admin changes the role of a member, who then sees what they may', async () => {
    await page.reload();
    await page.getByRole('combobox', { name: 'Role: Ada Lovelace' }).click();
    await page.getByRole('option', { name: 'Admin' }).click();
    await api.until(
      () => api.get<{ data: { role: string }[] }>('/v1/members'),
      ({ data }) => data[0]?.role === 'admin',
    );
    await ada.reload();
    await section('Tokens', ada).waitFor();
  });

  test('a person changes their name and their password, and signs in with it', async () => {
    await ada.getByRole('textbox', { name: 'Name' }).fill('Ada King');
    await button('Save', ada).click();
    await ada.getByText('Your name is changed.').waitFor();
    await ada.getByLabel('Current password').fill('wrong password');
    await ada.getByLabel('New password').fill('another good password');
    await ada.getByLabel('The same again').fill('another good password');
    await button('Change the password', ada).click();
    await ada.getByRole('alert').or(ada.locator('[aria-invalid=true]')).first().waitFor();
    await ada.getByLabel('Current password').fill('correct horse battery');
    await button('Change the password', ada).click();
    await ada.getByText('The password is changed; your other sessions have ended.').waitFor();
    await button('Preferences', ada).click();
    await ada.getByRole('menuitem', { name: 'Sign out' }).click();
    await heading('Sign in to Rowhook', ada).waitFor();
    await button('Sign in with e-mail and password', ada).click();
    await ada.getByLabel('E-mail address').fill('ada@example.com');
    await ada.getByRole('textbox', { name: 'Password' }).fill('correct horse battery');
    await button('Sign in', ada).click();
    await ada.getByText('E-mail address or password is wrong.').waitFor();
    await ada.getByRole('textbox', { name: 'Password' }).fill('another good password');
    await button('Sign in', ada).click();
    await section('Account', ada).waitFor();
  });

  test('an operator makes a workspace, puts somebody there, and signs them out', async () => {
    await section('Workspaces').click();
    await button('New workspace').click();
    await dialog('New workspace').getByLabel('Name').fill('acme');
    await dialog('New workspace').getByRole('button', { name: 'New workspace' }).click();
    await page.getByRole('cell', { name: 'acme' }).waitFor();

    await section('People').click();
    await button('More: Ada King').click();
    await page.getByRole('menuitem', { name: 'Workspaces' }).click();
    const places = dialog('Workspaces of Ada King');
    await places.getByRole('combobox', { name: 'Add to' }).click();
    await page.getByRole('option', { name: 'acme' }).click();
    await places.getByRole('button', { name: 'Add' }).click();
    await places.getByRole('combobox', { name: 'Role: acme' }).waitFor();
    await page.keyboard.press('Escape');
    await ada.reload();
    await ada.getByRole('combobox', { name: 'Workspace' }).click();
    await ada.getByRole('option', { name: 'acme' }).click();
    await button('More: Ada King').click();
    await page.getByRole('menuitem', { name: 'Sign out everywhere' }).click();
    await page.getByText('They are signed out everywhere.').waitFor();
    await ada.reload();
    await heading('Sign in to Rowhook', ada).waitFor();
  });

  test('an account is made, suspended and deleted', async () => {
    await button('New account').click();
    await dialog('New account').getByLabel('E-mail address').fill('bob@example.com');
    await dialog('New account').getByLabel('Name').fill('Bob');
    await dialog('New account').getByRole('button', { name: 'New account' }).click();
    await dialog('Link to set the password').getByRole('button', { name: 'Close' }).last().click();
    await button('More: Bob').click();
    await page.getByRole('menuitem', { name: 'Suspend' }).click();
    await page.getByText('Suspended', { exact: true }).waitFor();
    await button('More: Bob').click();
    await page.getByRole('menuitem', { name: 'Delete the account' }).click();
    await dialog('Delete the account').getByRole('button', { name: 'Delete' }).click();
    await button('More: Bob').waitFor({ state: 'detached' });
  });

  test('what the workspace asks of posted events is saved', async () => {
    await section('Publishing').click();
    await page.getByLabel('is refused').last().check();
    await button('Save').click();
    await page.getByText('Saved.').waitFor();
    const refused = await api.call('POST', '/v1/events', { type: 'no.such', data: {} });
    assert.equal(refused.status, 400);
  });

  test('settings of the server are shown without secrets, and a mail tries the mail server', async () => {
    await section('Server').click();
    await page.getByText('ROWHOOK_EVENT_RETENTION_DAYS').waitFor();
    assert.doesNotMatch(await page.content(), new RegExp(operatorToken));
    await button('Send a mail').click();
    await page.getByText('The mail server has taken the mail to ops@example.com.').waitFor();
    assert.equal(mails.mails.at(-1)?.subject, '[Rowhook] Test');
  });

  test('nothing went wrong in the pages themselves', () => {
    assert.deepEqual(faults.flat(), []);
  });
});
