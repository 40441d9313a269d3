import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { suiteScope } from '../support/scope.ts';
import { operatorToken, ServerProcess } from '../support/server-process.ts';
import { launchChromium, openPage, whyNoBrowser } from './chromium.ts';

/** How long a person would wait for something to show before they call it broken. */
const patienceMs = 20_000;

describe('the console, walked as a person does', { skip: whyNoBrowser }, () => {
  const scope = suiteScope();
  let server: ServerProcess;
  let page: Page;
  let faults: readonly string[];

  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  const cell = (row: number, column: string) =>
    page.locator(`revogr-viewport-scroll.rgCol .rgCell[data-rgrow="${row}"][data-rgcol="${column}"]`);
  /** Clicks a cell, and waits until the grid itself has its focus there: keys before that are lost. */
  const focus = async (row: number, column: string) => {
    await cell(row, column).click();
    await page.waitForFunction(
      `document.querySelector('revo-grid').getFocused().then((focused) => focused?.cell.y === ${row} && focused.cell.x === ${column})`,
    );
  };
  const strip = () => page.getByRole('complementary', { name: 'Webhooks that leave' }).getByRole('listitem');
  const copy = (text: string) => page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  const navigate = (name: string) =>
    page.getByRole('navigation', { name: 'Navigation' }).getByRole('link', { name }).click();
  const dialog = (name?: string) => page.getByRole('dialog', name === undefined ? {} : { name, exact: true });

  before(async () => {
    server = await ServerProcess.start(scope);
    const browser = await launchChromium();
    scope.after(() => browser.close());
    ({ page, faults } = await openPage(browser, server.url));
    page.setDefaultTimeout(patienceMs);
  });

  test('a stranger is asked for a token, and a wrong one is refused', async () => {
    await page.goto('/');
    await heading('Sign in to Rowhook').waitFor();
    await page.getByLabel('API token').fill('rowhook_wrong');
    await button('Sign in').click();
    await page.getByText('The server does not know this token.').waitFor();
  });

  test('the address that the start prints signs in, and keeps the token out of the address bar', async () => {
    await page.goto(`/#token=${operatorToken}`);
    await page.reload();
    await heading('Home').waitFor();
    assert.equal(new URL(page.url()).hash, '');
  });

  test('a newcomer sees a webhook arrive in three clicks', async () => {
    await button('Set up the sample').click();
    await heading('Sample shop').waitFor();
    await cell(0, '4').locator('input').click();
    await strip().first().getByText('Succeeded').waitFor();
    await strip().first().getByRole('link').click();
    await heading('row.updated').waitFor();
  });

  test('the delivery shows the exchange as it was, with its event and who receives it', async () => {
    await page.getByRole('heading', { name: 'Request' }).waitFor();
    await page.getByRole('rowheader', { name: 'webhook-signature' }).waitFor();
    await page.getByRole('region', { name: 'Body of the request' }).getByText('"row.updated"').waitFor();
    await page.getByText('Send and wait').waitFor();
    await page.getByRole('link', { name: /^evt_/ }).click();
    await page.getByRole('heading', { name: 'Who receives it?' }).waitFor();
    await page.getByText('Fires', { exact: true }).waitFor();
  });

  test('a delivery is sent again on request', async () => {
    await page.goBack();
    await button('Send again').click();
    await button(/^Attempt 2/).waitFor();
    await page.getByText('Sent again by hand').first().waitFor();
  });

  test('the test consumer shows what arrived and that its signature is right', async () => {
    await navigate('Test consumer');
    await page.getByRole('link', { name: /^inbox-/ }).click();
    await page.getByText('Signature verified').first().waitFor();
    await page.getByRole('region', { name: 'Body' }).first().getByText('"row.updated"').waitFor();
  });

  test('told to fail, it makes the delivery fail where everyone sees it', async () => {
    await button('Fail with 500').click();
    await page.getByText('Answers 500').waitFor();
    await navigate('Bases');
    await page.getByRole('link', { name: 'Sample shop' }).click();
    await cell(2, '4').locator('input').click();
    await strip().getByText('Retrying').first().waitFor();
    await navigate('Webhooks');
    await page.getByRole('link', { name: 'Orders to the test consumer' }).click();
    await page
      .getByText(/The consumer answered 500/)
      .first()
      .waitFor();
    await page.getByText('Next attempt').waitFor();
  });

  test('cells are typed, chosen and pasted as in a spreadsheet, and a change can be undone', async () => {
    await navigate('Bases');
    await page.getByRole('link', { name: 'Sample shop' }).click();
    await focus(0, '1');
    await page.keyboard.type('Mary Shelley');
    await page.keyboard.press('Enter');
    await cell(0, '1').getByText('Mary Shelley').waitFor();

    await copy('A-2001\tVera Rubin\t1,5\nA-2002\tKatherine Johnson\t2.5');
    await focus(3, '0');
    await page.keyboard.press('Control+V');
    await cell(3, '1').getByText('Vera Rubin').waitFor();
    await cell(4, '1').getByText('Katherine Johnson').waitFor();
    await cell(4, '2').getByText('2.5').waitFor();

    await button('Undo').click();
    await cell(3, '1').getByText('Emmy Noether').waitFor();
  });

  test('the space bar ticks, a row is added and rows are deleted', async () => {
    await cell(1, '4').click();
    await cell(1, '4').locator('input:checked').waitFor();
    await page.keyboard.press('Space');
    await cell(1, '4').locator('input:not(:checked)').waitFor();
    await button('Add a row').click();
    await page.getByText('5 rows').waitFor();
    await focus(4, '0');
    await button('Delete rows').click();
    await dialog().getByRole('button', { name: 'Delete' }).click();
    await page.getByText('4 rows').waitFor();
  });

  test('a column is added, renamed and deleted', async () => {
    // The drawer is a dialog, too, with a field of the same name: the others are told apart by their titles.
    await button('Columns').click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Remark');
    await button('Add a column').click();
    await button('More: Remark').click();
    await page.getByRole('menuitem', { name: 'Change' }).click();
    await dialog('Change the column Remark').getByRole('textbox', { name: 'Name' }).fill('Note');
    await dialog('Change the column Remark').getByRole('button', { name: 'Save' }).click();
    await button('More: Note').click();
    await page.getByRole('menuitem', { name: 'Delete the column' }).click();
    await dialog('Delete the column').getByRole('button', { name: 'Delete' }).click();
    await button('More: Note').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
  });

  test('a CSV file is imported, and what does not fit is told', async () => {
    await button('Import').click();
    const csv = (rows: string) => ({ name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) });
    await page
      .locator('input[type=file]')
      .setInputFiles(csv('Order,Amount,Country\nA-3001,10,FR\nA-3002,20,DE\n'));
    await dialog().getByLabel('Type of the new column Country').waitFor();
    await dialog().getByRole('button', { name: 'Import' }).click();
    await page.getByText('2 rows were imported.').waitFor();
    await page.locator('input[type=file]').setInputFiles(csv('Order,Amount\nA-3003,many\n'));
    await dialog().getByRole('cell', { name: 'many' }).waitFor();
    await dialog().getByRole('button', { name: 'Import' }).click();
    await dialog()
      .getByRole('alert')
      .getByText(/Amount/)
      .first()
      .waitFor();
    await dialog().getByRole('button', { name: 'Close' }).last().click();
    await page.getByText('6 rows').waitFor();
    await page.locator('revo-grid').getByText('Country').waitFor();
  });

  test('a webhook is made with the form, which shows what the server refuses at the field', async () => {
    await page.goto('/webhooks/new');
    await button('Create webhook').click();
    await page.getByText('Fill this in.').first().waitFor();
    await page.getByLabel('Name').fill('Invoices');
    await page.getByLabel('Address').fill('http://10.1.2.3/hook');
    await button('Create webhook').click();
    await page.getByText(/not a public address/).waitFor();
    assert.equal(await page.getByLabel('Address').getAttribute('aria-invalid'), 'true');

    await button('Use the built-in test consumer').click();
    const beside = page.getByRole('complementary', { name: 'What it would do' });
    await beside.getByText(/It would have fired for/).waitFor();
    await beside.getByRole('region', { name: 'Body' }).getByText('"row.inserted"').waitFor();
    await page.getByRole('textbox', { name: 'Filter' }).fill('record.Amount >');
    await page
      .getByText(/filter/i)
      .first()
      .waitFor();
    await page.getByRole('textbox', { name: 'Filter' }).fill('');
    await button('Send a test request').click();
    await dialog().getByText('The answer counts as success.').waitFor();
    await dialog().getByRole('button', { name: 'Close' }).click();
    await button(/^When it fails/).click();
    await page.getByLabel('Retry after').fill('1 s, 2 s');
    await button('Create webhook').click();
    await dialog()
      .getByText(/^whsec_/)
      .waitFor();
    await dialog().getByRole('button', { name: 'Open' }).click();
    await heading('Invoices').waitFor();
    await page.getByText('1 sec, 2 sec').waitFor();
  });

  test('a webhook is edited, paused with a reason, and enabled again', async () => {
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByLabel('Name').fill('Invoices of France');
    await button('Save').click();
    await heading('Invoices of France').waitFor();
    await button('Pause').click();
    await dialog()
      .getByLabel(/^Reason/)
      .fill('the consumer moves');
    await dialog().getByRole('button', { name: 'Pause the webhook' }).click();
    await page.getByText('the consumer moves').waitFor();
    await server.api.post('/v1/events', { type: 'invoice.paid', data: { held: true } });
    await button('Enable').click();
    await dialog().getByLabel('Skip them').check();
    await dialog().getByRole('button', { name: 'Enable the webhook' }).click();
    await page.getByText('Deliveries leave as events come in.').waitFor();
  });

  test('an event is simulated, and past events are sent again', async () => {
    await button('Simulate').click();
    await dialog().getByRole('button', { name: 'Simulate' }).click();
    await page.getByText('row.updated', { exact: true }).first().waitFor();
    await button('Send past events again').click();
    await dialog().getByText('Nothing of this period would be sent.').waitFor();
    await dialog().getByLabel('All that fit, also those that arrived').check();
    await dialog()
      .getByText(/requests would be made/)
      .waitFor();
    await dialog().getByRole('button', { name: 'Send again' }).click();
    await page.getByText('Done', { exact: true }).waitFor();
    await page.getByText('the consumer moves').first().waitFor();
  });

  test('its secret is shown on request, and replaced', async () => {
    await button('Show the secret').click();
    const secret = page.locator('code', { hasText: /^whsec_/ });
    const old = await secret.textContent();
    await button('Replace').click();
    await dialog().getByRole('button', { name: 'Replace' }).click();
    await page.locator('code', { hasText: /^whsec_/, hasNotText: String(old) }).waitFor();
  });

  test('an event is sent, found in the log, and in the deliveries', async () => {
    await navigate('Events');
    await page.getByRole('link', { name: 'Send', exact: true }).click();
    await page.getByLabel(/^Data/).fill('[1]');
    await button('Send').click();
    await page.getByText('it must begin with { and end with }.').waitFor();
    await page.getByLabel(/^Data/).fill('{"invoice": "INV-7"}');
    await page.getByRole('combobox', { name: 'Type' }).fill('row.faked');
    await button('Send').click();
    await page.getByText(/row\./).first().waitFor();
    await page.getByRole('combobox', { name: 'Type' }).fill('invoice.paid');
    await button('Send').click();
    await page.getByRole('link', { name: 'See who receives it' }).click();
    await page.getByRole('region', { name: 'Data' }).getByText('INV-7').waitFor();
    await page.getByRole('link', { name: 'Its deliveries of this type' }).click();
    await page.getByRole('table').getByRole('link', { name: 'invoice.paid' }).first().waitFor();
    assert.match(page.url(), /eventType=invoice\.paid/);
  });

  test('filters are kept in the address, so that a link can be shared', async () => {
    await page.goto('/deliveries?state=retrying');
    await page.getByRole('table').getByText('Retrying').first().waitFor();
    assert.equal(await page.getByRole('table').getByText('Succeeded').count(), 0);
    await button('Clear filters').click();
    await page.getByRole('table').getByText('Succeeded').first().waitFor();
    assert.equal(new URL(page.url()).search, '');
  });

  test('a webhook is deleted after a question', async () => {
    await navigate('Webhooks');
    await page.getByRole('link', { name: 'Invoices of France' }).click();
    await button('Delete the webhook').click();
    await dialog().getByRole('button', { name: 'Delete' }).click();
    await heading('Webhooks').waitFor();
    await page.getByRole('link', { name: 'Invoices of France' }).waitFor({ state: 'detached' });
  });

  test('what does not exist says so and what to do', async () => {
    await page.goto('/webhooks/wh_nothing');
    await page
      .getByRole('alert')
      .getByText(/There is no webhook/)
      .waitFor();
    await page.goto('/nowhere');
    await heading('There is no such page').waitFor();
  });

  test('every text changes with the language, which is kept', async () => {
    await page.goto('/');
    await button('Preferences').click();
    await page.getByText('Français').click();
    await heading('Accueil').waitFor();
    await page.reload();
    await heading('Accueil').waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
  });

  test('signing out forgets the token', async () => {
    await button('Préférences').click();
    await page.getByRole('menuitem', { name: 'Se déconnecter' }).click();
    await heading('Se connecter à Rowhook').waitFor();
    await page.reload();
    await heading('Se connecter à Rowhook').waitFor();
  });

  test('nothing went wrong in the pages themselves', () => {
    assert.deepEqual(faults, []);
  });
});
