import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { ApiClient } from '../support/api-client.ts';
import { suiteScope } from '../support/scope.ts';
import { operatorToken, ServerProcess } from '../support/server-process.ts';
import { launchChromium, openPage, whyNoBrowser } from './chromium.ts';

const patienceMs = 20_000;

describe('events in the console', { skip: whyNoBrowser }, () => {
  const scope = suiteScope();
  let api: ApiClient;
  let page: Page;
  let faults: readonly string[];

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const dialog = (name: string) => page.getByRole('dialog', { name, exact: true });
  const heading = (name: string) => page.getByRole('heading', { level: 1, name });
  const tab = (name: string) =>
    page.getByRole('main').getByRole('navigation').getByRole('link', { name, exact: true });

  before(async () => {
    const server = await ServerProcess.start(scope);
    ({ api } = server);
    const browser = await launchChromium();
    scope.after(() => browser.close());
    ({ page, faults } = await openPage(browser, server.url));
    page.setDefaultTimeout(patienceMs);
    await page.goto(`/#token=${operatorToken}`);
    await heading('Home').waitFor();
    await page.goto('/events');
  });

  test('a type is written down with schema and example, which are held against each other', async () => {
    await tab('Types').click();
    await page.getByRole('link', { name: 'New event type' }).click();
    await page.getByLabel('Name').fill('order.shipped');
    await page.getByLabel('Description').fill('An order has left.');
    await page
      .getByLabel(/^Schema/)
      .fill('{"type":"object","properties":{"order":{"type":"string"}},"required":["order"]}');
    await page.getByLabel(/^Example/).fill('{"order": 5}');
    await button('Save').click();
    await page.getByText(/must be string/).waitFor();
    await page.getByLabel(/^Example/).fill('{"order": "A-1"}');
    await button('Save').click();
    await heading('order.shipped').waitFor();
    await page.getByRole('region', { name: 'Example' }).getByText('"A-1"').waitFor();
    await page.getByRole('region', { name: 'Schema' }).getByText('"required"').waitFor();
  });

  test('an event is sent from its example, and what does not fit the schema is told as it is typed', async () => {
    await page.getByRole('link', { name: 'Send an event' }).click();
    await page.getByText('Fits the schema.').waitFor();
    assert.match(await page.getByLabel(/^Data/).inputValue(), /"A-1"/);
    await page.getByLabel(/^Data/).fill('{"order": 7}');
    await page.getByText('Does not fit the schema:').waitFor();
    await page.getByText(/must be string/).waitFor();
    await page.getByLabel(/^Data/).fill('{"order": "A-2"}');
    await page.getByText('Fits the schema.').waitFor();
    await button('Send').click();
    await page.getByRole('link', { name: 'See who receives it' }).click();
    await heading('order.shipped').waitFor();
  });

  test('an event is published later, and can be cancelled until then', async () => {
    await page.goto('/events/send?type=order.shipped');
    await page.getByText('Fits the schema.').waitFor();
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
    await page.getByLabel('Publish later').fill(tomorrow);
    await button('Save').click();
    await page.getByRole('link', { name: 'See scheduled events' }).click();
    await heading('Scheduled events').waitFor();
    await button('Cancel: order.shipped').click();
    await page.getByRole('cell', { name: 'Cancelled' }).waitFor();
  });

  test('the types of an OpenAPI document are imported once it is known what changes', async () => {
    await tab('Types').click();
    await button('Import').click();
    const document = {
      openapi: '3.1.0',
      info: { title: 'Shop', version: '1' },
      webhooks: {
        'order.paid': {
          post: {
            description: 'An order is paid.',
            requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
          },
        },
      },
    };
    await page.locator('input[type=file]').setInputFiles({
      name: 'openapi.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(document)),
    });
    const importing = dialog('Import event types');
    await importing.getByText('order.paid').waitFor();
    await importing.getByText('New', { exact: true }).waitFor();
    assert.equal((await api.call('GET', '/v1/event-types/order.paid')).status, 404, 'nothing is saved yet');
    await importing.getByRole('button', { name: 'Import' }).click();
    await importing.getByText('Imported.').waitFor();
    await importing.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('link', { name: 'order.paid' }).click();
    await page.getByText('An order is paid.').waitFor();
  });

  test('a type is archived, and deleted for good', async () => {
    await button('Archive or delete').click();
    await dialog('Archive or delete order.paid').getByRole('button', { name: 'Archive' }).click();
    await page.getByText('Archived', { exact: true }).waitFor();
    await button('Archive or delete').click();
    await dialog('Archive or delete order.paid')
      .getByRole('radio', { name: /^Delete/ })
      .check();
    await dialog('Archive or delete order.paid').getByRole('button', { name: 'Delete' }).click();
    await heading('Event types').waitFor();
    assert.equal((await api.call('GET', '/v1/event-types/order.paid')).status, 404);
  });

  test('a webhook says why it did not fire for an event', async () => {
    const url = `${new URL(page.url()).origin}/test-consumer/in/why`;
    const { id } = await api.createWebhook({ name: 'Billing', url, eventTypes: ['invoice.*'] });
    await page.goto(`/webhooks/${id}`);
    await page.getByRole('combobox', { name: 'Event' }).click();
    await page.getByRole('option', { name: /order\.shipped/ }).click();
    await page.getByText('Does not fire').waitFor();
    await page.getByText(/not listen|older than the webhook/).waitFor();
  });

  test('the log is filtered by the address, and shows what comes in', async () => {
    await page.goto('/events?type=order.shipped');
    await page.getByRole('table').getByRole('link', { name: 'order.shipped' }).first().waitFor();
    const before = await page.getByRole('table').getByRole('row').count();
    await api.postEvent('order.shipped', { order: 'A-3' });
    await page.getByRole('table').getByRole('row').nth(before).waitFor();
  });

  test('nothing went wrong in the pages themselves', () => {
    assert.deepEqual(faults, []);
  });
});
